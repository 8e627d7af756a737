"""Saved thresholds: who chose them, why, and what two of them disagree about."""

import streamlit as st

from anomaly_core.estimates import Interval
from anomaly_core.judgement import Worth, figures_at
from pages.components import images, status
from pages.components.table import NUMBER, SHORT, TYPED, table, when
from pages.components.text import in_a_sentence
from pages.components.tune.board import wanted_threshold
from pages.components.tune.form import BASES
from state.models import OperatingPoint
from state.session import Session
from state.tuning import Basis, Choice, Evidence, Tuning

BY_HAND = "set by hand"
SHOWN, SMALL = 24, 72  # images of a flip list, and their CSS pixels
POINTS = {
    "No.": NUMBER,
    "Threshold": NUMBER,
    "Model": NUMBER,
    "Recall": NUMBER,
    "False alarms": NUMBER,
    "Purpose": TYPED,
    "Reason": TYPED,
    "Author": TYPED,
    "When": SHORT,
    "Judged by": SHORT,
    "Data": SHORT,
}


def points(tab: Session, tuning: Tuning, evidence: Evidence, choice: Choice, worth: Worth) -> None:
    """Draw the form that saves the threshold, the list of saved ones, and a comparison of two."""
    st.subheader("Operating points")
    with st.form("save-point", clear_on_submit=True, border=False):
        field, button = st.columns([5, 1], vertical_alignment="bottom")
        reason = field.text_input("Why this threshold", max_chars=500, key="reason")
        saved = button.form_submit_button("Save it", type="primary", width="stretch")
    if saved:
        save(tab, tuning, evidence, choice, reason)
    known = tuning.points()
    if not known:
        st.caption("None is saved yet. A saved threshold keeps its author, reason, model and data.")
        return
    rows = [line(tuning, point, evidence.basis, worth) for point in known]
    table("Operating points", POINTS, rows)
    if len(known) > 1:
        compare(tuning, known, evidence)


@in_a_sentence
def save(tab: Session, tuning: Tuning, evidence: Evidence, choice: Choice, reason: str) -> None:
    """Save the threshold, and say so."""
    purpose = BY_HAND if wanted_threshold() is not None else choice.sentence
    point = tuning.save(choice.threshold, reason, purpose, evidence)
    tab.notice = f"Saved as operating point {point.id}."
    status.notice(tab)


def line(tuning: Tuning, point: OperatingPoint, basis: Basis, worth: Worth) -> tuple[str, ...]:
    """A saved threshold as a row of the table, judged by what is chosen above."""
    found = figures_at(tuning.seen_by(point, basis).judged, point.threshold, worth)
    return (
        f"{point.id}",
        f"{point.threshold:.4g}",
        f"{point.model_version}",
        ranged(found.recall),
        ranged(found.false_positive_rate),
        point.purpose or "",
        point.reason,
        point.author,
        when(point.created_at),
        BASES[Basis(point.basis)] if point.basis else "",
        point.data_hash or "",
    )


def ranged(estimate: Interval | None) -> str:
    """A share with its range, in percent."""
    if estimate is None:
        return "undefined"
    return f"{estimate.value:.1%} ({estimate.low:.1%} to {estimate.high:.1%})"


def compare(tuning: Tuning, known: list[OperatingPoint], evidence: Evidence) -> None:
    """Show the images on which two saved thresholds disagree."""
    by_id = {point.id: point for point in known}
    columns = st.columns(2)
    first, second = (
        column.selectbox(
            label,
            list(by_id),
            index=place,
            format_func=lambda number: f"No. {number}: {by_id[number].threshold:.4g}",
            key=f"point-{place}",
        )
        for place, (column, label) in enumerate(zip(columns, ("Compare", "with"), strict=True))
    )
    found = tuning.flips(by_id[first], by_id[second], evidence.basis)
    total = len(found.only_first) + len(found.only_second)
    st.markdown(f"They disagree about **{total:,}** of {len(evidence.items):,} images.")
    for number, items in ((first, found.only_first), (second, found.only_second)):
        if len(items):
            st.caption(f"Flagged by no. {number} only: {len(items):,}")
            st.html(
                images.row(
                    [
                        images.figure(evidence.images[item], SMALL, f"{item:,}", f"Item {item:,}")
                        for item in items[:SHOWN].tolist()
                    ]
                )
            )
