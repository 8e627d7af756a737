"""What people put model versions to: which one serves the desk, which one is for production.

The table only grows; rolling back destroys nothing, and of each purpose the last row counts.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from anomaly_core.errors import InvalidInput
from state.errors import NotAllowed
from state.heard import storable
from state.store.database import Database, lock_project
from state.store.schema import Purpose, Role, annotator, model, promotion, work
from state.store.work import LIVE, lock_queue, training, work_of

LONGEST_REASON = 2_000
LEARNING = (
    "A model is being trained just now; wait until it is there, or press Stop above, "
    "then choose again."
)
OWNERS_ONLY = "Only an owner may choose which model is used; ask one."


@dataclass(frozen=True)
class Promotion:
    """That somebody put a model version to a purpose, and why. Times are epoch seconds."""

    id: int
    project_id: int
    version: int
    purpose: Purpose
    author: str
    reason: str
    created_at: float


class Promotions(Database):
    """The part of the store that knows what people have put model versions to."""

    def promote(
        self,
        *,
        project_id: int,
        version: int,
        purpose: Purpose,
        annotator_id: int,
        reason: str,
        at_once: bool = True,
    ) -> bool:
        """Put a version to a purpose, in one transaction; `False` where it was so already.

        On the desk it serves from then on, unless the trainer is to see to that; the next round
        trains on from it. Raises
        UnknownProject, and InvalidInput unless the person is an owner and the version is there, or
        for the desk while a model is being trained.
        """
        if len(reason) > LONGEST_REASON or not storable(reason):
            raise InvalidInput(f"A reason may have up to {LONGEST_REASON:,} letters; shorten it.")
        values = {"project_id": project_id, "version": version, "purpose": purpose}
        with self._write() as connection:
            lock_project(connection, project_id)
            values |= {"author": _owner(connection, annotator_id), "reason": reason.strip()}
            serves = _serves(connection, project_id, version)
            if purpose is Purpose.DESK:
                if serves:
                    return False
                _require_idle(connection, project_id)
                if at_once:
                    _serve(connection, project_id, version)
            elif _repeats(connection, values):
                return False
            connection.execute(insert(promotion).values(**values, created_at=self.clock()))
        return True

    def all(self, project_id: int) -> list[Promotion]:
        """All that people have put versions of the project to, oldest first."""
        query = select(promotion).where(promotion.c.project_id == project_id)
        with self._read() as connection:
            rows = connection.execute(query.order_by(promotion.c.id)).all()
        return [_promotion(row) for row in rows]

    def production(self, project_id: int) -> Promotion | None:
        """The version that is in production, None while nobody has named one."""
        named = [p for p in self.all(project_id) if p.purpose is Purpose.PRODUCTION]
        return named[-1] if named else None


def _promotion(row: Row[Any]) -> Promotion:
    return Promotion(**row._asdict())


def _owner(connection: Connection, annotator_id: int) -> str:
    """The name of the person, who must be an owner."""
    query = select(annotator).where(annotator.c.id == annotator_id)
    person = connection.execute(query).one_or_none()
    if person is None or not person.active or person.role is not Role.OWNER:
        raise NotAllowed(OWNERS_ONLY)
    return str(person.name)


def _serves(connection: Connection, project_id: int, version: int) -> bool:
    """Whether the version is the active one; raises InvalidInput if there is none such."""
    known = (model.c.project_id == project_id) & (model.c.version == version)
    active = connection.execute(select(model.c.active).where(known)).scalar_one_or_none()
    if active is None:
        raise InvalidInput(f"There is no model version {version}; choose another.")
    return bool(active)


def _require_idle(connection: Connection, project_id: int) -> None:
    """A round under way would publish a model that is trained on from the one before."""
    scope = training(project_id)
    lock_queue(connection, scope)
    if connection.execute(select(work.c.id).where(work_of(scope), LIVE)).first() is not None:
        raise InvalidInput(LEARNING)


def _serve(connection: Connection, project_id: int, version: int) -> None:
    of_project = update(model).where(model.c.project_id == project_id)
    connection.execute(of_project.values(active=False))
    connection.execute(of_project.where(model.c.version == version).values(active=True))


def _repeats(connection: Connection, values: dict[str, Any]) -> bool:
    """Whether the last row of that project and purpose says the same, as after a double click."""
    same = (promotion.c[name] == values[name] for name in ("project_id", "purpose"))
    query = select(promotion).where(*same).order_by(promotion.c.id.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return row is not None and values.items() <= row._asdict().items()
