"""Explore: where every item lies and why, and what the model catches and misses."""

import streamlit as st

from pages.components import charts, status, theme
from pages.components.explore.inspector import details, inspector
from pages.components.explore.map import pool_map
from pages.components.explore.training import curves
from pages.components.explore.walls import walls
from pages.components.text import in_a_sentence
from pages.components.theme import CONFIG
from state import session
from state.exploration import Exploration
from state.store import Project


def share(value: float | None) -> str:
    """Format a share with its unit, or say that it is undefined."""
    return "undefined" if value is None else f"{value:.1%}"


@st.fragment
@in_a_sentence
def threshold(exploration: Exploration, project: Project) -> None:
    """Follow the threshold slider with histogram and confusion matrix."""
    contamination = float(project.scenario["contamination"])
    flagged = st.slider(
        "Flag the most anomalous share of the pool",
        min_value=0.5,
        max_value=60.0,
        value=max(0.5, round(contamination * 200) / 2),
        step=0.5,
        format="%.1f %%",
        key="flagged",
    )
    score = exploration.threshold(flagged / 100)
    confusion = exploration.confusion(score)
    left, right = st.container(key="wide-findings").columns([5, 4], gap="large")
    with left:
        st.subheader("Scores of held-out images")
        figure = charts.score_histogram(exploration.histogram(), score)
        st.plotly_chart(figure, key="histogram", config=CONFIG, width="stretch")
    with right:
        st.subheader("Caught and missed")
        figure = charts.confusion_matrix(confusion, theme.ink())
        st.plotly_chart(figure, key="confusion", config=CONFIG, width="stretch")
        columns = st.columns(3)
        columns[0].metric(
            "Recall", share(confusion.recall), help="Of the anomalous, how many are caught."
        )
        columns[1].metric(
            "False alarms",
            share(confusion.false_positive_rate),
            help="Of the normal, how many are flagged.",
        )
        columns[2].metric(
            f"Precision at {contamination:.0%}",
            share(confusion.precision_at(contamination)),
            help=f"Of the flagged, how many are anomalous, where {contamination:.0%} of all are.",
        )


tab = session.current()
st.title("Explore")
status.training(tab)
status.trouble(tab)
desk = tab.desk()
if desk.gallery is None or desk.measured is None:
    st.info("The first model is being prepared; there is nothing to explore yet.")
else:
    left, right = st.container(key="wide-map").columns([6, 5], gap="large")
    with left:
        st.subheader("The pool round the center")
        pool_map(tab)
    with right:
        inspector(tab, desk)
    details(tab, desk)
    st.subheader("Galleries")
    walls(tab)
    st.subheader("Training curves")
    curves(desk.gallery)
    st.subheader("Threshold")
    threshold(Exploration(desk.measured), desk.project)
