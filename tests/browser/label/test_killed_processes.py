"""Killing the trainer or the server at a bad moment costs nobody an answer."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from app_page import PREPARATION, SLOW, AppPage
from playwright.sync_api import Page, expect
from ready_project import SlowLaterRounds, prepare
from server import Server, wait_for
from small_digits import write_small_digits
from workshop import DIGITS, Workshop

from anomaly_core.datasets.scenario import Scenario
from state.store.schema import JobState
from state.store.store import Store

pytestmark = pytest.mark.browser

ROUND = 4  # labels
STOPPED = re.compile(r"^The trainer stopped before it was done[^.]*\.")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server of this test's own, whose project takes its time over a round."""
    prepare(tmp_path / "data", rounds=SlowLaterRounds, batch_size=ROUND)
    with Server(tmp_path / "data") as running:
        yield running


@pytest.fixture
def app(tab: Page, server: Server) -> AppPage:
    page = AppPage(tab, server.url)
    page.open()
    return page


def expect_kept(store: Store, pressed: list[int]) -> None:
    """The store comes to hold exactly the answers that were given, each once."""
    wait_for("the answers to arrive", lambda: len(store.events.since(1)) >= len(pressed))
    events = store.events.since(1)
    assert [event.item for event in events] == pressed
    assert len({event.uuid for event in events}) == len(events)
    assert store.integrity_problems() == []


def test_a_trainer_killed_during_a_round_is_replaced_while_labeling_goes_on(
    app: AppPage, server: Server
) -> None:
    pressed = [app.press("a") for _ in range(ROUND)]
    server.running_job()
    server.kill_trainer()

    expect(app.page.get_by_text(STOPPED)).to_have_count(1)
    model = server.store.models.active(1)
    assert model is not None
    assert model.version == 1
    pressed += [app.press("x") for _ in range(2)]

    expect(app.serving(2)).to_be_visible(timeout=2 * SLOW)
    expect(app.page.get_by_text(STOPPED)).to_have_count(0)
    states = [job.state for job in server.store.work.training(1).all()]
    assert states == [JobState.DONE, JobState.INTERRUPTED, JobState.DONE]
    pressed.append(app.press("a"))
    expect_kept(server.store, pressed)


def test_a_server_killed_during_a_round_loses_no_answer_and_finds_the_new_model(
    app: AppPage, server: Server
) -> None:
    pressed = [app.press("a") for _ in range(ROUND)]
    left = DIGITS.budget - ROUND
    app.expect_budget(left)
    server.running_job()
    server.kill()
    pressed.append(app.press("a"))  # nobody is there to take it yet
    server.start()
    app.page.reload()
    app.expect_budget(left - 1)
    expect_kept(server.store, pressed)
    assert app.current_item() not in pressed  # whichever model serves by now
    pressed += [app.press("x") for _ in range(2)]
    expect(app.serving(2)).to_be_visible(timeout=2 * SLOW)
    assert [job.state for job in server.store.work.training(1).all()] == [JobState.DONE] * 2
    expect_kept(server.store, pressed)


def test_a_trainer_killed_during_the_first_preparation_is_replaced(
    tab: Page, tmp_path: Path
) -> None:
    data_dir = tmp_path / "data"
    small = Scenario("idx", DIGITS.scenario.normal)
    root = write_small_digits(tmp_path / "digits")
    with Workshop(data_dir, replace(DIGITS, scenario=small, root=root, budget=20)):
        pass  # its preparation waits for a trainer now
    with Server(data_dir) as server:
        app = AppPage(tab, server.url)
        app.page.goto(app.url)
        wait_for("the start of training", lambda: server.running_job().progress > 0)
        server.kill_trainer()
        expect(app.page.get_by_text(STOPPED)).to_have_count(1)
        app.current_item(timeout=PREPARATION)
        expect_kept(server.store, [app.press("a")])
