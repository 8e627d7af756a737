"""Who answers: names, roles, and each person's keys."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from anomaly_core.errors import InvalidInput
from state.heard import name, storable
from state.store.audit_log import AuditLog, Deed, note, require_role
from state.store.database import Database, together
from state.store.schema import LONGEST_NAME, Role, annotator

ONLY_OWNERS = "Only an owner can add people or change what they may do; ask one."
ONLY_LOOKING = "This name may look but not answer; choose another on Team."
MOST_KEYS = 50  # that somebody can choose


@dataclass(frozen=True)
class Annotator:
    """Somebody who answers; `keys` maps actions to the keys that this person chose."""

    id: int
    name: str
    role: Role
    active: bool
    keys: dict[str, str] | None = None

    @property
    def is_machine(self) -> bool:
        """Whether this is nobody in the team, but whoever may log in to the machine."""
        return self.id == MACHINE.id

    @property
    def may_answer(self) -> bool:
        """Whether the store takes this person's answers."""
        return self.active and self.role is not Role.VIEWER

    @property
    def may_manage(self) -> bool:
        """Whether this person may create and delete: an active owner."""
        return self.active and self.role is Role.OWNER


MACHINE = Annotator(0, "the command line", Role.OWNER, True)  # whoever may log in to the machine


class People(Database):
    """The part of the store that knows the people."""

    def all(self) -> list[Annotator]:
        """Everybody, the first to come first."""
        with self._read() as connection:
            rows = connection.execute(select(annotator).order_by(annotator.c.id)).all()
        return [Annotator(**row._asdict()) for row in rows]

    def ensure(self, called: str, role: Role = Role.OWNER) -> Annotator:
        """The annotator of that name, new with `role` if there is none; an old one keeps its."""
        return self._there(called, role)[0]

    def _there(self, called: str, role: Role) -> tuple[Annotator, bool]:
        """The annotator of that name, and whether there was none yet; see `ensure`."""
        called = called.strip()
        if not 0 < len(called) <= LONGEST_NAME or not storable(called):
            raise InvalidInput(
                f"An annotator needs a name of up to {LONGEST_NAME} letters; give one."
            )
        found = next((one for one in self.all() if one.name == called), None)
        if found is not None:
            return found, False
        new = insert(annotator).values(name=called, role=role, active=True).returning(annotator)
        try:
            with self._write() as connection:
                return Annotator(**connection.execute(new).one()._asdict()), True
        except IntegrityError:  # another process was first
            return self._there(called, role)

    def arrive(self, called: str, role: Role) -> Annotator:
        """Take in somebody whom the server knows, with a row of that the first time."""
        for known in self.all():
            if known.name == called.strip():
                return known
        with together(self.engine) as connection:
            person, new = self._there(called, role)
            if new:
                said = f"{person.name}: {person.role}"
                note(connection, self.clock(), person, Deed.ARRIVED, said)
        return person

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

    def add(self, called: str, role: Role, who: Annotator) -> Annotator:
        """Take somebody into the team, for an owner; whoever is in it keeps their role.

        Raises NotAllowed for others.
        """
        log = AuditLog(self.engine, self.settings, self.clock)
        log.require(who, Role.OWNER, ONLY_OWNERS)
        for known in self.all():
            if known.name == called.strip():
                return known
        subject = f"{called.strip()}: {role}"
        with log.doing(who, Deed.ADDED_PERSON, subject, refusal=ONLY_OWNERS) as row:
            person, new = self._there(called, role)
            row.nothing = not new
        return person

    def change(self, annotator_id: int, *, role: Role, active: bool, who: Annotator) -> Annotator:
        """Change what a person may do, for an owner; what is so already leaves no row in the log.

        Raises NotAllowed for others, InvalidInput for somebody unknown, and where nobody could
        manage any more.
        """
        is_owner = (annotator.c.role == Role.OWNER) & annotator.c.active
        owners = select(annotator.c.id).where(is_owner)
        # Two owners who stop being ones at the same moment take turns, in the order of answers.
        concerned = select(annotator.c.id).where(is_owner | (annotator.c.id == annotator_id))
        turn = concerned.order_by(annotator.c.id).with_for_update(key_share=True)
        with self._write() as connection:
            connection.execute(turn).all()
            require_role(connection, who, Role.OWNER, ONLY_OWNERS)
            this_one = annotator.c.id == annotator_id
            row = connection.execute(select(annotator).where(this_one)).one_or_none()
            if row is None:
                raise InvalidInput("There is no such person; choose one from the list.")
            changed = replace(Annotator(**row._asdict()), role=role, active=active)
            if changed == Annotator(**row._asdict()):
                return changed
            connection.execute(update(annotator).where(this_one).values(role=role, active=active))
            if connection.execute(owners).first() is None:
                raise InvalidInput("A team needs an owner; make somebody else one first.")
            said = f"{row.name}: {role}" + ("" if active else ", not active")
            note(connection, self.clock(), who, Deed.CHANGED_PERSON, said)
        return changed

    def set_keys(self, who: Annotator, keys: Mapping[str, str] | None) -> None:
        """Keep a person's own keys, or go back to the usual ones without any.

        Raises NotAllowed for whoever may not answer, and InvalidInput where one key would mean two
        things, and for what are no keys.
        """
        chosen = keys_of(keys) if keys else None
        if chosen and len(set(chosen.values())) < len(chosen):
            raise InvalidInput("One key cannot mean two things; choose another one.")
        with self._write() as connection:
            mine = update(annotator).where(annotator.c.id == who.id)
            connection.execute(mine.values(keys=chosen))  # nobody changes this person from now on
            require_role(connection, who, Role.ANNOTATOR, ONLY_LOOKING)


def keys_of(given: Mapping[str, str]) -> dict[str, str]:
    """The keys that somebody chose; raises InvalidInput for what are none."""
    if not isinstance(given, Mapping) or len(given) > MOST_KEYS:
        raise InvalidInput("Keys could not be saved; choose them again.")
    return {name(action): name(key) for action, key in given.items()}
