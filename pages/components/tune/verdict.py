"""What a threshold does, in plain sentences that say how sure they are."""

import streamlit as st

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
    st.caption(
        "The ranges hold the truth in 95 of 100 such samples: exact for what is caught and for "
        "false alarms, by resampling for the rest."
        + (f" {literal(evidence.warning)}" if evidence.warning else "")
    )


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
