"""Any sequence of events, undos and resends leaves the store as a simple model says (I1, I2)."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import replay
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)
from label_desk import new_project
from replayed import asked, replayed
from some import some

from anomaly_core.errors import InvalidInput, RingfenceError
from state.errors import REASONS, AlreadyAnswered, AnsweredByOthers, BudgetExhausted, NothingToUndo
from state.settings import Settings
from state.store.drafts import AnswerDraft, Draft, Receipt, Refusal, UndoDraft
from state.store.incremental.closed import ClosedItems
from state.store.schema import Answer, EventKind
from state.store.store import Store

BUDGET, ITEMS, PEOPLE = 4, 4, 3
ANSWER, REPEAT, ADJUDICATION = EventKind.ANSWER, EventKind.REPEAT, EventKind.ADJUDICATION
SAID: list[tuple[EventKind, Answer | None]] = [
    (kind, answer) for kind in (ANSWER, REPEAT, ADJUDICATION) for answer in Answer
]
SAID += [(EventKind.SKIP, None), (EventKind.FLAG, None)]
STORED, REPEATED = "stored", "repeated"


@dataclass
class Model:
    """What the store should hold: done things by uuid, in the order they were done."""

    overlap: int
    done: dict[str, AnswerDraft] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def take(self, draft: Draft) -> str | type[RingfenceError]:
        if draft.uuid in self.seen:
            return REPEATED
        refusal = self.undo(draft) if isinstance(draft, UndoDraft) else self.refusal(draft)
        if refusal is not None:
            return refusal
        self.seen.add(draft.uuid)
        if isinstance(draft, AnswerDraft):
            self.done[draft.uuid] = draft
        return STORED

    def on(self, item: int, kind: EventKind) -> list[AnswerDraft]:
        return [done for done in self.done.values() if (done.item, done.kind) == (item, kind)]

    def bought(self, item: int) -> int:
        return sum(1 for done in self.on(item, ANSWER) if done.y)

    @property
    def spent(self) -> int:
        return sum(map(self.bought, range(ITEMS)))

    def refusal(self, draft: AnswerDraft) -> type[RingfenceError] | None:
        answered, repeated = (
            any(done.annotator_id == draft.annotator_id for done in self.on(draft.item, kind))
            for kind in (ANSWER, REPEAT)
        )
        settled = self.bought(draft.item) and self.on(draft.item, ADJUDICATION)
        if draft.kind is EventKind.FLAG:
            return None
        if draft.kind is ADJUDICATION:
            return None if self.bought(draft.item) else InvalidInput
        if draft.kind is REPEAT:
            return None if answered and not repeated else AlreadyAnswered
        if answered:
            return AlreadyAnswered
        if draft.y and (settled or self.bought(draft.item) >= self.overlap):
            return AnsweredByOthers
        return BudgetExhausted if draft.y and self.spent >= BUDGET else None

    def undo(self, draft: UndoDraft) -> type[RingfenceError] | None:
        own = [done for done in self.done.values() if done.annotator_id == draft.annotator_id]
        if draft.undoes is None:
            walked = (ANSWER, EventKind.SKIP, REPEAT)
            named = [done.uuid for done in own if done.kind in walked]
        else:
            named = [done.uuid for done in own if done.uuid == draft.undoes]
        if not named:
            return NothingToUndo
        del self.done[named[-1]]
        return None

    @property
    def labels(self) -> dict[int, int]:
        votes = {item: sum(done.y for done in self.on(item, ANSWER)) for item in range(ITEMS)}
        for item in filter(self.bought, range(ITEMS)):
            for verdict in self.on(item, ADJUDICATION):
                votes[item] = some(verdict.answer).y
        return {item: (vote > 0) - (vote < 0) for item, vote in votes.items() if vote}

    def handled(self, annotator_id: int) -> set[int]:
        return {
            item
            for item in range(ITEMS)
            if self.bought(item) >= self.overlap
            or (self.bought(item) and self.on(item, ADJUDICATION))
            or any(
                (done.item, done.annotator_id) == (item, annotator_id)
                for done in self.done.values()
                if done.kind not in (EventKind.FLAG, REPEAT)
            )
        }


class LabelMachine(RuleBasedStateMachine):
    """Several people at one small project, some of them with a bad connection."""

    sent = Bundle("sent")
    taken_back = Bundle("taken_back")
    person = st.integers(0, PEOPLE - 1)
    item = st.integers(0, ITEMS - 1)

    def __init__(self, new_settings: Callable[[], Settings], overlap: int) -> None:
        super().__init__()
        settings = new_settings()
        self.store = Store.open(settings, clock=lambda: 5.0)
        self.other = Store.open(settings, clock=lambda: 5.0)  # of another server
        small = new_project(budget=BUDGET, overlap=overlap, pool_size=ITEMS)
        self.project = self.store.projects.create(small).id
        self.people = [self.store.people.ensure(f"p{n}").id for n in range(PEOPLE)]
        self.model = Model(overlap)
        self.count = 0

    def teardown(self) -> None:
        try:
            assert self.store.integrity_problems() == []
        finally:
            self.store.close()
            self.other.close()

    def _draft(self, who: int, item: int, kind: EventKind, answer: Answer | None) -> AnswerDraft:
        whose = self._whose(self.people[who])
        return AnswerDraft(item=item, kind=kind, answer=answer, **whose)

    def _undo(self, annotator_id: int, undoes: str | None = None) -> UndoDraft:
        return UndoDraft(undoes=undoes, **self._whose(annotator_id))

    def _whose(self, annotator_id: int) -> dict[str, Any]:
        self.count += 1
        return {
            "uuid": f"u{self.count}",
            "project_id": self.project,
            "annotator_id": annotator_id,
            "pressed_at": 1.0,
        }

    @rule()
    def turn_to_the_other_server(self) -> None:
        self.store, self.other = self.other, self.store

    def _store(self, draft: Draft) -> Receipt:
        if isinstance(draft, UndoDraft):
            return self.store.events.undo(**vars(draft))
        return self.store.events.accept(draft)

    def _send(self, draft: Draft) -> None:
        expected = self.model.take(draft)
        if isinstance(expected, str):
            receipt = self._store(draft)
            assert (REPEATED if receipt.repeated else STORED) == expected
            assert self.store.projects.get(draft.project_id).spent == self.model.spent
        else:
            with pytest.raises(expected):
                self._store(draft)

    @rule(target=sent, who=person, item=item, said=st.sampled_from(SAID))
    def send(self, who, item, said):
        draft = self._draft(who, item, *said)
        self._send(draft)
        return draft

    @rule(target=sent, who=person, item=item, answer=st.sampled_from(Answer))
    def answer(self, who, item, answer):
        return self.send(who, item, (ANSWER, answer))

    @rule(draft=sent)
    def send_again(self, draft):
        self._send(draft)

    @rule(target=taken_back, who=person)
    def undo(self, who):
        draft = self._undo(self.people[who])
        self._send(draft)
        return draft

    @rule(target=taken_back, draft=sent)
    def undo_named(self, draft):
        undo = self._undo(draft.annotator_id, draft.uuid)
        self._send(undo)
        return undo

    @rule(draft=taken_back)
    def undo_again(self, draft):
        self._send(draft)

    @rule(
        old=st.lists(st.one_of(sent, taken_back), max_size=2),
        new=st.lists(st.tuples(person, item, st.sampled_from(SAID)), max_size=4),
        taken=st.lists(person, max_size=2),
        order=st.randoms(),
    )
    def submit(self, old, new, taken, order):
        drafts = [self._draft(who, item, *said) for who, item, said in new] + old
        drafts += [self._undo(self.people[who]) for who in taken]
        order.shuffle(drafts)
        expected = [self.model.take(draft) for draft in drafts]
        for outcome, wanted in zip(self.store.events.submit(drafts), expected, strict=True):
            if isinstance(outcome, Refusal):
                assert not isinstance(wanted, str)
                assert outcome.reason is REASONS[wanted]
            else:
                assert (REPEATED if outcome.repeated else STORED) == wanted

    @rule(old=sent, answer=st.sampled_from(Answer), item=item, elsewhere=st.booleans())
    def relabel(self, old, answer, item, elsewhere):
        undo = self._undo(old.annotator_id, old.uuid)
        who = self.people.index(old.annotator_id)
        draft = self._draft(who, item if elsewhere else old.item, ANSWER, answer)
        before = (dict(self.model.done), set(self.model.seen))
        expected = self.model.take(undo)
        if expected == STORED:
            expected = self.model.take(draft)
        if expected == STORED:
            self.store.events.relabel(draft, undo)
            assert self.store.projects.get(draft.project_id).spent == self.model.spent
            return
        self.model.done, self.model.seen = before
        assert not isinstance(expected, str)
        with pytest.raises(expected):
            self.store.events.relabel(draft, undo)

    @invariant()
    def spent_is_what_stands(self):
        assert self.store.projects.get(self.project).spent == self.model.spent <= BUDGET

    @invariant()
    def standing_answers_are_those_of_the_model(self):
        expected = [uuid for uuid, done in self.model.done.items() if done.kind is ANSWER]
        assert [event.uuid for event in self.store.events.standing(self.project)] == expected

    @invariant()
    def labels_are_those_of_the_model(self):
        items, y, _ = self.store.events.labels(self.project)
        assert dict(zip(items.tolist(), y.tolist(), strict=True)) == self.model.labels

    @invariant()
    def handled_items_are_those_of_the_model(self):
        history, overlap = self.store.events.history(self.project), self.model.overlap
        for annotator_id in self.people:
            expected = self.model.handled(annotator_id)
            assert set(ClosedItems(history, annotator_id, overlap).array.tolist()) == expected

    @invariant()
    def either_server_knows_what_a_full_replay_tells(self):
        events = self.store.events.since(self.project)
        expected = replayed(events, self.people, self.model.overlap)
        for store in (self.store, self.other):
            history = store.events.history(self.project)
            assert asked(history, self.people, self.model.overlap) == expected
            assert [history.of(item).events for item in range(ITEMS)] == [
                tuple(event for event in events if event.item == item) for item in range(ITEMS)
            ]

    @invariant()
    def labels_changed_since_any_event_are_counted(self):
        events = self.store.events.since(self.project)
        history, after = self.store.events.history(self.project), replay.labels(events)
        for seq in range(0, history.last_seq + 1, 3):
            before = replay.labels(event for event in events if event.seq <= seq)
            assert len(history.changed_since(seq)) == replay.changed(before, after)


@pytest.mark.slow
@pytest.mark.parametrize("overlap", [1, 2])
def test_store_agrees_with_the_model(new_settings, blank, overlap):
    def fresh() -> Settings:
        given = new_settings()
        if given.database_url is None:  # else it is migrated, which takes longer than the test
            given.data_dir.mkdir()
            shutil.copy(blank, given.data_dir)
        return given

    class MachineOfThisOverlap(LabelMachine):
        def __init__(self) -> None:
            super().__init__(fresh, overlap)

    run_state_machine_as_test(
        MachineOfThisOverlap,
        settings=settings(
            max_examples=12,
            stateful_step_count=30,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
