"""A second word on an item: repeats measure an annotator, adjudications settle a disagreement."""

import pytest
from label_desk import Desk

from anomaly_core.errors import InvalidInput
from state.errors import AlreadyAnswered, NothingToUndo
from state.store.schema import Answer, EventKind, Role

NORMAL, ANOMALOUS, UNSURE = Answer.NORMAL, Answer.ANOMALOUS, Answer.UNSURE
REPEAT, ADJUDICATION = {"kind": EventKind.REPEAT}, {"kind": EventKind.ADJUDICATION}


def test_a_repeat_needs_an_answer_and_is_given_once(desk):
    with pytest.raises(AlreadyAnswered):
        desk.answer(7, **REPEAT)
    desk.answer(7, NORMAL)
    desk.answer(7, ANOMALOUS, **REPEAT)
    with pytest.raises(AlreadyAnswered):
        desk.answer(7, NORMAL, **REPEAT)
    assert desk.standing == {7: NORMAL}


def test_a_repeat_is_of_ones_own_answer(desk):
    desk.answer(7)
    with pytest.raises(AlreadyAnswered):
        desk.answer(7, **REPEAT, annotator_id=desk.store.people.ensure("ada").id)


def test_a_repeat_costs_nothing_and_changes_no_label(store):
    desk = Desk(store, budget=1)
    desk.answer(7, NORMAL)
    receipt = desk.answer(7, ANOMALOUS, **REPEAT)
    assert (desk.spent, receipt.event.kind) == (1, EventKind.REPEAT)
    assert desk.labels == {7: 1}


def test_undo_takes_a_repeat_back_before_its_answer(desk):
    desk.answer(7)
    desk.answer(7, ANOMALOUS, **REPEAT)
    assert desk.undone(desk.undo().event).kind is EventKind.REPEAT
    assert desk.spent == 1
    desk.answer(7, **REPEAT)
    undone = [desk.undone(desk.undo().event).kind for _ in range(2)]
    assert undone == [EventKind.REPEAT, EventKind.ANSWER]
    assert desk.spent == 0


def test_an_adjudication_settles_an_item_at_no_cost(store):
    desk = Desk(store, overlap=2, budget=2)
    desk.answer(7, NORMAL)
    desk.answer(7, ANOMALOUS, annotator_id=store.people.ensure("ada").id)
    assert desk.labels == {}
    desk.answer(7, ANOMALOUS, **ADJUDICATION)
    assert desk.spent == 2
    assert desk.labels == {7: -1}
    desk.answer(7, NORMAL, **ADJUDICATION)
    assert desk.labels == {7: 1}
    desk.answer(7, UNSURE, **ADJUDICATION)
    assert desk.labels == {}


def test_an_adjudication_stands_above_the_majority(store):
    desk = Desk(store, overlap=3)
    for name in ("ada", "bob", "cy"):
        desk.answer(7, NORMAL, annotator_id=store.people.ensure(name).id)
    desk.answer(7, ANOMALOUS, **ADJUDICATION, uuid="verdict")
    assert desk.labels == {7: -1}
    assert desk.undone(desk.undo(undoes="verdict").event).answer is ANOMALOUS
    assert desk.labels == {7: 1}


def test_an_adjudicated_item_is_not_proposed_again(desk):
    desk.answer(7)
    desk.answer(7, **ADJUDICATION, uuid="verdict")
    desk.undo()  # of the answer
    other = desk.store.people.ensure("ada").id
    assert desk.closed_to(other) == set()  # nothing that was paid for is left of it
    desk.answer(7, Answer.ANOMALOUS, annotator_id=other)
    assert desk.closed_to(desk.me) == {7}
    assert desk.labels == {7: 1}  # the verdict has something to stand on again


def test_an_adjudication_buys_no_label(desk):
    desk.answer(7, UNSURE)
    with pytest.raises(InvalidInput, match="no label to settle"):
        desk.answer(7, NORMAL, **ADJUDICATION)
    assert desk.labels == {}


def test_undo_does_not_walk_back_over_adjudications(desk):
    desk.answer(2)
    desk.answer(2, **ADJUDICATION)
    desk.answer(1)
    assert [desk.undo().event.item for _ in range(2)] == [1, 2]
    with pytest.raises(NothingToUndo):
        desk.undo()
    assert desk.labels == {}  # the verdict stands, without a label that was paid for


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.VIEWER])
def test_only_an_owner_adjudicates(desk, role):
    other = desk.store.people.ensure("ada", role).id
    with pytest.raises(InvalidInput):
        desk.answer(7, **ADJUDICATION, annotator_id=other)
