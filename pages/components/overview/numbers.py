"""Where the project stands, in five numbers."""

from collections.abc import Sequence

import streamlit as st

from anomaly_core.threshold.intervals import QualityEstimate
from pages.components import status
from pages.components.glossary import word
from pages.components.text import in_order
from state.quality.discovery import Discovery
from state.quality.pace import LATEST
from state.store.models import Model
from state.store.projects import Project

PACE = (
    f"Of one person at work, from the newest {LATEST:,} answers. Breaks of more than a minute and "
    "answers that were taken back are left out."
)


LESS = (
    "The rest are answers to random images, which only measure how good the model is, and answers "
    "that the next model learns from."
)


def numbers(
    project: Project,
    models: Sequence[Model],
    found: Discovery,
    per_minute: float | None,
    audited: QualityEstimate,
) -> None:
    """Show the project's numbers."""
    first, last = models[0], models[-1]
    auroc, start = last.metrics.get("auroc"), first.metrics.get("auroc")
    gained = auroc - start if auroc is not None and start is not None else None
    row = st.container(horizontal=True, gap="medium")  # wraps where there is no room
    answers = f"{project.spent:,} of {project.budget:,}"
    row.metric("Answers", answers, help=word("label", "budget"), width="content")
    row.metric("of which trained on", f"{last.label_count:,}", help=LESS, width="content")
    row.metric("Anomalies found", f"{found.total:,}", help=word("anomaly"), width="content")
    if last.untold:
        known = audited.auroc
        said = "not yet" if known is None else f"{known.value:.3f}"
        row.metric(
            "AUROC by random answers",
            said,
            None if known is None else in_order(known.value),
            delta_color="off",
            delta_arrow="off",
            help=word("AUROC", "random answers"),
            width="content",
        )
    else:
        row.metric(
            "AUROC on held-out images",
            quality(last),
            None if gained is None or first is last else f"{gained:+.3f} since the start",
            help=word("AUROC", "held-out images"),
            width="content",
        )
    row.metric(
        "Answers per minute",
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
    return "too few images" if auroc is None else f"{auroc:.3f}"
