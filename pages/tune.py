"""Tune: a threshold that can be defended, and how sure it is what it does."""

import streamlit as st

from pages.components import status
from pages.components.text import in_a_sentence
from pages.components.tune import form
from pages.components.tune.board import board, wanted_threshold
from pages.components.tune.cells import behind
from pages.components.tune.points import points
from pages.components.tune.verdict import verdict
from state import session
from state.quality.tuning import Choice, Tuning, tuning_of
from state.session import Session


@st.fragment
@in_a_sentence
def tune(tab: Session, tuning: Tuning) -> None:
    """Draw what the threshold is for, what it does, and the images behind each number."""
    if tab.notice is not None:
        st.rerun()  # a label was changed: the whole page tells of it
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        evidence = form.evidence_of(tuning)
        worth = form.worth_of(tuning)
    objective = form.objective_of(tuning, worth)
    choice = tuning.choose(objective, evidence)
    if (by_hand := wanted_threshold()) is not None:
        choice = Choice(by_hand, choice.sentence)
    verdict(tab, tuning, evidence, choice, worth)
    board(tuning, evidence, choice, worth)
    behind(tab, tuning, evidence, choice.threshold)
    points(tab, tuning, evidence, worth)


tab = session.current()
status.head(tab, "Tune")
tuning = tuning_of(tab.desk())
if tuning is None:
    status.no_model(tab, "there is nothing to tune yet.")
else:
    tune(tab, tuning)
