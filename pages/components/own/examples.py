"""Some images of an import, looked at, and marked as examples for those who will answer."""

import streamlit as st

from anomaly_core.errors import RingfenceError
from pages.components import images
from pages.components.text import literal
from state.files.imports import Block, ImportFolder, Record
from state.projects.examples import Marks, images_at, marks
from state.projects.report import as_the_model_sees
from state.session import Session

SHOWN, WIDE = 12, 148  # images; pixels wide
WORDS = {"normal": "Normal", "anomalous": "Anomalous"}
HOW = "As you will see them. Mark a few as examples: annotators see them beside the guidelines."
TOO_MANY = "examples-trouble"
Place = tuple[int, Block, Record]


@st.fragment
def sample(tab: Session, found: ImportFolder, count: int) -> None:
    """Show some of `count` images as a person will see them, and below as the model will."""
    start = st.session_state.setdefault(f"examples-from-{found.name}", 0)
    shown = [(start + at) % count for at in range(min(SHOWN, count))]
    given = marks(found)
    others = [place for place in given if place not in shown]
    st.caption(HOW)
    drawn = list(images_at(found, shown))
    tiles(tab, found, drawn, given)
    if trouble := st.session_state.pop(TOO_MANY, ""):
        st.error(literal(trouble), icon=":material/error:")
    if count > SHOWN:
        st.button("Show others", icon=":material/refresh:", on_click=go_on, args=(found, start))
    if others:
        st.caption("Marked before")
        tiles(tab, found, list(images_at(found, others)), given)
    st.caption("As the model will see them")
    seen = as_the_model_sees(found, [place for place, _, _ in drawn])
    figures = [
        images.figure(pixels, WIDE, "", f"{record.entry.path}, as the model sees it")
        for pixels, (_, _, record) in zip(seen, drawn, strict=True)
    ]
    st.html(images.row(figures, gap=8))


def tiles(tab: Session, found: ImportFolder, some: list[Place], given: Marks) -> None:
    """Images side by side, each with what it may be an example of."""
    with st.container(horizontal=True, gap="xsmall", key=f"tiles-{some[0][0]}"):
        for place, block, record in some:
            path = record.entry.path
            with st.container(width=WIDE, gap="xxsmall"):
                st.html(images.figure(block.thumbnail(record), WIDE, "", path))
                key = f"example-{found.name}-{place}"
                st.session_state.setdefault(key, given.get(place))
                st.segmented_control(
                    f"An example of what? {literal(path)}",
                    list(WORDS),
                    format_func=WORDS.__getitem__,
                    key=key,
                    label_visibility="collapsed",
                    width="stretch",
                    on_change=keep,
                    args=(tab, found, place, key),
                )


def keep(tab: Session, found: ImportFolder, place: int, key: str) -> None:
    """Keep what a person has marked, or say why it cannot be."""
    try:
        tab.projects.imports.mark(found, place, st.session_state[key], tab.annotator())
    except RingfenceError as error:
        st.session_state[key] = marks(found).get(place)
        st.session_state[TOO_MANY] = str(error)


def go_on(found: ImportFolder, start: int) -> None:
    """Show the images after those on screen."""
    st.session_state[f"examples-from-{found.name}"] = start + SHOWN
