"""The append-only history of answers: accept one, take one back, read what stands."""

from collections.abc import Callable, Collection, Mapping, Sequence
from threading import Lock
from typing import Any
from uuid import NAMESPACE_OID, uuid4, uuid5

from sqlalchemy import Connection, Engine, Row, Select, delete, func, insert, select, update

from anomaly_core.errors import InvalidInput
from state.errors import (
    REASONS,
    AlreadyAnswered,
    AnsweredByOthers,
    BudgetExhausted,
    NotAllowed,
    NothingToSettle,
    NothingToUndo,
)
from state.settings import Settings
from state.store.batches import is_gone, take_back
from state.store.database import Database, lock_project
from state.store.drafts import AnswerDraft, Draft, Receipt, Refusal, UndoDraft
from state.store.history import Event, LabeledItems, in_force
from state.store.incremental.history import History
from state.store.incremental.indices import WALKED_BACK
from state.store.schema import Answer, EventKind, Role, annotator, event, item_lease, project, wish

LATELY = 5_000  # events, the newest, among which is looked for who is at work
TAKEN_BACK = "This image was taken out of the project; go on to the next one."


class EventLog(Database):
    """The part of the store that answers go through."""

    def __init__(self, engine: Engine, settings: Settings, clock: Callable[[], float]) -> None:
        super().__init__(engine, settings, clock)
        self._histories: dict[int, History] = {}
        self._turns: dict[int, Lock] = {}

    def accept(self, draft: AnswerDraft) -> Receipt:
        """Store an answer, skip or flag exactly once, and pay for it if it is a label.

        All of it is one transaction. Sending a draft again gives its receipt again and changes
        nothing. Raises AlreadyAnswered, BudgetExhausted, UnknownProject and InvalidInput.
        """
        with self._write() as connection:
            return self._take(connection, draft, lock_project(connection, draft.project_id))

    def undo(
        self,
        *,
        project_id: int,
        annotator_id: int,
        uuid: str,
        pressed_at: float,
        undoes: str | None = None,
    ) -> Receipt:
        """Take back the annotator's newest standing answer or skip, or the one with uuid `undoes`.

        A label gives its price back to the budget. Undoing again walks further back; sending the
        same `uuid` again changes nothing. Raises NothingToUndo, UnknownProject and InvalidInput.
        """
        draft = UndoDraft(
            uuid=uuid,
            project_id=project_id,
            annotator_id=annotator_id,
            pressed_at=pressed_at,
            undoes=undoes,
        )
        with self._write() as connection:
            return self._take(connection, draft, lock_project(connection, draft.project_id))

    def submit(self, drafts: Sequence[Draft]) -> list[Receipt | Refusal]:
        """Store what can be stored of several events, in order, in one transaction.

        Returns a receipt or the reason of its refusal for each; sending them again is safe.
        """
        with self._write() as connection:
            rows = {  # locked all in one order, or two would wait in vain
                project_id: lock_project(connection, project_id)
                for project_id in sorted({draft.project_id for draft in drafts})
            }
            _hold(connection, {draft.annotator_id for draft in drafts})  # for the same reason
            return [self._outcome(connection, draft, rows[draft.project_id]) for draft in drafts]

    def relabel(self, draft: AnswerDraft, undo: UndoDraft) -> Receipt:
        """Put an answer in the place of one that is taken back: both or neither.

        Raises what `accept` and `undo` raise.
        """
        with self._write() as connection:
            row = lock_project(connection, draft.project_id)
            self._take(connection, undo, row)
            return self._take(connection, draft, row)

    def import_answers(
        self, project_id: int, annotator_id: int, said: Mapping[int, Answer], strategy: str
    ) -> int:
        """Store answers that came along with images, once; how many there were to store.

        The budget grows by what they cost: it is for what people are still to be asked.
        """
        with self._write() as connection:
            row, now = lock_project(connection, project_id), self.clock()
            source = (event.c.project_id == project_id) & (event.c.annotator_id == annotator_id)
            known = set(connection.execute(select(event.c.item).where(source)).scalars())
            values = {
                "project_id": project_id,
                "annotator_id": annotator_id,
                "revision": 1,
                "kind": EventKind.ANSWER,
                "round": 0,
                "strategy": strategy,
                "pressed_at": now,
                "received_at": now,
            }
            new = [
                values | {"uuid": str(uuid4()), "item": item, "answer": answer}
                for item, answer in said.items()
                if item not in known
            ]
            if new:
                connection.execute(insert(event), new)
                more = {name: row._mapping[name] + len(new) for name in ("budget", "spent")}
                mine = project.c.id == project_id
                connection.execute(update(project).where(mine).values(more))
            return len(new)

    def bring_in(self, drafts: Sequence[AnswerDraft]) -> list[Receipt | Refusal]:
        """Store what was said elsewhere about one project, in order, in one transaction.

        Whoever said it need not be one who may answer here. What is answered already is refused,
        and a verdict on what has no label; raises BudgetExhausted with nothing stored,
        UnknownProject and InvalidInput.
        """
        outcomes = list[Receipt | Refusal]()
        with self._write() as connection:
            for draft in drafts:
                row = lock_project(connection, draft.project_id)
                try:
                    outcomes.append(self._take(connection, draft, row, elsewhere=True))
                except (AlreadyAnswered, NothingToSettle) as error:
                    outcomes.append(Refusal.of(draft.uuid, error))
        return outcomes

    def take_back_batch(self, project_id: int, number: int) -> int:
        """Take a batch of images out of a pool, and every answer to them back; how many answers.

        Labels give their price back. Raises UnknownProject, and InvalidInput for the first batch.
        """
        with self._write() as connection:
            lock_project(connection, project_id)
            items = take_back(connection, project_id, number, self.clock()).rows
            said = _standing_on(connection, project_id, items)
            for one in said:
                again = str(uuid5(NAMESPACE_OID, one.uuid))
                undo = UndoDraft(
                    uuid=again,
                    project_id=project_id,
                    annotator_id=one.annotator_id,
                    pressed_at=self.clock(),
                    undoes=one.uuid,
                )
                self._take_back(connection, undo)
            for table in (item_lease, wish):
                of_batch = table.c.item.between(items.start, items.stop - 1)
                connection.execute(delete(table).where(table.c.project_id == project_id, of_batch))
            return sum(1 for one in said if one.y)

    def _outcome(self, connection: Connection, draft: Draft, row: Row[Any]) -> Receipt | Refusal:
        try:
            return self._take(connection, draft, row)  # refuses before it has written anything
        except tuple(REASONS) as error:
            return Refusal.of(draft.uuid, error)

    def _take(
        self, connection: Connection, draft: Draft, row: Row[Any], elsewhere: bool = False
    ) -> Receipt:
        recorded = _find(connection, draft.uuid)
        if recorded is not None:
            draft.require_same(recorded)
            return Receipt(recorded, repeated=True)
        if not elsewhere:
            _require_annotator(connection, draft)
        if isinstance(draft, UndoDraft):
            return self._take_back(connection, draft)
        _require_item(row, draft.item)
        if is_gone(connection, draft.project_id, draft.item):
            raise InvalidInput(TAKEN_BACK)
        said = _said(connection, draft.project_id, draft.item)
        _require_open(in_force(said), draft, overlap=row.overlap)
        if draft.y:
            _pay(connection, draft.project_id)
        _give_back(connection, draft)
        return self._append(connection, vars(draft), said)

    def _take_back(self, connection: Connection, draft: UndoDraft) -> Receipt:
        target = _newest_standing(connection, draft)
        if target.bought:
            _refund(connection, draft.project_id)
        said = _said(connection, target.project_id, target.item)
        return self._append(connection, _undo_values(target, draft), said)

    def since(self, project_id: int, after_seq: int = 0) -> list[Event]:
        """The history of the project after the event numbered `after_seq`, oldest first."""
        chosen = (event.c.project_id == project_id) & (event.c.seq > after_seq)
        with self._read() as connection:
            return _events(connection, select(event).where(chosen).order_by(event.c.seq))

    def latest(self, project_id: int) -> float | None:
        """When something was last said in a project, epoch seconds; `None` where nothing was."""
        newest = select(event.c.received_at).where(event.c.project_id == project_id)
        with self._read() as connection:
            return connection.scalar(newest.order_by(event.c.seq.desc()).limit(1))

    def lately(self, since: float) -> dict[int, float]:
        """Who has said something since then, in any project, and when last (epoch seconds)."""
        newest = select(event.c.seq).order_by(event.c.seq.desc()).limit(LATELY).subquery()
        recent = event.c.seq.in_(select(newest.c.seq)) & (event.c.received_at >= since)
        last = func.max(event.c.received_at).label("at")
        query = select(event.c.annotator_id, last).where(recent).group_by(event.c.annotator_id)
        with self._read() as connection:
            return {row.annotator_id: row.at for row in connection.execute(query)}

    def history(self, project_id: int) -> History:
        """What the events of the project come to by now; only those not seen before are read.

        Read anew where another database has come in the place of the one before.
        """
        with self._turns.setdefault(project_id, Lock()):  # nobody reads what another is reading
            known = self._histories.get(project_id, History())
            found = self.since(project_id, known.last_seq - 1)
            if known.last is None:
                known = known.after(found)
            elif found and _same(found[0], known.last):
                known = known.after(found[1:])
            else:
                known = History().after(self.since(project_id))
            self._histories[project_id] = known
        return known

    def standing(self, project_id: int) -> list[Event]:
        """The answers (normal, anomalous, unsure) that were not taken back, oldest first."""
        return self.history(project_id).standing

    def labels(self, project_id: int) -> LabeledItems:
        """The labels `(items, y, last_seq)`, see `History.labels`."""
        return self.history(project_id).labels

    def _append(
        self, connection: Connection, values: dict[str, Any], said: Sequence[Event]
    ) -> Receipt:
        own = [one.revision for one in said if one.annotator_id == values["annotator_id"]]
        revision = max(own, default=0) + 1
        statement = insert(event).values(**values, revision=revision, received_at=self.clock())
        return Receipt(_event(connection.execute(statement.returning(event)).one()))


