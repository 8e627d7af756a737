"""The keyboard desk when something goes wrong: nothing is lost, nothing counts twice."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from answer_book import Book, copy, opened
from answering import answer
from app_page import SLOW, AppPage
from playwright.sync_api import Browser, Page, expect
from ready_project import prepare
from server import SLOW_RUNS, Server, wait_for
from some import some

from anomaly_core.datasets.scenario import Scenario
from state.labeling.desk import Desk
from state.store.schema import Answer

pytestmark = pytest.mark.browser

TWENTY = "ax" * 10


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with 200 labels to buy, in which no round begins unasked."""
    data_dir = tmp_path_factory.mktemp("prepared") / "data"
    prepare(data_dir, scenario=Scenario(normal=(0, 2, 4, 5)), budget=200, batch_size=200)
    return data_dir


@pytest.fixture
def data_dir(tmp_path: Path, prepared: Path) -> Path:
    """A project that is this test's own."""
    return copy(prepared, tmp_path)


@pytest.fixture
def own_server(data_dir: Path) -> Iterator[Server]:
    """A server that this test may do anything to."""
    with Server(data_dir) as running:
        yield running


@pytest.fixture
def slow_server(data_dir: Path) -> Iterator[Server]:
    with Server(data_dir, **SLOW_RUNS) as running:
        yield running


@pytest.fixture
def own_app(tab: Page, own_server: Server) -> AppPage:
    return opened(tab, own_server)


@pytest.mark.undisturbed
def test_twenty_keys_in_two_seconds_on_a_server_that_sleeps_three(
    tab: Page, slow_server: Server
) -> None:
    app, book = opened(tab, slow_server), Book(slow_server)
    pressed = app.burst(TWENTY)
    assert len(set(pressed)) == 20
    events = book.expect(pressed, TWENTY)
    assert events[-1].pressed_at - events[0].pressed_at < 5
    for event in events:
        assert event.shown_at is not None
        assert event.shown_at < event.pressed_at < event.received_at
    app.expect_kept()
    app.expect_budget(180)


def test_killing_and_restarting_the_server_in_the_middle_of_a_burst(
    own_app: AppPage, own_server: Server
) -> None:
    app, server, book = own_app, own_server, Book(own_server)
    pressed = app.burst("axa", pause=40)
    server.kill()
    pressed += app.burst("xaxax", pause=100)
    expect(app.offline).to_contain_text("No connection", timeout=SLOW)
    expect(app.offline).to_contain_text(re.compile("[5-8] answers wait in this browser"))
    server.start()
    expect(app.offline).to_be_hidden(timeout=2 * SLOW)
    app.expect_kept()
    book.expect(pressed, "axaxaxax")
    pressed += app.burst("aa", pause=200)
    book.expect(pressed, "axaxaxaxaa")


def test_answers_given_while_the_server_is_gone_survive_a_closed_tab(
    own_app: AppPage, own_server: Server, chromium: Browser
) -> None:
    app, server, book = own_app, own_server, Book(own_server)
    server.kill()
    pressed = app.burst("axa", pause=100)
    second = app.page.context.new_page()
    app.page.close()
    server.start()
    later = AppPage(second, server.url)
    later.open("overview")  # not even the page that they were given on
    book.expect(pressed, "axa")
    later.expect_budget(197)


def test_undo_walks_back_and_says_what_it_took_back(own_app: AppPage, own_server: Server) -> None:
    app, book = own_app, Book(own_server)
    pressed = app.burst("axs", pause=150)
    for item, word in reversed(list(zip(pressed, ("normal", "anomalous", "skip"), strict=True))):
        app.page.keyboard.press("Backspace")
        expect(app.message).to_contain_text(f"Took back {word} for item {item:,}")
        assert app.look() == item
    app.page.keyboard.press("Backspace")
    expect(app.message).to_contain_text("nothing of yours to take back")
    app.expect_kept()
    assert book.standing == []
    app.expect_budget(book.left)


