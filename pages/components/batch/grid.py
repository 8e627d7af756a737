"""The grid of the Batch page: many images on one canvas, kept by one key, taken back by one."""

import streamlit as st

from anomaly_core.errors import RingfenceError
from pages.components.component import component, said
from pages.components.text import in_a_sentence, literal
from state.labeling.grid import SIZES, GridChoice, Mode, deliver_grid, usual_example
from state.labeling.payload import view_of
from state.session import Session

KEY = "grid"
GRID = component(KEY, __file__)
MODES = {
    Mode.PROPOSED: "Proposed",
    Mode.MOST_ANOMALOUS: "Most anomalous",
    Mode.MOST_NORMAL: "Most normal",
    Mode.SIMILAR: "Similar",
}


@st.fragment
@in_a_sentence
def grid(tab: Session) -> None:
    """Let a person choose what to see, and hand it to the tab, which says in `view` what it has."""
    choice = choose(tab)
    view = view_of(said(KEY, "view"))
    data, problem = None, ""
    try:
        data = deliver_grid(tab.desk(), view, choice) if view else None
    except RingfenceError as error:
        problem = literal(str(error))
    GRID(key=KEY, data=data, on_view_change=lambda: None)
    if problem:
        st.error(problem, icon=":material/error:")


def choose(tab: Session) -> GridChoice:
    """Draw the controls above the grid and read them."""
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    mode = row.segmented_control(
        "Show",
        list(Mode),
        default=Mode.PROPOSED,
        required=True,
        format_func=MODES.__getitem__,
        key="batch-mode",
    )
    size = row.segmented_control(
        "At a time", SIZES, default=GridChoice.size, required=True, key="batch-size"
    )
    like = None
    if mode is Mode.SIMILAR:
        last = (tab.project().pool_size or 1) - 1
        example = min(usual_example(tab.desk()), last)
        like = row.number_input("Similar to item", 0, last, example, key="batch-like", width=160)
    return GridChoice(mode, size, like)
