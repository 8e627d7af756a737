"""What a threshold does, in plain sentences that say how sure they are."""

import streamlit as st

from anomaly_core.bootstrap import Ranking, ranking
from anomaly_core.estimates import Interval
from anomaly_core.judgement import Figures, Worth, figures_at
from pages.components.text import literal
from pages.components.tune.board import wanted_threshold
from pages.components.tune.form import by_hand_no_more
from state.tuning import Choice, Evidence


def verdict(evidence: Evidence, choice: Choice, worth: Worth) -> None:
    """Say what the threshold is, what it catches and misses, and how sure that is."""
    if choice.instead:
        st.info(
            f"{literal(choice.instead)} Until then: {literal(choice.sentence)}.",
            icon=":material/info:",
        )
    threshold, by_hand = choice.threshold, wanted_threshold() is not None
    found = figures_at(evidence.judged, threshold, worth)
    passed = 1 - evidence.judged.flagged_share(threshold)
    purpose = "set by hand" if by_hand else literal(choice.sentence)
    row = st.container(horizontal=True, vertical_alignment="center")
    row.markdown(f"**Threshold {threshold:.4g}**, higher than {passed:.1%} of the pool: {purpose}.")
    if by_hand:
        row.button("Back to what it is for", key="by-objective", on_click=by_hand_no_more)
    st.markdown(" ".join(sentences(found)))
    st.markdown(ranked(measured(evidence.data_hash, evidence)))
    st.caption(
        "The ranges hold the truth in 95 of 100 such samples: exact for what is caught and for "
        "false alarms, by resampling for the rest. AUROC is the chance that an anomalous image "
        "scores higher than a normal one; average precision is precision averaged over recall, "
        "with as many anomalous images as here."
        + (f" {literal(evidence.warning)}" if evidence.warning else "")
    )


@st.cache_data(max_entries=32, show_spinner=False)
def measured(data_hash: str, _evidence: Evidence) -> Ranking | None:
    """Measure the ranking of some evidence, once."""
    return ranking(_evidence.judged.y, _evidence.judged.scores)


def ranked(found: Ranking | None) -> str:
    """Say how well the scores rank, whatever the threshold."""
    if found is None:
        return "Whatever the threshold: the AUROC is undefined without both kinds of images."
    if found.perfect:
        return (
            "Whatever the threshold: AUROC **1.000**, average precision **1.000**. All are told "
            "apart here, so that resampling cannot tell how sure that is."
        )
    return (
        f"Whatever the threshold: AUROC **{between(found.auroc)}**, average precision "
        f"**{between(found.average_precision)}**."
    )


def between(estimate: Interval) -> str:
    """A figure from 0 to 1 with its range."""
    return f"{estimate.value:.3f} (between {estimate.low:.3f} and {estimate.high:.3f})"


def sentences(found: Figures) -> list[str]:
    """What is caught, missed, alarmed and right, each with its range."""
    at = found.confusion
    said = []
    if found.recall is None:
        said.append("Nothing is known about what it catches: no anomalous image is known here.")
    else:
        known = at.true_positive + at.false_negative
        said.append(
            f"Of 100 anomalous images it catches **{counted(found.recall, 100)}** and misses the "
            f"rest ({at.true_positive:,} of {known:,} here)."
        )
    if found.false_positive_rate is None:
        said.append("Nothing is known about false alarms: no normal image is known here.")
    else:
        known = at.false_positive + at.true_negative
        said.append(
            f"Of 1,000 normal images it flags **{counted(found.false_positive_rate, 1_000)}** "
            f"({at.false_positive:,} of {known:,} here)."
        )
    if found.precision is not None:
        said.append(f"Of 100 flagged images **{counted(found.precision, 100)}** are anomalous.")
    return said


def counted(estimate: Interval, whole: int) -> str:
    """A share as so many of a round number, with its range."""
    digits = 0 if whole >= 1_000 else 1
    value, low, high = (
        f"{whole * one:,.{digits}f}" for one in (estimate.value, estimate.low, estimate.high)
    )
    return f"{value} (between {low} and {high})"
