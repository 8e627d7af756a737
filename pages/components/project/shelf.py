"""The list of projects: which there are, and putting them away."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from anomaly_core.errors import RingfenceError
from pages.components.own.source import INTO, MINE
from pages.components.project import examples
from pages.components.project.change import change
from pages.components.table import when
from pages.components.text import literal
from state.projects.shelf import Line
from state.session import Session
from state.store.projects import Project

COLUMNS = (4, 1.8, 2.6, 1.8, 2.8, 3)
HEADS = ("Project", "Images", "Labels", "AUROC", "Last activity", "")


def shelf(tab: Session) -> None:
    """Draw the projects, those in the archive apart, and what was deleted within a day."""
    lines, opened = tab.projects.shelf.lines(), tab.project()
    current = opened.id
    with st.container(border=True):
        heads()
        for line in lines:
            if line.project.archived_at is None:
                row(tab, line, current)
    st.caption(f"Guidelines: {literal(opened.guidelines) or 'none'}")
    change(tab)
    examples.of_project(tab.projects.settings.data_dir, opened)
    archived = [line for line in lines if line.project.archived_at is not None]
    if archived:
        with st.expander(f"Archive ({len(archived):,})"):
            heads()
            for line in archived:
                row(tab, line, current)
    removed = tab.projects.shelf.removed()
    if removed:
        with st.expander(f"Deleted within a day ({len(removed):,})"):
            for project in removed:
                name, back = st.columns([9, 2], vertical_alignment="center")
                name.markdown(literal(project.name))
                if back.button("Bring back", key=f"back-{project.id}", width="stretch"):
                    tell(partial(tab.projects.shelf.restore, project.id, tab.annotator()))


def heads() -> None:
    """The names of the columns."""
    for place, head in zip(st.columns(COLUMNS), HEADS, strict=True):
        place.caption(head)


def row(tab: Session, line: Line, current: int) -> None:
    """One project with what can be done with it."""
    project = line.project
    places = st.columns(COLUMNS, vertical_alignment="center")
    name = literal(project.name)
    if project.id == current:
        places[0].markdown(f"**{name}**, open")
    elif places[0].button(name, key=f"open-{project.id}", type="tertiary", help="Open it"):
        tab.choose(project.id)
        st.rerun()
    places[1].markdown("" if line.images is None else f"{line.images:,}")
    places[2].markdown(f"{project.spent:,} of {project.budget:,}")
    places[3].markdown("—" if line.auroc is None else f"{line.auroc:.3f}")
    places[4].markdown(when(line.last_activity))
    with places[5].popover("More", width="stretch"):
        batches(tab, project)
        put_away(tab, line)


def batches(tab: Session, project: Project) -> None:
    """The images of a project as they came, to add more and to take some out again."""
    came = [one for one in tab.projects.store.batches.of(project.id) if one.stands]
    if not came:
        return
    if st.button("Add images", key=f"add-{project.id}", icon=":material/add_photo_alternate:"):
        st.query_params[INTO] = str(project.id)
        st.session_state["new"] = MINE
        st.rerun()
    for one in came[1:]:
        more = "" if one.complete else ", more are being read"
        found = tab.projects.imports.named(one.import_name)
        title = f" of {literal(found.title)}" if found else ""
        st.markdown(f"{one.items:,} images{title}, added {when(one.added_at)}{more}")
        sure = st.checkbox(
            "Take them out, with every answer to them", key=f"sure-{project.id}-{one.number}"
        )
        if st.button("Take out", key=f"out-{project.id}-{one.number}", disabled=not sure):
            tell(partial(take_back, tab, project.id, one.number))


def take_back(tab: Session, project_id: int, number: int) -> None:
    """Take images out of a project, and say what came of it."""
    tab.notice = tab.projects.take_back(project_id, number, tab.annotator())


def put_away(tab: Session, line: Line) -> None:
    """Archive a project, or delete it by its typed name."""
    project, shelf = line.project, tab.projects.shelf
    archived = project.archived_at is not None
    if st.button("Take out of the archive" if archived else "Archive", key=f"arch-{project.id}"):
        tell(lambda: shelf.archive(project.id, tab.annotator(), not archived))
    st.caption(shelf.lost(project))
    typed = st.text_input("Type its name to delete it", key=f"typed-{project.id}")
    if st.button("Delete", key=f"delete-{project.id}"):
        tell(lambda: shelf.remove(project.id, typed, tab.annotator()))


def tell(act: Callable[[], None]) -> None:
    """Do it and draw the list anew, or say why it cannot be done."""
    try:
        act()
    except RingfenceError as error:
        st.error(literal(str(error)), icon=":material/error:")
    else:
        st.rerun()
