"""Reloading, leaving, double clicks and held keys: nothing is lost, nothing counts twice."""

import pytest
from app_page import AppPage
from server import Server

from state.replay import Event

pytestmark = pytest.mark.browser

MINIMUM_VIEW = 0.2  # seconds, unless a setting says otherwise


class Answers:
    """What the store holds of one test's own answers."""

    def __init__(self, server: Server) -> None:
        self.store = server.store
        self.before = max((event.seq for event in self.store.events(1)), default=0)

    @property
    def events(self) -> list[Event]:
        assert self.store.integrity_problems() == []
        return self.store.events(1, after_seq=self.before)

    @property
    def items(self) -> list[int]:
        return [event.item for event in self.events]


@pytest.fixture
def answers(server: Server) -> Answers:
    return Answers(server)


def test_reloading_keeps_the_item_and_the_budget(app: AppPage, answers: Answers) -> None:
    budget = app.budget_left()
    pressed = [app.press(key) for key in "axu"]
    item = app.look()
    app.expect_budget(budget - 2)

    app.page.reload()
    assert app.current_item() == item
    assert app.budget_left() == budget - 2

    for title in ("Overview", "Explore", "Data & project", "Label"):
        app.visit(title)
        assert app.budget_left() == budget - 2
    assert app.current_item() == item

    pressed.append(app.press("a"))
    app.expect_budget(budget - 3)
    assert answers.items == pressed


def test_a_double_click_answers_one_image(app: AppPage, answers: Answers) -> None:
    budget, first = app.budget_left(), app.look()
    app.button("Normal").dblclick()
    app.wait_for_another(first)
    app.wait_until_drawn()
    second = app.press("x")
    app.expect_budget(budget - 2)
    assert answers.items == [first, second]


def test_a_held_key_answers_only_images_that_were_on_screen(app: AppPage, answers: Answers) -> None:
    budget, first = app.budget_left(), app.look()
    app.watch_images()
    for _ in range(40):
        app.page.keyboard.down("a")  # down again without up: a repeat
        app.page.wait_for_timeout(33)
    app.page.keyboard.up("a")
    app.wait_for_another(first)
    app.wait_until_drawn()

    events = answers.events
    seen = app.images_seen()
    assert 1 <= len(events) < 20  # of 40 presses
    assert len({event.item for event in events}) == len(events)
    for event in events:
        assert event.item in seen, "an answer to an image that was never on screen"
        assert event.pressed_at >= seen[event.item], "an answer before its image was on screen"
        assert event.pressed_at >= event.shown_at + MINIMUM_VIEW
    app.expect_budget(budget - len(events))


def test_a_key_meant_for_the_old_image_does_not_answer_the_next(
    app: AppPage, answers: Answers
) -> None:
    budget, first = app.budget_left(), app.look()
    on_screen = app.press_around_a_freeze("a", "x")  # the server has drawn the next by then
    assert on_screen == first
    app.wait_for_another(first)
    app.wait_until_drawn()
    assert answers.items == [first]
    app.expect_budget(budget - 1)
