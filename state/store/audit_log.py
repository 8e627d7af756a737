"""Who changed what that is no answer, when and why: a table that only grows.

Answers have a history of their own. What is recorded here is never changed nor removed, not even
with the project that it is about.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, insert, select

from state.errors import NotAllowed
from state.store.database import Database
from state.store.schema import Role, annotator, audit_log, project

if TYPE_CHECKING:
    from state.store.people import Annotator

LONGEST_SUBJECT, LONGEST_REASON = 500, 2_000  # letters; what is longer is cut off


class Deed(StrEnum):
    """What somebody did."""

    CREATED_PROJECT = "created a project"
    ARCHIVED_PROJECT = "archived a project"
    UNARCHIVED_PROJECT = "took a project out of the archive"
    DELETED_PROJECT = "deleted a project"
    RESTORED_PROJECT = "brought a project back"
    IMPORTED = "had images read"
    CHANGED_IMPORT = "changed how images are read"
    REMOVED_IMPORT = "removed images that were read"
    ADDED_IMAGES = "added images to a project"
    TOOK_IMAGES_BACK = "took images out of a project"
    STARTED_TRAINING = "started training"
    STOPPED_TRAINING = "stopped training"
    STARTED_RUN = "started a comparison"
    STOPPED_RUN = "stopped a comparison"
    RESUMED_RUN = "resumed a comparison"
    REMOVED_RUN = "removed a comparison"
    DOWNLOADED_WEIGHTS = "downloaded the weights of a network"
    ADDED_PERSON = "added a person"
    ARRIVED = "came for the first time"
    CHANGED_PERSON = "changed what a person may do"
    SAVED_THRESHOLD = "saved a threshold"
    ROLLED_BACK = "let another model serve"
    NAMED_PRODUCTION = "named a model for production"
    EXPORTED_MODEL = "downloaded a model with its labels"
    REVEALED_TRUTH = "looked at the truth of the pool"
    MADE_BACKUP = "made a backup"
    RESTORED_BACKUP = "restored a backup"
    ENDED_WORKERS = "ended workers"
    BEGAN_DATA_DIRECTORY = "began with this data directory"
    MET_STRANGERS = "found files that are not its own"


@dataclass(frozen=True)
class DeedDone:
    """One deed, by whom (`None` is the command line), and when in epoch seconds."""

    id: int
    at: float
    annotator_id: int | None
    who: str
    what: str
    project: int | None
    subject: str
    reason: str


class AuditLog(Database):
    """The part of the store that remembers who changed what, and that asks who may."""

    def require(self, who: Annotator, role: Role, sentence: str) -> None:
        """Raise NotAllowed unless a person has this role now, or a higher one, and is active."""
        with self._read() as connection:
            require_role(connection, who, role, sentence)

    def record(
        self,
        who: Annotator,
        what: Deed,
        subject: str = "",
        *,
        project_id: int | None = None,
        reason: str = "",
    ) -> None:
        """Add a deed."""
        with self._write() as connection:
            note(connection, self.clock(), who, what, subject, project_id, reason)

    def newest(self, most: int = 200) -> list[DeedDone]:
        """The newest deeds, the last one first."""
        query = select(audit_log).order_by(audit_log.c.id.desc()).limit(most)
        with self._read() as connection:
            return [DeedDone(**row._asdict()) for row in connection.execute(query)]

    def latest(self, what: Deed) -> DeedDone | None:
        """The newest deed of a kind, `None` where there is none."""
        query = select(audit_log).where(audit_log.c.what == what).order_by(audit_log.c.id.desc())
        with self._read() as connection:
            row = connection.execute(query.limit(1)).one_or_none()
        return None if row is None else DeedDone(**row._asdict())

    def revealed(self, project_id: int) -> dict[int, float]:
        """Who has looked at the truth of a project, and since when (epoch seconds).

        What was done to an erased project whose number this one has is not its own.
        """
        query = (
            select(audit_log.c.annotator_id, func.min(audit_log.c.at))
            .join(project, project.c.id == audit_log.c.project)
            .where(audit_log.c.project == project_id, audit_log.c.what == Deed.REVEALED_TRUTH)
            .where(audit_log.c.at >= project.c.created_at)
            .group_by(audit_log.c.annotator_id)
        )
        with self._read() as connection:
            return {who: at for who, at in connection.execute(query) if who is not None}


RANKS = {Role.VIEWER: 0, Role.ANNOTATOR: 1, Role.OWNER: 2}


def require_role(connection: Connection, who: Annotator, role: Role, sentence: str) -> None:
    """Raise NotAllowed unless a person may, by what the store knows of them now."""
    if who.is_machine:
        return
    query = select(annotator.c.role, annotator.c.active).where(annotator.c.id == who.id)
    known = connection.execute(query).one_or_none()
    if known is None or not known.active or RANKS[known.role] < RANKS[role]:
        raise NotAllowed(sentence)


def note(
    connection: Connection,
    at: float,
    who: Annotator,
    what: Deed,
    subject: str,
    project_id: int | None = None,
    reason: str = "",
) -> None:
    """Add a deed in the transaction that does it."""
    connection.execute(
        insert(audit_log).values(
            at=at,
            annotator_id=None if who.is_machine else who.id,
            who=who.name,
            what=what,
            project=project_id,
            subject=subject[:LONGEST_SUBJECT],
            reason=reason[:LONGEST_REASON],
        )
    )