@pytest.mark.undisturbed
def test_the_last_label_goes_to_one_of_two_tabs_and_the_other_is_told(
    own_app: AppPage, own_server: Server
) -> None:
    app, server = own_app, own_server
    me = server.store.people.ensure("you")
    desk = Desk(server.store, server.store.settings, 1, me)
    busy = {app.current_item(), *app.coming_items()}
    for item in [item for item in range(400) if item not in busy][:199]:
        answer(desk, item, Answer.NORMAL)
    app.page.reload()
    second = AppPage(app.page.context.new_page(), server.url)
    second.open()
    for tab in (app, second):
        tab.expect_budget(1)
        tab.look()
    app.page.keyboard.press("a")
    second.page.keyboard.press("a")
    wait_for("the last label", lambda: server.store.projects.get(1).remaining == 0)
    told = [tab for tab in (app, second) if wait_until_told(tab)]
    assert len(told) == 1
    assert len(server.store.events.standing(1)) == 200
    assert server.store.integrity_problems() == []


def wait_until_told(tab: AppPage) -> bool:
    """Whether the tab says within a few seconds that its answer was not counted."""
    tab.page.wait_for_timeout(4000)
    text = tab.message.inner_text() if tab.message.is_visible() else ""
    return "was not counted" in text and "budget is spent" in text


def test_new_proposals_come_behind_what_is_on_screen(tmp_path: Path, tab: Page) -> None:
    prepare(tmp_path / "data", batch_size=4)
    with Server(tmp_path / "data") as server:
        app = AppPage(tab, server.url)
        app.open()
        app.look()
        app.burst("axax", pause=150)
        staying, coming = app.current_item(), app.coming_items()
        expect(app.serving(2)).to_be_visible(timeout=2 * SLOW)
        sphere = app.page.get_by_role("application", name="The hypersphere of model 2")
        expect(sphere).to_be_visible()
        assert app.current_item() == staying
        assert app.coming_items() == coming
        app.page.keyboard.press("a")
        wait_for("the answer", lambda: len(server.store.events.since(1)) == 5)
        assert server.store.events.since(1)[-1].item == staying
        assert server.store.events.since(1)[-1].model_version == 1  # that asked for it
        app.burst("axaxaxa", pause=250)
        wait_for("a later answer", lambda: len(server.store.events.since(1)) == 12)
        assert some(server.store.events.since(1)[-1].model_version) > 1


def test_keys_can_be_changed_unless_they_collide(own_app: AppPage, own_server: Server) -> None:
    app, book = own_app, Book(own_server)
    panel = app.page.locator(".panel.keys")
    app.button("Keys").click()
    panel.get_by_role("button", name="Normal").click()
    app.page.keyboard.press("x")
    expect(panel.get_by_text("X already means Anomalous")).to_be_visible()
    panel.get_by_role("button", name="Normal").click()
    app.page.keyboard.press("j")
    expect(app.button("Normal J").first).to_be_visible()
    first = app.press("j")
    expect(panel).to_be_visible()
    app.page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    app.page.keyboard.press("a")  # means nothing any more
    app.page.reload()
    expect(app.button("Normal J").first).to_be_visible(timeout=SLOW)
    app.look()
    second = app.press("j")
    book.expect([first, second], "aa")


def test_what_people_typed_shows_literally(tmp_path: Path, tab: Page) -> None:
    nasty = "<img src=x onerror=alert(1)> ![x](http://127.0.0.1:9/x.png) \u202eשלום " + "ä" * 100
    prepare(tmp_path / "data", guidelines=nasty)
    requests = []
    tab.on("request", lambda request: requests.append(request.url))
    with Server(tmp_path / "data") as server:
        app = AppPage(tab, server.url)
        app.open()
        app.look()
        app.page.keyboard.press("h")
        assert app.page.locator(".guidelines").text_content() == nasty
        assert app.page.locator(".task").text_content() == nasty
        assert server.store.projects.get(1).guidelines == nasty
    assert not [url for url in requests if "127.0.0.1:9/" in url or url.endswith("/x")]
