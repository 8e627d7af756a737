"""Any sequence of answers, undos and resends leaves the store as a simple model says (I1, I2)."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from label_desk import new_project

from state.answers import AnswerDraft
from state.errors import AlreadyAnswered, BudgetExhausted, NothingToUndo
from state.schema import Answer, EventKind
from state.settings import Settings
from state.store import Store

BUDGET, ITEMS, PEOPLE = 4, 4, 3


@dataclass
class Model:
    """What the store should hold: done things by uuid, in the order they were done."""

    overlap: int
    done: dict[str, tuple[int, int, Answer | None]] = field(default_factory=dict)

    def answers(self, item: int) -> dict[int, Answer]:
        return {who: said for who, on, said in self.done.values() if on == item and said}

    @property
    def spent(self) -> int:
        return sum(1 for _, _, said in self.done.values() if said and said.y)

    def refusal(self, who: int, item: int, said: Answer | None) -> type[Exception] | None:
        answers = self.answers(item)
        if who in answers:
            return AlreadyAnswered
        if said is None or not said.y:
            return None
        if sum(1 for answer in answers.values() if answer.y) >= self.overlap:
            return AlreadyAnswered
        return BudgetExhausted if self.spent >= BUDGET else None

    def newest(self, who: int) -> str | None:
        return next((u for u, entry in reversed(self.done.items()) if entry[0] == who), None)


class LabelMachine(RuleBasedStateMachine):
    """Several people at one small project, some of them with a bad connection."""

    sent = Bundle("sent")
    taken_back = Bundle("taken_back")
    person = st.integers(0, PEOPLE - 1)

    def __init__(self, new_settings: Callable[[], Settings], overlap: int) -> None:
        super().__init__()
        self.store = Store.open(new_settings(), clock=lambda: 5.0)
        values = {"budget": BUDGET, "overlap": overlap, "pool_size": ITEMS}
        self.project = self.store.create_project(new_project(**values)).id
        self.people = [self.store.ensure_annotator(f"p{n}").id for n in range(PEOPLE)]
        self.model = Model(overlap)
        self.count = 0

    def teardown(self) -> None:
        try:
            assert self.store.integrity_problems() == []
        finally:
            self.store.close()

    def _uuid(self) -> str:
        self.count += 1
        return f"u{self.count}"

    @rule(
        target=sent,
        who=person,
        item=st.integers(0, ITEMS - 1),
        said=st.sampled_from([*Answer, None]),
    )
    def answer_or_skip(self, who, item, said):
        draft = AnswerDraft(
            uuid=self._uuid(),
            project_id=self.project,
            item=item,
            annotator_id=self.people[who],
            kind=EventKind.ANSWER if said else EventKind.SKIP,
            answer=said,
            pressed_at=1.0,
        )
        refusal = self.model.refusal(who, item, said)
        if refusal is not None:
            with pytest.raises(refusal):
                self.store.accept(draft)
            return multiple()
        receipt = self.store.accept(draft)
        self.model.done[draft.uuid] = (who, item, said)
        assert not receipt.repeated
        assert receipt.spent == self.model.spent
        return draft

    @rule(draft=sent)
    def send_again(self, draft):
        assert self.store.accept(draft).repeated

    @rule(target=taken_back, who=person)
    def undo(self, who):
        newest = self.model.newest(who)
        request = {"project_id": self.project, "annotator_id": self.people[who]}
        request |= {"uuid": self._uuid(), "pressed_at": 2.0}
        if newest is None:
            with pytest.raises(NothingToUndo):
                self.store.undo(**request)
            return multiple()
        assert self.store.undo(**request).undone.uuid == newest
        del self.model.done[newest]
        return request

    @rule(draft=sent)
    def undo_named(self, draft):
        request = {"project_id": self.project, "annotator_id": draft.annotator_id}
        request |= {"uuid": self._uuid(), "pressed_at": 2.0, "undoes": draft.uuid}
        if draft.uuid in self.model.done:
            assert self.store.undo(**request).undone.item == draft.item
            del self.model.done[draft.uuid]
        else:
            with pytest.raises(NothingToUndo):
                self.store.undo(**request)

    @rule(request=taken_back)
    def undo_again(self, request):
        assert self.store.undo(**request).repeated

    @invariant()
    def spent_is_what_stands(self):
        assert self.store.project(self.project).spent == self.model.spent <= BUDGET

    @invariant()
    def standing_answers_are_those_of_the_model(self):
        expected = {uuid for uuid, (_, _, said) in self.model.done.items() if said}
        assert {event.uuid for event in self.store.standing(self.project)} == expected

    @invariant()
    def handled_items_are_those_of_the_model(self):
        for who, annotator_id in enumerate(self.people):
            own = {item for by, item, _ in self.model.done.values() if by == who}
            complete = {
                item
                for item in range(ITEMS)
                if sum(1 for said in self.model.answers(item).values() if said.y)
                >= self.model.overlap
            }
            assert self.store.handled_items(self.project, annotator_id) == own | complete


@pytest.mark.parametrize("overlap", [1, 2])
def test_store_agrees_with_the_model(new_settings, overlap):
    run_state_machine_as_test(
        lambda: LabelMachine(new_settings, overlap),
        settings=settings(
            max_examples=12,
            stateful_step_count=30,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
