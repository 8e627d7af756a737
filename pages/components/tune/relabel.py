"""A label mended where it was found to be wrong, and the way back."""

import streamlit as st

from anomaly_core.errors import RingfenceError
from pages.components.review import MEANS, TOO_FAST
from pages.components.text import literal
from state.labeling.desk import Shown
from state.labeling.second_look.review import Review, word_for
from state.session import Session
from state.store.history import Event
from state.store.schema import Answer

OTHER = {1: Answer.ANOMALOUS, -1: Answer.NORMAL}


def relabel(tab: Session, item: int, y: int) -> None:
    """Offer the other label for an item of the pool, and to take my last word on it back."""
    review, shown, other = Review(tab.desk()), Shown.of(item), OTHER[y]
    try:
        means, may = MEANS[review.right(item)], True
    except RingfenceError as refusal:
        means, may = str(refusal), False
    row = st.container(horizontal=True)
    row.button(
        f"Relabel as {word_for(other.y)}",
        key=f"relabel-{item}-{other}",  # of its own: a second press must not change it back
        type="primary",
        disabled=not may,
        on_click=settle,
        args=(tab, review.project.id, shown, other),
    )
    word = review.last_word(item)
    if may and word is not None:
        row.button(
            "Undo my last word on it",
            key=f"take-back-{item}-{word.seq}",
            on_click=take_back,
            args=(tab, review.project.id, shown, word),
        )
    st.caption(literal(means))


def settle(tab: Session, project_id: int, shown: Shown, answer: Answer) -> None:
    """Commit the other label before anything is drawn."""
    try:
        review = Review(tab.desk_of(project_id))
        if review.too_fast(shown):
            tab.notice = TOO_FAST
            return
        tab.notice = review.settle(shown.item, answer, "", shown.token)
    except RingfenceError as error:
        tab.notice = str(error)


def take_back(tab: Session, project_id: int, shown: Shown, word: Event) -> None:
    """Take my word back before anything is drawn."""
    try:
        tab.notice = Review(tab.desk_of(project_id)).take_back(word, shown.token)
    except RingfenceError as error:
        tab.notice = str(error)
