"""What is being written, and what a killed process has left of it.

A mark lies beside what is written for as long as that takes, locked by whoever writes:

.NAME.draft.HOST.TOKEN     of a temporary folder, which has the name of the mark with `.new` behind
.NAME.claim.HOST.TOKEN     the same, and NAME goes as well unless somebody knows it by now
.NAME.spare.HOST.TOKEN     another folder has come for NAME, which stays an hour for who reads it

What is not locked has been left. Where locks tell nothing, as of another machine's processes on
some network file systems, a mark older than an hour is taken for one that was left.
"""

import fcntl
import logging
import re
import secrets
import shutil
import socket
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import IO

log = logging.getLogger("ringfence.files")

HOST = f"{zlib.crc32(socket.gethostname().encode()):08x}"
NEW, OLD = ".new", ".old"  # behind the name of a mark: what is filled, what it takes the place of
ABANDONED_SECONDS = 3600.0  # after which nobody can still be writing, or reading a spare folder
MARK = re.compile(
    r"\.(?P<name>.+)\.(?P<kind>draft|claim|spare)\.(?P<host>[0-9a-f]{8})\.[0-9a-f]{8}"
)
OF_BEFORE = re.compile(r"\..+-[a-z0-9_]{8}")  # temporary folders of the versions before marks


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
                mark.unlink(missing_ok=True)
            raise
        clear(mark, folder)
        mark.unlink(missing_ok=True)


@contextmanager
def removing(folder: Path) -> Iterator[None]:
    """Have what a kill leaves of a folder go later, once nobody points at it any more."""
    with ExitStack() as stack:
        with suppress(OSError):  # a full disk must not keep anybody from making room
            stack.enter_context(marked(folder, Kind.CLAIM))
        yield


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
            with suppress(OSError):  # there are no locks here; `sweep` will find out as well
                fcntl.flock(file, fcntl.LOCK_EX)
            if mark.exists():  # else it was swept before it was locked
                yield
                return


def clear(mark: Path, folder: Path) -> None:
    """Remove what lies under the name of a mark, once what it took the place of is safe."""
    old = mark.with_name(mark.name + OLD)
    if old.exists() and not folder.exists():
        old.rename(folder)
    for suffix in (NEW, OLD):
        shutil.rmtree(mark.with_name(mark.name + suffix), ignore_errors=True)


def sweep(parent: Path, known: Callable[[str], bool] = lambda name: True) -> list[str]:
    """Remove what killed processes have left in a folder; returns the names of what went.

    `known` tells whether a row points at a name, or what else makes it one to keep.
    """
    swept = []
    for path in sorted(parent.glob(".*")):
        if found := MARK.fullmatch(path.name):
            swept += settle(path, Kind(found["kind"]), parent / found["name"], known)
        elif OF_BEFORE.fullmatch(path.name) and path.is_dir() and is_old(path):
            shutil.rmtree(path, ignore_errors=True)
            swept.append(path.name)
    if swept:
        log.warning("swept up in %s what was left unfinished: %s", parent.name, ", ".join(swept))
    return swept


def settle(mark: Path, kind: Kind, folder: Path, known: Callable[[str], bool]) -> list[str]:
    """See to one mark: nothing where somebody is at it; returns the names of what went."""
    try:
        with mark.open("r+") as file:
            if not is_left(mark, kind, file):
                return []
            swept = [mark.name + suffix for suffix in (NEW, OLD) if there(mark, suffix)]
            clear(mark, folder)
            if kind is not Kind.DRAFT and folder.exists() and not known(folder.name):
                shutil.rmtree(folder, ignore_errors=True)
                swept.append(folder.name)
            mark.unlink(missing_ok=True)
            return swept or [mark.name]
    except OSError:
        return []  # somebody else has swept it, or nothing may be removed here


def there(mark: Path, suffix: str) -> bool:
    """Whether something lies under the name of a mark."""
    return mark.with_name(mark.name + suffix).exists()


def is_left(mark: Path, kind: Kind, file: IO[str]) -> bool:
    """Whether nobody is at what is marked, nor has just come to its end."""
    if kind is Kind.SPARE:
        return is_old(mark)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return is_old(mark)
    return mark.exists() and (f".{HOST}." in mark.name or is_old(mark))


def is_old(path: Path) -> bool:
    """Whether it is older than anybody would take for it, and still there."""
    try:
        return time.time() - path.stat().st_mtime > ABANDONED_SECONDS
    except OSError:
        return False  # somebody else has removed it
