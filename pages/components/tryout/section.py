"""Try it yourself, as a section of a page."""

from dataclasses import dataclass

import streamlit as st

from anomaly_core.errors import RingfenceError
from pages.components.text import in_a_sentence, literal
from pages.components.tryout.answer import answer, waiting_for_an_image
from pages.components.tryout.source import image_to_try
from state.explore.drawing import Picture
from state.explore.tried import try_image
from state.files.gallery import Gallery
from state.labeling.desk import Desk
from state.session import Session

POLL_SECONDS = 0.7  # while the process that scores is being started
WARMING_UP = (
    "Warming up: a process of its own loads what it needs to score images, which takes some "
    "seconds. The answer comes by itself."
)


@dataclass(frozen=True)
class Bench:
    """What the section has to work with. `waiting`: the process that scores is being started."""

    tab: Session
    desk: Desk
    gallery: Gallery
    threshold: float
    waiting: bool


def try_it(tab: Session, gallery: Gallery, threshold: float) -> None:
    """Let a person try an image on a model version; beyond the `threshold`, a score, it is odd."""
    st.subheader("Try it yourself")
    waiting = not tab.projects.scoring.ready
    bench = Bench(tab, tab.desk(), gallery, threshold, waiting)
    st.fragment(draw, run_every=POLL_SECONDS if waiting else None)(bench)


def draw(bench: Bench) -> None:
    """Draw what is tried beside the answer."""
    left, right = st.container(key="wide-try").columns([4, 7], gap="large")
    with left:
        image = chosen(bench.gallery)
    with right:
        judge(bench, image)


def chosen(gallery: Gallery) -> Picture | None:
    """Let a person make or choose an image; `None` while there is none that can be used."""
    try:
        return image_to_try(gallery)
    except RingfenceError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return None


@in_a_sentence
def judge(bench: Bench, image: Picture | None) -> None:
    """Score the image and show the answer, or say what it waits for."""
    scoring = bench.tab.projects.scoring
    ready = scoring.warm_up()
    if ready == bench.waiting:
        st.rerun()  # to begin or to end looking every moment
    if not ready:
        st.info(WARMING_UP, icon=":material/hourglass_top:")
    if image is None:
        waiting_for_an_image(bench.gallery, bench.threshold)
    elif ready:
        answer(try_image(scoring, bench.gallery, image, bench.threshold), bench.desk.newest_labels)
