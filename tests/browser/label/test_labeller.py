"""The keyboard desk: every key counts once, for the image that was on screen."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from answer_book import Book, copy, opened
from app_page import SLOW, AppPage
from playwright.sync_api import Browser, Page, expect
from ready_project import prepare
from server import Server, wait_for

from anomaly_core.datasets.scenario import Scenario
from state.store.schema import EventKind

pytestmark = pytest.mark.browser


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
def app(tab: Page, server: Server) -> AppPage:
    return opened(tab, server)


@pytest.fixture
def book(server: Server) -> Book:
    return Book(server)


@pytest.mark.undisturbed
def test_a_held_key_gives_one_answer(app: AppPage, book: Book) -> None:
    first = app.current_item()
    for _ in range(40):
        app.page.keyboard.down("a")  # down again without up: a repeat
        app.page.wait_for_timeout(33)
    app.page.keyboard.up("a")
    app.wait_for_another(first)
    app.expect_kept()
    book.expect([first], "a")


@pytest.mark.undisturbed
def test_a_key_that_comes_before_the_image_does_not_answer_it(app: AppPage, book: Book) -> None:
    first = app.current_item()
    app.press_two_before_a_frame("a", "x")
    app.wait_for_another(first)
    expect(app.message).to_contain_text("did not count")
    app.expect_kept()
    book.expect([first], "a")


@pytest.mark.undisturbed
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


def test_going_offline_in_the_middle_of_a_burst(app: AppPage, book: Book) -> None:
    pressed = app.burst("ax", pause=40)
    app.page.context.set_offline(True)
    pressed += app.burst("axax", pause=100)
    expect(app.offline).to_contain_text("in this browser")
    app.page.context.set_offline(False)
    expect(app.offline).to_be_hidden(timeout=SLOW)
    book.expect(pressed, "axaxax")
    app.expect_kept()


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
    colleague = server.store.people.ensure("colleague").id
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
    assert by == {colleague, server.store.people.ensure("you").id}
    context.close()


def test_a_flag_a_note_and_a_look_at_the_prediction_are_recorded(app: AppPage, book: Book) -> None:
    flagged = app.current_item()
    assert not app.page.get_by_text("from the center (score").is_visible()
    app.page.keyboard.press("p")
    expect(app.page.get_by_text("from the center (score")).to_be_visible()
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
