"""The images behind a cell of the matrix, and a second look at one of them."""

import streamlit as st

from pages.components import images
from pages.components.component import said
from pages.components.glossary import word
from pages.components.text import percent
from pages.components.thumbnails.thumbnails import thumbnails
from pages.components.tryout.why import why
from pages.components.tune.board import wanted_cell, wanted_near
from pages.components.tune.relabel import relabel
from state.heard import counted, perhaps, whole
from state.labeling.second_look.review import word_for
from state.quality.tuning import Cell, Evidence, Tuning
from state.session import Session, address

SECRET = (
    "Which images these are is not shown, so that answers to them stay honest. An owner can look "
    "at the truth on Explore, which is recorded."
)
LOOK, FLIP = "look", "flip"  # in the address: an image of a cell, and one of two thresholds
PAGE = 48  # thumbnails at a time
NEAREST = 12
LARGE = 252  # CSS pixels: 9 times 28
NAMES = {
    Cell.CAUGHT: "Caught: anomalous and flagged",
    Cell.MISSED: "Missed: anomalous but passed",
    Cell.FALSE_ALARM: "False alarms: normal but flagged",
    Cell.PASSED: "Rightly passed: normal and not flagged",
}


def behind(tab: Session, tuning: Tuning, evidence: Evidence, threshold: float) -> None:
    """Show the images of the cell and those near the score that were clicked, and one of them."""
    if evidence.secret:
        st.caption(SECRET)
        return
    near(evidence)
    cell(evidence, threshold)
    opened = wanted_item(evidence)
    if opened is not None:
        case(tab, tuning, evidence, opened, threshold)


def far() -> None:
    """Look at no score any more."""
    st.query_params.pop("near", None)


def near(evidence: Evidence) -> None:
    """Show the images whose scores lie nearest to the one that was looked at."""
    score = wanted_near()
    if score is None:
        return
    row = st.container(horizontal=True, vertical_alignment="center")
    row.subheader(f"Images nearest to score {score:.4g}", help=word("score"))
    row.button("Close", key="near-close", on_click=far)
    key = f"near-{evidence.basis}"
    shown = evidence.nearest(score, NEAREST).tolist()
    labels = {item: f"{evidence.name(item)}, {stated(evidence, item)}" for item in shown}
    opened = wanted_item(evidence)
    thumbnails("Nearest", key, labels, evidence.images, opened, lambda: turn_to(key))
    st.caption("The nearest first. Click an image to see what it is and how it is scored.")


def cell(evidence: Evidence, threshold: float) -> None:
    """Show the images of the cell that was clicked."""
    chosen = wanted_cell()
    if chosen is None:
        return
    items = evidence.cell(chosen, threshold)
    st.subheader(
        f"{NAMES[chosen]} · {len(items):,}", help=word("threshold", "recall", "false alarm")
    )
    if not len(items):
        st.caption("There is no such image.")
        return
    pages = -(-len(items) // PAGE)
    page = st.pagination(pages, key=f"page-{chosen}") if pages > 1 else 1
    shown = items[(page - 1) * PAGE : page * PAGE].tolist()
    key = f"cell-{evidence.basis}-{chosen}"
    thumbnails(
        NAMES[chosen],
        key,
        {item: evidence.name(item) for item in shown},
        evidence.images,
        wanted_item(evidence),
        lambda: turn_to(key),
    )
    st.caption(
        "Furthest from the threshold first. Click an image, or walk with the arrow keys and press "
        "Enter."
    )


def wanted_item(evidence: Evidence, where: str = LOOK) -> int | None:
    """The item of the evidence that the address names."""
    item = address(where, counted)
    return item if item is not None and item in evidence.items else None


def turn_to(key: str, where: str = LOOK) -> None:
    """Put the image that was opened into the address, and close the one that was open."""
    item = perhaps(whole, said(key, "opened"))
    if item is not None:
        for name in (LOOK, FLIP):
            st.query_params.pop(name, None)
        st.query_params[where] = str(item)


def known(evidence: Evidence, item: int) -> tuple[float, int]:
    """The score of an item, and what it is: +1 normal, -1 anomalous."""
    at = int((evidence.items == item).argmax())
    return float(evidence.judged.scores[at]), int(evidence.judged.y[at])


def stated(evidence: Evidence, item: int) -> str:
    """What an item is and how it is scored, in words."""
    score, y = known(evidence, item)
    return f"{word_for(y)}, score {score:.4g}"


def case(tab: Session, tuning: Tuning, evidence: Evidence, item: int, threshold: float) -> None:
    """Show one image with its score and why it has it, and let a person mend its label."""
    score, y = known(evidence, item)
    truth = word_for(y)
    said = "flagged" if score > threshold else "passed"
    left, right = st.container(key="wide-look").columns([2, 5], gap="large")
    caption = evidence.name(item)
    left.html(images.figure(evidence.images[item], LARGE, caption, f"{caption}, {truth}", truth))
    right.markdown(f"**{truth}**, **{said}**: score {score:.4g}, threshold {threshold:.4g}.")
    higher = float((evidence.judged.pool_scores < score).mean())
    right.caption(
        f"{percent(higher)} of the pool score lower. "
        + ("It is one of the held-out images, which no model learns from." * (not evidence.of_pool))
    )
    if evidence.of_pool:
        with right:
            relabel(tab, item, y)
        right.page_link(
            "pages/review.py",
            label="Its history on Review",
            icon=":material/rate_review:",
            query_params={"item": str(item)},
        )
    else:
        right.caption("Its truth came with the images, so it cannot be changed.")
    with right if evidence.of_pool else st.container():
        why(tab, tuning.gallery, evidence, item, threshold, "tune")
