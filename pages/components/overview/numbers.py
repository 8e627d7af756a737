"""Where the project stands, in five numbers."""

from collections.abc import Sequence

import streamlit as st

from anomaly_core.threshold.intervals import QualityEstimate
from pages.components import status
from state.quality.discovery import Discovery
from state.quality.pace import LATEST
from state.store.models import Model
from state.store.projects import Project

AUROC = (
    "The chance that an anomalous image scores higher than a normal one. "
    "Known here because the scenario knows the truth."
)
AUDITED = (
    "The chance that an anomalous image scores higher than a normal one, by the answers to images "
    "drawn at random. It takes at least one of each; how sure it is stands below."
)
PACE = (
    f"60 s over the median time from one of the newest {LATEST:,} labels to the next of the same "
    "person. Breaks of more than a minute and labels that were taken back are left out; labels "
    "given together share their time."
)


def numbers(
    project: Project,
    models: Sequence[Model],
    found: Discovery,
    per_minute: float | None,
    audited: QualityEstimate,
) -> None:
    """Show the project's five numbers."""
    first, last = models[0], models[-1]
    auroc, start = last.metrics.get("auroc"), first.metrics.get("auroc")
    gained = auroc - start if auroc is not None and start is not None else None
    row = st.container(horizontal=True, gap="medium")  # wraps where there is no room
    row.metric("Labels bought", f"{project.spent:,} of {project.budget:,}", width="content")
    row.metric("Anomalies found", f"{found.total:,}", width="content")
    if last.untold:
        known = audited.auroc
        said = "not yet" if known is None else f"{known.value:.3f}"
        row.metric("AUROC by random answers", said, help=AUDITED, width="content")
    else:
        row.metric(
            "AUROC on held-out images",
            quality(last),
            None if gained is None or first is last else f"{gained:+.3f} since the start",
            help=AUROC,
            width="content",
        )
    row.metric(
        "Labels per minute",
        "not yet" if per_minute is None else f"{per_minute:,.0f}",
        help=PACE,
        width="content",
    )
    row.metric("Model version", f"{last.version}", width="content")
    status.reason(last)


def quality(model: Model) -> str:
    """Return a model's AUROC, or say that there is none, or none yet."""
    if not model.measured:
        return "not yet"
    auroc = model.metrics["auroc"]
    return "undefined" if auroc is None else f"{auroc:.3f}"
