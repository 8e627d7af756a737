"""The parts of the Review page: the queues, the image, who said what, and the answers."""

from collections.abc import Sequence

import streamlit as st

from anomaly_core.errors import RingfenceError
from pages.components import images
from pages.components.table import SHORT, TYPED, table, when
from pages.components.text import literal, percent
from state.heard import counted
from state.labeling.desk import Shown
from state.labeling.second_look.review import Case, Review, Right, Said, SecondLook
from state.session import Session, address
from state.store.people import Annotator
from state.store.schema import Answer

SAYINGS = {"Who": TYPED, "Said": SHORT, "When": SHORT, "Note": TYPED}
EVENTS = {"When": SHORT, "Who": TYPED, "What": SHORT, "Model": SHORT, "Note": TYPED}
LARGE = 308  # CSS pixels: 11 times 28
TITLES = {
    SecondLook.SUSPECTED: "Suspected mistakes",
    SecondLook.DISAGREEMENTS: "Disagreements",
    SecondLook.UNSURE: "Unsure",
    SecondLook.FLAGGED: "Flagged",
}
EMPTY = {
    SecondLook.SUSPECTED: "No label is contradicted by the model and the other labels. Well done.",
    SecondLook.DISAGREEMENTS: "Everybody agrees on each image that several people have labeled.",
    SecondLook.UNSURE: "Nobody is unsure about an image that still lacks a label.",
    SecondLook.FLAGGED: "Nobody has flagged an image.",
}
SMALL = 72
UNSURE = "Unsure (leave out)"
# What their buttons say while nothing stands, and their usual keys.
ANSWERS = {
    Answer.NORMAL: ("Normal", "a"),
    Answer.ANOMALOUS: ("Anomalous", "x"),
    Answer.UNSURE: (UNSURE, None),
}
# What keys that a person can choose are called by buttons; others cannot press one here.
NAMED = {
    " ": "Space",
    "Backspace": "Backspace",
    "Delete": "Delete",
    "Home": "Home",
    "End": "End",
} | {f"Arrow{side}": side for side in ("Left", "Right", "Up", "Down")}
TAKEN = ("c", "r", "+")  # Streamlit's own, and what joins its names of keys
MEANS = {
    Right.ADJUDICATE: "As an owner you settle this image for everybody; that costs no label.",
    Right.CHANGE: "This changes your own answer.",
    Right.ANSWER: "This adds your own answer; normal or anomalous costs 1 label of the budget.",
}
OWN = "You answered {} yourself. *Keep* confirms that; any other button changes your own answer."
UNTIL_NOW = "Until now it is {}: *Keep* confirms that."
TOO_FAST = "That key came before anybody could have looked, so it did not count; press it again."


def wanted_item() -> int | None:
    """The item that the address names."""
    return address("item", counted)


def queue(review: Review) -> SecondLook:
    """Let the person choose a queue; the address wins, then the first that holds something."""
    waiting, item = review.queues, wanted_item()
    chosen = address("queue", SecondLook)
    holding = [
        queue for queue in SecondLook if item in waiting[queue] or (item is None and waiting[queue])
    ]
    return st.segmented_control(
        "Queue",
        list(SecondLook),
        format_func=lambda queue: f"{TITLES[queue]} · {len(waiting[queue]):,}",
        default=chosen or next(iter(holding), SecondLook.SUSPECTED),
        required=True,
        key="queue",
        on_change=turn_to,
        label_visibility="collapsed",
    )


def turn_to() -> None:
    """Begin another queue."""
    go(st.session_state["queue"], None)


def go(chosen: SecondLook, item: int | None) -> None:
    """Put the place into the address."""
    st.query_params["queue"] = chosen
    if item is None:
        st.query_params.pop("item", None)
    else:
        st.query_params["item"] = str(item)


def picture(review: Review, case: Case) -> None:
    """Show the image, large and with crisp pixels."""
    if review.gallery is None:
        return
    pool = review.gallery.pictures
    alt = f"Item {case.item} of the pool"
    st.html(images.figure(pool[case.item], LARGE, f"Item {case.item:,}", alt))


def actions(tab: Session, review: Review, case: Case, chosen: SecondLook) -> None:
    """Draw the answers, the note, and the way to the next image."""
    shown, items = Shown.of(case.item), review.queues[chosen]
    note = f"note-{case.item}"
    stands: Answer | None = None
    try:
        right, may = review.right(case.item), True
        stands = standing(case, right)
        means = meaning(right, stands)
    except RingfenceError as refusal:
        means, may = literal(str(refusal)), False
    row = st.container(key="review-answers")
    for column, (answer, (label, key)) in zip((*row.columns(2), row), ANSWERS.items(), strict=True):
        column.button(
            named(label, answer, stands),
            # Of its own for every image: a second press must not settle the next one.
            key=f"settle-{answer}-{case.item}",
            shortcut=shortcut(review.me, answer, key),
            width="stretch",
            disabled=not may,
            on_click=settle,
            args=(tab, review.project.id, shown, answer, chosen, after(items, case.item)),
        )
    st.caption(means)
    st.text_input(
        "Note", key=note, max_chars=2_000, disabled=not may, placeholder="Why, if you like"
    )
    steps(items, case.item, chosen)
    if review.may_unflag(case.item):
        st.button(
            "Take my flag off",
            key=f"unflag-{case.item}",
            on_click=unflag,
            args=(tab, review.project.id, shown, chosen, after(items, case.item)),
        )


