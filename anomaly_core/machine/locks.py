"""Locks of files, which go with the process that has them: the one place that takes any.

Whatever keeps processes apart rests on them: who is there, who is at a run or an import, what
is being written and what was left. So a file system that has none is refused, in one sentence: to
go on without would be to guess, and two processes that guess wrong ruin each other's files. Locks
have to reach as far as the files do: where several machines share a folder, each has to see those
of the others, which no program can find out by itself.
"""

import errno
import fcntl
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from anomaly_core.errors import InvalidInput

NONE = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL}
NO_LOCKS = (
    "The folder {} is on a file system without file locks, which keep processes apart; choose one "
    "on a local disk or, to share it between machines, on NFS version 4."
)

Flock = Callable[[int, int], None]


def take(file: IO[Any], *, wait: bool = False, flock: Flock = fcntl.flock) -> bool:
    """Lock a file that is open for writing, until it is closed; whether nobody else had the lock.

    With `wait`, once nobody else has it. Raises InvalidInput on a file system without locks.
    """
    return _locked(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB), flock)


def is_taken(file: IO[Any], *, flock: Flock = fcntl.flock) -> bool:
    """Whether somebody has the lock of a file that is open for reading.

    Those who only look see nothing of each other. Raises InvalidInput as `take` does.
    """
    if not _locked(file, fcntl.LOCK_SH | fcntl.LOCK_NB, flock):
        return True
    flock(file.fileno(), fcntl.LOCK_UN)
    return False


def require_locks(folder: Path, *, flock: Flock = fcntl.flock) -> None:
    """Raise InvalidInput unless files in a folder can be locked; leaves one that is empty.

    Raises OSError where it cannot be written.
    """
    path = folder / ".locks"
    with path.open("a") as mine, path.open("a") as other:
        take(mine, wait=True, flock=flock)
        if take(other, flock=flock):
            raise InvalidInput(NO_LOCKS.format(folder.name))


def _locked(file: IO[Any], how: int, flock: Flock) -> bool:
    try:
        flock(file.fileno(), how)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in NONE:
            raise
        raise InvalidInput(NO_LOCKS.format(Path(file.name).absolute().parent.name)) from error
    return True
