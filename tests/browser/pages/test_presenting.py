"""Presenting: the slider, a reload, and two files that say what the page says."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from app_page import SLOW, AppPage
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader
from ready_project import prepare
from scipy.stats import binomtest
from server import Server
from workshop import DIGITS, Workshop

pytestmark = pytest.mark.browser

ROUND = 10
TOLD = (
    ".said p",
    ".count",
    ".share",
    ".figures td",
    ".change",
    ".story .sketch",
    ".letters",
    ".basis",
    ".notes p",
    ".source",
)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A project whose second model has learned from answers."""
    data_dir = tmp_path / "data"
    prepare(data_dir, batch_size=ROUND)
    with Workshop(data_dir, replace(DIGITS, batch_size=ROUND)) as shop:
        shop.answer(ROUND)
        shop.rounds().update([])
    with Server(data_dir) as running:
        yield running


@pytest.fixture
def app(tab: Page, server: Server) -> AppPage:
    page = AppPage(tab, server.url)
    page.open("present")
    return page


def told(page: Page) -> dict[str, list[str]]:
    """All words and figures on screen."""
    return {part: page.locator(part).all_inner_texts() for part in TOLD}


def items(page: Page, cell: str) -> list[int]:
    """The images that are shown of a cell of the matrix."""
    shown = page.locator(".cell").filter(has_text=cell).get_by_role("img")
    names = shown.evaluate_all("found => found.map(one => one.alt)")
    return [int(name.rsplit(" ", 1)[1]) for name in names]


def slide(page: Page, keys: str, times: int) -> None:
    slider = page.get_by_role("slider")
    for _ in range(times):
        slider.press(keys)


def test_the_slider_changes_every_figure_at_once_and_a_reload_keeps_it(
    app: AppPage, server: Server
) -> None:
    folder = server.data_dir / "projects" / "1"
    (version,) = folder.glob("models/2-*")
    truth = np.load(folder / "truth" / "test.npy")
    scores = np.load(version / "test-scores.npy").astype(float)
    pool = np.sort(np.load(version / "scores.npy").astype(float))
    page = app.page
    expect(page.locator(".said p")).to_have_count(3)
    expect(page.get_by_test_id("stSidebarNav")).not_to_be_in_viewport()  # opened by its address
    first = told(page)
    slide(page, "ArrowRight", 3)
    expect(page).to_have_url(re.compile("caution=-3"))
    flagged = int(re.findall(r"\d+", page.locator(".story .sketch").inner_text())[1])
    threshold = (pool[-flagged - 1] + pool[-flagged]) / 2
    missed, known = int((scores[truth < 0] <= threshold).sum()), int((truth < 0).sum())
    found = binomtest(missed, known).proportion_ci(0.95, method="exact")
    low, high = np.floor(100 * found.low), np.ceil(100 * found.high)
    share = 0.1 * (1 - missed / known) + 0.9 * (scores[truth > 0] > threshold).mean()
    expect(page.locator(".said p").nth(0)).to_have_text(
        f"Of 1,000 images, 100 of them anomalous, it flags {np.floor(1_000 * share + 0.5):.0f}."
    )
    expect(page.locator(".said p").nth(1)).to_have_text(
        f"Of 100 real anomalies it misses {np.floor(100 * missed / known + 0.5):.0f}, "
        f"between {low:.0f} and {high:.0f}."
    )
    cells = {
        "Missed": (truth < 0) & (scores <= threshold),
        "False alarms": (truth > 0) & (scores > threshold),
    }
    for name, inside in cells.items():
        cell = page.locator(".cell").filter(has_text=name)
        expect(cell.locator(".count")).to_have_text(f"{inside.sum():,}")
        assert set(items(page, name)) <= set(np.flatnonzero(inside).tolist())
        assert len(items(page, name)) == min(6, inside.sum())
    now = told(page)
    assert now[".said p"] != first[".said p"]

    page.reload()
    expect(page.locator(".said p").nth(1)).to_have_text(now[".said p"][1])
    assert told(page) == now

    expect(page.locator(".tried")).to_contain_text("saved by nobody: threshold")
    page.get_by_role("button", name="Back to the one in use").click()
    expect(page.locator(".tried")).to_have_text("This is the threshold in use.")
    expect(page.get_by_role("button", name="Back to the one in use")).to_be_hidden()
    assert told(page) == first
    expect(page).to_have_url(re.compile("caution=0"))
    slide(page, "End", 1)
    slide(page, "ArrowLeft", 30)
    expect(page.get_by_role("slider")).to_have_value("0")
    assert server.store.work.training(1).next() is None  # looking has begun no training


