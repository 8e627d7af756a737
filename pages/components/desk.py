"""The Label page with plain buttons: the card, its buttons, the map beside it."""

import uuid

import numpy as np
import streamlit as st

from anomaly_core.errors import RingfenceError
from pages.components import images
from pages.components.hypersphere import hypersphere
from pages.components.text import literal
from pages.components.theme import CONFIG
from state.labeling import payload as delivery
from state.labeling.desk import Desk, Proposal, Shown
from state.labeling.proposals import Handout
from state.session import Session
from state.store.schema import Answer

ANSWERS = (
    ("Normal", Answer.NORMAL),
    ("Anomalous", Answer.ANOMALOUS),
    ("Unsure", Answer.UNSURE),
    ("Skip", None),
)
TOO_FAST = "That key came before the image did, so it did not count; press it again."
LARGE, SMALL = 308, 140  # CSS pixels: 11 and 5 times 28


def plain(tab: Session) -> None:
    """Draw the whole desk with Streamlit's own buttons, for where the keyboard desk cannot run."""
    desk = tab.desk()
    held = tab.shown.item if tab.shown else None
    handout = Handout(desk, tab.client, held)
    tab.shown = desk.show(tab.shown, [one for one in handout.items if one != handout.repeat])
    left, right = st.container(key="wide-desk").columns([6, 5], gap="large")
    with left:
        guidelines(desk)
        if tab.shown is None:
            nothing_to_ask(desk)
        else:
            card(desk, tab.shown)
        buttons(tab, desk)
        if tab.shown is not None:
            why(desk, tab.shown)
    with right:
        sphere(desk, tab.shown)


def guidelines(desk: Desk) -> None:
    """Say what counts as normal in this project."""
    st.markdown(literal(desk.project.guidelines) or "Normal or anomalous?")


def card(desk: Desk, shown: Shown) -> None:
    """Show the image and its reconstruction."""
    if desk.gallery is None:
        return
    pool = desk.gallery.of_project("pool")
    reconstructions = desk.gallery.of_project("reconstructions")
    st.html(
        images.row(
            [
                images.figure(
                    pool[shown.item],
                    LARGE,
                    f"Item {shown.item:,}",
                    f"Item {shown.item} of the pool",
                ),
                images.figure(
                    reconstructions[shown.item],
                    SMALL,
                    "Reconstruction",
                    f"Reconstruction of item {shown.item}",
                    note="by the pretraining autoencoder",
                ),
            ]
        )
    )


def why(desk: Desk, shown: Shown) -> None:
    """Say in two lines where the item lies and why it is asked."""
    if (proposal := desk.proposal(shown.item)) is not None:
        st.markdown(sentence(desk, shown, proposal))


def sentence(desk: Desk, shown: Shown, proposal: Proposal) -> str:
    """Put score, radius, strategy and utility into words."""
    side = "outside" if proposal.outside else "inside"
    return (
        f"Distance **{proposal.distance:.3f}** from the center, radius R **{proposal.R:.3f}**: "
        f"**{side}** the sphere (score {proposal.score:.4g}).  \n"
        f":gray[{reason(desk, shown, proposal)}]"
    )


def reason(desk: Desk, shown: Shown, proposal: Proposal) -> str:
    """Say which strategy asked, and why; an image outlasts the model that proposed it."""
    if shown.strategy is None:
        return "Here again because its answer was taken back."
    place = f"model {shown.version}"
    if desk.model and shown.version == desk.model.version and proposal.rank is not None:
        place = f"{proposal.rank:,} of {len(desk.queue):,} in line"
    usefulness = "" if shown.utility is None else f"utility {shown.utility:.3g}, "
    return f"Asked because {proposal.reason} ({literal(shown.strategy)}, {usefulness}{place})."


def buttons(tab: Session, desk: Desk) -> None:
    """Draw the five buttons."""
    shown = tab.shown
    upper, lower = st.columns(2), st.columns([4, 4, 5])
    for column, (label, answer) in zip((*upper, *lower[:2]), ANSWERS, strict=True):
        column.button(
            label,
            # A button of its own for every image: a press on the one that is still on screen while
            # the next is on its way must not become an answer to an image nobody has seen.
            key=f"answer-{label.lower()}-{shown.token if shown else 'none'}",
            type="primary" if column in upper else "secondary",
            width="stretch",
            disabled=shown is None,
            on_click=give,
            args=(tab, desk.project.id, shown, answer),
        )
    lower[2].button(
        "Undo",
        key=f"undo-{shown.token if shown else 'none'}",
        width="stretch",
        on_click=take_back,
        args=(tab, desk.project.id, shown, str(uuid.uuid4())),
    )


def give(tab: Session, project_id: int, shown: Shown, answer: Answer | None) -> None:
    """Commit an answer or a skip before anything is drawn."""
    try:
        desk = tab.desk_of(project_id)
        if tab.shown != shown:
            return  # a second press for an image that has its answer
        if desk.too_fast(shown):
            tab.notice = TOO_FAST
            return
        desk.skip(shown) if answer is None else desk.answer(shown, answer)
    except RingfenceError as error:
        tab.notice = str(error)
    if tab.shown == shown:
        tab.shown = None


def take_back(tab: Session, project_id: int, shown: Shown | None, token: str) -> None:
    """Undo the newest answer and put its image back on the desk."""
    try:
        desk = tab.desk_of(project_id)
        if tab.shown != shown:
            return
        if shown is not None and desk.too_fast(shown):
            tab.notice = TOO_FAST
            return
        receipt = desk.undo(token)
    except RingfenceError as error:
        tab.notice = str(error)
        return
    if receipt.undone is not None and not receipt.repeated:
        word = receipt.undone.answer or receipt.undone.kind
        tab.notice = f"Took back {word} for item {receipt.undone.item:,}; here it is again."
        tab.shown = desk.put(receipt.undone.item)


def sphere(desk: Desk, shown: Shown | None) -> None:
    """Draw the hypersphere as the model in use sees the pool."""
    if desk.gallery is None:
        return
    y = np.zeros(len(desk.gallery.of_project("pool")), np.int64)
    labels = desk.labels
    y[labels.items] = labels.y
    figure = hypersphere(
        desk.gallery.of_model("map"),
        desk.gallery.R,
        y,
        desk.queue[: desk.project.batch_size],
        shown.item if shown else None,
    )
    alt = "The pool round the center of the hypersphere; what will be asked next is marked."
    st.plotly_chart(figure, key="sphere", config=CONFIG, width="stretch", alt=alt)
    st.caption(
        "Distance from the middle is the true distance to the center; "
        "the angle shows the first two principal directions."
    )


def nothing_to_ask(desk: Desk) -> None:
    """Say why no image is on the desk, and what to do."""
    if desk.model is not None and desk.project.remaining == 0:
        st.success(
            f"All {desk.project.budget:,} labels are bought. See what they brought on *Overview*, "
            "or take the last one back with Undo."
        )
    else:
        st.info(delivery.nothing_to_ask(desk))
