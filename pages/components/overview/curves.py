"""What the labels have bought: quality beside random queries, and anomalies found."""

import math
from collections.abc import Sequence

import numpy as np
import streamlit as st

from pages.components import charts
from pages.components.charts import Sure
from pages.components.table import NUMBER, SHORT, values
from pages.components.text import in_a_sentence, percent
from pages.components.theme import CONFIG
from state.quality.discovery import Discovery
from state.quality.tuning import spread
from state.session import Session
from state.store.models import Model
from state.store.projects import Project
from state.workers.baseline.curve import Baseline, asks_at_random

QUALITY = {"Model": SHORT, "Answers": NUMBER, "AUROC": NUMBER, "95% interval": NUMBER}
FOUND = {"Answers": NUMBER, "Anomalies found": NUMBER, "Expected of random answers": NUMBER}
ROWS = 21
POLL_SECONDS = 2.0  # while the random baseline is being computed


def learning(tab: Session, project: Project, models: Sequence[Model], sure: Sure) -> None:
    """Draw the learning curve, and draw it anew until random queries have caught up."""
    known = tab.projects.baseline(project, models)
    pending = known is not None and known.pending
    st.fragment(_learning, run_every=POLL_SECONDS if pending else None)(
        tab, project, models, sure, pending
    )


@in_a_sentence
def _learning(
    tab: Session, project: Project, models: Sequence[Model], sure: Sure, pending: bool
) -> None:
    if tab.projects.store.models.line(project.id) != list(models):
        st.rerun()  # rolled back, or measured by now
    known = tab.projects.baseline(project, models)
    if pending and known is not None and not known.pending:
        st.rerun()
    said = comparison(project, models, known)
    st.plotly_chart(
        charts.learning_curve(models, known, sure),
        key="curve",
        config=CONFIG,
        width="stretch",
        alt=f"Learning curve. {said}",
    )
    st.caption(said)
    values("quality by answers", QUALITY, quality(models, known, sure))


def quality(
    models: Sequence[Model], baseline: Baseline | None, sure: Sure
) -> Sequence[tuple[str, ...]]:
    """The points of the learning curve as rows of a table."""
    known = ((one, one.metrics.get("auroc"), sure.get(one.version)) for one in models)
    ours = [
        (f"model {one.version}", f"{one.label_count:,}", f"{auroc:.4f}", charts.said(between))
        for one, auroc, between in known
        if auroc is not None
    ]
    if baseline is None:
        return ours
    random = zip(baseline.labels.tolist(), baseline.auroc.tolist(), strict=True)
    return ours + [
        ("at random", f"{labels:,.0f}", f"{auroc:.4f}", "")
        for labels, auroc in random if math.isfinite(auroc)
    ]  # fmt: skip


def comparison(project: Project, models: Sequence[Model], baseline: Baseline | None) -> str:
    """Say what the labels have bought beside what random queries would have given."""
    last = models[-1]
    auroc = last.metrics.get("auroc")
    if not last.measured:
        return f"The AUROC of model {last.version} has not been measured yet."
    if auroc is None:
        return "There is no AUROC: it takes held-out images of both kinds, normal and anomalous."
    if len(models) < 2:
        return f"AUROC {auroc:.3f} without answers; the curve goes on with the first round."
    with_labels = f"After {last.label_count:,} answers: AUROC {auroc:.3f}"
    if baseline is not None and baseline.last is not None:
        return f"{with_labels}; asking at random would have given {baseline.last:.3f}."
    if asks_at_random(project):
        return f"{with_labels}. This project asks at random itself."
    return f"{with_labels}. What asking at random would have given {missing(models[0], baseline)}."


def missing(first: Model, baseline: Baseline | None) -> str:
    """Say why the random baseline has no last point."""
    if baseline is None:
        return f"is not known: model {first.version}, where they begin, has no AUROC"
    if baseline.failed:
        return "could not be computed; see the trainer's log in the data directory"
    return "cannot be told" if baseline.complete else "is being computed"


def discoveries(found: Discovery) -> None:
    """Draw how many anomalies the labels have found."""
    said = harvest(found)
    if not found.labels:
        st.caption(said)
        return
    st.plotly_chart(
        charts.discoveries(found),
        key="discoveries",
        config=CONFIG,
        width="stretch",
        alt=f"Anomalies found by answers. {said}",
    )
    st.caption(said)
    shown = spread(np.arange(len(found.given)), ROWS)
    rows = zip(found.given[shown], found.found[shown], found.expected[shown], strict=True)
    told = [(f"{given:,}", f"{seen:,}", f"{chance:.1f}") for given, seen, chance in rows]
    values("anomalies found", FOUND, told)


def harvest(found: Discovery) -> str:
    """Say how many anomalies were found beside what chance would have."""
    if not found.labels:
        return "Nothing has been answered yet."
    labels = "1 answer" if found.labels == 1 else f"{found.labels:,} answers"
    anomalies = "1 anomaly" if found.total == 1 else f"{found.total:,} anomalies"
    return (
        f"{anomalies} in {labels}. Asking at random would have found about "
        f"{found.expected[-1]:.1f}, as {percent(found.contamination)} are expected to be anomalous."
    )
