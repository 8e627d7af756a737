"""Whether a database and the files beside it belong together.

Both know the same word, drawn when a server first had the two: the database in its log of deeds,
the data directory in a file. So a new database beside old files is seen, and an old one beside new
files, of which the numbers of folders tell as well.
"""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from anomaly_core.machine.locks import take
from state.errors import StoreUnavailable
from state.store.audit_log import Deed
from state.store.people import MACHINE
from state.store.projects import highest_folder
from state.store.store import Store

MARK, DRAFT = "ringfence.id", ".ringfence.id.new"
WORD = re.compile(r"[0-9a-f]{32}")
REMEDY = (
    "Stop Ringfence and put back the one that belongs to it, or restore both from a backup with "
    "ringfence restore; if all is as you want it, run ringfence doctor --accept and start it again."
)
NEW_DATABASE = (
    "The database is a new one beside files of another, whose projects and runs are not shown. "
    f"{REMEDY}"
)
NO_FILES = (
    f"The database knows projects whose images and models are not in this data directory. {REMEDY}"
)
STRANGERS = f"The database and the files in the data directory do not belong together. {REMEDY}"
OLDER_DATABASE = (
    "The data directory holds projects or runs that the database does not know, as an older one "
    f"would not. {REMEDY}"
)


@dataclass(frozen=True)
class Belonging:
    """What database and data directory know of each other; an unknown word is empty."""

    of_database: str
    of_files: str
    fresh: bool  # the database has never had a project or a run
    beyond: bool  # there are folders with numbers that the database has never given
    said: str = ""  # what was found to be wrong before, if nobody has accepted it since

    @property
    def trouble(self) -> str:
        """That they do not belong together, and what to do; empty where they do."""
        if self.fresh:
            return NEW_DATABASE if self.beyond else ""
        if self.of_database and self.of_database != self.of_files:
            return STRANGERS if self.of_files else NO_FILES
        if self.said or self.beyond:
            return self.said or OLDER_DATABASE
        return "" if self.of_database == self.of_files else STRANGERS


def belonging(store: Store) -> Belonging:
    """Look at a database and its data directory; changes nothing."""
    data_dir = store.settings.data_dir
    folders = (highest_folder(data_dir / "projects"), highest_folder(data_dir / "runs"))
    given = (store.projects.last_number, store.work.runs.last_number)  # after what bears them
    tied = store.audit_log.latest(Deed.BEGAN_DATA_DIRECTORY)
    met = store.audit_log.latest(Deed.MET_STRANGERS)
    word = tied.subject if tied else ""
    finished = _read(data_dir / DRAFT) != word  # or else it was killed before it could
    return Belonging(
        of_database=word,
        of_files=_read(data_dir / MARK) if finished or not word else word,
        fresh=not any(given),
        beyond=any(folder > number for folder, number in zip(folders, given, strict=True)),
        said=met.reason if met and (tied is None or met.id > tied.id) else "",
    )


def settle(store: Store) -> str:
    """Tie a database to its data directory unless they are strangers; return their trouble.

    What only the numbers of folders tell, a database remembers until a person accepts it, as what
    is created later bears higher ones. The files are left alone: another database may be theirs.
    Raises StoreUnavailable where that cannot be written.
    """
    with _alone(store.settings.data_dir):
        found, data_dir = belonging(store), store.settings.data_dir
        if found.trouble:
            if found.trouble in (NEW_DATABASE, OLDER_DATABASE) and found.trouble != found.said:
                store.audit_log.record(MACHINE, Deed.MET_STRANGERS, reason=found.trouble)
        elif found.of_database and _read(data_dir / DRAFT) == found.of_database:
            (data_dir / DRAFT).replace(data_dir / MARK)
        elif not found.of_database or found.of_database != found.of_files:
            _tie(store)
        return found.trouble


def accept(store: Store) -> None:
    """Have database and data directory belong together from now on, as a person says.

    Raises StoreUnavailable where that cannot be written.
    """
    with _alone(store.settings.data_dir):
        _tie(store)


def _tie(store: Store) -> None:
    data_dir, word = store.settings.data_dir, uuid.uuid4().hex
    store.projects.skip_to(highest_folder(data_dir / "projects"))
    store.work.runs.skip_to(highest_folder(data_dir / "runs"))
    (data_dir / DRAFT).write_text(word, encoding="utf-8")
    store.audit_log.record(MACHINE, Deed.BEGAN_DATA_DIRECTORY, word)
    (data_dir / DRAFT).replace(data_dir / MARK)


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """Let servers that start together take turns."""
    try:
        with (data_dir / f".{MARK}.lock").open("a") as lock:
            take(lock, wait=True)
            yield
    except OSError as error:
        raise StoreUnavailable(
            f"The data directory cannot be written ({error.strerror}); free some space there."
        ) from error


def _read(mark: Path) -> str:
    try:
        word = mark.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return ""
    return word if WORD.fullmatch(word) else ""
