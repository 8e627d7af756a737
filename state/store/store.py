"""The label store: open it, say who answers and which projects there are.

Each part of it has a file of its own beside this one; `Store` joins them into the one object that
pages and trainers hold.
"""

import time
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from anomaly_core.errors import InvalidInput
from state.errors import DuplicateProject
from state.settings import Settings
from state.store import history as replay
from state.store.database import connect, parse_url, read_project
from state.store.events import EventLog
from state.store.history import Event
from state.store.jobs import JobQueue
from state.store.leases import LeaseBook
from state.store.migrations import upgrade
from state.store.models import ModelShelf
from state.store.people import Team
from state.store.priorities import WishList
from state.store.promotions import PromotionBook
from state.store.run_queue import RunQueue
from state.store.schema import LONGEST_NAME, RoundTrigger, event, project, storable
from state.store.sqlite_file import ensure_sound, file_problems


@dataclass(frozen=True, kw_only=True)
class NewProject:
    """A project to create; raises InvalidInput for values no project can have.

    `budget` counts labels to buy, `batch_size` labels per round, `overlap` labels per item;
    `pool_size` may be set later, when the pool has been built. `repeat_share` of the answers are
    asked for twice.
    """

    name: str
    scenario: dict[str, Any]
    detector: dict[str, Any]
    strategy: str
    budget: int
    batch_size: int
    overlap: int = 1
    guidelines: str = ""
    pool_size: int | None = None
    round_trigger: RoundTrigger = RoundTrigger.COUNT
    round_seconds: float = 30.0
    repeat_share: float = 0.0

    def __post_init__(self) -> None:
        if not 0 < len(self.name.strip()) <= LONGEST_NAME or not storable(self.name):
            raise InvalidInput(f"A project needs a name of up to {LONGEST_NAME} letters; give one.")
        for what in ("budget", "batch_size", "overlap"):
            if not 0 < getattr(self, what) < 2**31:
                raise InvalidInput(f"The {what.replace('_', ' ')} must be at least 1; raise it.")
        if not 1 <= self.round_seconds <= 86_400:
            raise InvalidInput("A round takes between 1 second and a day; choose a number between.")
        if not 0 <= self.repeat_share <= 0.5:
            raise InvalidInput("At most half of the answers can be asked for twice; lower it.")


@dataclass(frozen=True)
class Project:
    """A pool to be labeled and what has been settled about it. Times are epoch seconds."""

    id: int
    name: str
    scenario: dict[str, Any] = field(repr=False)
    detector: dict[str, Any] = field(repr=False)
    strategy: str
    budget: int
    spent: int
    batch_size: int
    overlap: int
    guidelines: str
    pool_size: int | None
    created_at: float
    round_trigger: RoundTrigger
    round_seconds: float
    repeat_share: float

    @property
    def remaining(self) -> int:
        """How many labels may still be bought."""
        return self.budget - self.spent


class Store(EventLog, LeaseBook, WishList, JobQueue, RunQueue, ModelShelf, PromotionBook, Team):
    """Everything that must survive, safe to share between threads; see the module docstring."""

    @classmethod
    def open(cls, settings: Settings, clock: Callable[[], float] = time.time) -> Self:
        """Open the store, creating directories, database and schema where they are missing.

        Raises StoreDamaged if the file is damaged or not ours, StoreUnavailable if it cannot be
        opened, InvalidInput if the URL makes no sense.
        """
        settings.prepare()
        given = settings.database_url
        url = parse_url(given) if given else settings.default_database
        if url.get_backend_name() == "sqlite":
            ensure_sound(Path(str(url.database)))
        store = cls(connect(url), settings, clock)
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

    def create_project(self, new: NewProject) -> Project:
        """Store the project; raises DuplicateProject if its name is taken."""
        values = vars(new) | {"name": new.name.strip(), "created_at": self.clock()}
        try:
            with self._write() as connection:
                return _project(
                    connection.execute(insert(project).values(values).returning(project)).one()
                )
        except IntegrityError as error:
            raise DuplicateProject(
                f"There is a project called {values['name']}; choose another name."
            ) from error

    def projects(self) -> list[Project]:
        """Every project, oldest first."""
        with self._read() as connection:
            rows = connection.execute(select(project).order_by(project.c.id)).all()
        return [_project(row) for row in rows]

    def project(self, project_id: int) -> Project:
        """The project as it stands; raises UnknownProject."""
        with self._read() as connection:
            return _project(read_project(connection, project_id))

    def set_pool_size(self, project_id: int, n: int) -> Project:
        """Note that the pool has `n` items, numbered 0 to n - 1; raises UnknownProject."""
        if not 0 < n < 2**31:
            raise InvalidInput("A pool needs at least one item; choose another scenario.")
        with self._write() as connection:
            connection.execute(
                update(project).where(project.c.id == project_id).values(pool_size=n)
            )
            return _project(read_project(connection, project_id))

    def integrity_problems(self) -> list[str]:
        """What is wrong with the store, one plain sentence each; empty when all is well."""
        url = self.engine.url
        on_sqlite = self.engine.dialect.name == "sqlite"
        found = file_problems(Path(str(url.database)), full=True) if on_sqlite else []
        if found:
            return [f"The database {problem}." for problem in found]
        with self._read() as connection:
            projects = [_project(row) for row in connection.execute(select(project))]
            events = [Event(**row._asdict()) for row in connection.execute(select(event))]
        return [
            f"Project {one.name}: {problem}."
            for one in projects
            for problem in _contradictions(one, [e for e in events if e.project_id == one.id])
        ]


def _project(row: Row[Any]) -> Project:
    return Project(**row._asdict())


def _contradictions(one: Project, history: list[Event]) -> list[str]:
    answers = replay.standing(history)
    bought = [answer for answer in answers if answer.y]
    problems = []
    if one.spent != len(bought):
        problems.append(f"{one.spent} labels were paid for but {len(bought)} stand")
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