def standing(case: Case, right: Right) -> Answer | None:
    """The answer that one would keep: what the image is called, or that one is unsure oneself."""
    unsure = Answer.UNSURE if right is Right.CHANGE else None
    return {1: Answer.NORMAL, -1: Answer.ANOMALOUS}.get(case.y, unsure)


def meaning(right: Right, stands: Answer | None) -> str:
    """Say what the buttons do."""
    if right is Right.CHANGE:
        return OWN.format(stands)
    return f"{MEANS[right]} {UNTIL_NOW.format(stands) if stands else ''}"


def named(label: str, answer: Answer, stands: Answer | None) -> str:
    """What the button of an answer says, beside the one that stands."""
    if stands is None:
        return label
    if answer is stands:
        return f"Keep {answer}"
    return label if answer is Answer.UNSURE else f"Change to {answer}"


def shortcut(person: Annotator, answer: Answer, usual: str | None) -> str | None:
    """The key that a person has for an answer, as a button takes it; `None` where it cannot."""
    if usual is None:
        return None
    key = str((person.keys or {}).get(answer, usual))
    if key in NAMED:
        return NAMED[key]
    return key.upper() if len(key) == 1 and key.isascii() and key not in TAKEN else None


def steps(items: Sequence[int], item: int, chosen: SecondLook) -> None:
    """Draw the way to the image before and after."""
    here = items.index(item) if item in items else None
    place = "Not waiting in this queue" if here is None else f"{here + 1:,} of {len(items):,}"
    before = items[here - 1] if here else None
    following = items[here + 1 : here + 2] if here is not None else items[:1]
    left, middle, right = st.columns([3, 4, 3], vertical_alignment="center")
    left.button(
        "Previous", width="stretch", disabled=before is None, on_click=go, args=(chosen, before)
    )
    middle.markdown(f":gray[{place}]", text_alignment="center")
    right.button(
        "Next",
        width="stretch",
        disabled=not following,
        on_click=go,
        args=(chosen, *following) if following else (chosen, None),
    )


def after(items: Sequence[int], item: int) -> int | None:
    """The item to turn to when `item` is settled: the next one, or itself if it came by a link."""
    if item not in items:
        return item
    here = items.index(item)
    others = [*items[here + 1 : here + 2], *items[: min(here, 1)]]
    return others[0] if others else None


def settle(
    tab: Session,
    project_id: int,
    shown: Shown,
    answer: Answer,
    chosen: SecondLook,
    following: int | None,
) -> None:
    """Commit a decision before anything is drawn."""
    try:
        review = Review(tab.desk_of(project_id))
        if review.too_fast(shown):
            tab.notice = TOO_FAST
            return
        note = st.session_state.get(f"note-{shown.item}", "")
        tab.notice = review.settle(shown.item, answer, note, shown.token)
        go(chosen, following)
    except RingfenceError as error:
        tab.notice = str(error)


def unflag(
    tab: Session, project_id: int, shown: Shown, chosen: SecondLook, following: int | None
) -> None:
    """Take a flag off before anything is drawn."""
    try:
        tab.notice = Review(tab.desk_of(project_id)).unflag(shown.item, shown.token)
        go(chosen, following)
    except RingfenceError as error:
        tab.notice = str(error)


def findings(case: Case) -> None:
    """Show who said what, and what the model thinks."""
    st.subheader(f"Item {case.item:,}: {case.label}")
    said = [*case.answers, *case.flags, *([case.verdict] if case.verdict else [])]
    if said:
        table("Who said what", SAYINGS, [line(one) for one in said])
    else:
        st.caption("Nobody has said anything about this image.")
    if case.distance is not None and case.R is not None and case.limit is not None:
        st.markdown(view(case, case.distance, case.R, case.limit))


def why(review: Review, item: int) -> None:
    """Say what contradicts the label, and show what the image is most like."""
    if reason := review.reason(item):
        st.markdown(literal(reason))
    if review.gallery is None:
        return
    pool = review.gallery.pictures
    kinds = zip(("normal", "anomalous"), review.alike(item), strict=True)
    for kind, items in kinds:
        if items:
            st.caption(f"Most like it, labeled {kind}")
            found = [images.figure(pool[one], SMALL, "", f"Item {one}, {kind}") for one in items]
            st.html(images.row(found, gap=8))


def line(said: Said) -> tuple[str, str, str, str]:
    """What somebody said as a row of a table."""
    return (said.who, said.what, when(said.at), said.note or "")


def view(case: Case, distance: float, R: float, limit: float) -> str:
    """Put the model's view into words."""
    verdict = "looks anomalous" if distance > limit else "looks normal"
    place = (
        f"**{verdict.capitalize()}** to the model: **{distance / R:.3g} R** from the center, "
        f"flagged beyond {limit / R:.3g} R."
    )
    if case.suspicion is None:
        return f"{place}  \n:gray[There is no label to doubt.]"
    return (
        f"{place}  \nDoubt about the label: **{percent(case.suspicion, 0)}** "
        ":gray[(from 50 % on it counts as a suspected mistake)]"
    )


def history(review: Review, item: int) -> None:
    """Show everything that happened to an item."""
    events = review.history(item)
    with st.expander(f"History ({len(events):,})"):
        rows = [
            (
                when(said.at),
                said.who,
                said.what + (" (taken back)" if said.taken_back else ""),
                "" if said.model_version is None else f"model {said.model_version}",
                said.note or "",
            )
            for said in events
        ]
        if rows:
            table("History", EVENTS, rows)
        else:
            st.caption("Nothing has happened to this image yet.")
