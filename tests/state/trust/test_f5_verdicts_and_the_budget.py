"""F5: a verdict trains only while a label that was paid for stands beneath it."""

import pytest
from label_desk import Desk
from sqlalchemy import update

from state.errors import NothingToUndo
from state.store.schema import Answer, EventKind, Role, project
from state.store.store import Store

NORMAL, ANOMALOUS = Answer.NORMAL, Answer.ANOMALOUS


def settle(desk: Desk, item: int, owner: int) -> None:
    desk.answer(item, ANOMALOUS, annotator_id=owner, kind=EventKind.ADJUDICATION)


class TestF5VerdictsAndTheBudget:
    @pytest.mark.parametrize("overlap", [1, 2])
    def test_ten_verdicts_on_answers_that_were_taken_back_train_nothing(self, store, overlap):
        desk = Desk(store, budget=2, overlap=overlap)
        ada = store.people.ensure("ada", Role.ANNOTATOR).id
        for item in range(10):
            desk.answer(item, NORMAL, annotator_id=ada)
            settle(desk, item, desk.me)
            desk.undo(annotator_id=ada)
        assert (desk.spent, desk.labels) == (0, {})
        assert store.integrity_problems() == []

    def test_a_verdict_stands_again_with_a_new_label(self, store: Store):
        desk = Desk(store, budget=2)
        ada = store.people.ensure("ada", Role.ANNOTATOR).id
        desk.answer(1, NORMAL, annotator_id=ada)
        settle(desk, 1, desk.me)
        desk.undo(annotator_id=ada)
        assert 1 not in desk.closed_to(ada)
        desk.answer(1, NORMAL, annotator_id=ada)
        assert (desk.spent, desk.labels) == (1, {1: -1})

    def test_nothing_is_settled_once_its_label_was_taken_back(self, store: Store):
        desk = Desk(store, budget=2)
        ada = store.people.ensure("ada", Role.ANNOTATOR).id
        desk.answer(1, NORMAL, annotator_id=ada)
        settle(desk, 1, desk.me)
        desk.undo(annotator_id=ada)
        with pytest.raises(Exception, match="no label to settle"):
            settle(desk, 1, desk.me)
        with pytest.raises(NothingToUndo):
            desk.undo(annotator_id=ada)

    def test_with_two_labels_a_verdict_outlives_the_first_undo(self, store: Store):
        desk = Desk(store, budget=4, overlap=2)
        people = [store.people.ensure(name, Role.ANNOTATOR).id for name in ("ada", "ben")]
        for who in people:
            desk.answer(1, NORMAL, annotator_id=who)
        settle(desk, 1, desk.me)
        desk.undo(annotator_id=people[0])
        assert (desk.spent, desk.labels) == (1, {1: -1})
        desk.undo(annotator_id=people[1])
        assert (desk.spent, desk.labels) == (0, {})

    def test_labels_beyond_the_budget_are_seen(self, store: Store):
        desk = Desk(store, budget=2)
        desk.answer(1)
        with store.engine.begin() as connection:
            connection.execute(update(project).values(spent=0))
        found = store.integrity_problems()
        assert any("1 labels are learned from but 0 were paid for" in one for one in found)
        with store.engine.begin() as connection:
            connection.execute(update(project).values(spent=1))
