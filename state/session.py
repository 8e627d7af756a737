"""What one browser tab remembers: the only place that knows Streamlit's session.

Everything that matters is in the store and the URL; losing a session loses nothing but the place.
"""

import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from anomaly_core.errors import RingfenceError
from state.labeling.desk import Desk
from state.labeling.inbox import Intake, take_in
from state.labeling.payload import Sent
from state.projects.projects import Projects
from state.settings import load_settings
from state.store.people import Annotator
from state.store.projects import Project
from state.store.store import Store

KEY = "ringfence"


@st.cache_resource(show_spinner=False)
def open_projects() -> Projects:
    """Open the store once per server; raises `RingfenceError` when it cannot be opened."""
    settings = load_settings()
    return Projects(Store.open(settings), settings)


def get_ready() -> None:
    """Have the first project prepared before anybody opens a page; a page tells what is wrong."""
    with suppress(RingfenceError):
        projects = open_projects()
        projects.shelf.tidy()
        projects.tend(projects.first().id)


@dataclass
class Session:
    """The typed content of one tab's session."""

    project_id: int | None = None
    annotator_id: int | None = None
    heeded: set[str] = field(default_factory=set)  # parts of the URL that were read
    client: str = field(default_factory=lambda: str(uuid.uuid4()))  # leases items for this tab
    notice: str | None = None  # one sentence to show at the next run
    intake: Intake = field(default_factory=Intake)  # what became of the answers sent last
    sent: Sent = field(default_factory=Sent)  # what the desk on screen has
    troubles: tuple[int | None, int | None] = (None, None)  # that the page on screen tells of
    opened_at: str | None = None  # the page that the tab came to first
    watching: int | None = None  # the job that the page on screen follows

    @property
    def projects(self) -> Projects:
        """The use-cases, shared by all sessions of this server."""
        return open_projects()

    def project(self) -> Project:
        """The project this tab works on: the URL's, else the one from before, else the first."""
        wanted = self._asked_for("project")
        known = {project.id: project for project in self.projects.store.projects.all()}
        chosen = known.get(int(wanted)) if wanted and wanted.isdecimal() else None
        if wanted and chosen is None:
            self.notice = f"There is no project {wanted[:20]!r}; this is another one."
        chosen = chosen or known.get(self.project_id or 0) or self.projects.first()
        self.choose(chosen.id)
        return chosen

    def _asked_for(self, name: str) -> str | None:
        """What the URL said when the tab was opened; told once, so that a choice made since stands.

        The pump writes the choice into the URL. Were it written here, every page would leave
        several entries in the browser's history.
        """
        if name in self.heeded:
            return None
        self.heeded.add(name)
        return st.query_params.get(name)

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

    def annotator(self) -> Annotator:
        """Who answers in this tab: the URL's, else the one from before, else the server's own."""
        store = self.projects.store
        wanted = self._asked_for("annotator")
        chosen = int(wanted) if wanted and wanted.isdecimal() else self.annotator_id
        known = {person.id: person for person in store.people.all()}
        person = known.get(chosen or 0) or store.people.ensure(self.projects.settings.annotator)
        if wanted and person.id != chosen:
            self.notice = f"There is no annotator {wanted[:20]!r}; you answer as {person.name}."
        self.become(person.id)
        return person

    def become(self, annotator_id: int) -> None:
        """Answer under another name from now on."""
        self.annotator_id = annotator_id

    def take_in(self, outbox: Any) -> None:
        """Store the answers that this tab has sent, once for each sending.

        Raises `RingfenceError` when they cannot be stored; the tab sends them again.
        """
        if not isinstance(outbox, Mapping) or outbox.get("number") == self.intake.number:
            return
        news = self.intake.news  # of a run that was cut short before it could act on it
        intake = take_in(self.projects.store, str(outbox.get("number")), outbox.get("events") or [])
        self.intake = replace(intake, news=intake.news or news)

    def take_notice(self) -> str | None:
        """Return the sentence to show, once."""
        notice, self.notice = self.notice, None
        return notice


def current() -> Session:
    """Return this tab's session, new at its first run."""
    if KEY not in st.session_state:
        st.session_state[KEY] = Session()
    session: Session = st.session_state[KEY]
    return session
