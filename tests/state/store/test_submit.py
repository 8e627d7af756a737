"""Several events in one call: each stored or refused by itself, or, to relabel, both or neither."""

from typing import Any

import pytest
from label_desk import Desk

from anomaly_core.errors import InvalidInput
from state.errors import AlreadyAnswered, BudgetExhausted, NothingToUndo, Reason, UnknownProject
from state.store.drafts import Draft, Receipt, Refusal
from state.store.schema import Answer, EventKind

NORMAL, ANOMALOUS, UNSURE = Answer.NORMAL, Answer.ANOMALOUS, Answer.UNSURE
SKIP, FLAG, REPEAT = ({"kind": k} for k in (EventKind.SKIP, EventKind.FLAG, EventKind.REPEAT))


def test_submit_stores_what_it_can(store):
    desk = Desk(store, budget=2)
    drafts: list[Draft] = [
        desk.draft(1),
        desk.draft(1, ANOMALOUS),  # answered already
        desk.draft(100),  # outside the pool
        desk.draft(2, uuid="second"),
        desk.draft(3),  # over the budget
        desk.draft(3, None, **SKIP),
        desk.draft(3, annotator_id=99),
        desk.undo_draft(undoes="nobody's"),
        desk.undo_draft(undoes="second"),
        desk.draft(4),
    ]
    outcomes = store.events.submit(drafts)
    uuids = [one.event.uuid if isinstance(one, Receipt) else one.uuid for one in outcomes]
    assert uuids == [draft.uuid for draft in drafts]
    stored = [isinstance(one, Receipt) for one in outcomes]
    assert stored == [True, False, False, True, False, True, False, False, True, True]
    assert desk.spent == 2
    refusals = [one for one in outcomes if isinstance(one, Refusal)]
    assert [one.reason for one in refusals] == [
        Reason.ALREADY_ANSWERED,
        Reason.INVALID,
        Reason.BUDGET_SPENT,
        Reason.NOT_ALLOWED,
        Reason.NOTHING_TO_UNDO,
    ]
    for one in refusals:
        assert one.sentence.endswith(".")
        assert "\n" not in one.sentence
    assert desk.standing == {1: NORMAL, 4: NORMAL}


def test_submitting_again_changes_nothing(desk):
    drafts = [
        desk.draft(1),
        desk.draft(2, UNSURE),
        desk.draft(3, None, **FLAG, note="odd"),
        desk.undo_draft(),
        desk.draft(1, **REPEAT),
    ]
    first = desk.store.events.submit(drafts)
    before = desk.store.events.since(desk.project.id)
    again = desk.store.events.submit(drafts + drafts)
    assert desk.store.events.since(desk.project.id) == before
    assert desk.spent == 1
    assert [one.event.seq for one in again] == [one.event.seq for one in first] * 2
    assert all(one.repeated for one in again)


def test_a_list_that_holds_an_answer_twice_stores_it_once(desk):
    draft = desk.draft(1)
    assert [one.repeated for one in desk.store.events.submit([draft, draft])] == [False, True]
    assert desk.spent == 1


def test_what_was_refused_may_be_sent_again_later(store):
    desk = Desk(store, budget=1)
    first, second = desk.draft(1), desk.draft(2)
    assert isinstance(store.events.submit([first, second])[1], Refusal)
    outcomes = store.events.submit([desk.undo_draft(), first, second])
    assert [one.repeated for one in outcomes] == [False, True, False]
    assert desk.standing == {2: NORMAL}


def test_submitting_nothing_does_nothing(desk):
    assert desk.store.events.submit([]) == []


def test_nothing_is_stored_of_a_list_with_an_unknown_project(desk):
    with pytest.raises(UnknownProject):
        desk.store.events.submit([desk.draft(1), desk.draft(2, project_id=99)])
    assert desk.standing == {}


def test_relabel_puts_one_answer_in_the_place_of_another(store):
    desk = Desk(store, budget=1)
    desk.answer(7, NORMAL, uuid="first")
    draft, undo = desk.draft(7, ANOMALOUS), desk.undo_draft(undoes="first")
    stored = store.events.relabel(draft, undo).event
    assert (stored.item, stored.answer, desk.spent) == (7, ANOMALOUS, 1)
    assert desk.standing == {7: ANOMALOUS}
    assert store.events.relabel(draft, undo).repeated
    assert len(store.events.since(desk.project.id)) == 3


def test_a_refused_relabel_takes_nothing_back(store):
    desk = Desk(store, budget=2)
    desk.answer(7, NORMAL, uuid="first")
    desk.answer(8, NORMAL)
    before = store.events.since(desk.project.id)
    refusals: list[dict[str, Any]] = [{"item": 8}, {"item": 100}, {"item": 7, "annotator_id": 99}]
    for refused in refusals:
        with pytest.raises((AlreadyAnswered, InvalidInput)):
            store.events.relabel(desk.draft(**refused), desk.undo_draft(undoes="first"))
    assert store.events.since(desk.project.id) == before
    assert desk.spent == 2


def test_a_relabel_over_the_budget_takes_nothing_back(store):
    desk = Desk(store, budget=1)
    desk.answer(7, UNSURE, uuid="free")
    desk.answer(8)
    with pytest.raises(BudgetExhausted):
        store.events.relabel(desk.draft(7), desk.undo_draft(undoes="free"))
    assert desk.standing == {7: UNSURE, 8: NORMAL}


def test_a_relabel_without_anything_to_take_back_stores_nothing(desk):
    with pytest.raises(NothingToUndo):
        desk.store.events.relabel(desk.draft(7), desk.undo_draft(undoes="nothing"))
    assert desk.store.events.since(desk.project.id) == []
