"""What one browser tab remembers: the only place that knows Streamlit's session.

Everything that matters is in the store and the URL; losing a session loses nothing but the place.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import streamlit as st

from anomaly_core.errors import RingfenceError
from state.errors import NotAllowed
from state.files.kinship import settle
from state.heard import counted, mapping, name, parameter, perhaps
from state.identity.arrival import admit
from state.labeling.desk import Desk
from state.labeling.inbox import Intake, take_in
from state.labeling.payload import Sent
from state.projects.projects import Projects
from state.settings import Identity, load_settings
from state.store.people import Annotator
from state.store.projects import Project
from state.store.schema import Role
from state.store.store import Store
from state.workers.processes.watch import serving

KEY = "ringfence"
LOOKED_AT = 3  # newest projects whose histories are read before anybody comes
T = TypeVar("T")


@st.cache_resource(show_spinner=False)
def open_projects() -> Projects:
    """Open the store once per server; raises `RingfenceError` when it cannot be opened."""
    settings = load_settings()
    return Projects(Store.open(settings), settings)


@st.cache_resource(show_spinner=False)
def strangers(data_dir: Path, _store: Store) -> str:
    """Why a database and the files do not belong together, found once per server; or nothing."""
    return settle(_store)


@contextmanager
def on_duty() -> Iterator[None]:
    """Be known as the server for as long as it runs; pages tell why where that cannot be."""
    with ExitStack() as stack:
        with suppress(RingfenceError):
            stack.enter_context(serving(load_settings().data_dir))
        yield


def get_ready() -> None:
    """Have the first project prepared before anybody opens a page; a page tells what is wrong.

    Of long histories it is the first look that takes time, so some are looked at.
    """
    with suppress(RingfenceError):
        projects = open_projects()
        if strangers(projects.settings.data_dir, projects.store):
            return  # what this database no longer wants may be another's
        projects.shelf.tidy()
        projects.tend(projects.first().id)
        known = projects.store.projects.all()
        for project in [one for one in known if one.archived_at is None][-LOOKED_AT:]:
            projects.store.events.history(project.id)


@dataclass
class Session:
    """The typed content of one tab's session."""

    project_id: int | None = None
    annotator_id: int | None = None
    acted_as: set[int] = field(default_factory=set)  # whose answers this tab may still send
    heeded: set[str] = field(default_factory=set)  # parts of the URL that were read
    client: str = field(default_factory=lambda: str(uuid.uuid4()))  # leases items for this tab
    notice: str | None = None  # one sentence to show at the next run
    intake: Intake = field(default_factory=Intake)  # what became of the answers sent last
    sent: Sent = field(default_factory=Sent)  # what the desk on screen has
    troubles: tuple[int | None, int | None] = (None, None)  # that the page on screen tells of
    opened_at: str | None = None  # the page that the tab came to first
    watching: int | None = None  # the job that the page on screen follows
    known_as: int | None = None  # whom the server knew to be there last

    @property
    def projects(self) -> Projects:
        """The use-cases, shared by all sessions of this server."""
        return open_projects()

    @property
    def strangers(self) -> str:
        """Why the database and the files do not belong together; empty where they do."""
        return strangers(self.projects.settings.data_dir, self.projects.store)

    def project(self) -> Project:
        """The project this tab works on: the URL's, else the one from before, else the first."""
        asked = self._is_asked("project")
        known = {project.id: project for project in self.projects.store.projects.all()}
        chosen = known.get(address("project", counted) or 0) if asked else None
        if asked and chosen is None:
            self.notice = "There is no project as the address says; this is another one."
        chosen = chosen or known.get(self.project_id or 0) or self.projects.first()
        self.choose(chosen.id)
        return chosen

    def _is_asked(self, name: str) -> bool:
        """Whether the URL said something when the tab was opened.

        Told once, so that a choice made since stands. The pump writes the choice into the URL. Were
        it written here, every page would leave several entries in the browser's history.
        """
        if name in self.heeded:
            return False
        self.heeded.add(name)
        return bool(st.query_params.get(name))

    def choose(self, project_id: int) -> None:
        """Work on another project from now on."""
        if project_id != self.project_id:
            self.project_id, self.watching = project_id, None

    def desk(self) -> Desk:
        """The desk at the chosen project, as it stands now."""
        return self.desk_of(self.project().id)

    def desk_of(self, project_id: int) -> Desk:
        """The desk of this tab's annotator at a project, as it stands now."""
        projects = self.projects
        return Desk(projects.store, projects.settings, project_id, self.annotator())

    @property
    def identity(self) -> Identity:
        """How this server knows who answers."""
        return self.projects.settings.identity

    def annotator(self) -> Annotator:
        """Who answers in this tab, the one function that says so.

        Where names are trusted it is the URL's, else the one from before, else the server's own;
        else it is who the server knows to be there, whatever the browser says. Raises NotLoggedIn
        and NotLetIn.
        """
        store, settings = self.projects.store, self.projects.settings
        if self.identity is not Identity.OPEN:
            admitted = admit(store, settings, st.user.to_dict())
            self.known_as = admitted.id
            return admitted
        asked = self._is_asked("annotator")
        chosen = address("annotator", counted) if asked else self.annotator_id
        known = {person.id: person for person in store.people.all()}
        person = known.get(chosen or 0) or store.people.arrive(settings.annotator, Role.OWNER)
        if asked and person.id != chosen:
            self.notice = f"There is no annotator as the address says; you answer as {person.name}."
        self.become(person.id)
        return person

    @property
    def is_welcome(self) -> bool:
        """Whether whoever was let in is active still; asked outside of the tab's own runs."""
        people = self.projects.store.people.all()
        return self.identity is Identity.OPEN or any(
            one.active for one in people if one.id == self.known_as
        )

    def become(self, annotator_id: int) -> None:
        """Answer under another name from now on; raises NotAllowed where the server knows it."""
        if self.identity is not Identity.OPEN:
            raise NotAllowed("You answer under your own name here; let the other person log in.")
        self.annotator_id = annotator_id
        self.acted_as.add(annotator_id)

    def take_in(self, outbox: Any) -> None:
        """Store the answers that this tab has sent, once for each sending.

        Raises `RingfenceError` when they cannot be stored; the tab sends them again.
        """
        sent = mapping(outbox)
        sending = perhaps(name, sent.get("number"))
        events = sent.get("events")
        if sending is None or not isinstance(events, list) or sending == self.intake.number:
            return
        mine = {self.annotator().id} | self.acted_as
        news = self.intake.news  # of a run that was cut short before it could act on it
        intake = take_in(self.projects.store, sending, events, mine)
        self.intake = replace(intake, news=intake.news or news)

    def take_notice(self) -> str | None:
        """Return the sentence to show, once."""
        notice, self.notice = self.notice, None
        return notice


def address(name: str, read: Callable[[str], T]) -> T | None:
    """What the address says of a parameter; `None` where it says nothing that `read` understands.

    The one way to read an address: it cannot raise, whatever the address holds.
    """
    return parameter(st.query_params.get(name), read)


def current() -> Session:
    """Return this tab's session, new at its first run."""
    if KEY not in st.session_state:
        st.session_state[KEY] = Session()
    session: Session = st.session_state[KEY]
    return session
