"""Changing the project that is open: its name, guidelines, budget, rounds and people."""

import streamlit as st

from pages.components.glossary import word
from pages.components.project import parts
from pages.components.text import in_a_sentence
from state.session import Session
from state.store.projects import Project, ProjectTerms


def change(tab: Session) -> None:
    """Offer it to owners."""
    project = tab.project()
    # Another switch once something was changed, which is off again.
    key = f"change-{project.id}-{hash(project.terms)}"
    if tab.annotator().may_manage and st.toggle("Change this project", key=key):
        with st.container(border=True):
            form(tab, project)


@in_a_sentence
def form(tab: Session, project: Project) -> None:
    """Draw the form, filled in as the project is; save what was changed."""
    name = st.text_input("Name", project.name, max_chars=255, key="changed-name")
    guidelines = st.text_area(
        "Guidelines for annotators", project.guidelines, max_chars=10_000, key="changed-guidelines"
    )
    left, right = st.columns(2)
    budget = left.number_input(
        "Budget (labels)",
        value=project.budget,
        step=10,
        key="changed-budget",
        help=word("budget", "label"),
    )
    batch = right.number_input(
        "Labels per round",
        value=project.batch_size,
        step=1,
        key="changed-batch",
        help=word("round"),
    )
    team = parts.teamwork("changed", project.terms)
    if st.button("Save changes", type="primary"):
        terms = ProjectTerms(
            name=name, guidelines=guidelines, budget=budget, batch_size=batch, **vars(team)
        )
        tab.projects.shelf.change(project.id, terms, tab.annotator())
        tab.notice = "The changes are saved."
        st.rerun()
