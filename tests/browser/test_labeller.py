"""The keyboard desk: every key counts once, for the image that was on screen, whatever happens."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from app_page import SLOW, AppPage
from playwright.sync_api import Browser, Page, expect
from ready_project import prepare
from server import Server, wait_for

from anomaly_core.datasets.scenario import Scenario
from state.desk import Desk, Shown
from state.replay import Event
from state.schema import Answer, EventKind
from state.store import Store

pytestmark = pytest.mark.browser

SLOW_RUNS = Path(__file__).parent / "slow_runs"
TWENTY = "ax" * 10
SAID = {"a": Answer.NORMAL, "x": Answer.ANOMALOUS, " ": Answer.UNSURE, "s": None}


class Book:
    """What the store has come to hold since the test began."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.before = max((event.seq for event in self.store.events(1)), default=0)
        self.left = self.store.project(1).remaining

    @property
    def store(self) -> Store:
        return self.server.store  # another one after a restart

    @property
    def events(self) -> list[Event]:
        return self.store.events(1, after_seq=self.before)

    @property
    def standing(self) -> list[Event]:
        return [event for event in self.store.standing(1) if event.seq > self.before]

    def expect(self, pressed: list[int], keys: str) -> list[Event]:
        """These answers come in, in this order, each once; fails if it is otherwise."""
        wait_for(f"{len(pressed)} events", lambda: len(self.events) >= len(pressed))
        events = self.events
        assert [(event.item, event.answer) for event in events] == [
            (item, SAID[key]) for item, key in zip(pressed, keys, strict=True)
        ]
        assert len({event.uuid for event in events}) == len(events)
        assert self.store.integrity_problems() == []
        return events


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with 200 labels to buy, in which no round begins unasked."""
    data_dir = tmp_path_factory.mktemp("prepared") / "data"
    prepare(data_dir, scenario=Scenario(normal=(0, 2, 4, 5)), budget=200, batch_size=200)
    return data_dir


@pytest.fixture(scope="module")
def server(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for the tests that leave it whole."""
    with Server(copy(prepared, tmp_path_factory.mktemp("shared"))) as running:
        yield running


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
    slow = {"PYTHONPATH": str(SLOW_RUNS), "RINGFENCE_TEST_SLOW_RUNS": "1"}
    with Server(data_dir, **slow) as running:
        yield running


@pytest.fixture
def app(tab: Page, server: Server) -> AppPage:
    return opened(tab, server)


@pytest.fixture
def own_app(tab: Page, own_server: Server) -> AppPage:
    return opened(tab, own_server)


@pytest.fixture
def book(server: Server) -> Book:
    return Book(server)


def copy(prepared: Path, to: Path) -> Path:
    return Path(shutil.copytree(prepared, to / "data"))


def opened(tab: Page, server: Server) -> AppPage:
    page = AppPage(tab, server.url)
    page.open()
    page.look()
    return page


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


def test_a_held_key_gives_one_answer(app: AppPage, book: Book) -> None:
    first = app.current_item()
    for _ in range(40):
        app.page.keyboard.down("a")  # down again without up: a repeat
        app.page.wait_for_timeout(33)
    app.page.keyboard.up("a")
    app.wait_for_another(first)
    app.expect_kept()
    book.expect([first], "a")


def test_a_key_that_comes_before_the_image_does_not_answer_it(app: AppPage, book: Book) -> None:
    first = app.current_item()
    app.press_two_before_a_frame("a", "x")
    app.wait_for_another(first)
    expect(app.message).to_contain_text("did not count")
    app.expect_kept()
    book.expect([first], "a")


def test_a_double_click_answers_one_image(app: AppPage, book: Book) -> None:
    first = app.current_item()
    app.button("Normal").dblclick()
    app.wait_for_another(first)
    app.look()
    second = app.press("x")
    book.expect([first, second], "ax")


def test_every_kind_of_answer_arrives_with_its_circumstances(app: AppPage, book: Book) -> None:
    pressed = app.burst("ax s", pause=200)
    for event in book.expect(pressed, "ax s"):
        assert (event.model_version, event.strategy, event.prediction_shown) == (1, "margin", False)
        assert event.utility is not None
    app.expect_budget(book.left - 2)  # unsure and skip cost nothing


def test_reloading_in_the_middle_of_a_burst(app: AppPage, book: Book) -> None:
    pressed = app.burst("axaxax", pause=40)
    following = app.current_item()
    app.page.reload()
    assert app.look() == following
    pressed += app.burst("xaxaxa", pause=40)
    book.expect(pressed, "axaxaxxaxaxa")
    app.expect_kept()
    app.expect_budget(book.left - 12)


def test_changing_pages_in_the_middle_of_a_burst(app: AppPage, book: Book) -> None:
    pressed = app.burst("axaxa", pause=40)
    app.visit("Overview")
    app.expect_budget(book.left - 5)
    app.page.go_back()
    app.look()
    pressed += app.burst("xxa", pause=40)
    book.expect(pressed, "axaxaxxa")


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


def test_going_offline_in_the_middle_of_a_burst(app: AppPage, book: Book) -> None:
    pressed = app.burst("ax", pause=40)
    app.page.context.set_offline(True)
    pressed += app.burst("axax", pause=100)
    expect(app.offline).to_contain_text("in this browser")
    app.page.context.set_offline(False)
    expect(app.offline).to_be_hidden(timeout=SLOW)
    book.expect(pressed, "axaxax")
    app.expect_kept()


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