def test_the_map_shows_images_to_pointer_and_keyboard_alike(app: AppPage) -> None:
    page = app.page
    expect(page.locator(".said p")).to_have_count(3)
    canvas, tip = page.locator("canvas.map"), page.locator(".stage .tip")
    expect(tip).to_be_hidden()
    canvas.press("ArrowRight")
    expect(tip.locator("canvas")).to_be_visible()
    words = page.locator(".reached").inner_text()
    assert re.fullmatch(r"Item \d+, (passed|flagged): .* R\)\.", words)
    expect(tip).to_have_text(words)
    canvas.press("Escape")
    expect(tip).to_be_hidden()
    canvas.scroll_into_view_if_needed()
    canvas.press("ArrowRight")
    canvas.press("Enter")  # it stays marked
    kept = tip.inner_text()
    page.mouse.move(0, 0)
    page.get_by_role("slider").focus()
    expect(tip).to_have_text(kept)


def test_an_image_is_explained_by_a_key_and_by_a_click(app: AppPage) -> None:
    page = app.page
    image = page.locator(".chapters").get_by_role("button").first
    named = image.get_by_role("img").get_attribute("alt") or ""
    number = named.rsplit(" ", 1)[1]
    image.press("Enter")
    answer = page.get_by_role("dialog")
    expect(answer.get_by_text(f"Test image {int(number):,}: anomalous in truth")).to_be_visible()
    expect(answer.get_by_text("Flagged: beyond the threshold")).to_be_visible(timeout=SLOW)
    expect(page).to_have_url(re.compile(f"look={number}"))
    page.keyboard.press("Escape")
    expect(answer).to_be_hidden()
    expect(page).not_to_have_url(re.compile("look="))
    image.click()
    expect(answer.get_by_text("Flagged: beyond the threshold")).to_be_visible(timeout=SLOW)


def test_both_files_say_what_the_page_says(
    app: AppPage, server: Server, chromium: Browser, tmp_path: Path
) -> None:
    page = app.page
    expect(page.locator(".said p")).to_have_count(3)
    slide(page, "ArrowLeft", 2)
    expect(page).to_have_url(re.compile("caution=2"))
    app.wait_until_drawn()
    on_page = told(page)
    files = {}
    for name, kind in (("Download as one HTML file", "html"), ("Download as PDF", "pdf")):
        with page.expect_download() as waiting:
            app.button(name).click()
        assert waiting.value.suggested_filename == f"ringfence-1-model-2.{kind}"
        files[kind] = tmp_path / f"present.{kind}"
        waiting.value.save_as(files[kind])

    pages = PdfReader(files["pdf"]).pages
    said = " ".join(" ".join(one.extract_text() for one in pages).split())
    for texts in on_page.values():
        for text in texts:
            assert text in said

    fetched = []
    with chromium.new_context() as context:
        alone = context.new_page()
        alone.on("request", lambda request: fetched.append(request.url))
        alone.goto(files["html"].as_uri())
        expect(alone.locator(".said p")).to_have_count(3)
        assert told(alone) == on_page
        loaded = "found => found.every(one => one.complete && one.naturalWidth > 0)"
        assert alone.get_by_role("img").locator("visible=true").count() > 10
        assert alone.locator("img").evaluate_all(loaded)
        slide(page, "ArrowRight", 4)
        slide(alone, "ArrowRight", 4)
        assert told(alone) == told(page) != on_page
    assert [url for url in fetched if not url.startswith("data:")] == [files["html"].as_uri()]
