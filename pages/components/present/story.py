"""The presentation as a component: everything is sent once, and the slider needs no server."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st

from pages.components.component import said
from pages.components.text import in_a_sentence
from state.heard import counted, number, perhaps, whole
from state.presentation.page import SOURCES, to_html, told
from state.presentation.pdf import to_pdf
from state.presentation.values import Presentation
from state.scripts import link
from state.session import address

KEY = "story"
BELOW_THE_HEADER = (
    ".story { --story-top: var(--header, 3.5rem); } .story:fullscreen { --story-top: 0; }"
)
STORY = st.components.v2.component(
    "ringfence.present",
    html=SOURCES["html"],
    css=SOURCES["css"] + BELOW_THE_HEADER,
    js=link(Path(__file__).with_name("mount.js")),
)
FILES = (
    ("Download as one HTML file", "html", "text/html", to_html),
    ("Download as PDF", "pdf", "application/pdf", to_pdf),
)


@in_a_sentence
def story(presentation: Presentation) -> None:
    """Draw the presentation, and offer it as files.

    The slider ends in `?caution=`, a click on an image in `?look=`.
    """
    caution = wanted_caution()
    STORY(
        key=KEY,
        data=told(presentation) | {"caution": caution},
        on_caution_change=keep_caution,
        on_opened_change=keep_opened,
    )
    with st.container(horizontal=True, gap="small"):
        for label, kind, mime, write in FILES:
            name = f"{presentation.name}.{kind}"
            download(label, name, mime, partial(write, presentation, caution))


def download(label: str, name: str, mime: str, make: Callable[[], bytes]) -> None:
    """Draw a button whose file is written when it is pressed."""
    st.download_button(
        label,
        make,
        file_name=name,
        mime=mime,
        key=f"download-{mime}",
        on_click="ignore",
        icon=":material/download:",
    )


def wanted_caution() -> int:
    """How many steps more cautious than the opening one the address asks for."""
    return max(-99, min(99, address("caution", int) or 0))


def wanted_image(presentation: Presentation) -> int | None:
    """The image that the address names, of those that are shown."""
    item = address("look", counted)
    return item if item in told(presentation)["images"] else None


def keep_opened() -> None:
    """Put the image that was opened into the address."""
    item = perhaps(whole, said(KEY, "opened"))
    if item is not None:
        st.query_params["look"] = str(item)


def let_go() -> None:
    """Look at no image any more."""
    st.query_params.pop("look", None)


def keep_caution() -> None:
    """Put the step that the slider came to rest at into the address."""
    caution = perhaps(number, said(KEY, "caution"))
    if caution is not None:
        st.query_params["caution"] = str(int(caution))
