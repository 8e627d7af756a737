"""Rolling back in the browser: the older version serves, and the next round goes on from it."""

import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from app_page import SLOW, AppPage
from playwright.sync_api import Page, expect
from published import array_in
from ready_project import prepare
from server import Server
from workshop import DIGITS, Workshop

from state.store.schema import Purpose

pytestmark = pytest.mark.browser

ROUND = 4
KEYS = {1: "a", -1: "x"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A project with three versions, each trained on from the one before."""
    data_dir = tmp_path / "data"
    prepare(data_dir, batch_size=ROUND)
    with Workshop(data_dir, replace(DIGITS, batch_size=ROUND)) as shop:
        rounds = shop.rounds()
        for _ in range(2):
            shop.answer(ROUND)
            rounds.update([])
    with Server(data_dir) as running:
        yield running


@pytest.fixture
def app(tab: Page, server: Server) -> AppPage:
    page = AppPage(tab, server.url)
    page.open("models")
    return page


def array(server: Server, name: str) -> np.ndarray:
    return array_in(server.data_dir / "projects" / "1", name)


def standing(app: AppPage, version: int) -> None:
    """Wait until the page says which version serves."""
    said = app.page.get_by_text(f"Model {version} is in use, and")
    expect(said).to_be_visible(timeout=SLOW)


def expect_used(app: AppPage, version: int, words: str) -> None:
    """Wait until the table says what a version is used for."""
    rows = app.page.get_by_role("region", name="Versions").locator("tbody tr")
    cells = rows.filter(has=app.page.locator(f"td:first-child:text-is('{version}')")).locator("td")
    expect(cells.nth(1)).to_have_text(words, timeout=SLOW)


def test_after_a_roll_back_the_older_version_serves_and_is_learned_on_from(
    app: AppPage, server: Server
) -> None:
    standing(app, 3)
    app.choose("Version", "2")
    app.button("Roll back to model 2").click()
    asked = app.page.get_by_test_id("stPopoverBody")
    expect(asked.get_by_text("trains on from model 2")).to_be_visible()
    expect(asked.get_by_text("begins after 4 more answers")).to_be_visible()
    app.page.get_by_label("Why, if you like").fill("Too many false alarms.")
    app.button("Yes, use model 2").click()  # the reason goes with the click
    standing(app, 2)
    expect_used(app, 2, "in use")
    expect_used(app, 3, "left behind")
    (said,) = server.store.promotions.all(1)
    assert (said.version, said.purpose, said.author) == (2, Purpose.DESK, "you")
    assert said.reason == "Too many false alarms."
    assert server.store.work.training(1).next() is None

    answered = {event.item for event in server.store.events.standing(1)}
    proposed = [i for i in array(server, "models/2/proposals").tolist() if i not in answered]
    truth = array(server, "truth/pool")
    app.visit("Label")
    assert app.current_item() == proposed[0]
    expect(app.serving(2)).to_be_visible(timeout=SLOW)
    pressed = [app.press(KEYS[int(truth[app.look()])]) for _ in range(ROUND)]
    expect(app.serving(4)).to_be_visible(timeout=SLOW)
    assert pressed == proposed[:ROUND]
    assert [event.model_version for event in server.store.events.since(1)[-ROUND:]] == [2] * ROUND

    model = server.store.models.active(1)
    assert model is not None
    assert (model.version, model.parent, model.label_count) == (4, 2, 3 * ROUND)
    app.visit("Models")
    standing(app, 4)
    expect_used(app, 3, "left behind")
    expect_used(app, 2, "")
    assert server.store.integrity_problems() == []


def test_a_comparison_survives_a_reload_and_shows_what_flips(app: AppPage, server: Server) -> None:
    app.choose("Compare model", "1")
    first, second = (array(server, f"models/{version}/scores") for version in (1, 3))
    one, other = (scores > np.quantile(scores, 0.9) for scores in (first, second))
    for _ in range(2):
        app.expect_metric("Verdicts that flip", f"{(one != other).sum()} of {len(first)}")
        expect(app.page).to_have_url(re.compile("first=1&second=3"))
        newly = f"Flagged by model 3, passed by model 1 · {(other & ~one).sum()}"
        expect(app.page.get_by_text(newly)).to_be_visible()
        for item in np.flatnonzero(one != other)[:24].tolist():
            picture = app.page.get_by_role("img", name=re.compile(rf"^Item {item}, percentile"))
            expect(picture.first).to_be_visible()
        app.page.reload()


def test_a_version_is_named_for_production_and_taken_away(
    app: AppPage, server: Server, tmp_path: Path
) -> None:
    app.button("Name model 3 as production").click()
    app.page.get_by_label("Why this one").fill("It misses least.")
    app.button("Yes, model 3 is for production").click()
    expect(app.page.get_by_text("It misses least.").first).to_be_visible(timeout=SLOW)
    expect_used(app, 3, "in use, in production")
    named = server.store.promotions.production(1)
    assert named is not None
    assert (named.version, named.reason) == (3, "It misses least.")

    with app.page.expect_download() as waiting:
        app.button("Download model 3").click()
    packed = tmp_path / "model.zip"
    waiting.value.save_as(packed)
    assert waiting.value.suggested_filename == "ringfence-1-model-3.zip"
    with zipfile.ZipFile(packed) as archive:
        facts = json.loads(archive.read("ringfence-1-model-3/metrics.json"))
        weights = archive.read("ringfence-1-model-3/model.safetensors")
    (published,) = server.data_dir.glob("projects/1/models/3-*/model.safetensors")
    assert (facts["version"], facts["parent"], facts["labels"]) == (3, 2, 2 * ROUND)
    assert weights == published.read_bytes()
