"""Answers are stored exactly once (I1), paid for exactly (I2) and aligned by item (I7)."""

import random

import numpy as np
import pytest
from label_desk import Desk

from anomaly_core.errors import InvalidInput
from state.errors import AlreadyAnswered, BudgetExhausted, NothingToUndo, UnknownProject
from state.store.drafts import LONGEST_NOTE, LONGEST_STRATEGY
from state.store.schema import Answer, EventKind, Role

NORMAL, ANOMALOUS, UNSURE = Answer.NORMAL, Answer.ANOMALOUS, Answer.UNSURE
SKIP, FLAG = {"kind": EventKind.SKIP}, {"kind": EventKind.FLAG}


def test_answer_encodes_its_label():
    assert [answer.y for answer in (NORMAL, ANOMALOUS, UNSURE)] == [1, -1, 0]


def test_an_answer_is_stored_as_it_came(desk, clock):
    details = {"model_version": 3, "round": 2, "strategy": "margin", "utility": 0.25}
    receipt = desk.answer(7, ANOMALOUS, shown_at=1_000_000.5, **details)
    (event,) = desk.store.events.since(desk.project.id)
    assert (event.item, event.answer, event.y, event.revision) == (7, ANOMALOUS, -1, 1)
    assert (event.shown_at, event.pressed_at) == (1_000_000.5, 1_000_001.0)
    assert event.received_at == clock.now
    assert {name: getattr(event, name) for name in details} == details
    assert (receipt.event, receipt.repeated) == (event, False)
    assert desk.spent == 1


def test_sending_again_changes_nothing(desk):
    draft = desk.draft(7)
    first = desk.store.events.accept(draft)
    again = desk.store.events.accept(draft)
    assert (again.event, again.repeated) == (first.event, True)
    assert desk.spent == 1
    assert len(desk.store.events.since(desk.project.id)) == 1


def test_sending_again_after_undo_does_not_bring_the_answer_back(desk):
    draft = desk.draft(7)
    desk.store.events.accept(draft)
    desk.undo()
    assert desk.store.events.accept(draft).repeated
    assert desk.standing == {}
    assert desk.spent == 0


def test_one_identity_cannot_stand_for_two_answers(desk):
    desk.answer(7, uuid="same")
    with pytest.raises(InvalidInput):
        desk.answer(8, uuid="same")
    with pytest.raises(InvalidInput):
        desk.answer(7, ANOMALOUS, uuid="same")
    with pytest.raises(InvalidInput):
        desk.undo(uuid="same")


@pytest.mark.parametrize("first", [NORMAL, UNSURE])
def test_an_annotator_answers_an_item_once(desk, first):
    desk.answer(7, first)
    for again in (NORMAL, UNSURE):
        with pytest.raises(AlreadyAnswered):
            desk.answer(7, again)
    with pytest.raises(AlreadyAnswered):
        desk.answer(7, None, **SKIP)
    assert desk.standing == {7: first}


def test_overlap_limits_labels_but_not_unsure(store):
    desk = Desk(store, overlap=2)
    people = [store.people.ensure(name).id for name in ("ada", "bob", "cy")]
    desk.answer(7, UNSURE)
    desk.answer(7, NORMAL, annotator_id=people[0])
    desk.answer(7, ANOMALOUS, annotator_id=people[1])
    with pytest.raises(AlreadyAnswered):
        desk.answer(7, NORMAL, annotator_id=people[2])
    desk.answer(7, UNSURE, annotator_id=people[2])
    assert desk.spent == 2


def test_only_labels_cost(desk):
    desk.answer(1, UNSURE)
    desk.answer(2, None, **SKIP)
    desk.answer(3, None, **FLAG)
    assert desk.spent == 0
    desk.answer(4, NORMAL)
    desk.answer(5, ANOMALOUS)
    assert desk.spent == 2


def test_budget_ends(store):
    desk = Desk(store, budget=2)
    desk.answer(1)
    desk.answer(2)
    with pytest.raises(BudgetExhausted):
        desk.answer(3)
    desk.answer(3, UNSURE)
    assert desk.spent == 2
    assert desk.standing == {1: NORMAL, 2: NORMAL, 3: UNSURE}
    desk.undo(undoes="uuid-0")
    desk.answer(4)
    assert desk.spent == 2


