"""From an empty directory to twenty labels and a better model, in a real browser."""

from pathlib import Path

import numpy as np
import pytest
from app_page import PREPARATION, SLOW, AppPage
from playwright.sync_api import Page, expect
from server import Server, wait_for
from some import some

from state.store.schema import Answer, EventKind

LABELS, ROUND = 20, 10
KEYS = {1: "a", -1: "x"}


@pytest.mark.browser
@pytest.mark.timeout(500)
def test_twenty_labels_by_keyboard_make_the_model_better(tmp_path: Path, tab: Page) -> None:
    with Server(tmp_path / "data") as server:
        app = AppPage(tab, server.url)
        app.page.goto(app.url)  # no page in the address, nothing set up
        app.current_item(timeout=PREPARATION)
        budget, at_start = app.budget_left(), app.overview_auroc()
        app.visit("Label")

        truth = np.load(tmp_path / "data" / "projects" / "1" / "truth" / "pool.npy")
        pressed: list[tuple[int, Answer]] = []
        while len(pressed) < LABELS:
            y = int(truth[app.look()])
            pressed.append((app.press(KEYS[y]), Answer.NORMAL if y > 0 else Answer.ANOMALOUS))
            if len(pressed) == ROUND:
                expect(app.learning).to_be_visible(timeout=SLOW)
            if len(pressed) == ROUND + 3:  # three more while the round was under way
                expect(app.serving(2, or_later=True)).to_be_visible(timeout=SLOW)
        app.expect_budget(budget - LABELS)

        taken_back = pressed[-1][0]
        for undo in (lambda: app.page.keyboard.press("Backspace"), app.button("Undo").click):
            undo()
            expect(app.image).to_have_attribute("aria-label", f"Item {taken_back} of the pool")
            app.expect_budget(budget - LABELS + 1)
            app.press(KEYS[int(truth[taken_back])])
            app.expect_budget(budget - LABELS)

        expect(app.serving(3, or_later=True)).to_be_visible(timeout=SLOW)
        assert app.overview_auroc() > at_start
        assert int(app.metric("Model version")) >= 3

        events = [(e.kind, e.item, e.answer) for e in server.store.events.since(1)]
        answers = [(EventKind.ANSWER, *answer) for answer in pressed]
        undone = (EventKind.UNDO, taken_back, None)
        assert events == [*answers, undone, answers[-1], undone, answers[-1]]
        assert {some(event.model_version) for event in server.store.events.since(1)[:ROUND]} == {1}

        app.visit("Label")
        app.look()
        further = len(app.coming_items()) + 2  # what is on screen may be of an older model
        for _ in range(further):
            app.press("a")
        everything = len(events) + further
        wait_for("the answers", lambda: len(server.store.events.since(1)) == everything)
        assert some(server.store.events.since(1)[-1].model_version) > 1
        assert server.store.integrity_problems() == []
