"""What an owner wants to know of a server: who did what, who is here, what it takes."""

import base64
import hmac
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from state.errors import NotAllowed
from state.files.pictures import secret_of
from state.files.sheet import pieces
from state.settings import Settings
from state.store.audit_log import ALL_DEEDS, Deed, DeedDone, DeedsWanted
from state.store.people import MACHINE, Annotator
from state.store.schema import JobState, Role
from state.store.store import Store
from state.store.work import RUNS, Job, training
from state.upkeep.contents import all_imports
from state.workers.processes.presence import ProcessCard, ProcessKind, living

HERE_SECONDS = 600.0  # since somebody's last answer
ONLY_OWNERS = "Only an owner may see what others do; ask one of those on Team."
DEEDS_A_PAGE = 50
TICKET_SECONDS = 600
NO_TICKET = "This address is not good any more; open Team and press As CSV again."
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

    def deeds(self, wanted: DeedsWanted = ALL_DEEDS, page: int = 1) -> list[DeedDone]:
        """A page of the deeds that are wanted, the newest first."""
        self._require()
        return self.store.audit_log.newest(DEEDS_A_PAGE, wanted, (page - 1) * DEEDS_A_PAGE)

    def count(self, wanted: DeedsWanted = ALL_DEEDS) -> int:
        """How many deeds there are of those that are wanted."""
        self._require()
        return self.store.audit_log.count(wanted)

    def who_there_is(self) -> dict[int, str]:
        """Everybody who may have done something, by number."""
        self._require()
        return {one.id: one.name for one in (*self.store.people.all(), MACHINE)}

    def deeds_as_sheet(self, wanted: DeedsWanted = ALL_DEEDS) -> Iterator[str]:
        """All deeds that are wanted as a table for a spreadsheet, in pieces."""
        self._require()
        rows = (
            (
                f"{datetime.fromtimestamp(one.at, UTC):%Y-%m-%d %H:%M:%S}",
                one.who,
                one.what,
                one.project or "",
                one.subject,
                one.reason,
            )
            for one in self.store.audit_log.each(wanted)
        )
        return pieces(COLUMNS, rows)

    def ticket(self, wanted: DeedsWanted = ALL_DEEDS) -> str:
        """What lets this person fetch that table for ten minutes."""
        self._require()
        until = int(self.store.clock() // 60 * 60 + TICKET_SECONDS)
        said = json.dumps([self.who.id, until, wanted.containing, wanted.by, wanted.what])
        text = base64.urlsafe_b64encode(said.encode()).decode()
        return f"{text}.{_signed(self.data_dir, text)}"

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


def _signed(data_dir: Path, text: str) -> str:
    return hmac.new(secret_of(data_dir), f"deeds {text}".encode(), "sha256").hexdigest()


def sheet_for(store: Store, settings: Settings, ticket: str) -> Iterator[str]:
    """The table that a ticket of `Panel.ticket` is for; raises NotAllowed.

    Whoever has it has to be an owner still.
    """
    text, _, signature = ticket.partition(".")
    if not hmac.compare_digest(signature.encode(), _signed(settings.data_dir, text).encode()):
        raise NotAllowed(NO_TICKET)
    who, until, containing, by, what = json.loads(base64.urlsafe_b64decode(text))
    person = next((one for one in store.people.all() if one.id == who), None)
    if person is None or store.clock() > until:
        raise NotAllowed(NO_TICKET)
    wanted = DeedsWanted(containing, by, Deed(what) if what else None)
    return Panel(store, settings, person).deeds_as_sheet(wanted)


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