@pytest.mark.parametrize("item", [-1, 100, 2**40])
def test_item_outside_the_pool_is_refused(desk, item):
    with pytest.raises(InvalidInput, match=str(item)):
        desk.answer(item)


@pytest.mark.parametrize(
    "broken",
    [
        {"uuid": ""},
        {"uuid": "x" * 37},
        {"pressed_at": float("nan")},
        {"shown_at": float("inf")},
        {"answer": None},
        {"kind": EventKind.SKIP},
        {"kind": EventKind.UNDO, "answer": None},
        {"kind": EventKind.REPEAT, "answer": None},
        {"kind": EventKind.ADJUDICATION, "answer": None},
        {"uuid": "nul\0"},
        {"uuid": "half \ud83d"},
        {"batch": ""},
        {"batch": "x" * 37},
        {"note": "x" * (LONGEST_NOTE + 1)},
        {"note": "nul\0"},
        {"note": "half \ud83d"},
        {"round": -1},
        {"model_version": 2**31},
        {"strategy": "x" * (LONGEST_STRATEGY + 1)},
    ],
)
def test_broken_draft_is_refused(desk, broken):
    with pytest.raises(InvalidInput):
        desk.draft(1, **({"answer": NORMAL} | broken))


def test_unknown_project_or_annotator_is_refused(desk):
    with pytest.raises(UnknownProject):
        desk.answer(1, project_id=99)
    assert desk.store.events.history(99).last_seq == 0
    with pytest.raises(InvalidInput):
        desk.answer(1, annotator_id=99)


def test_viewer_may_not_answer(desk):
    viewer = desk.store.people.ensure("eve", Role.VIEWER)
    with pytest.raises(InvalidInput):
        desk.answer(1, annotator_id=viewer.id)


def test_undo_gives_the_label_back_and_names_it(desk):
    desk.answer(7, ANOMALOUS)
    undo = desk.undo().event
    assert (undo.kind, undo.item, desk.spent) == (EventKind.UNDO, 7, 0)
    assert (desk.undone(undo).item, desk.undone(undo).answer) == (7, ANOMALOUS)
    assert desk.standing == {}
    desk.answer(7, NORMAL)
    assert [event.revision for event in desk.store.events.since(desk.project.id)] == [1, 2, 3]


def test_undo_walks_back_over_answers_and_skips(desk):
    desk.answer(1)
    desk.answer(2, None, **SKIP)
    desk.answer(3, None, **FLAG)
    desk.answer(4, UNSURE)
    assert [desk.undo().event.item for _ in range(3)] == [4, 2, 1]
    with pytest.raises(NothingToUndo):
        desk.undo()
    assert desk.spent == 0


def test_undo_of_a_named_answer(desk):
    desk.answer(1, uuid="first")
    desk.answer(2)
    assert desk.undo(undoes="first").event.item == 1
    with pytest.raises(NothingToUndo):
        desk.undo(undoes="first")
    assert desk.standing == {2: NORMAL}


def test_sending_an_undo_again_changes_nothing(desk):
    desk.answer(1)
    desk.answer(2)
    first = desk.undo(uuid="undo")
    again = desk.undo(uuid="undo")
    assert (again.event, again.repeated) == (first.event, True)
    assert desk.standing == {1: NORMAL}
    assert desk.spent == 1


def test_nobody_undoes_the_answer_of_another(desk):
    other = desk.store.people.ensure("ada").id
    desk.answer(1, uuid="mine")
    with pytest.raises(NothingToUndo):
        desk.undo(other)
    with pytest.raises(NothingToUndo):
        desk.undo(other, undoes="mine")


def test_handled_items_are_those_not_to_be_proposed(store):
    desk = Desk(store, overlap=2)
    ada, bob = (store.people.ensure(name).id for name in ("ada", "bob"))
    desk.answer(1)
    desk.answer(2, UNSURE)
    desk.answer(3, None, **SKIP)
    desk.answer(4, None, **FLAG)
    desk.answer(5)
    desk.answer(5, annotator_id=ada)
    desk.answer(6, None, **SKIP)
    desk.undo()
    assert desk.closed_to(desk.me) == {1, 2, 3, 5}
    assert desk.closed_to(ada) == {5}
    assert desk.closed_to(bob) == {5}


