"""What an owner wants to know of a server: who did what, who is here, what it takes."""

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from state.files.sheet import sheet
from state.settings import Settings
from state.store.audit_log import Deed, DeedDone
from state.store.people import Annotator
from state.store.schema import JobState, Role
from state.store.store import Store
from state.store.work import RUNS, Job, training
from state.upkeep.contents import all_imports
from state.workers.processes.presence import ProcessCard, ProcessKind, living

HERE_SECONDS = 600.0  # since somebody's last answer
ONLY_OWNERS = "Only an owner may see what others do; ask one of those on Team."
COLUMNS = ("When (UTC)", "Who", "What", "Project", "About", "Why")


@dataclass(frozen=True)
class PersonHere:
    """Somebody who has images before them, or has answered lately (epoch seconds)."""

    person: Annotator
    has_images: bool
    answered_at: float | None


@dataclass(frozen=True)
class WorkerNow:
    """A process, what it is for and what it does; `memory` in bytes, where that can be told."""

    card: ProcessCard
    about: str
    doing: str
    memory: int | None


@dataclass(frozen=True)
class PartOfDisk:
    """What a part of the data directory takes, in bytes."""

    name: str
    size: int


class Panel:
    """What only owners see; every look asks whether this person still is one."""

    def __init__(self, store: Store, settings: Settings, who: Annotator) -> None:
        """Raises NotAllowed for whoever is no owner."""
        self.store = store
        self.data_dir = settings.data_dir
        self.who = who
        self._require()

    def _require(self) -> None:
        self.store.audit_log.require(self.who, Role.OWNER, ONLY_OWNERS)

    def deeds(self, containing: str = "") -> list[DeedDone]:
        """The newest deeds, or those of them with a text anywhere."""
        self._require()
        wanted = containing.strip().casefold()
        return [
            one
            for one in self.store.audit_log.newest()
            if wanted in " ".join((one.who, one.what, one.subject, one.reason)).casefold()
        ]

    def deeds_as_sheet(self) -> str:
        """The newest deeds as a table for a spreadsheet."""
        rows = (
            (
                f"{datetime.fromtimestamp(one.at, UTC):%Y-%m-%d %H:%M:%S}",
                one.who,
                one.what,
                one.project or "",
                one.subject,
                one.reason,
            )
            for one in self.deeds()
        )
        return sheet(COLUMNS, rows)

    def here(self) -> list[PersonHere]:
        """Who is at work, the last one to answer first."""
        self._require()
        answered = self.store.events.lately(self.store.clock() - HERE_SECONDS)
        holders = self.store.leases.holders()
        found = [
            PersonHere(one, one.id in holders, answered.get(one.id))
            for one in self.store.people.all()
            if one.id in holders or one.id in answered
        ]
        return sorted(found, key=lambda one: -(one.answered_at or 0.0))

    def workers(self) -> list[WorkerNow]:
        """Every process that lives, the server first."""
        self._require()
        names = {one.id: one.name for one in self.store.projects.all()}
        cards = sorted(living(self.data_dir), key=lambda one: one.kind is not ProcessKind.SERVER)
        return [WorkerNow(one, about(one, names), self._doing(one), one.memory) for one in cards]

    def _doing(self, card: ProcessCard) -> str:
        if card.kind in (ProcessKind.SERVER, ProcessKind.IMPORTER):
            return "at work"
        if card.kind is ProcessKind.TRAINER and not card.subject:
            return "waits for a new project"
        if card.kind is ProcessKind.SCORER:
            return "ready"
        scope = training(int(card.subject)) if card.subject else RUNS
        job: Job | None = self.store.work.of(scope).next()
        busy = job is not None and job.state is JobState.RUNNING and job.worker == card.worker
        return f"{job.message} {job.progress:.0%}" if job and busy else "idle"

    @property
    def last_backup(self) -> DeedDone | None:
        """The deed of the last backup."""
        self._require()
        return self.store.audit_log.latest(Deed.MADE_BACKUP)

    @property
    def free(self) -> int:
        """Bytes that are free for the data directory."""
        self._require()
        return shutil.disk_usage(self.data_dir).free

    def disk(self) -> list[PartOfDisk]:
        """What each part of the data directory takes; looks at every file, which takes a while."""
        self._require()
        parts = [
            PartOfDisk(f"Project {one.name}", size_of(self.data_dir / "projects" / str(one.id)))
            for one in self.store.projects.all()
        ]
        known = sum(one.size for one in parts)
        others = size_of(self.data_dir / "projects") - known
        parts += [PartOfDisk("Deleted projects", others)] if others > 0 else []
        parts += [
            PartOfDisk(f"Images read of {one.title}", size_of(one.folder))
            for one in all_imports(self.data_dir)
        ]
        rest = {
            "Comparisons": "runs",
            "Downloaded datasets": "datasets",
            "Features, which can be computed again": "features",
            "Logs": "logs",
        }
        parts += [PartOfDisk(name, size_of(self.data_dir / place)) for name, place in rest.items()]
        return sorted((one for one in parts if one.size), key=lambda one: -one.size)


def about(card: ProcessCard, names: dict[int, str]) -> str:
    """What a process is for, as a person would call it."""
    if card.kind is ProcessKind.TRAINER and card.subject:
        return names.get(int(card.subject), f"project {card.subject}")
    return ""


def size_of(folder: Path) -> int:
    """Bytes of all files in a folder, which need not exist."""
    size = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                size += os.lstat(os.path.join(place, name)).st_size  # noqa: PTH118 - many files
            except OSError:
                continue  # it has just gone
    return size
