"""The part of Team for owners: who did what, who is here, what is at work, and the disk."""

import time
from urllib.parse import urlencode

import streamlit as st

from pages.components.table import NUMBER, SHORT, TYPED, table, when
from pages.components.team.changes import CHANGES
from pages.components.text import in_a_sentence, literal
from state.session import Session
from state.store.audit_log import ALL_DEEDS, LONGEST_SEARCH, Deed, DeedsWanted
from state.upkeep.backup import amount
from state.upkeep.panel import DEEDS_A_PAGE, Panel, PersonHere, WorkerNow

NONE = "–"
FEW = 6  # deeds that are shown without scrolling
LOG = {"When": SHORT, "Who": TYPED, "What": TYPED, "Project": NUMBER, "About": TYPED, "Why": TYPED}
PEOPLE = {"Who": TYPED, "Role": SHORT, "Images on screen": SHORT, "Last answer": SHORT}
WORKERS = {"What": SHORT, "Project": TYPED, "Does": TYPED, "Since": SHORT, "Memory": NUMBER}
DISK = {"What": TYPED, "Takes": NUMBER}
NO_BACKUP = "No backup yet: run `ringfence backup FILE` on the machine of the server."


def owners(tab: Session) -> None:
    """Show it to an owner; others see nothing of it."""
    me = tab.annotator()
    if not me.may_manage:
        return
    panel = Panel(tab.projects.store, tab.projects.settings, me)
    st.subheader("For owners")
    log, now, disk = st.tabs(["What was changed", "Who and what is here", "Disk and backup"])
    with log:
        in_a_sentence(what_was_changed)(panel)
    with now:
        in_a_sentence(who_is_here)(panel)
    with disk:
        in_a_sentence(disk_and_backup)(panel)


def what_was_changed(panel: Panel) -> None:
    """Show the deeds, a page at a time, or those of them that are searched for."""
    wanted = what_is_wanted(panel)
    count = panel.count(wanted)
    if not count:
        st.caption("Nothing was changed yet." if wanted == ALL_DEEDS else "Nothing of the kind.")
        return
    pages = -(-count // DEEDS_A_PAGE)
    page = st.pagination(pages, key=f"log-{wanted}") if pages > 1 else 1
    rows = [
        (
            when(one.at),
            one.who,
            one.what,
            NONE if one.project is None else str(one.project),
            one.subject,
            one.reason,
        )
        for one in panel.deeds(wanted, page)
    ]
    with st.container(height=420 if len(rows) > FEW else "content", border=False):
        table("What was changed", LOG, rows)
    said = "1 change" if count == 1 else f"{count:,} changes"
    address = f"{CHANGES}?{urlencode({'ticket': panel.ticket(wanted)})}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{said}, the newest first; answers have a history of their own.")
        st.link_button("As CSV", address, help="All of these, not only what is shown here.")


def what_is_wanted(panel: Panel) -> DeedsWanted:
    """Let a person say which deeds to show."""
    search, person, kind = st.columns([3, 2, 3])
    containing = search.text_input("Search", max_chars=LONGEST_SEARCH, key="search-log")
    names = panel.who_there_is()
    by = person.selectbox(
        "Who", names, None, lambda one: names.get(one, NONE), key="log-by", placeholder="Anybody"
    )
    what = kind.selectbox("What", [*Deed], None, key="log-what", placeholder="Anything")
    return DeedsWanted(containing, by, what)


def who_is_here(panel: Panel) -> None:
    """Show who is at work, and the processes."""
    people = panel.here()
    if people:
        table("Who is here", PEOPLE, [person_row(one) for one in people])
    else:
        st.caption("Nobody has answered in the last ten minutes or has images before them.")
    workers = panel.workers()
    if workers:
        table("Processes", WORKERS, [worker_row(one) for one in workers])
    else:
        st.caption("No process is at work.")


def person_row(one: PersonHere) -> tuple[str, ...]:
    """Somebody as text."""
    ago = NONE if one.answered_at is None else since(one.answered_at)
    return one.person.name, one.person.role, "yes" if one.has_images else "no", ago


def since(at: float) -> str:
    """How long ago something was, roughly."""
    minutes = int(max(0.0, time.time() - at) // 60)
    return "just now" if not minutes else f"{minutes} min ago"


def worker_row(one: WorkerNow) -> tuple[str, ...]:
    """A process as text."""
    memory = NONE if one.memory is None else f"{one.memory / 1e6:,.0f} MB"
    return one.card.kind, one.about or NONE, one.doing, when(one.card.since), memory


def disk_and_backup(panel: Panel) -> None:
    """Show the last backup and what is free; what is used where somebody asks for it."""
    last = panel.last_backup
    if last is None:
        st.info(NO_BACKUP, icon=":material/info:")
    else:
        st.markdown(f"The last backup is of {when(last.at)}: {literal(last.subject)}.")
    st.markdown(f"{amount(panel.free)} are free.")
    if st.button("Show what takes space", help="Looks at every file, which may take a while."):
        table("Disk", DISK, [(one.name, amount(one.size)) for one in panel.disk()])