def test_labels_are_aligned_by_item_whatever_the_order(store):
    desk = Desk(store, budget=40)
    truth = {item: random.Random(item).choice([NORMAL, ANOMALOUS]) for item in range(60, 20, -1)}
    order = random.Random(0).sample(sorted(truth), len(truth))
    for item in order:
        desk.answer(item, truth[item])
    items, y, last_seq = store.events.labels(desk.project.id)
    assert items.dtype == np.int64
    assert y.dtype == np.int8
    assert items.tolist() == sorted(truth)
    assert y.tolist() == [truth[item].y for item in items.tolist()]
    assert last_seq == store.events.since(desk.project.id)[-1].seq


def test_labels_take_the_majority_and_leave_ties_and_unsure_out(store):
    desk = Desk(store, overlap=3)
    votes = {1: (NORMAL, NORMAL, ANOMALOUS), 2: (NORMAL, ANOMALOUS), 3: (UNSURE,), 4: (ANOMALOUS,)}
    for item, answers in votes.items():
        for number, answer in enumerate(answers):
            desk.answer(item, answer, annotator_id=store.people.ensure(f"a{number}").id)
    items, y, _ = store.events.labels(desk.project.id)
    assert dict(zip(items.tolist(), y.tolist(), strict=True)) == {1: 1, 4: -1}


def test_labels_of_a_new_project_are_empty(desk):
    items, y, last_seq = desk.store.events.labels(desk.project.id)
    assert (items.shape, y.shape, last_seq) == ((0,), (0,), 0)


def test_projects_do_not_see_each_other(store):
    one, two = Desk(store, name="one"), Desk(store, name="two")
    one.answer(1, uuid="a")
    two.answer(1, ANOMALOUS, uuid="b")
    assert one.standing == {1: NORMAL}
    assert two.standing == {1: ANOMALOUS}


def test_events_since(desk):
    first = desk.answer(1).event.seq
    desk.answer(2, UNSURE)
    desk.answer(3)
    desk.answer(4)
    desk.undo()
    assert [event.item for event in desk.store.events.since(desk.project.id, first)] == [2, 3, 4, 4]


NOTES = [
    "",
    "A crossed seven.\n\tSee <b>guidelines</b> & ![x](https://example.org/x.png)",
    "\u202eימין לשמאל\u202c",
    "'; DROP TABLE event; -- :x %s",
    "👍" * LONGEST_NOTE,
]


@pytest.mark.parametrize("note", NOTES, ids=range(len(NOTES)))
def test_a_note_is_kept_letter_by_letter(desk, note):
    desk.answer(1, note=note)
    desk.answer(2, None, **FLAG, note=note)
    assert [event.note for event in desk.store.events.since(desk.project.id)] == [note, note]


def test_batch_and_what_was_on_screen_are_kept(desk):
    batch = "b" * 36
    desk.answer(1, batch=batch, prediction_shown=True)
    desk.answer(2, batch=batch)
    desk.answer(3)
    kept = [(e.batch, e.prediction_shown, e.note) for e in desk.store.events.since(desk.project.id)]
    assert kept == [(batch, True, None), (batch, False, None), (None, False, None)]


def test_undo_of_a_named_flag(desk):
    desk.answer(1, None, **FLAG, uuid="flag")
    desk.answer(2)
    undo = desk.undo(undoes="flag").event
    assert (desk.undone(undo).kind, desk.spent) == (EventKind.FLAG, 1)
    with pytest.raises(NothingToUndo):
        desk.undo(undoes="flag")


def test_an_undo_is_not_undone(desk):
    desk.answer(1)
    desk.undo(uuid="undo")
    with pytest.raises(NothingToUndo):
        desk.undo(undoes="undo")


@pytest.mark.parametrize("undoes", ["", "x" * 37, "nul\0"])
def test_undo_of_something_without_an_identity_is_refused(desk, undoes):
    with pytest.raises(InvalidInput):
        desk.undo(undoes=undoes)
