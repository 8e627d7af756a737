"""The part of a new project's form that says which network its features come from."""

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from anomaly_core.detectors.base import Family
from anomaly_core.errors import RingfenceError
from pages.components.text import literal
from state.projects.backbones import DRAWN, SUGGESTED, WITH_FEATURES, Backbones, Card, NetworkChoice
from state.projects.runs import folder_named
from state.session import Session

DOWNLOAD = "Download the weights"
ASKED = "weights-asked-for"  # the network whose weights this tab has had downloaded last
ERROR = ":material/error:"
POLL_SECONDS = 0.7


@dataclass(frozen=True)
class Typed:
    """What is filled in, whether its weights are to be downloaded, and where to tell of that."""

    name: str
    weights: str
    download: bool
    place: DeltaGenerator


def fields(family: Family) -> Typed | None:
    """Draw the choice of the network and of its weights, where a model takes features of one."""
    if family not in WITH_FEATURES:
        return None
    left, right = st.columns(2)
    name = left.selectbox(
        "Features from",
        [DRAWN, *SUGGESTED],
        format_func=lambda name: "drawn pictures (part of Ringfence)" if name == DRAWN else name,
        accept_new_options=True,
        help="The network that is part of Ringfence was trained on pictures drawn by a program. "
        "Choose or type the name of any convolutional network of torchvision; its weights have to "
        "be on this server.",
    )
    if name in (None, DRAWN):
        return Typed(DRAWN, "", False, st.empty())
    weights = right.text_input(
        "File of its weights",
        help="A path on this server, of a safetensors file or a state dict. Leave it empty for "
        "those that torchvision publishes, once they are downloaded.",
    )
    download = st.button(DOWNLOAD, icon=":material/download:")
    return Typed(name, weights, download, st.empty())


def chosen(typed: Typed | None) -> NetworkChoice:
    """The network that is meant, the usual one where none was asked for; raises InvalidInput."""
    if typed is None:
        return NetworkChoice()
    weights = typed.weights.strip()
    return NetworkChoice(
        typed.name.strip(), folder_named(weights, "file").absolute() if weights else None
    )


def fetch(typed: Typed | None, tab: Session) -> None:
    """Begin the download that is asked for, and tell how far the one of this tab is."""
    if typed is None:
        return
    backbones = tab.projects.backbones
    try:
        if typed.download:
            st.session_state[ASKED] = None
            tab.projects.download_weights(chosen(typed), tab.annotator())
            st.session_state[ASKED] = typed.name.strip()
    except RingfenceError as error:
        typed.place.error(literal(str(error)), icon=ERROR)
        return
    name = st.session_state.get(ASKED) or ""
    latest = backbones.downloaded(name)
    if latest is not None:
        every = None if latest.over else POLL_SECONDS
        with typed.place.container():
            st.fragment(standing, run_every=every)(name, backbones, latest.over)


def standing(name: str, backbones: Backbones, over: bool) -> None:
    """Say how far a download is, or what came of it."""
    latest = backbones.downloaded(name)
    if latest is None:
        return
    if latest.over and not over:
        st.rerun()  # there is nothing to follow any more
    if latest.card:
        st.success(here(latest.card), icon=":material/check:")
    elif latest.trouble:
        st.error(literal(latest.trouble), icon=ERROR)
    else:
        st.progress(latest.share, literal(latest.message))


def here(card: Card) -> str:
    """Say which weights are on this server by now."""
    return (
        f"The weights of {literal(card.name)} are on this server: {literal(card.file)} "
        f"({literal(card.source)}), SHA-256 `{card.sha256}`."
    )
