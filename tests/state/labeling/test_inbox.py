"""Whatever a browser sends is stored once or refused in a sentence; nothing else happens."""

import pytest
from label_desk import Desk

from state.errors import Reason
from state.heard import UNREADABLE
from state.labeling.inbox import Intake, take_in
from state.store.schema import Answer, EventKind


@pytest.fixture
def entry(store, desk: Desk):
    """Make what a browser sends for one answer."""

    def make(item=1, **changes):
        return {
            "uuid": f"e{item}",
            "order": 1,
            "project": desk.project.id,
            "created": desk.project.created_at,
            "annotator": desk.me,
            "item": item,
            "kind": "answer",
            "answer": "normal",
            "version": 3,
            "round": 2,
            "strategy": "margin",
            "utility": 0.5,
            "shown_at": 1.0,
            "pressed_at": 2.0,
            "prediction_shown": True,
            "note": None,
            "batch": None,
            **changes,
        }

    return make


def take(store, number, sent):
    """Take in what a tab sends in which the first person answers."""
    return take_in(store, number, sent, {1})


def test_an_answer_is_stored_as_it_came(store, desk, entry):
    intake = take(store, "n1", [entry(7, note="so", batch="b")])
    (event,) = store.events.since(desk.project.id)
    assert intake == Intake({"e7": event.seq}, {}, [], [], True, "n1")
    assert (event.item, event.answer) == (7, Answer.NORMAL)
    assert (event.shown_at, event.pressed_at, event.prediction_shown) == (1.0, 2.0, True)
    assert (event.note, event.batch) == ("so", "b")


def test_sending_again_is_no_news(store, entry):
    first = take(store, "n1", [entry(7)])
    again = take(store, "n2", [entry(7)])
    assert again.stored == first.stored
    assert not again.news


def test_a_burst_is_stored_in_order_with_its_undo(store, desk, entry):
    undo = entry(2, uuid="u", kind="undo", answer=None, undoes="e2")
    take(store, "n", [entry(1), entry(2), undo, entry(3, kind="skip", answer=None)])
    kinds = [event.kind for event in store.events.since(desk.project.id)]
    assert kinds == [EventKind.ANSWER, EventKind.ANSWER, EventKind.UNDO, EventKind.SKIP]
    assert desk.spent == 1


def test_a_refusal_is_a_sentence_and_stops_nothing_else(store, desk, entry):
    sent = [entry(1), entry(1, uuid="twice"), entry(2)]
    intake = take(store, "n", sent)
    assert set(intake.stored) == {"e1", "e2"}
    assert intake.refused["twice"].reason is Reason.ALREADY_ANSWERED
    assert intake.to_json()["refused"] == {
        "twice": {
            "reason": "already answered",
            "sentence": "You have answered this item; undo that answer to change it.",
        }
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "praise"},
        {"answer": "perhaps"},
        {"answer": None},
        {"item": None},
        {"item": "seven"},
        {"item": -1},
        {"pressed_at": float("nan")},
        {"pressed_at": None},
        {"annotator": "me"},
        {"item": float("inf")},
        {"note": "x" * 3000},
    ],
)
def test_what_makes_no_sense_is_refused_alone(store, desk, entry, changes):
    intake = take(store, "n", [entry(1) | changes, entry(2)])
    assert intake.refused.keys() == {"e1"}
    assert intake.refused["e1"].reason is Reason.INVALID
    assert intake.refused["e1"].sentence.endswith((".", "!"))
    assert [event.item for event in store.events.since(desk.project.id)] == [2]


@pytest.mark.parametrize("entry_", [None, 3, "x", [], {}, {"uuid": "x" * 37}, {"uuid": "\ud800"}])
def test_what_is_not_an_event_at_all_is_told_by_its_place(store, desk, entry, entry_):
    intake = take(store, "n", [entry(1), entry_, entry(2)])
    assert (intake.unnamed, intake.stored.keys()) == ([1], {"e1", "e2"})
    assert intake.to_json()["unnamed"] == {"places": [1], "sentence": UNREADABLE}


def test_answers_for_another_data_directory_are_left_to_the_browser(store, desk, entry):
    intake = take(store, "n", [entry(1, created=5.0), entry(2, project=99)])
    assert intake.foreign == ["e1", "e2"]
    assert not intake.stored
    assert not intake.refused
    assert store.events.since(desk.project.id) == []


def test_news_is_news_once():
    assert not Intake(news=True).old().news
