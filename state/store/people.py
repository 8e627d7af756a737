"""Who answers: names, roles, and each person's keys."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from anomaly_core.errors import InvalidInput
from state.store.database import Database
from state.store.schema import LONGEST_NAME, Role, annotator, storable


@dataclass(frozen=True)
class Annotator:
    """Somebody who answers; `keys` maps actions to the keys that this person chose."""

    id: int
    name: str
    role: Role
    active: bool
    keys: dict[str, str] | None = None

    @property
    def may_answer(self) -> bool:
        """Whether the store takes this person's answers."""
        return self.active and self.role is not Role.VIEWER

    @property
    def may_manage(self) -> bool:
        """Whether this person may create and delete: an active owner."""
        return self.active and self.role is Role.OWNER


class People(Database):
    """The part of the store that knows the people."""

    def all(self) -> list[Annotator]:
        """Everybody, the first to come first."""
        with self._read() as connection:
            rows = connection.execute(select(annotator).order_by(annotator.c.id)).all()
        return [Annotator(**row._asdict()) for row in rows]

    def ensure(self, name: str, role: Role = Role.OWNER) -> Annotator:
        """The annotator of that name, new with `role` if there is none; an old one keeps its."""
        name = name.strip()
        if not 0 < len(name) <= LONGEST_NAME or not storable(name):
            raise InvalidInput(
                f"An annotator needs a name of up to {LONGEST_NAME} letters; give one."
            )
        found = next((one for one in self.all() if one.name == name), None)
        if found is not None:
            return found
        try:
            with self._write() as connection:
                connection.execute(insert(annotator).values(name=name, role=role, active=True))
        except IntegrityError:
            pass  # another process was first
        return self.ensure(name, role)

    def source(self, name: str) -> int:
        """The number under which answers that came along with images are stored.

        Nobody can act under its name.
        """
        named = select(annotator.c.id).where(annotator.c.name == name)
        nobody = {"name": name, "role": Role.VIEWER, "active": False}
        with self._write() as connection:
            known = connection.scalar(named)
            if known is None:
                connection.execute(insert(annotator).values(nobody))
            return int(connection.execute(named).scalar_one())

    def change(self, annotator_id: int, *, role: Role, active: bool) -> Annotator:
        """Change what a person may do.

        Raises InvalidInput for somebody unknown, and where nobody could manage any more.
        """
        owners = select(annotator.c.id).where(annotator.c.role == Role.OWNER, annotator.c.active)
        # Two owners who stop being ones at the same moment take turns.
        turn = owners.order_by(annotator.c.id).with_for_update(key_share=True)
        with self._write() as connection:
            connection.execute(turn).all()
            changed = update(annotator).where(annotator.c.id == annotator_id)
            row = connection.execute(
                changed.values(role=role, active=active).returning(annotator)
            ).one_or_none()
            if row is None:
                raise InvalidInput("There is no such person; choose one from the list.")
            if connection.execute(owners).first() is None:
                raise InvalidInput("A team needs an owner; make somebody else one first.")
        return Annotator(**row._asdict())

    def set_keys(self, annotator_id: int, keys: Mapping[str, str] | None) -> None:
        """Keep a person's own keys, or go back to the usual ones without any.

        Raises InvalidInput where one key would mean two things.
        """
        chosen = dict(keys) if keys else None
        if chosen and len(set(chosen.values())) < len(chosen):
            raise InvalidInput("One key cannot mean two things; choose another one.")
        with self._write() as connection:
            connection.execute(
                update(annotator).where(annotator.c.id == annotator_id).values(keys=chosen)
            )
