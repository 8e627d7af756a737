"""The Label page hands its desk what to ask, and the pump beside it takes in what comes back."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from answering import answer
from streamlit.testing.v1 import AppTest
from workshop import Workshop

from state import session
from state.settings import Settings
from state.store.schema import Answer, JobKind, JobState

VIEW: dict[str, Any] = {
    "client": "tab",
    "held": None,
    "coming": [],
    "images": [],
    "map": None,
    "beat": "1",
}


@pytest.fixture
def label(shop: Workshop, open_page) -> Callable[..., AppTest]:
    """Open the page as a browser does that says what it has and sends what it was told."""

    def open_(*items: int, said: Answer = Answer.NORMAL, **view: Any) -> AppTest:
        project = shop.store.projects.get(shop.id)
        events = [
            {
                "uuid": f"{said}-{item}",
                "project": project.id,
                "created": project.created_at,
                "annotator": shop.me.id,
                "kind": "answer",
                "answer": said,
                "item": item,
                "pressed_at": 1.0,
            }
            for item in items
        ]
        states = {
            "labeller": {"view": VIEW | view},
            "pump": {"outbox": {"number": "n1", "events": events}},
        }
        tab = open_page(states=states)
        assert not tab.error
        return tab

    return open_


def given(place: Any) -> Any:
    """What the component of the page, or of the sidebar, was handed last."""
    (component,) = place.get("bidi_component")
    return json.loads(component.proto.json or "null")


def queue(tab: AppTest) -> list[int]:
    return [ticket["item"] for ticket in given(tab.main)["queue"]]


def test_nothing_is_handed_out_before_the_browser_has_said_who_it_is(shop: Workshop, open_page):
    assert given(open_page().main) is None


def test_an_address_from_before_opens_the_desk_too(shop: Workshop, open_page):
    assert open_page(plain="true").main.get("bidi_component")


def test_it_is_handed_what_is_proposed_and_how_good_the_model_is(shop: Workshop, label):
    tab = label()
    data = given(tab.main)
    assert queue(tab) == shop.desk().queue[:40].tolist()
    assert (data["left"], data["budget"], data["may_answer"]) == (100, 100, True)
    assert data["status"].startswith("Model 1, trained on 0 answers")


def test_an_answer_is_stored_and_the_next_items_leave_it_out(shop: Workshop, label):
    first, second = shop.desk().queue[:2].tolist()
    tab = label(first, said=Answer.ANOMALOUS)
    (event,) = shop.store.events.standing(shop.id)
    assert given(tab.sidebar)["answer"]["stored"] == {event.uuid: event.seq}
    assert (event.item, event.answer) == (first, Answer.ANOMALOUS)
    assert shop.store.projects.get(shop.id).spent == 1
    assert queue(tab)[0] == second


def test_a_full_round_asks_for_training_and_labeling_goes_on(shop: Workshop, label):
    *items, another = shop.desk().queue[:11].tolist()
    tab = label(*items)
    assert given(tab.main)["training"] == "Starting the trainer ..."
    assert shop.queue.next() is not None
    label(another)
    assert shop.store.projects.get(shop.id).spent == 11


def test_the_image_on_the_desk_stays_when_a_new_model_serves(shop: Workshop, label):
    held = int(shop.desk().queue[-1])
    label(*shop.desk().queue[:10].tolist(), held=held)
    shop.work()
    tab = label(held=held)
    assert queue(tab)[0] == held
    assert given(tab.main)["status"].startswith("Model 2, trained on 10 answers")


def test_an_item_a_colleague_has_answered_meanwhile_is_said_so(shop: Workshop, label):
    first, second = shop.desk().queue[:2].tolist()
    answer(shop.desk("colleague"), first)
    tab = label(first, said=Answer.ANOMALOUS)
    told = given(tab.sidebar)["answer"]
    assert told["stored"] == {}
    assert told["refused"][f"anomalous-{first}"]["reason"] == "answered by others"
    assert len(shop.store.events.standing(shop.id)) == 1
    assert queue(tab)[0] == second


def test_with_the_budget_used_up_nothing_is_handed_out(shop: Workshop, label):
    shop.answer(100)
    tab = label()
    assert queue(tab) == []
    assert given(tab.main)["left"] == 0


def test_the_first_project_is_there_before_anybody_looks(empty: Path):
    session.get_ready()
    projects = session.open_projects()
    (project,) = projects.store.projects.all()
    (job,) = projects.store.work.training(project.id).all()
    assert (job.kind, job.state) == (JobKind.PREPARE, JobState.QUEUED)


def test_the_histories_are_read_before_anybody_looks(shop: Workshop):
    shop.answer(3)
    session.get_ready()
    events = session.open_projects().store.events
    with patch.object(events, "since", side_effect=events.since) as read:
        assert len(events.standing(shop.id)) == 3
    assert [call.args[1] > 1 for call in read.call_args_list] == [True]  # what is new, no more


def test_a_project_that_is_ready_is_left_alone(shop: Workshop):
    before = shop.queue.all()
    session.get_ready()
    assert [project.id for project in shop.store.projects.all()] == [shop.id]
    assert shop.queue.all() == before


def test_what_keeps_it_from_getting_ready_is_left_to_the_pages(empty: Path):
    empty.mkdir()
    Settings(_env_file=None, data_dir=empty, database_url=None).prepare()
    (empty / "ringfence.db").write_bytes(b"this is no database" * 500)
    session.get_ready()
    (empty / "ringfence.db").unlink()
