"""What can be done with a version: let it serve, name it as production, take it away."""

from collections.abc import Callable

import streamlit as st

from anomaly_core.errors import RingfenceError
from pages.components.text import in_a_sentence
from state.files.versions import damage
from state.heard import counted
from state.session import Session, address
from state.store.people import Annotator
from state.store.promotions import LONGEST_REASON, OWNERS_ONLY
from state.versions.lineage import Lineage

CHOSEN = "model"
Use = Callable[[int, Annotator, str], str]


@in_a_sentence
def use(tab: Session, lineage: Lineage) -> None:
    """Let a person choose a version, and what becomes of it."""
    version = choose(lineage)
    serving = lineage.serving.version if lineage.serving else version
    me = tab.annotator()
    owner = me.may_manage
    whole = lineage.whole(version)
    # Of its own for every choice, so that it closes once the choice is made.
    place = f"{version}-{serving}-{len(lineage.promotions)}"
    with st.container(horizontal=True, gap="small"):
        label = f"Roll back to model {version}" if version < serving else f"Use model {version}"
        disabled = version == serving or not owner
        with st.popover(label, disabled=disabled, icon=":material/history:", key=f"back-{place}"):
            confirm_roll_back(tab, lineage, version, place)
        label = f"Name model {version} as production"
        with st.popover(label, disabled=not owner, icon=":material/star:", key=f"name-{place}"):
            confirm_production(tab, lineage, version, place)
        st.download_button(
            f"Download model {version}",
            lambda: lineage.bundle(version, me),
            file_name=f"ringfence-{lineage.project.id}-model-{version}.zip",
            mime="application/zip",
            key=f"download-{version}",
            disabled=not whole or not owner,
            on_click="ignore",
            icon=":material/download:",
            help="Weights, scores, labels and figures in one zip file, with a note on how to load "
            "it without the app.",
        )
    if not whole:
        st.warning(damage(version))
    if version == serving:
        st.caption(f"Model {version} is in use. {lineage.next_round(version)}")
    if not owner:
        st.caption(OWNERS_ONLY)


def choose(lineage: Lineage) -> int:
    """Let a person choose a version; the address wins, then the one that serves."""
    versions = [model.version for model in reversed(lineage.models)]
    serving = lineage.serving.version if lineage.serving else versions[0]
    wanted = address(CHOSEN, counted)
    key = f"{CHOSEN}-{lineage.project.id}"
    chosen: int = st.selectbox(
        "Version",
        versions,
        index=versions.index(wanted if wanted in versions else serving),
        key=key,
        on_change=remember,
        args=(key,),
        width=160,
    )
    return chosen


def remember(key: str) -> None:
    """Put the chosen version into the address."""
    st.query_params[CHOSEN] = str(st.session_state[key])


def confirm_roll_back(tab: Session, lineage: Lineage, version: int, place: str) -> None:
    """Say what happens when a version serves, and ask whether it shall."""
    st.markdown(
        f"From then on the desk shows the scores and proposals of model {version}. No other "
        "version and no answer is lost."
    )
    st.markdown(f"{lineage.next_round(version)} Rolling back by itself begins no round.")
    reason = f"why-{place}"
    st.text_input("Why, if you like", key=reason, max_chars=LONGEST_REASON)
    st.button(
        f"Yes, use model {version}",
        key=f"really-back-{place}",
        type="primary",
        on_click=act,
        args=(tab, lineage.roll_back, version, reason),
    )


def confirm_production(tab: Session, lineage: Lineage, version: int, place: str) -> None:
    """Ask why a version is to be the one in production."""
    st.markdown(
        "This says to everybody which version to use outside of Ringfence. It changes nothing at "
        "the desk; the choices before stay on record."
    )
    reason = f"reason-{place}"
    st.text_input("Why this one", key=reason, max_chars=LONGEST_REASON)
    st.button(
        f"Yes, model {version} is for production",
        key=f"really-name-{place}",
        type="primary",
        on_click=act,
        args=(tab, lineage.name_production, version, reason),
    )


def act(tab: Session, choice: Use, version: int, reason: str) -> None:
    """Commit a choice before anything is drawn; `reason` is the key of the field that says why."""
    try:
        tab.notice = choice(version, tab.annotator(), st.session_state.get(reason, ""))
    except RingfenceError as error:
        tab.notice = str(error)