def _event(row: Row[Any]) -> Event:
    return Event._make(row)


def _same(one: Event, other: Event) -> bool:
    return (one.seq, one.uuid) == (other.seq, other.uuid)


def _events(connection: Connection, query: Select[Any]) -> list[Event]:
    return [_event(row) for row in connection.execute(query)]


def _find(connection: Connection, uuid: str) -> Event | None:
    found = _events(connection, select(event).where(event.c.uuid == uuid))
    return found[0] if found else None


def _said(connection: Connection, project_id: int, item: int) -> list[Event]:
    """Everything that was said of an item."""
    of_item = (event.c.project_id == project_id) & (event.c.item == item)
    return _events(connection, select(event).where(of_item))


def _require_item(row: Row[Any], item: int) -> None:
    if row.pool_size is not None and item >= row.pool_size:
        raise InvalidInput(f"There is no item {item}; the pool ends at {row.pool_size - 1}.")


def _hold(connection: Connection, people: Collection[int]) -> Sequence[Row[Any]]:
    """The rows of people, whom nobody changes until the end of this transaction."""
    query = select(annotator).where(annotator.c.id.in_(people)).order_by(annotator.c.id)
    return connection.execute(query.with_for_update(read=True)).all()


def _require_annotator(connection: Connection, draft: Draft) -> None:
    person = next(iter(_hold(connection, [draft.annotator_id])), None)
    if person is None or not person.active or person.role is Role.VIEWER:
        raise NotAllowed("This annotator may not answer; choose a name that may.")
    if draft.adjudicates and person.role is not Role.OWNER:
        raise NotAllowed("Only an owner may settle a disagreement; ask one.")


