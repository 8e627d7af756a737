"""Two people use one browser, one after the other, behind a proxy that says who is there."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from app_page import AppPage
from header_proxy import SECRET, HeaderProxy
from playwright.sync_api import Page, expect
from ready_project import prepare
from server import Server, wait_for

from state.store.people import Annotator
from state.store.schema import Answer, Role

pytestmark = pytest.mark.browser

ADA, BEN = "ada@example.com", "ben@example.com"
KEPT = """() => Object.keys(localStorage).filter(key => key.startsWith("ringfence.event."))"""
LYING = f"() => ({KEPT})().map(key => localStorage.getItem(key))"
PUT = """event => localStorage.setItem("ringfence.event." + event.uuid, JSON.stringify(event))"""


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data_dir = tmp_path_factory.mktemp("one-browser") / "data"
    prepare(data_dir, batch_size=50)
    settings = {
        "RINGFENCE_IDENTITY": "proxy",
        "RINGFENCE_PROXY_SECRET": SECRET,
        "RINGFENCE_OWNERS": ADA,
    }
    with Server(data_dir, **settings) as running:
        yield running


@pytest.fixture
def proxy(behind: Server) -> Iterator[HeaderProxy]:
    with HeaderProxy(behind.port, ADA) as running:
        yield running


@pytest.fixture
def app(tab: Page, proxy: HeaderProxy) -> AppPage:
    """The browser, with Ada before it."""
    page = AppPage(tab, proxy.url)
    page.open()
    answering_as(page, ADA)
    page.budget_left()  # the outbox has read what lay in the browser
    return page


def answering_as(app: AppPage, name: str) -> None:
    expect(app.page.get_by_text(f"Answering as {name}")).to_be_visible()


def person(server: Server, name: str) -> Annotator:
    return next(one for one in server.store.people.all() if one.name == name)


def given(server: Server, who: Annotator, uuid: str, item: int) -> dict[str, Any]:
    """An answer as it lies in the storage of a browser."""
    return {
        "uuid": uuid,
        "project": 1,
        "created": server.store.projects.get(1).created_at,
        "annotator": who.id,
        "item": item,
        "kind": "answer",
        "answer": "normal",
        "pressed_at": 1.0,
        "queued": 1,
        "version": None,
        "strategy": None,
    }


def stored(server: Server, uuid: str) -> int | None:
    """Whose answer that is, in the store."""
    events = {event.uuid: event.annotator_id for event in server.store.events.since(1)}
    return events.get(uuid)


def test_an_answer_waits_in_the_browser_for_whoever_gave_it(
    app: AppPage, proxy: HeaderProxy, behind: Server
) -> None:
    ada = person(behind, ADA)
    proxy.person = BEN
    app.page.evaluate(PUT, given(behind, ada, "of-ada", 40))
    app.open()
    answering_as(app, BEN)
    waits = app.page.get_by_text("1 answer waits in this browser until whoever gave them is back.")
    expect(waits).to_be_visible()
    app.press("a")
    app.expect_kept()
    assert stored(behind, "of-ada") is None
    assert app.page.evaluate(KEPT) == ["ringfence.event.of-ada"]
    proxy.person = ADA
    app.open()
    answering_as(app, ADA)
    assert wait_for("the answer to be stored", lambda: stored(behind, "of-ada")) == ada.id
    expect(waits).to_have_count(0)
    wait_for("the browser to forget it", lambda: app.page.evaluate(KEPT) == [])


def test_a_tab_that_another_person_takes_over_answers_under_the_new_name(
    app: AppPage, proxy: HeaderProxy, behind: Server
) -> None:
    app.visit("Label")
    app.current_item()
    before = len(behind.store.events.since(1))
    proxy.person = BEN
    proxy.hang_up()  # the tab connects again, without being reloaded
    expect(app.offline).to_be_visible()
    expect(app.offline).to_be_hidden()
    app.press("a")  # at a desk that may still be the one of Ada
    answering_as(app, BEN)
    app.wait_until_drawn()
    app.press("x")
    app.expect_kept()
    ben, ada = person(behind, BEN), person(behind, ADA)
    events = behind.store.events.since(1)[before:]
    assert events[-1].answer is Answer.ANOMALOUS
    assert {event.annotator_id for event in events} == {ben.id}
    kept = [json.loads(one) for one in app.page.evaluate(LYING)]
    assert len(events) + len(kept) == 2
    assert all((one["annotator"], one["answer"]) == (ada.id, "normal") for one in kept)


def test_a_forged_name_is_stored_for_nobody(
    app: AppPage, proxy: HeaderProxy, behind: Server
) -> None:
    proxy.person = BEN
    ada = person(behind, ADA)
    for forged in (ada.id, 10**6, -1, "you", BEN):
        event = given(behind, ada, f"forged-{forged}", 41) | {"annotator": forged}
        app.page.evaluate(PUT, event)
    app.page.goto(f"{proxy.url}/label?project=1&annotator={ada.id}")
    answering_as(app, BEN)
    left = ["ringfence.event.forged-1000000", f"ringfence.event.forged-{ada.id}"]
    wait_for(
        "what makes no sense to be refused",
        lambda: set(app.page.evaluate(KEPT)) <= set(left),
    )
    assert not [one for one in behind.store.events.since(1) if one.uuid.startswith("forged")]
    assert "annotator" not in json.dumps(app.page.url)


def test_who_is_sent_home_sees_it_at_the_next_click(
    app: AppPage, proxy: HeaderProxy, behind: Server
) -> None:
    proxy.person = BEN
    app.open()
    answering_as(app, BEN)
    ada, ben = person(behind, ADA), person(behind, BEN)
    change = behind.store.people.change
    change(ben.id, role=Role.ANNOTATOR, active=False, who=ada)
    app.link("Team").click()
    expect(app.page.get_by_text(f"{BEN} is not active in this team any more")).to_be_visible()
    expect(app.page.get_by_text("Answering as")).to_have_count(0)
    assert app.violations() == []
    change(ben.id, role=Role.ANNOTATOR, active=True, who=ada)
