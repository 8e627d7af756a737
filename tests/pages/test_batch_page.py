"""The Batch page hands its grid what its controls ask for."""

import json
from typing import Any

import pytest
from answering import answer
from workshop import Workshop

from state.labeling.grid import Batch, GridChoice, Mode
from state.store.people import MACHINE
from state.store.schema import Answer, Role

VIEW: dict[str, Any] = {"client": "tab", "choice": None, "held": [], "images": [], "beat": "1"}


@pytest.fixture
def batch_page(shop: Workshop, open_page):
    """The page, with a browser behind it that has said who it is."""
    tab = open_page("batch")
    tab.session_state["grid"] = {"view": VIEW}
    return tab.run()


def given(tab):
    """What the grid was handed last."""
    assert not tab.exception
    assert not tab.error
    (component,) = tab.main.get("bidi_component")
    data = json.loads(component.proto.json)
    return data, [cell["item"] for cell in data["queue"]]


def show(tab, mode):
    return tab.button_group(key="batch-mode").set_value(mode).run()


def test_nothing_is_handed_out_before_the_browser_has_said_who_it_is(shop: Workshop, open_page):
    tab = open_page("batch")
    data = tab.main.get("bidi_component")[0].proto.json
    assert json.loads(data or "null") is None
    assert Batch(shop.desk("ada"), "hers", GridChoice()).items == shop.desk().queue[:48].tolist()


def test_it_begins_with_what_is_proposed(shop: Workshop, batch_page):
    data, items = given(batch_page)
    assert items == shop.desk().queue[:48].tolist()
    assert (data["size"], data["left"], data["may_answer"]) == (24, 100, True)
    assert data["guide"]["text"] == shop.store.projects.get(shop.id).guidelines


@pytest.mark.parametrize("mode", list(Mode), ids=str)
def test_every_mode_and_size_is_handed_out(shop: Workshop, batch_page, mode):
    show(batch_page, mode)
    batch_page.button_group(key="batch-size").set_value(12).run()
    data, items = given(batch_page)
    like = int(shop.array("models/1/scores").argmax()) if mode is Mode.SIMILAR else None
    assert data["choice"] == {"mode": mode, "size": 12, "like": like}
    assert items == Batch(shop.desk(), "tab", GridChoice(mode, 12, like)).items
    assert len(items) == 24


def test_similar_begins_with_the_newest_anomalous_answer_and_follows_the_number(
    shop: Workshop, batch_page
):
    answer(shop.desk(), 8, Answer.ANOMALOUS)
    show(batch_page, Mode.SIMILAR)
    (field,) = batch_page.main.number_input
    assert field.value == 8
    field.set_value(3).run()
    data, items = given(batch_page)
    assert data["choice"]["like"] == 3
    assert items[0] == 3


def test_with_the_budget_used_up_nothing_is_handed_out(shop: Workshop, batch_page):
    shop.answer(100)
    data, items = given(batch_page.run())
    assert items == []
    assert data["left"] == 0


def test_a_viewer_is_told_that_this_name_may_not_answer(shop: Workshop, batch_page):
    shop.store.people.ensure("owner")
    shop.store.people.change(shop.me.id, role=Role.VIEWER, active=True, who=MACHINE)
    data, items = given(batch_page.run())
    assert (items, data["may_answer"]) == ([], False)
    assert "may not answer" in data["nothing"]


def test_before_the_first_model_there_is_no_grid(empty, open_page):
    tab = open_page("batch")
    assert "first model is being prepared" in tab.info[0].value
    assert not tab.main.get("bidi_component")


def test_more_answers_than_a_round_takes_wait_and_are_not_counted_against_it(shop, open_page):
    shop.answer(14)
    job = shop.projects.tend(shop.id)
    shop.projects.stop(shop.id, job.id, shop.me)
    (said,) = [one.value for one in open_page("batch").caption if one.value.startswith("Model 1")]
    assert said.endswith("The next one learns from 14 new answers.")
    assert "14 of 10" not in said