def _require_open(current: Sequence[Event], draft: AnswerDraft, *, overlap: int) -> None:
    """The item still lacks this annotator's answer, and a label is still wanted for it."""
    if draft.kind is EventKind.FLAG:
        return
    bought = sum(1 for other in current if other.bought)
    settled = bought and any(other.kind is EventKind.ADJUDICATION for other in current)
    if draft.kind is EventKind.ADJUDICATION:
        if not bought:  # a label has its price
            raise NothingToSettle("There is no label to settle on this item; answer it instead.")
        return
    own = {e.kind for e in current if e.annotator_id == draft.annotator_id}
    if draft.kind is EventKind.REPEAT:
        if EventKind.ANSWER not in own or EventKind.REPEAT in own:
            raise AlreadyAnswered("This item is not asked a second time; go on to the next one.")
        return
    if EventKind.ANSWER in own:
        raise AlreadyAnswered("You have answered this item; undo that answer to change it.")
    if draft.y and (settled or bought >= overlap):
        raise AnsweredByOthers("Others have answered this item meanwhile; go on to the next one.")


def _give_back(connection: Connection, draft: AnswerDraft) -> None:
    """End the leases of who has now dealt with the item: others may be waiting for it."""
    if draft.kind is not EventKind.FLAG:
        connection.execute(
            delete(item_lease).where(
                item_lease.c.project_id == draft.project_id,
                item_lease.c.item == draft.item,
                item_lease.c.annotator_id == draft.annotator_id,
            )
        )


def _standing_on(connection: Connection, project_id: int, items: range) -> list[Event]:
    """What was said of some items and stands."""
    of_items = event.c.item.between(items.start, items.stop - 1)
    query = select(event).where(event.c.project_id == project_id, of_items)
    return in_force(_events(connection, query))


def _pay(connection: Connection, project_id: int) -> None:
    affordable = (project.c.id == project_id) & (project.c.spent < project.c.budget)
    paid = connection.execute(
        update(project).where(affordable).values(spent=project.c.spent + 1)
    ).rowcount
    if not paid:
        raise BudgetExhausted("The budget is spent; undo a label to answer another item instead.")


def _refund(connection: Connection, project_id: int) -> None:
    connection.execute(
        update(project).where(project.c.id == project_id).values(spent=project.c.spent - 1)
    )


def _newest_standing(connection: Connection, draft: UndoDraft) -> Event:
    undoing = event.alias()
    chosen = [
        event.c.project_id == draft.project_id,
        event.c.annotator_id == draft.annotator_id,
        event.c.kind != EventKind.UNDO,
        ~select(undoing.c.seq).where(undoing.c.undoes == event.c.uuid).exists(),
    ]
    if draft.undoes is None:
        chosen.append(event.c.kind.in_(WALKED_BACK))
    else:
        chosen.append(event.c.uuid == draft.undoes)
    query = select(event).where(*chosen).order_by(event.c.seq.desc()).limit(1)
    found = _events(connection, query)
    if not found:
        raise NothingToUndo("There is nothing of yours to undo.")
    return found[0]


def _undo_values(target: Event, draft: UndoDraft) -> dict[str, Any]:
    return {
        "uuid": draft.uuid,
        "project_id": target.project_id,
        "item": target.item,
        "annotator_id": target.annotator_id,
        "kind": EventKind.UNDO,
        "undoes": target.uuid,
        "round": target.round,
        "pressed_at": draft.pressed_at,
    }
