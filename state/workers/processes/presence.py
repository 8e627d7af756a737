"""A card for each process at a data directory, locked for as long as the process lives.

workers/<kind>-<name>.json      who it is; one that nobody holds was left by a process that died

So a process is known however it was started, also to another process and on another machine, and
its number is never taken for that of a stranger.
"""

import contextlib
import hashlib
import json
import os
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Self

import anomaly_core
from anomaly_core.machine.locks import is_taken, take
from state.errors import StoreUnavailable
from state.files.unfinished import is_old
from state.heard import LARGEST
from state.settings import APP

FOLDER = "workers"
LONGEST = 10_000  # bytes of a card
AFTER = 1e11  # epoch seconds that no clock shows


class ProcessKind(StrEnum):
    """What a process does."""

    SERVER = "server"
    TRAINER = "trainer"  # also a spare one, which has no project yet
    RUNNER = "runner"
    SCORER = "scorer"
    IMPORTER = "importer"


SIGNS = {  # that are in the command line of such a process
    ProcessKind.SERVER: "streamlit",
    ProcessKind.TRAINER: "--worker",
    ProcessKind.RUNNER: "--worker",
    ProcessKind.SCORER: "state.workers.scorer",
    ProcessKind.IMPORTER: "state.workers.own.importer",
}


@dataclass(frozen=True)
class ProcessCard:
    """Who a process is. `since` is in epoch seconds.

    `worker` is the name under which it holds a lease, `subject` the number of its project or the
    name of its import, `release` the code that it runs.
    """

    kind: ProcessKind
    host: str
    pid: int
    since: float
    release: str
    worker: str = ""
    subject: str = ""

    @classmethod
    def mine(cls, kind: ProcessKind, worker: str = "", subject: str = "") -> Self:
        """The card of this process."""
        return cls(kind, socket.gethostname(), os.getpid(), time.time(), release(), worker, subject)

    @classmethod
    def decoded(cls, text: str) -> Self:
        """Read a card; raises KeyError, TypeError or ValueError for what is none."""
        values = json.loads(text)
        card = cls(**values | {"kind": ProcessKind(values["kind"])})
        texts = (card.host, card.release, card.worker, card.subject)
        if not all(isinstance(one, str) and one.isprintable() for one in texts):
            raise TypeError(text)
        if type(card.pid) is not int or not 0 < card.pid <= LARGEST or not 0 <= card.since < AFTER:
            raise ValueError(text)
        return card

    @property
    def here(self) -> bool:
        """Whether the process runs on this machine."""
        return self.host == socket.gethostname()

    @property
    def is_ours(self) -> bool:
        """Whether the process of that number here is what the card says."""
        words = command_line(self.pid)
        if words is None:
            return self.here
        named = not self.worker or self.worker in words
        return self.here and named and any(SIGNS[self.kind] in word for word in words)

    @property
    def memory(self) -> int | None:
        """Bytes of memory that it has; `None` where that cannot be told."""
        if not self.here:
            return None
        try:
            status = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        except (OSError, ValueError):
            return None
        found = [line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:")]
        return int(found[0]) * 1024 if found else None


def command_line(pid: int) -> list[str] | None:
    """The words of it of a process here; `None` where the system does not tell."""
    proc = Path("/proc")
    if not (proc / "self" / "cmdline").exists():
        return None
    try:
        return (proc / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []


class Presence:
    """The card of this process, held until it leaves or dies."""

    def __init__(self, data_dir: Path, card: ProcessCard) -> None:
        """Lay the card down; raises OSError where that cannot be written."""
        folder = data_dir / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        name = uuid.uuid4().hex
        draft = folder / f".{name}"
        self.card = card
        self.path = folder / f"{card.kind}-{name}.json"
        self._file = draft.open("w", encoding="utf-8")
        try:
            take(self._file, wait=True)
            self._write()
            draft.rename(self.path)
        except BaseException:
            draft.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # what it could not write, it tries again
                self._file.close()
            raise

    def say(self, *, subject: str) -> None:
        """Tell what it is at from now on."""
        self.card = replace(self.card, subject=subject)
        with contextlib.suppress(OSError):  # the disk may be full
            self._write()

    def _write(self) -> None:
        self._file.seek(0)
        self._file.write(json.dumps(asdict(self.card)))
        self._file.truncate()
        self._file.flush()

    def leave(self) -> None:
        """Take the card away, as the process ends as it should."""
        self.path.unlink(missing_ok=True)
        self._file.close()


@contextmanager
def present(data_dir: Path, card: ProcessCard) -> Iterator[Presence]:
    """Lay a card down for as long as the block lasts.

    Raises StoreUnavailable where that cannot be written.
    """
    try:
        presence = Presence(data_dir, card)
    except OSError as error:
        raise StoreUnavailable(
            f"The data directory cannot be written ({error.strerror}); free some space there."
        ) from error
    try:
        yield presence
    finally:
        presence.leave()


@dataclass(frozen=True)
class Seen:
    """A card that lies there, and whether its process lives; `None` for one that is unreadable."""

    path: Path
    card: ProcessCard | None
    alive: bool

    @property
    def is_ours(self) -> bool:
        """Whether the process that the card names is what it says, and holds the card itself.

        Whoever may write cards could otherwise have any process of the same kind ended.
        """
        card = self.card
        return card is not None and card.is_ours and has_open(card.pid, self.path) is not False


def has_open(pid: int, path: Path) -> bool | None:
    """Whether a process here has a file open; `None` where the system does not tell."""
    try:
        wanted = path.stat()
    except OSError:
        return False  # it has been taken away, by its process or by another
    try:
        files = list(Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return None
    for one in files:
        with contextlib.suppress(OSError):  # closed meanwhile
            if os.path.samestat(one.stat(), wanted):
                return True
    return False


def seen(data_dir: Path, kind: ProcessKind | None = None) -> list[Seen]:
    """Every card that lies there, or those of a kind, the process that began first at first."""
    pattern = f"{kind or '*'}-*.json"
    found = [_look(path) for path in sorted((data_dir / FOLDER).glob(pattern))]
    there = [one for one in found if one is not None]
    return sorted(there, key=lambda one: one.card.since if one.card else 0.0)


def living(data_dir: Path, kind: ProcessKind | None = None) -> list[ProcessCard]:
    """The cards of processes that live."""
    return [one.card for one in seen(data_dir, kind) if one.alive and one.card is not None]


def _look(path: Path) -> Seen | None:
    try:
        with path.open(encoding="utf-8") as file:
            alive = is_taken(file)
            text = file.read(LONGEST)
    except (OSError, ValueError):
        return None  # it has just been taken away
    try:
        return Seen(path, ProcessCard.decoded(text), alive)
    except (KeyError, TypeError, ValueError, RecursionError):
        return Seen(path, None, alive)


def sweep(data_dir: Path) -> list[ProcessCard]:
    """Take away the cards of processes that died; returns those that could be read."""
    dead = [one for one in seen(data_dir) if not one.alive]
    drafts = filter(is_old, (data_dir / FOLDER).glob(".*"))
    for path in (*(one.path for one in dead), *drafts):
        with contextlib.suppress(OSError):
            path.unlink()
    return [one.card for one in dead if one.card is not None]


@lru_cache(maxsize=1)
def release() -> str:
    """What tells the code of this process from that of another version."""
    digest = hashlib.sha256()
    for place in (APP / "state", Path(anomaly_core.__file__).parent):
        for file in sorted(place.rglob("*.py")):
            digest.update(file.relative_to(place).as_posix().encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
