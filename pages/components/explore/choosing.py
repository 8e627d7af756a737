"""Choosing items without a mouse, and sending what is chosen to the Label page."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from anomaly_core.errors import RingfenceError
from pages.components.text import literal
from state.heard import mapping, name, perhaps, wholes
from state.labeling.desk import Desk
from state.labeling.selection import MOST, Side, by_percentile, in_front, send, sort_out, take_off
from state.session import Session

CHOSEN = "explore-chosen"
MOST_ITEMS = 1_000_000  # that a line can be drawn around
SIDES = {Side.EITHER: "either side", Side.INSIDE: "inside", Side.OUTSIDE: "outside"}


@dataclass(frozen=True)
class Chosen:
    """Items chosen in one project; the key tells one choice from the next."""

    project_id: int
    key: str | None = None
    items: tuple[int, ...] = ()


def chosen(project_id: int) -> Chosen:
    """What is chosen in this tab."""
    known = st.session_state.get(CHOSEN)
    return known if known and known.project_id == project_id else Chosen(project_id)


def choose(project_id: int, said: Any) -> None:
    """Take what the map says was drawn around."""
    drawn = mapping(said)
    if (key := perhaps(name, drawn.get("key"))) is not None:
        items = tuple(wholes(drawn.get("items"), MOST_ITEMS))
        st.session_state[CHOSEN] = Chosen(project_id, key, items)


def filter_pool(desk: Desk) -> None:
    """Choose by the fields of the form."""
    low, high = sorted((st.session_state["chosen-low"], st.session_state["chosen-high"]))
    side = st.session_state["chosen-side"]
    items = by_percentile(desk.gallery, low, high, side).tolist() if desk.gallery else []
    key = f"filter-{low}-{high}-{side}-{desk.model.version if desk.model else 0}"
    st.session_state[CHOSEN] = Chosen(desk.project.id, key, tuple(items))


def filters(desk: Desk) -> None:
    """Draw the fields by which items are chosen without a mouse."""
    with st.expander("Choose by score and side instead of the lasso"):
        row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
        row.number_input("From percentile", 0.0, 100.0, 95.0, 1.0, key="chosen-low", width=150)
        row.number_input("to percentile", 0.0, 100.0, 100.0, 1.0, key="chosen-high", width=150)
        row.selectbox(
            "Side of the sphere",
            list(Side),
            format_func=SIDES.__getitem__,
            key="chosen-side",
            width=170,
        )
        row.button("Choose", key="choose", on_click=filter_pool, args=(desk,))


def send_to_label(tab: Session, desk: Desk, picked: Chosen) -> None:
    """Say what is chosen, and offer to put it in front on the desk."""
    filters(desk)
    sorted_ = sort_out(desk, picked.items)
    count = len(sorted_.open)
    if picked.items:
        left_out = sorted_.sentence()
        st.markdown(
            f"**{len(picked.items):,} chosen**, {count:,} of them to label"
            + (f" ({left_out})." if left_out else ".")
        )
    row = st.container(horizontal=True, gap="small")
    row.button(
        f"Send {count:,} to Label" if count else "Send to Label",
        key="send-to-label",
        type="primary",
        disabled=not 0 < count <= MOST or not desk.annotator.may_answer,
        help=f"They come first on your desk; at most {MOST:,} at a time.",
        on_click=send_chosen,
        args=(tab, desk.project.id, picked),
    )
    if picked.items:
        row.button("Choose none", key="choose-none", on_click=clear)
    if waiting := in_front(desk):
        row.button("Take them off again", key="take-off", on_click=let_go, args=(tab,))
        st.caption(
            f"{len(waiting):,} {'item is' if len(waiting) == 1 else 'items are'} in front "
            "on your desk."
        )
        st.page_link("pages/label.py", label="Label them", icon=":material/arrow_forward:")
    if said := st.session_state.pop("explore-said", ""):
        st.success(literal(said))


def send_chosen(tab: Session, project_id: int, picked: Chosen) -> None:
    """Commit before anything is drawn."""
    try:
        st.session_state["explore-said"] = send(tab.desk_of(project_id), picked.items)
        clear()
    except RingfenceError as error:
        st.session_state["explore-said"] = str(error)


def let_go(tab: Session) -> None:
    """Let the desk ask in its own order again."""
    try:
        take_off(tab.desk())
    except RingfenceError as error:
        st.session_state["explore-said"] = str(error)


def clear() -> None:
    """Choose nothing."""
    st.session_state.pop(CHOSEN, None)
