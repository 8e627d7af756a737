"""Parts of the form of a new project."""

from dataclasses import dataclass

import streamlit as st

from state.schema import RoundTrigger

TRIGGERS = {
    RoundTrigger.COUNT: "after so many labels, as given above",
    RoundTrigger.TIME: "after so many seconds, if there is a new label",
    RoundTrigger.CONTINUOUS: "after any new label, as soon as the model is ready for it",
}


@dataclass(frozen=True)
class Teamwork:
    """How many people answer each image, and when the model learns from them."""

    overlap: int
    round_trigger: RoundTrigger
    round_seconds: float
    repeat_share: float  # 0 to 1


def teamwork() -> Teamwork:
    """Draw the fields that say how people and model work together."""
    trigger = st.selectbox("The model learns", list(TRIGGERS), format_func=TRIGGERS.__getitem__)
    left, middle, right = st.columns(3, vertical_alignment="bottom")
    seconds = left.number_input("Seconds per round", value=30, step=10)
    overlap = middle.number_input(
        "Labels per image", value=1, step=1, help="Each by another person."
    )
    repeats = right.number_input("Asked twice (% of answers)", value=0, step=5)
    st.caption(
        "The budget counts labels, which are answers of normal or anomalous: two labels per image "
        "cost two. Asking somebody twice costs nothing and shows who is consistent."
    )
    return Teamwork(overlap, trigger, float(seconds), repeats / 100)