def test_undo_after_a_reload_takes_back_the_right_one(app: AppPage, book: Book) -> None:
    pressed = app.burst("axa", pause=150)
    app.page.reload()
    app.look()
    for item in reversed(pressed[1:]):
        app.page.keyboard.press("Backspace")
        assert app.look() == item
    app.expect_kept()
    wait_for("the undos", lambda: len(book.standing) == 1)
    (left,) = book.standing
    assert left.item == pressed[0]
    app.page.keyboard.press("x")
    wait_for("another answer", lambda: len(book.standing) == 2)
    assert book.standing[-1].item == pressed[1]


def test_two_tabs_and_two_annotators_never_share_an_item(
    app: AppPage, server: Server, book: Book, chromium: Browser
) -> None:
    colleague = server.store.ensure_annotator("colleague").id
    context = chromium.new_context()
    other = AppPage(context.new_page(), server.url)
    other.page.goto(f"{server.url}/?project=1&annotator={colleague}")
    with app.page.context.expect_page() as opened:
        app.page.evaluate("window.open(location.href)")  # takes the first tab's memory along
    second = AppPage(opened.value, server.url)
    desks = [app, second, other]
    for desk in desks:
        desk.look()
    app.page.wait_for_timeout(1500)  # until a tab that took another's name has one of its own
    coming = [{desk.current_item(), *desk.coming_items()} for desk in desks]
    assert not set.intersection(*coming[:2])
    assert not coming[2] & (coming[0] | coming[1])
    pressed = [desk.press("a") for _ in range(5) for desk in desks]
    for desk in desks:
        desk.expect_kept()
    assert len(set(pressed)) == 15
    assert sorted(event.item for event in book.events) == sorted(pressed)
    by = {event.annotator_id for event in book.events}
    assert by == {colleague, server.store.ensure_annotator("you").id}
    context.close()


def test_the_last_label_goes_to_one_of_two_tabs_and_the_other_is_told(
    own_app: AppPage, own_server: Server
) -> None:
    app, server = own_app, own_server
    me = server.store.ensure_annotator("you")
    desk = Desk(server.store, server.store.settings, 1, me)
    busy = {app.current_item(), *app.coming_items()}
    for item in [item for item in range(400) if item not in busy][:199]:
        desk.answer(Shown.of(item), Answer.NORMAL)
    app.page.reload()
    second = AppPage(app.page.context.new_page(), server.url)
    second.open()
    for tab in (app, second):
        tab.expect_budget(1)
        tab.look()
    app.page.keyboard.press("a")
    second.page.keyboard.press("a")
    wait_for("the last label", lambda: server.store.project(1).remaining == 0)
    told = [tab for tab in (app, second) if wait_until_told(tab)]
    assert len(told) == 1
    assert len(server.store.standing(1)) == 200
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
        expect(app.page.get_by_role("img", name="The hypersphere of model 2")).to_be_visible()
        assert app.current_item() == staying
        assert app.coming_items() == coming
        app.page.keyboard.press("a")
        wait_for("the answer", lambda: len(server.store.events(1)) == 5)
        assert server.store.events(1)[-1].item == staying
        assert server.store.events(1)[-1].model_version == 1  # that asked for it
        app.burst("axaxaxa", pause=250)
        wait_for("a later answer", lambda: len(server.store.events(1)) == 12)
        assert server.store.events(1)[-1].model_version > 1


def test_a_flag_a_note_and_a_look_at_the_prediction_are_recorded(app: AppPage, book: Book) -> None:
    flagged = app.current_item()
    assert not app.page.get_by_text("from the center, radius").is_visible()
    app.page.keyboard.press("p")
    expect(app.page.get_by_text("from the center, radius R")).to_be_visible()
    app.page.keyboard.press("f")
    app.page.keyboard.press("n")
    app.page.keyboard.type("a x in a note answers nothing")
    app.page.keyboard.press("Enter")
    app.page.keyboard.press("a")
    app.wait_for_another(flagged)
    app.expect_kept()
    plain, noted, answer = book.events
    assert (plain.kind, plain.note) == (EventKind.FLAG, None)
    assert (noted.kind, noted.note) == (EventKind.FLAG, "a x in a note answers nothing")
    assert (answer.item, answer.kind, answer.prediction_shown) == (flagged, EventKind.ANSWER, True)


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
    app.page.keyboard.press("a")  # means nothing any more
    app.page.reload()
    expect(app.button("Normal J").first).to_be_visible(timeout=SLOW)
    app.look()
    second = app.press("j")
    book.expect([first, second], "aa")


def test_focus_stays_where_it_was(app: AppPage, book: Book) -> None:
    button = app.button("Anomalous")
    button.focus()
    pressed = [app.current_item()]
    app.page.keyboard.press("Enter")
    app.wait_for_another(pressed[0])
    expect(button).to_be_focused()
    pressed += app.burst("a", pause=300)
    expect(button).to_be_focused()
    app.expect_kept()
    expect(button).to_be_focused()
    book.expect(pressed, "xa")


def test_by_touch(chromium: Browser, server: Server, book: Book) -> None:
    context = chromium.new_context(viewport={"width": 800, "height": 1000}, has_touch=True)
    app = AppPage(context.new_page(), server.url)
    app.open()
    first = app.look()
    app.button("Anomalous").tap()
    app.wait_for_another(first)
    app.look()
    app.button("Undo").tap()
    assert app.look() == first
    app.expect_kept()
    wait_for("both events", lambda: len(book.events) == 2)
    assert book.standing == []
    context.close()


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
        assert server.store.project(1).guidelines == nasty
    assert not [url for url in requests if "127.0.0.1:9/" in url or url.endswith("/x")]
