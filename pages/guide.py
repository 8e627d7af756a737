"""Guide: how the work is done, in five short chapters with pictures, those of docs/guide."""

import re
from enum import StrEnum

import streamlit as st

from state.session import address
from state.settings import APP

GUIDE = APP / "docs" / "guide"


class GuideChapter(StrEnum):
    """The chapters, by the names of their files."""

    LABEL = "label"
    TUNE = "tune"
    EXPLAIN = "explain"
    BRING_AND_TAKE = "bring-and-take"
    TEAM = "team"


PICTURE = re.compile(r"^!\[(?P<text>.*)\]\((?P<path>.*)\)$", re.MULTILINE)


def draw(chapter: GuideChapter) -> None:
    """Draw a chapter: text and pictures by turns."""
    text = (GUIDE / f"{chapter}.md").read_text(encoding="utf-8")
    first, *rest = PICTURE.split(re.sub("</?kbd>", "`", text))
    st.markdown(first)
    for alternative, path, further in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        st.image(GUIDE / path, alternative)
        st.markdown(further)


st.session_state.setdefault("chapter", address("chapter", GuideChapter) or GuideChapter.LABEL)
chosen = st.segmented_control(
    "Chapter",
    list(GuideChapter),
    format_func=lambda chapter: chapter.replace("-", " ").capitalize(),
    required=True,
    key="chapter",
    label_visibility="collapsed",
)
with st.container(key="guide"):
    draw(chosen or GuideChapter.LABEL)
