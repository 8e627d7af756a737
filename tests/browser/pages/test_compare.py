"""Two recipes are run and compared; a flipped image is opened."""

import re

import pytest
from app_page import PREPARATION, SLOW, AppPage
from playwright.sync_api import Locator, expect
from server import Server

from anomaly_core.recipes.folder import RunFolder
from state.files.artifacts import run_folder
from state.quality.comparison import Comparison
from state.store.schema import JobState
from state.store.work import Job

pytestmark = pytest.mark.browser

RECIPES = {
    "Unsupervised convolutional autoencoder": "conv-pool",
    "Three autoencoders against noise": "fc fc-deep conv",
}


def start(app: AppPage, epochs: int) -> None:
    """Ask for a comparison of two recipes."""
    app.visit("Compare")
    unfold(app, "Start a comparison")
    app.page.get_by_role("radio", name="Detectors of my choice").click()
    field = app.page.get_by_role("combobox", name="Detectors")
    command = "compare"
    for title, contestants in RECIPES.items():
        field.press_sequentially(f"All of: {title}")  # the list holds only what fits
        app.page.get_by_role("option", name=f"All of: {title}").click()
        app.page.keyboard.press("Escape")
        command += f" {contestants}"
        expect(app.page.get_by_text(re.compile(f"{command} --evaluation mixed"))).to_be_visible()
        app.wait_until_drawn()
    app.fill("Epochs", str(epochs))
    command += f" --evaluation mixed --epochs {epochs} --output"
    expect(app.page.get_by_text(re.compile(command))).to_be_visible()
    app.button("Start").click()
    expect(app.page).to_have_url(re.compile(r"[?&]run=\d+"), timeout=SLOW)


def unfold(app: AppPage, heading: str) -> None:
    """Open a part of the page that may be folded."""
    part = app.page.locator("details").filter(has_text=heading)
    expect(part).to_be_visible()
    if part.get_attribute("open") is None:
        part.locator("summary").click()


def newest(server: Server) -> Job:
    return server.store.work.runs.all(limit=1)[0]


def thumbnails(app: AppPage) -> Locator:
    return app.page.get_by_role("group", name=re.compile("^Only ")).get_by_role("button")


def opinions(app: AppPage) -> Locator:
    return app.page.get_by_role("region", name=re.compile("^Opinions about test image"))


def test_two_recipes_are_compared_and_a_flipped_image_is_opened(
    app: AppPage, server: Server
) -> None:
    start(app, epochs=1)
    best = app.page.get_by_text(re.compile("has the highest AUROC"))
    expect(best).to_be_visible(timeout=PREPARATION)
    run = newest(server)
    assert run.state is JobState.DONE
    comparison = Comparison(RunFolder(run_folder(server.data_dir, run.id)))
    first, second = (one.name for one in comparison.entrants[:2])
    flips = comparison.flips(first, second)
    items = (flips.first if len(flips.first) else flips.second).tolist()
    expect(thumbnails(app)).to_have_count(min(48, len(items)), timeout=SLOW)

    thumbnails(app).first.click()
    expect(app.page).to_have_url(re.compile(rf"[?&]flip={items[0]}\b"))
    expect(opinions(app)).to_be_visible()
    if len(items) > 1:
        thumbnails(app).first.press("ArrowRight")
        app.page.keyboard.press("Enter")
        expect(app.page).to_have_url(re.compile(rf"[?&]flip={items[1]}\b"))
        expect(thumbnails(app).nth(1)).to_have_attribute("aria-pressed", "true")
    opened = items[min(1, len(items) - 1)]

    app.page.reload()
    table = app.page.get_by_role("region", name=f"Opinions about test image {opened:,}", exact=True)
    expect(table).to_be_visible(timeout=SLOW)
    for name in (first, second):
        said = comparison.opinion(name, opened)
        row = table.get_by_role("row").filter(has_text=said.entrant.title)
        expect(row).to_contain_text("flagged" if said.flagged else "passed")
        expect(row).to_contain_text(f"{said.score:.4g}")
    expect(app.page.get_by_text(re.compile(re.escape(comparison.truth(opened))))).to_be_visible()
    expect(best).to_be_visible()

    expect_nothing_in_the_way(app)
    app.page.set_viewport_size({"width": 800, "height": 900})
    app.page.wait_for_timeout(500)
    assert not app.scrolls_sideways()


def expect_nothing_in_the_way(app: AppPage) -> None:
    expect(app.page.get_by_test_id("stSidebarNavItems")).to_have_attribute("role", "group")
    app.page.wait_for_timeout(1_000)  # what fades in has done so
    assert app.violations() == []
