"""The grid in a browser: keys, lasso, taps, one commit, one undo, and colleagues meanwhile."""

import math
import uuid
from collections.abc import Iterator

import pytest
from app_page import SLOW
from grid_page import GridPage
from playwright.sync_api import Browser, Page, expect
from ready_project import prepare
from server import Server, wait_for
from some import some

from state.store.drafts import AnswerDraft
from state.store.history import Event
from state.store.schema import Answer, EventKind

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a project in which no round begins before 100 labels are bought."""
    data_dir = tmp_path_factory.mktemp("batch") / "data"
    prepare(data_dir, batch_size=100)
    with Server(data_dir) as running:
        yield running


@pytest.fixture
def server(shared: Server) -> Iterator[Server]:
    """The same; what a test answered is taken back at its end."""
    shared.began = max((event.seq for event in shared.store.events.since(1)), default=0)
    yield shared
    for event in shared.store.events.standing(1):
        shared.store.events.undo(
            project_id=1,
            annotator_id=event.annotator_id,
            uuid=f"clean-{event.seq}",
            pressed_at=event.pressed_at,
            undoes=event.uuid,
        )
    assert shared.store.projects.get(1).spent == 0


@pytest.fixture
def grid(tab: Page, server: Server) -> GridPage:
    page = GridPage(tab, server.url)
    page.open_grid()
    return page


def events(server: Server, kind: EventKind = EventKind.ANSWER) -> list[Event]:
    """What this test has brought."""
    assert server.store.integrity_problems() == []
    later = server.store.events.since(1, after_seq=server.began)
    return [event for event in later if event.kind is kind]


def standing(server: Server) -> dict[int, str]:
    return {event.item: str(event.answer) for event in server.store.events.standing(1)}


def wait_for_standing(server: Server, wanted: dict[int, str]) -> None:
    wait_for("the answers to stand", lambda: standing(server) == wanted)


def answer_as_colleague(server: Server, item: int, answer: Answer = Answer.ANOMALOUS) -> None:
    ada = server.store.people.ensure("ada")
    server.store.events.accept(
        AnswerDraft(
            uuid=str(uuid.uuid4()),
            project_id=1,
            item=item,
            annotator_id=ada.id,
            answer=answer,
            pressed_at=1.0,
        )
    )


def test_arrows_and_shift_mark_the_rest_is_normal_and_enter_keeps_all_as_one_batch(
    grid: GridPage, server: Server
) -> None:
    items = grid.items
    assert len(items) == 24
    grid.keys("ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight", "x")
    columns = grid.read("grid.board.layout.columns")
    grid.keys("ArrowDown", " ")  # of one image: goes on to the next
    assert grid.read("grid.selection.cursor") == 4 + columns
    unsure = items[3 + columns]
    expected = dict.fromkeys(items[1:4], "anomalous") | {unsure: "unsure"}
    assert grid.marks == expected
    assert events(server) == []  # marks alone are no answers

    grid.keys("r", "Enter")
    following = grid.look_at_grid()
    assert not set(following) & set(items)
    expected |= {item: "normal" for item in items if item not in expected}
    wait_for_standing(server, expected)
    stored = events(server)
    assert len({event.batch for event in stored}) == 1
    assert stored[0].batch is not None
    assert {event.strategy for event in stored} == {"margin"}
    assert not any(event.prediction_shown for event in stored)
    assert all(some(event.shown_at) < event.pressed_at for event in stored)
    grid.expect_budget(100 - 23)


def test_only_what_is_marked_is_kept_and_the_rest_stays(grid: GridPage, server: Server) -> None:
    items = grid.items
    grid.keys("x", "ArrowRight", "a", "Enter")
    expect(grid.page.locator(".where")).to_have_text("✓ Saved 2 answers; ⌫ takes them back.")
    wait_for_standing(server, {items[0]: "anomalous", items[2]: "normal"})
    left = [item for item in items if item not in (items[0], items[2])]
    assert grid.look_at_grid()[:22] == left
    wait_for("the grid to be filled up", lambda: len(grid.items) == 24)
    grid.keys("Enter")  # nothing is marked
    grid.wait_until_kept()
    assert len(events(server)) == 2


def test_undo_takes_the_whole_batch_back_also_after_a_reload(
    grid: GridPage, server: Server
) -> None:
    first = grid.items
    grid.keys("x", "r", "Enter")
    second = grid.look_at_grid()
    grid.keys("ArrowRight", "x", "r", "Enter")
    wait_for("both batches to be kept", lambda: len(standing(server)) == 48)

    grid.keys("Backspace")
    grid.expect_told("Took back 24 answers")
    wait_for_standing(server, dict.fromkeys(first, "normal") | {first[0]: "anomalous"})
    assert grid.items == second
    assert grid.marks == dict.fromkeys(second, "normal") | {second[1]: "anomalous"}
    grid.expect_budget(100 - 24)

    grid.wait_until_kept()
    grid.page.reload()
    grid.look_at_grid()
    grid.keys("Backspace")
    wait_for_standing(server, {})
    assert grid.items == first
    wanted = dict.fromkeys(first, "normal") | {first[0]: "anomalous"}
    assert {item: grid.marks[item] for item in first} == wanted
    undone = events(server, EventKind.UNDO)
    assert len(undone) == 48
    assert {event.undoes for event in undone} == {event.uuid for event in events(server)}

    grid.look_at_grid()
    grid.keys("a", "Enter")  # mend the one, keep them again
    wait_for_standing(server, dict.fromkeys(first, "normal"))


def test_a_commit_survives_a_reload_that_comes_at_once(grid: GridPage, server: Server) -> None:
    items = grid.items
    grid.keys("r", "Enter")
    grid.page.reload()
    wait_for_standing(server, dict.fromkeys(items, "normal"))
    assert len(events(server)) == 24
    wait_for("other images", lambda: not set(grid.look_at_grid()) & set(items))


def test_what_a_colleague_answers_meanwhile_is_said_and_not_overwritten(
    grid: GridPage, server: Server
) -> None:
    items = grid.items
    answer_as_colleague(server, items[5])
    grid.keys("r", "Enter")
    grid.expect_told(
        f"Item {items[5]:,} was answered by a colleague meanwhile; your answer was not counted."
    )
    grid.wait_until_kept()
    assert standing(server) == dict.fromkeys(items, "normal") | {items[5]: "anomalous"}
    assert len(events(server)) == 24
    grid.expect_budget(100 - 24)

    grid.look_at_grid()
    grid.keys("Backspace")  # takes back one's own, not the colleague's
    wait_for_standing(server, {items[5]: "anomalous"})


def test_what_a_colleague_answers_is_marked_as_soon_as_the_tab_hears_of_it(
    grid: GridPage, server: Server
) -> None:
    items = grid.items
    grid.keys("ArrowRight", "x")
    for item in items[1:3]:
        answer_as_colleague(server, item, Answer.NORMAL)
    grid.read("grid.refresh()")
    grid.expect_told(f"Items {items[1]:,} and {items[2]:,} were answered by a colleague meanwhile")
    assert grid.items == items  # nothing moves under the hand
    grid.keys("r", "Enter")
    wait_for_standing(server, dict.fromkeys(items, "normal"))
    assert len(events(server)) == 24


def test_a_lasso_selects_exactly_the_images_whose_middle_is_inside(grid: GridPage) -> None:
    columns = grid.read("grid.board.layout.columns")
    inside = {1, 2, columns + 1, columns + 2}
    corners = [grid.point(place) for place in (1, 2, columns + 2, columns + 1)]
    middle = [sum(axis) / 4 for axis in zip(*corners, strict=True)]
    grown = [
        (x + math.copysign(20, x - middle[0]), y + math.copysign(20, y - middle[1]))
        for x, y in corners
    ]
    mouse = grid.page.mouse
    mouse.move(*grown[0])
    mouse.down()
    for x, y in [*grown[1:], grown[0]]:
        mouse.move(x, y, steps=6)
    mouse.up()
    assert grid.selected == inside
    grid.keys("x")
    assert set(grid.marks) == {grid.items[place] for place in inside}


def test_click_shift_click_and_escape(grid: GridPage) -> None:
    page = grid.page
    page.mouse.click(*grid.point(2))
    assert grid.selected == {2}
    page.keyboard.down("Shift")
    page.mouse.click(*grid.point(6))
    page.keyboard.up("Shift")
    assert grid.selected == set(range(2, 7))
    grid.keys("Escape")
    assert grid.selected == set()
    grid.keys("Control+a")
    assert len(grid.selected) == 24
    grid.keys("x", "Delete")
    assert grid.marks == {}


def test_a_held_key_marks_and_keeps_once(grid: GridPage, server: Server) -> None:
    grid.keys("r")
    for _ in range(12):
        grid.page.keyboard.down("Enter")
        grid.page.wait_for_timeout(40)
    grid.page.keyboard.up("Enter")
    grid.wait_until_kept()
    assert len(events(server)) == 24
    for _ in range(12):
        grid.page.keyboard.down("Backspace")
    grid.page.keyboard.up("Backspace")
    grid.wait_until_kept()
    assert len(events(server, EventKind.UNDO)) == 24


def test_focus_stays_where_it_was_after_keys_and_clicks(grid: GridPage, server: Server) -> None:
    grid.page.locator(".board").focus()
    focused = "document.activeElement && grid.root.getRootNode().activeElement?.className"
    assert grid.read(focused) == "board"
    grid.keys("x", "r", "Enter")
    grid.look_at_grid()
    assert grid.read(focused) == "board"
    grid.page.get_by_role("button", name="The rest are normal").click()
    grid.page.get_by_role("button", name="Save 24 answers").click()
    grid.look_at_grid()
    assert grid.read(focused) == "board"
    grid.page.get_by_role("button", name="Save").focus()
    grid.keys("Enter")  # nothing to keep: the button stays, and keeps the focus
    assert grid.read("grid.root.getRootNode().activeElement.dataset.action") == "keep"
    wait_for("two batches", lambda: len(events(server)) == 48)


def test_a_mode_chosen_with_the_mouse_leaves_the_keys_to_the_grid(
    grid: GridPage, server: Server
) -> None:
    proposed = grid.items
    grid.page.get_by_text("Most anomalous", exact=True).click()
    wait_for("other images", lambda: grid.items != proposed)
    items = grid.look_at_grid()
    grid.keys("Shift+End", "x", "Enter")
    wait_for_standing(server, dict.fromkeys(items, "anomalous"))
    assert {event.strategy for event in events(server)} == {"batch-most-anomalous"}
    assert all(event.prediction_shown for event in events(server))


def test_a_tap_cycles_the_mark(chromium: Browser, server: Server) -> None:
    context = chromium.new_context(viewport={"width": 800, "height": 900}, has_touch=True)
    grid = GridPage(context.new_page(), server.url)
    items = grid.open_grid()
    for mark in ("normal", "anomalous", None, "normal"):
        grid.page.touchscreen.tap(*grid.point(4))
        assert grid.marks.get(items[4]) == mark
    grid.page.touchscreen.tap(*grid.point(0))
    grid.page.get_by_role("button", name="Save 2 answers").tap()
    wait_for_standing(server, dict.fromkeys((items[0], items[4]), "normal"))
    context.close()


def test_never_more_marks_are_kept_than_labels_are_left(grid: GridPage, server: Server) -> None:
    items = grid.items
    for item in sorted(set(range(200)) - set(items))[:80]:
        answer_as_colleague(server, item)
    grid.read("grid.refresh()")
    expect(grid.page.locator(".left")).to_contain_text("20 of 100", timeout=SLOW)
    grid.keys("r", "Enter")
    grid.expect_told("Only 20 labels left: take 4 marks away")
    grid.keys("Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight", "Delete", "Enter")
    wait_for("twenty answers", lambda: server.store.projects.get(1).spent == 100)
    expect(grid.page.locator(".empty")).to_contain_text("All 100 labels are bought", timeout=SLOW)
    grid.keys("Backspace")
    wait_for("undo", lambda: server.store.projects.get(1).spent == 80)


def test_marks_outlast_another_page_and_a_reload(grid: GridPage, server: Server) -> None:
    items = grid.items
    grid.keys("x", "a", " ")
    marked = {items[0]: "anomalous", items[1]: "normal", items[2]: "unsure"}
    assert grid.marks == marked
    grid.visit("Overview")
    grid.visit("Batch")
    assert grid.look_at_grid() == items
    assert grid.marks == marked
    grid.page.reload()
    assert grid.look_at_grid() == items
    assert grid.marks == marked
    assert events(server) == []
    grid.keys("Enter")
    wait_for_standing(server, marked)
    grid.wait_until_kept()
    grid.page.reload()
    grid.look_at_grid()
    assert grid.marks == {}  # they are answers now
