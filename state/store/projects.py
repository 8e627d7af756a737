"""Projects: a pool to be labeled, and what has been settled about it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from anomaly_core.errors import InvalidInput
from state.errors import DuplicateProject, UnknownProject
from state.heard import storable
from state.store.batches import begin_batch
from state.store.database import Database, lock_project, read_project
from state.store.schema import (
    LONGEST_NAME,
    RoundTrigger,
    last_number,
    metadata,
    project,
    queue,
    work,
)
from state.store.work import open_queue, training

LONG_AGO = 0.0  # when a project was removed whose files are about to go
OURS = last_number.c.what == "project"
TAKEN = "There is a project called {}; choose another name."


@dataclass(frozen=True, kw_only=True)
class ProjectTerms:
    """What may be changed of a project; raises InvalidInput for values that none can have.

    `budget` counts labels to buy, `batch_size` labels per round, `overlap` labels per item;
    `repeat_share` of the answers are asked for twice.
    """

    name: str
    budget: int
    batch_size: int
    overlap: int = 1
    guidelines: str = ""
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


@dataclass(frozen=True, kw_only=True)
class NewProject(ProjectTerms):
    """A project to create; `pool_size` may be set later, when the pool has been built."""

    scenario: dict[str, Any]
    detector: dict[str, Any]
    strategy: str
    pool_size: int | None = None
    import_name: str | None = None  # whose images are the first of its pool


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
    archived_at: float | None = None
    removed_at: float | None = None

    @property
    def remaining(self) -> int:
        """How many labels may still be bought."""
        return self.budget - self.spent

    @property
    def terms(self) -> ProjectTerms:
        """What may be changed of it, as it is now."""
        return ProjectTerms(**{one.name: getattr(self, one.name) for one in fields(ProjectTerms)})


class ProjectBook(Database):
    """The part of the store that says which projects there are."""

    def create(self, new: NewProject) -> Project:
        """Store the project; raises DuplicateProject if its name is taken.

        Its number is one that no project ever had, nor a folder of one, whoever left it.
        """
        values = vars(new) | {"name": new.name.strip(), "created_at": self.clock()}
        del values["import_name"]
        try:
            with self._write() as connection:
                values["id"] = next_number(connection, self.settings.projects_dir)
                row = connection.execute(insert(project).values(values).returning(project)).one()
                open_queue(connection, training(row.id))
                if new.import_name:
                    begin_batch(connection, row.id, new.import_name, self.clock())
                return project_of(row)
        except IntegrityError as error:
            raise DuplicateProject(TAKEN.format(values["name"])) from error

    def all(self) -> list[Project]:
        """Every project that was not removed, oldest first."""
        return [one for one in self._everything() if one.removed_at is None]

    def called(self, name: str) -> Project:
        """The project of that name, or of that number; raises UnknownProject for no such one."""
        projects = self.all()
        known = {str(one.id): one for one in projects} | {one.name: one for one in projects}
        if name not in known:
            names = ", ".join(one.name for one in projects) or "none"
            raise UnknownProject(
                f"There is no project called {name} in this data directory; there are: {names}."
            )
        return known[name]

    def removed(self) -> list[Project]:
        """The projects that were removed and may still come back, the last one first."""
        gone = [one for one in self._everything() if one.removed_at is not None]
        return sorted(gone, key=lambda one: -(one.removed_at or 0))

    def set_terms(self, project_id: int, terms: ProjectTerms) -> Project:
        """Let other terms hold for a project, to which nobody may add an answer meanwhile.

        Raises UnknownProject, DuplicateProject where its new name is taken, and InvalidInput for a
        budget below what was bought.
        """
        values = vars(terms) | {"name": terms.name.strip()}
        with self._naming(values["name"]) as connection:
            spent = project_of(lock_project(connection, project_id)).spent
            if terms.budget < spent:
                raise InvalidInput(f"{spent:,} labels are bought already; give no smaller budget.")
            return _changed(connection, project_id, values)

    def archive(self, project_id: int, archived: bool = True) -> Project:
        """Put a project away, or take it out again; raises UnknownProject."""
        return self._set(project_id, archived_at=self.clock() if archived else None)

    def remove(self, project_id: int) -> Project:
        """Take a project from every list, and free its name; raises UnknownProject."""
        one = self.get(project_id)
        if one.removed_at is not None:
            return one
        name = f"{one.name[: LONGEST_NAME - len(suffix(one))]}{suffix(one)}"
        return self._set(project_id, removed_at=self.clock(), name=name)

    def restore(self, project_id: int) -> Project:
        """Bring a removed project back; raises DuplicateProject where its name is taken by now."""
        one = self.get(project_id)
        return self._set(project_id, removed_at=None, name=one.name.removesuffix(suffix(one)))

    def end(self, project_id: int) -> Project:
        """Have a removed project not come back any more, whatever the clocks say."""
        return self._set(project_id, removed_at=LONG_AGO)

    def erase(self, project_id: int) -> None:
        """Forget a removed project and all that was said in it, for good."""
        with self._write() as connection:
            one = project_of(lock_project(connection, project_id))
            if one.removed_at is None:
                raise InvalidInput("Only a project that was removed can be erased.")
            scope = training(project_id).name
            connection.execute(delete(work).where(work.c.scope == scope))
            connection.execute(delete(queue).where(queue.c.scope == scope))
            for table in reversed(metadata.sorted_tables):
                if "project_id" in table.c:
                    connection.execute(delete(table).where(table.c.project_id == project_id))
            connection.execute(delete(project).where(project.c.id == project_id))

    @property
    def last_number(self) -> int:
        """The last number that was given, also to a project that was erased since."""
        with self._read() as connection:
            return int(connection.execute(select(last_number.c.number).where(OURS)).scalar_one())

    def skip_to(self, number: int) -> None:
        """Give no number up to this one any more."""
        further = update(last_number).where(OURS, last_number.c.number < number)
        with self._write() as connection:
            connection.execute(further.values(number=number))

    def take_turn(self) -> None:
        """Until the end of a transaction, let nobody else create a project or take a turn."""
        with self._write() as connection:
            connection.execute(select(last_number.c.number).where(OURS).with_for_update())

    def _everything(self) -> list[Project]:
        with self._read() as connection:
            rows = connection.execute(select(project).order_by(project.c.id)).all()
        return [project_of(row) for row in rows]

    def _set(self, project_id: int, **values: object) -> Project:
        with self._naming(values.get("name")) as connection:
            return _changed(connection, project_id, values)

    @contextmanager
    def _naming(self, name: object) -> Iterator[Connection]:
        """A write that may give a project a name; raises DuplicateProject where it is taken."""
        try:
            with self._write() as connection:
                yield connection
        except IntegrityError as error:
            raise DuplicateProject(TAKEN.format(name)) from error

    def get(self, project_id: int, *, lock: bool = False) -> Project:
        """The project as it stands; raises UnknownProject.

        With `lock`, within a transaction, nobody changes it or answers until that ends.
        """
        with self._read() as connection:
            return project_of(read_project(connection, project_id, lock=lock))

    def set_pool_size(self, project_id: int, n: int) -> Project:
        """Note that the pool has `n` items, numbered 0 to n - 1; raises UnknownProject."""
        if not 0 < n < 2**31:
            raise InvalidInput("A pool needs at least one item; choose another scenario.")
        return self._set(project_id, pool_size=n)


def _changed(connection: Connection, project_id: int, values: Mapping[str, object]) -> Project:
    connection.execute(update(project).where(project.c.id == project_id).values(values))
    return project_of(read_project(connection, project_id))


def suffix(one: Project) -> str:
    """What the name of a removed project ends with, so that another may have it."""
    return f" (removed {one.id})"


def project_of(row: Row[Any]) -> Project:
    """The project in a row of its table."""
    return Project(**row._asdict())


def highest_folder(folder: Path) -> int:
    """The highest number that names something in a folder, 0 where there is none."""
    try:
        names = [path.name for path in folder.iterdir()]
    except OSError:
        return 0
    return max((int(name) for name in names if is_number(name)), default=0)


def is_number(name: str) -> bool:
    """Whether a folder is named by a number that a database could have given."""
    return name.isascii() and name.isdecimal() and 0 < len(name) < 10 and name[0] != "0"


def next_number(connection: Connection, folder: Path) -> int:
    """A number that no project ever had, nor a folder there; projects are created in turn."""
    last = connection.execute(select(last_number.c.number).where(OURS).with_for_update())
    there = connection.execute(select(func.max(project.c.id))).scalar_one()  # of an older server
    number = max(int(last.scalar_one()), there or 0, highest_folder(folder)) + 1
    connection.execute(update(last_number).where(OURS).values(number=number))
    return number
