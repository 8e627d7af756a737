"""What is being written, and what a killed process has left of it.

A mark lies beside what is written for as long as that takes, locked by whoever writes:

.NAME.draft.HOST.TOKEN     of a temporary folder, which has the name of the mark with `.new` behind
.NAME.claim.HOST.TOKEN     the same, and NAME goes as well unless somebody knows it by now
.NAME.spare.HOST.TOKEN     another folder has come for NAME, which stays an hour for who reads it

What is not locked has been left. In case locks do not reach as far as another machine, as they
should (see `anomaly_core.machine.locks`), a mark of one has to be older than an hour as well.
"""

import logging
import re
import secrets
import shutil
import socket
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO

from anomaly_core.machine.locks import take

log = logging.getLogger("ringfence.files")

HOST = f"{zlib.crc32(socket.gethostname().encode()):08x}"
NEW, OLD = ".new", ".old"  # behind the name of a mark: what is filled, what it takes the place of
ABANDONED_SECONDS = 3600.0  # after which nobody can still be writing, or reading a spare folder
MARK = re.compile(
    r"\.(?P<name>.+)\.(?P<kind>draft|claim|spare)\.(?P<host>[0-9a-f]{8})\.[0-9a-f]{8}"
)
OF_BEFORE = re.compile(r"\..+-[a-z0-9_]{8}")  # temporary folders of the versions before marks

IsKnown = Callable[[str], bool]
"""Whether a row points at a name, or what else makes it one to keep."""


class Kind(StrEnum):
    """What becomes of the folder whose mark was left."""

    DRAFT = "draft"  # it is as it was
    CLAIM = "claim"  # it goes unless it is known
    SPARE = "spare"  # the same, after a while


@contextmanager
def marked(folder: Path, kind: Kind = Kind.DRAFT) -> Iterator[Path]:
    """Give an empty temporary folder beside `folder`, which is gone after the block.

    After an error, what was claimed stays marked: `sweep` knows whether anybody points at it.
    """
    mark = mark_of(folder, kind)
    with locked(mark):
        temporary = mark.with_name(mark.name + NEW)
        try:
            temporary.mkdir()
            temporary.chmod(0o755)  # a team shares the data directory
            yield temporary
        except BaseException:
            clear(mark, folder)
            if kind is Kind.DRAFT or not folder.exists():
                forget(mark)
            raise
        clear(mark, folder)
        forget(mark)


@contextmanager
def removing(folder: Path) -> Iterator[None]:
    """Have what is left of a folder go later, once nobody points at it any more."""
    with ExitStack() as stack:
        mark = None
        with suppress(OSError):  # a full disk must not keep anybody from making room
            mark = mark_of(folder, Kind.CLAIM)
            stack.enter_context(locked(mark))
        try:
            yield
        finally:
            if mark is not None and not folder.exists():
                mark.unlink(missing_ok=True)


def replace(temporary: Path, folder: Path) -> None:
    """Rename the temporary folder of a mark; what stood at `folder` goes when the block ends."""
    if folder.exists():
        folder.rename(temporary.with_name(temporary.name.removesuffix(NEW) + OLD))
    temporary.rename(folder)


def spare(folder: Path) -> None:
    """Have a folder go in an hour, unless it is known then."""
    mark_of(folder, Kind.SPARE).touch()


def is_marked(folder: Path) -> bool:
    """Whether a folder is one that is being written, or was left; a mark is one too."""
    marks = (MARK.match(path.name) for path in folder.parent.glob(".*"))
    return folder.name.startswith(".") or any(one and one["name"] == folder.name for one in marks)


def mark_of(folder: Path, kind: Kind) -> Path:
    """Return a mark that nobody has used yet."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    return folder.parent / f".{folder.name}.{kind}.{HOST}.{secrets.token_hex(4)}"


@contextmanager
def locked(mark: Path) -> Iterator[None]:
    """Make a mark and hold its lock, which goes with the process however that ends."""
    while True:
        with mark.open("a") as file:
            take(file, wait=True)
            if mark.exists():  # else it was swept before it was locked
                yield
                return


def clear(mark: Path, folder: Path) -> None:
    """Remove what lies under the name of a mark, once what it took the place of is safe."""
    old = mark.with_name(mark.name + OLD)
    if old.exists() and not folder.exists():
        old.rename(folder)
    for path in beside(mark):
        shutil.rmtree(path, ignore_errors=True)


def beside(mark: Path) -> list[Path]:
    """What lies under the name of a mark."""
    paths = (mark.with_name(mark.name + suffix) for suffix in (NEW, OLD))
    return [path for path in paths if path.exists()]


def forget(mark: Path) -> None:
    """Remove a mark once nothing lies under its name any more."""
    if not beside(mark):
        mark.unlink(missing_ok=True)


def everything(name: str) -> bool:
    """Keep whatever has a name."""
    return True


@dataclass(frozen=True)
class Leftover:
    """What a killed process has left under a mark: `paths` go, the mark with the last of them."""

    mark: Path
    folder: Path
    paths: list[Path]

    def remove(self) -> list[Path]:
        """Remove it, as far as that may be; returns what went."""
        with suppress(OSError):  # nothing may be removed here
            clear(self.mark, self.folder)
            for path in self.paths:
                shutil.rmtree(path, ignore_errors=True)
            if not any(path.is_dir() for path in self.paths):
                forget(self.mark)
        return [path for path in self.paths if not path.exists()]


def leftovers(parent: Path, known: IsKnown = everything) -> Iterator[Leftover]:
    """What killed processes have left in a folder; nobody else gets at one until the next."""
    for path in sorted(parent.glob(".*")):
        if found := MARK.fullmatch(path.name):
            kind, folder = Kind(found["kind"]), parent / found["name"]
            with suppress(OSError), path.open("r+") as file:  # else it has gone, or is not ours
                if is_left(path, kind, file):
                    yield Leftover(path, folder, going(path, kind, folder, known) or [path])
        elif OF_BEFORE.fullmatch(path.name) and path.is_dir() and is_old(path):
            yield Leftover(path, path, [path])


def going(mark: Path, kind: Kind, folder: Path, known: IsKnown) -> list[Path]:
    """What goes of what was left under a mark."""
    if not folder.exists():  # what was there before takes its place again
        return [path for path in beside(mark) if not path.name.endswith(OLD)]
    goes = kind is not Kind.DRAFT and not known(folder.name)
    return beside(mark) + [folder] * goes


def sweep(parent: Path, known: IsKnown = everything) -> list[str]:
    """Remove what killed processes have left in a folder; returns the names of what went."""
    swept = [path.name for one in leftovers(parent, known) for path in one.remove()]
    if swept:
        log.warning("swept up in %s what was left unfinished: %s", parent.name, ", ".join(swept))
    return swept


def is_left(mark: Path, kind: Kind, file: IO[str]) -> bool:
    """Whether nobody is at what is marked, nor has just come to its end."""
    if kind is Kind.SPARE:
        return is_old(mark)
    return take(file) and mark.exists() and (f".{HOST}." in mark.name or is_old(mark))


def is_old(path: Path) -> bool:
    """Whether it is older than anybody would take for it, and still there."""
    try:
        return time.time() - path.stat().st_mtime > ABANDONED_SECONDS
    except OSError:
        return False  # somebody else has removed it
