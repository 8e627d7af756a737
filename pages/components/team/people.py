"""The parts of the Team page: who am I, the people, their pace and how far they agree."""

from urllib.parse import urlencode

import streamlit as st

from anomaly_core.agreement import Agreement
from anomaly_core.errors import RingfenceError
from pages.components.glossary import word
from pages.components.table import NUMBER, TYPED, table
from pages.components.text import literal, percent
from state.quality.pace import COMPARED, LATEST, Pace, TeamWork
from state.session import Session
from state.settings import Identity
from state.store.people import ONLY_OWNERS, Annotator
from state.store.schema import LONGEST_NAME, Role

ROLES = list(Role)
MAY = {
    Role.OWNER: "owner: answers, settles, manages",
    Role.ANNOTATOR: "annotator: answers",
    Role.VIEWER: "viewer: only looks",
}
KNOWN_BY = {
    Identity.PROXY: "the proxy in front of Ringfence says so",
    Identity.OIDC: "your login says so",
}
OPEN_TO_ALL = (
    "Whoever reaches this server may answer under any name, an owner's too. Let a proxy or a login "
    "say who is there: docs/team.md."
)
RULES_ELSEWHERE = (
    "The settings of the server say so, and as what somebody first comes. From then on an owner "
    "says here what they may do."
)
NONE = "–"
FIGURES = {
    "Who": TYPED,
    "Answers": NUMBER,
    "Labels": NUMBER,
    "Median time per answer": NUMBER,
    "Answers per minute": NUMBER,
    "Prediction shown": NUMBER,
    "Same when asked again": NUMBER,
}
PAIRS = {
    "Who": TYPED,
    "and who": TYPED,
    "Images both labeled": NUMBER,
    "Same label": NUMBER,
    "Cohen's kappa": NUMBER,
}


def named(person: Annotator) -> str:
    """A person in a list to choose from."""
    return f"{person.name} · {person.role}" + ("" if person.active else " · not active")


def who_am_i(tab: Session) -> None:
    """Say who is there and how that is known, or let the person in front of the screen say it."""
    me = tab.annotator()
    if said := KNOWN_BY.get(tab.identity):
        st.markdown(f"You are **{literal(me.name)}**, {me.role}; {said}.")
        return
    if tab.projects.settings.open_to_all:
        st.warning(OPEN_TO_ALL, icon=":material/lock_open:")
    people = {one.id: one for one in tab.projects.store.people.all() if one.active}
    chosen = st.selectbox(
        "Answer as",
        list(people),
        index=list(people).index(me.id) if me.id in people else None,
        format_func=lambda key: named(people[key]),
        help="Names are trusted, not checked: choose your own.",
    )
    if chosen is not None and chosen != me.id:
        tab.become(chosen)
        st.rerun()


def link(project_id: int, person: Annotator) -> None:
    """Show the address under which a person answers."""
    home = (st.context.url or "").rstrip("/").removesuffix("/team")
    st.caption(
        "Whoever opens this address answers under this name. How a team reaches the server from "
        "other machines is said in docs/team.md."
    )
    query = urlencode({"project": project_id, "annotator": person.id})
    st.code(f"{home}/?{query}", language=None, wrap_lines=True)


def change(tab: Session, people: list[Annotator]) -> None:
    """Choose a person, hand out the link, change what the person may do."""
    known = {one.id: one for one in people}
    chosen = st.selectbox(
        "Person",
        list(known),
        index=len(known) - 1,
        format_func=lambda key: named(known[key]),
        key=f"person-of-{len(known)}",  # whoever has just been added is chosen
    )
    person = known[chosen]
    if tab.identity is Identity.OPEN:
        link(tab.project().id, person)
    if not tab.annotator().may_manage:
        st.caption(literal(ONLY_OWNERS))
        return
    with st.form(f"change-{person.id}-{person.role}-{person.active}", border=False):
        role = st.selectbox(
            "Role", ROLES, index=ROLES.index(person.role), format_func=MAY.__getitem__
        )
        active = st.checkbox(
            "Active",
            person.active,
            help="Who is not active cannot answer any more; the answers stay.",
        )
        if st.form_submit_button("Change"):
            me = tab.annotator()
            tab.projects.store.people.change(person.id, role=role, active=active, who=me)
            tab.notice = f"{person.name} is {role} now" + ("." if active else ", and not active.")
            st.rerun()


def add(tab: Session) -> None:
    """Let an owner add somebody, or say how they come in."""
    if tab.identity is not Identity.OPEN:
        st.subheader("Who may come in")
        st.caption(RULES_ELSEWHERE)
        return
    st.subheader("Add a person")
    if not tab.annotator().may_manage:
        return
    with st.form("add-person", clear_on_submit=True):
        name = st.text_input("Name", max_chars=LONGEST_NAME)
        role = st.selectbox("Role", ROLES, index=1, format_func=MAY.__getitem__)
        if not st.form_submit_button("Add person"):
            return
    store = tab.projects.store
    known = {one.name for one in store.people.all()}
    try:
        person = store.people.add(name, role, tab.annotator())
    except RingfenceError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    there = person.name in known
    tab.notice = f"{person.name} is in the team already." if there else f"{person.name} is in."
    st.rerun()


def pace(work: TeamWork) -> None:
    """Show everyone's figures."""
    if not work.paces:
        st.caption("Nobody has answered in this project yet.")
        return
    table("Pace", FIGURES, [pace_row(one) for one in work.paces])
    st.caption(
        "The time of an answer runs from when the image appears to the key. It and the answers per "
        f"minute are those of each person's newest {LATEST:,} answers. “Same when asked again” "
        "leaves out what was answered with the model's prediction on screen."
    )


def pace_row(one: Pace) -> tuple[str, ...]:
    """One person's figures as text."""
    again = one.consistency
    return (
        one.person.name,
        f"{one.answers:,}",
        f"{one.labels:,}",
        NONE if one.seconds is None else f"{one.seconds:.1f} s",
        NONE if one.per_minute is None else f"{one.per_minute:.0f}",
        NONE if one.prediction_shown is None else percent(one.prediction_shown, 0),
        NONE
        if again.share is None
        else f"{percent(again.share, 0)} ({again.same:,} of {again.repeats:,})",
    )


def agreement(work: TeamWork) -> None:
    """Show how far every pair agrees, and all together."""
    found, raters = work.agreement, work.raters
    if len(raters) < 2:
        st.caption("One person alone cannot disagree; set an overlap of 2 or more for a project.")
        return
    rows = [
        (
            raters[pair.first].name,
            raters[pair.second].name,
            f"{pair.items:,}",
            f"{pair.same:,}",
            "too few yet" if pair.kappa is None else f"{pair.kappa:.2f}",
        )
        for pair in found.pairs
    ]
    table("Agreement", PAIRS, rows)
    st.markdown(together(found), help=word("Cohen's kappa", "Krippendorff's alpha"))
    st.caption(
        "1 is perfect agreement and 0 what chance would give. To tell, images of both kinds must "
        "have been labeled by two people. An answer changed on Review counts as it was before. At "
        f"most the newest {COMPARED:,} images that several people labeled count."
    )


def together(found: Agreement) -> str:
    """Put Krippendorff's alpha into a sentence."""
    alpha = "too few answers yet" if found.alpha is None else f"{found.alpha:.2f}"
    return (
        f"Krippendorff's alpha of all: **{alpha}**, from {found.labels:,} labels of "
        f"{found.items:,} images that two or more people labeled."
    )
