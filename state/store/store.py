"""The label store: open it, and whether it is in order.

Each part of it has a file of its own beside this one; `Store` joins them into the one object that
pages and trainers hold.
"""

import time
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import Self

from sqlalchemy import Engine, select

from state.settings import Settings
from state.store.audit_log import AuditLog
from state.store.batches import ImageBatches
from state.store.database import LeaseClock, connect, lease_time, parse_url, reading
from state.store.events import EventLog
from state.store.history import Event, standing
from state.store.incremental.history import History
from state.store.leases import ItemLeases, Priorities
from state.store.migrations import upgrade
from state.store.migrations.sqlite_file import ensure_sound, file_problems
from state.store.models import Models
from state.store.people import People
from state.store.projects import Project, ProjectBook, project_of
from state.store.promotions import Promotions
from state.store.schema import event, project
from state.store.work import Work


class Store:
    """Everything that must survive, safe to share between threads; see the module docstring."""

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        clock: Callable[[], float],
        lease_clock: LeaseClock = lease_time,
    ) -> None:
        """Join the parts; see `Database` for the clocks."""
        self.engine = engine
        self.settings = settings
        self.clock = clock
        self.projects = ProjectBook(engine, settings, clock)
        self.batches = ImageBatches(engine, settings, clock)
        self.people = People(engine, settings, clock)
        self.audit_log = AuditLog(engine, settings, clock)
        self.events = EventLog(engine, settings, clock)
        self.leases = ItemLeases(engine, settings, clock, lease_clock)
        self.priorities = Priorities(engine, settings, clock)
        self.work = Work(engine, settings, clock, lease_clock)
        self.models = Models(engine, settings, clock)
        self.promotions = Promotions(engine, settings, clock)

    @classmethod
    def open(
        cls,
        settings: Settings,
        clock: Callable[[], float] = time.time,
        lease_clock: LeaseClock = lease_time,
    ) -> Self:
        """Open the store, creating directories, database and schema where they are missing.

        Raises StoreDamaged if the file is damaged or not ours, StoreUnavailable if it cannot be
        opened, InvalidInput if the URL makes no sense.
        """
        settings.prepare()
        given = settings.database_url
        url = parse_url(given) if given else settings.default_database
        if url.get_backend_name() == "sqlite":
            ensure_sound(Path(str(url.database)))
        store = cls(connect(url), settings, clock, lease_clock)
        try:
            upgrade(store.engine)
        except BaseException:
            store.close()
            raise
        return store

    def close(self) -> None:
        """Let go of every connection; the store must not be used again."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def integrity_problems(self) -> list[str]:
        """What is wrong with the store, one plain sentence each; empty when all is well."""
        url = self.engine.url
        on_sqlite = self.engine.dialect.name == "sqlite"
        found = file_problems(Path(str(url.database)), full=True) if on_sqlite else []
        if found:
            return [f"The database {problem}." for problem in found]
        with reading(self.engine) as connection:
            projects = [project_of(row) for row in connection.execute(select(project))]
            events = [Event._make(row) for row in connection.execute(select(event))]
        return [
            f"Project {one.name}: {problem}."
            for one in projects
            for problem in _contradictions(one, [e for e in events if e.project_id == one.id])
        ]


def _contradictions(one: Project, history: list[Event]) -> list[str]:
    answers = standing(history)
    bought = [answer for answer in answers if answer.y]
    problems = []
    if one.spent != len(bought):
        problems.append(f"{one.spent} labels were paid for but {len(bought)} stand")
    trained = len(History().after(sorted(history, key=lambda event: event.seq)).labels.items)
    if trained > one.spent:
        problems.append(f"{trained} labels are learned from but {one.spent} were paid for")
    if _most_often([event.uuid for event in history]) > 1:
        problems.append("an event is stored twice")
    if _most_often([(answer.item, answer.annotator_id) for answer in answers]) > 1:
        problems.append("an annotator has two standing answers on one item")
    if _most_often([answer.item for answer in bought]) > one.overlap:
        problems.append("an item has more labels than the overlap asks for")
    if not {event.undoes for event in history} - {None} <= {event.uuid for event in history}:
        problems.append("an undo takes back an event that is not there")
    return problems


def _most_often(values: Sequence[Hashable]) -> int:
    return max(Counter(values).values(), default=0)
