"""Every page, in every state a project can be in, says what it should and never breaks."""

from dataclasses import replace

import pytest
from page_text import words
from some import some
from workshop import DIGITS, Workshop

from state.store.schema import JobKind, JobState

PAGES = (
    "label",
    "batch",
    "review",
    "overview",
    "tune",
    "explore",
    "models",
    "present",
    "project",
    "team",
)
OTHERS = ("compare", "guide")  # pages that are not about the project


@pytest.mark.parametrize("page", PAGES + OTHERS)
def test_before_the_first_model(empty, open_page, page):
    tab = open_page(page)
    assert not tab.error
    if page in ("batch", "tune", "explore", "models"):
        assert "first model is being prepared" in words(tab)
    if page == "label":
        assert "images are being read" in words(tab)


@pytest.mark.parametrize("page", PAGES)
def test_with_a_model(shop, open_page, page):
    tab = open_page(page)
    assert not tab.error
    assert not tab.warning
    if page not in ("label", "present"):
        assert "Model 1, trained on 0 answers" in words(tab)


@pytest.mark.parametrize("page", ["overview", "explore", "models"])
def test_every_chart_has_an_alternative_text(shop, open_page, page):
    tab = open_page(page, item="3")
    charts = tab.get("plotly_chart")
    assert charts
    assert all(len(chart.proto.alt) > 20 for chart in charts)


@pytest.mark.parametrize("page", PAGES + OTHERS)
def test_with_the_budget_used_up(shop: Workshop, open_page, page):
    shop.answer(100)
    tab = open_page(page)
    assert not tab.error
    if page == "overview":
        assert "The budget is used up" in words(tab)


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
def test_work_that_ended_badly_is_told_and_can_be_tried_again(shop: Workshop, open_page, state):
    shop.answer(10)
    shop.end_job(state)
    tab = open_page()
    assert [warning.value for warning in tab.warning] == [r"It ended\. Model 1 stays in use."]
    next(button for button in tab.button if button.label == "Try again").click().run()
    live = shop.queue.next()
    assert live is not None
    assert live.kind is JobKind.UPDATE


@pytest.mark.parametrize("page", ["overview", "tune", "explore", "models"])
def test_after_a_stop_no_model_is_said_to_be_prepared(shop: Workshop, open_page, page):
    made = shop.projects.create(replace(DIGITS, name="Tiles"), shop.me)
    queue = shop.store.work.training(made.id)
    queue.cancel(some(queue.next()).id)
    said = words(open_page(page, project=str(made.id)))
    assert "being prepared" not in said
    assert "press Try again above" in said


def test_interrupted_work_is_told_and_tried_again_at_once(shop: Workshop, open_page):
    shop.answer(10)
    shop.end_job(JobState.INTERRUPTED)
    tab = open_page()
    assert tab.warning[0].value.endswith("Model 1 stays in use. Trying again.")
    assert some(shop.queue.next()).kind is JobKind.UPDATE


def test_a_collapse_is_told(shop: Workshop, open_page, monkeypatch):
    rounds = shop.rounds()
    monkeypatch.setattr("anomaly_core.detectors.collapse.MIN_DISTINCT_SHARE", 2.0)
    shop.answer(10)
    rounds.update([])
    assert "hypersphere has collapsed" in words(open_page())


def test_an_unknown_project_in_the_address_leads_to_another_and_says_so(shop, open_page):
    tab = open_page(project="999")
    assert "There is no project" in tab.toast[0].value
    assert tab.session_state["ringfence"].project_id == shop.id


def test_an_unknown_annotator_in_the_address_is_told_who_answers(shop, open_page):
    tab = open_page(annotator="999")
    assert tab.toast[0].value.startswith("There is no annotator")
    me = shop.store.people.ensure(shop.settings.annotator)
    assert tab.session_state["ringfence"].annotator_id == me.id


def test_a_damaged_database_is_one_sentence(shop: Workshop, open_page):
    shop.store.close()
    database = shop.settings.data_dir / "ringfence.db"
    whole = database.read_bytes()
    database.write_bytes(b"this is no database" * 100)
    tab = open_page()
    assert len(tab.error) == 1
    assert "ringfence" in tab.error[0].value
    assert "Traceback" not in words(tab)
    assert database.read_bytes() == b"this is no database" * 100
    database.write_bytes(whole)


HOSTILE = "<b>b</b> **bold** ![i](https://example.org/i.png) :red[red] $x$ `c` # h"


def test_names_and_guidelines_show_as_they_were_typed(empty, open_page):
    tab = open_page("project", {"new": "dataset"})
    next(field for field in tab.text_input if field.label == "Name").input(HOSTILE)
    tab.text_area[0].input(HOSTILE)
    next(button for button in tab.button if button.label == "Create project").click().run()
    tab = open_page(project="2")
    switch, *_ = tab.sidebar.get("popover")
    (guidelines,) = (one.value for one in tab.main.markdown if "example" in one.value)
    for markdown in (switch.proto.popover.label, switch.proto.popover.help, guidelines):
        inner = markdown.removeprefix("**").removesuffix("**")
        assert inner.replace("\\", "") == HOSTILE
        assert all(f"\\{mark}" in inner for mark in "<*![(:$`#")


@pytest.mark.parametrize("page", PAGES + OTHERS)
def test_every_page_opens_on_a_data_directory_of_the_version_before(older, open_page, page):
    tab = open_page(page, item="3", run="1")
    assert not tab.error
    assert page in ("label", "present", "compare", "guide") or "Model 4, trained on" in words(tab)
    if page == "compare":
        assert "Fully connected 784" in words(tab)
