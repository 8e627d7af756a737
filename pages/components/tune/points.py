"""Saved thresholds: who chose them, why, and what two of them disagree about."""

from typing import Any

import streamlit as st

from anomaly_core.errors import RingfenceError
from anomaly_core.threshold.judged import Worth, figures_at
from pages.components.estimates import interval
from pages.components.glossary import word
from pages.components.table import FIGURE, NUMBER, TYPED, table, when
from pages.components.thumbnails.thumbnails import thumbnails
from pages.components.tune.board import wanted_threshold
from pages.components.tune.cells import FLIP, case, turn_to, wanted_item
from pages.components.tune.form import BASES
from state.quality.tuning import Basis, Choice, Evidence, Tuning, spread
from state.session import Session
from state.store.models import OperatingPoint

BY_HAND = "set by hand"
SHOWN = 24  # images of a flip list
NO_BREAK = "\u00a0"
SHORT_HASH = 6  # hexadecimal digits; the whole of it is in the store
POINTS = {
    "No.": NUMBER,
    "Threshold": NUMBER,
    "Model": NUMBER,
    "Recall": FIGURE,
    "False alarms": FIGURE,
    "Purpose": TYPED,
    "Reason": TYPED,
    "Saved by": TYPED,
    "Judged by": TYPED,
}


def points(tab: Session, tuning: Tuning, evidence: Evidence, worth: Worth) -> None:
    """Draw the list of saved thresholds, a way back to one, and a comparison of two."""
    st.subheader(
        "Saved thresholds (operating points)", help=word("threshold", "recall", "false alarm")
    )
    known = tuning.points()
    if not known:
        st.caption("None is saved yet. A saved threshold keeps its author, reason, model and data.")
        return
    rule = tuning.desk.rule
    in_use = rule.saved if rule is not None else None
    rows = [line(tuning, point, in_use, evidence.basis, worth) for point in known]
    table("Saved thresholds", POINTS, rows)
    compare(tab, tuning, {point.id: point for point in known}, evidence)


@st.dialog("Save this threshold")
def save_form(tab: Session, tuning: Tuning, evidence: Evidence, choice: Choice) -> None:
    """Ask why, and save the threshold."""
    if tab.notice is not None:
        st.rerun()  # it is saved: the page says so, and this closes
    with st.form("save-point", border=False):
        st.text_input("Why this threshold", max_chars=500, key="reason")
        st.form_submit_button(
            "Save it", type="primary", on_click=save, args=(tab, tuning, evidence, choice)
        )


def save(tab: Session, tuning: Tuning, evidence: Evidence, choice: Choice) -> None:
    """Save the threshold before anything is drawn, and say so."""
    purpose = BY_HAND if wanted_threshold() is not None else choice.sentence
    try:
        point = tuning.save(choice.threshold, st.session_state["reason"], purpose, evidence)
        tab.notice = f"Saved as threshold no. {point.id}; it is in the list below."
    except RingfenceError as error:
        tab.notice = str(error)


def line(
    tuning: Tuning,
    point: OperatingPoint,
    in_use: OperatingPoint | None,
    basis: Basis,
    worth: Worth,
) -> tuple[str, ...]:
    """A saved threshold as a row of the table, judged by what it was saved for where that is."""
    own = Basis(point.basis) if point.basis in tuning.bases else basis
    evidence = tuning.seen_by(point, own)
    found = figures_at(evidence.judged, point.threshold, worth)
    return (
        f"{point.id}, in use" if point == in_use else f"{point.id}",
        f"{point.threshold:.4g}",
        f"{point.model_version}",
        on_two_lines(interval(found.recall)),
        on_two_lines(interval(found.false_positive_rate)),
        point.purpose or "",
        point.reason,
        f"{point.author}, {when(point.created_at)}",
        judged_by(point, evidence),
    )


def on_two_lines(figure: str) -> str:
    """A figure that breaks, where there is no room, before its range alone."""
    return figure.replace(" ", NO_BREAK).replace(f"{NO_BREAK}(", " (")


def judged_by(point: OperatingPoint, evidence: Evidence) -> str:
    """What the figures of a saved threshold rest on, and whether that has changed since."""
    data = f"{BASES[evidence.basis]}, data {evidence.data_hash[:SHORT_HASH]}"
    changed = point.data_hash not in (None, evidence.data_hash)
    return f"{data} (at saving {(point.data_hash or '')[:SHORT_HASH]})" if changed else data


def compare(
    tab: Session, tuning: Tuning, known: dict[int, OperatingPoint], evidence: Evidence
) -> None:
    """Lead back to a saved threshold; show the images on which it and another one disagree."""
    first_column, second_column, button = st.columns([2, 2, 1], vertical_alignment="bottom")
    first = choose(first_column, "Saved threshold", known)
    others = {number: point for number, point in known.items() if number != first}
    second = choose(second_column, "compared with", others) if others else None
    fits = known[first].model_version == tuning.gallery.model.version
    button.button(
        f"Use no. {first}",
        key="use-point",
        on_click=use,
        args=(known[first],),
        disabled=not fits,
        help=None if fits else "It was saved for another model, and their scores do not compare.",
        width="stretch",
    )
    if second is not None:
        differences(tab, tuning, known[first], known[second], evidence)


def choose(place: Any, label: str, known: dict[int, OperatingPoint]) -> int:
    """Let a person choose a saved threshold by its number."""
    chosen: int = place.selectbox(
        label,
        list(known),
        format_func=lambda number: f"No. {number}: {known[number].threshold:.4g}",
        key=f"point-{label}",
    )
    return chosen


def use(point: OperatingPoint) -> None:
    """Put the line where a saved threshold is."""
    st.query_params["threshold"] = repr(point.threshold)


def differences(
    tab: Session,
    tuning: Tuning,
    first: OperatingPoint,
    second: OperatingPoint,
    evidence: Evidence,
) -> None:
    """Say and show on which images two thresholds disagree."""
    found = tuning.flips(first, second, evidence.basis)
    st.markdown(f"They disagree about **{len(found):,}** of {len(evidence.items):,} images.")
    for point, items in ((first, found.first), (second, found.second)):
        if not len(items):
            continue
        anomalous = evidence.anomalous(items)
        st.caption(
            f"Flagged by no. {point.id} only: {len(items):,}, of which {anomalous:,} anomalous and "
            f"{len(items) - anomalous:,} normal."
            + (f" Shown are {SHOWN} of them, evenly spread." if len(items) > SHOWN else "")
        )
        if not evidence.secret:
            flipped(tab, tuning, evidence, point, spread(items, SHOWN).tolist())


def flipped(
    tab: Session, tuning: Tuning, evidence: Evidence, point: OperatingPoint, items: list[int]
) -> None:
    """Show the images that one of two thresholds alone flags, and the one that was opened."""
    opened = wanted_item(evidence, FLIP)
    key = f"flips-{evidence.basis}-{point.id}"
    names = {item: evidence.name(item) for item in items}
    title = f"Flagged by no. {point.id} only"
    thumbnails(title, key, names, evidence.images, opened, lambda: turn_to(key, FLIP))
    if opened in items:
        own = tuning.of(point)
        case(tab, own, own.evidence(evidence.basis), opened, point.threshold)
