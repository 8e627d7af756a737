"""A person's own images from a dragged archive to Present, with no truth anywhere."""

import re
import shutil
from pathlib import Path

import pytest
from app_page import PREPARATION, SLOW, AppPage
from own_pile import write_pile
from playwright.sync_api import expect
from server import Server

pytestmark = pytest.mark.browser

SHOWN_BY_ITS_FILE = """canvas => canvas.classList.contains("photo") && canvas.width === 48"""


def test_own_images_are_dragged_in_labeled_tuned_and_presented(
    app: AppPage, server: Server, tmp_path: Path
) -> None:
    page = app.page
    pile = write_pile(tmp_path / "belt")
    archive = shutil.make_archive(str(tmp_path / "belt"), "zip", pile)

    app.visit("Data & project")
    page.locator("input[type=file]").set_input_files(archive)
    expect(page.get_by_text("belt.zip")).to_be_visible()
    app.button("Read the images").click()
    expect(page.get_by_text("Download the report (CSV)")).to_be_visible(timeout=PREPARATION)
    expect(page.get_by_text("2 files were refused")).to_be_visible()
    app.fill("Name of the project", "Belt")
    app.fill("Budget (labels)", "12")
    app.button("Create project").click()

    expect(page).to_have_url(re.compile(r"/label\?project=(?!1&)\d+"), timeout=SLOW)
    app.current_item(timeout=PREPARATION)
    app.expect_budget(12)
    page.wait_for_function(
        f"canvas => ({SHOWN_BY_ITS_FILE})(canvas)", arg=app.image.element_handle()
    )
    expect(page.locator(".file")).to_have_text(re.compile(r"^\d{3}\.jpg$"))
    app.burst("axaaaxaaaa", pause=350)
    app.expect_kept()
    app.expect_budget(2)

    page.keyboard.press("z")
    viewer = page.get_by_role("img", name=re.compile(r"^Item \d+ of the pool$"))
    expect(viewer).to_be_visible()
    page.keyboard.press("1")
    expect(page.locator(".scale")).to_have_text("100 %")
    page.keyboard.press("+")
    expect(page.locator(".scale")).to_have_text("125 %")
    page.keyboard.press("z")

    made = server.store.projects.all()[-1]
    page.goto(f"{server.url}/explore?project={made.id}&item=3")
    app.wait_until_drawn()
    app.button("Compute it").click()
    map_of_distances = page.get_by_role("application", name=re.compile("^Over the image"))
    expect(map_of_distances).to_be_visible(timeout=PREPARATION)

    app.visit("Tune")
    expect(
        page.get_by_text(re.compile("highest scores flagged|false alarms")).first
    ).to_be_visible()
    app.visit("Present")
    expect(page.get_by_text(re.compile("^Of 1,000 images"))).to_be_visible(timeout=PREPARATION)
    expect(page.get_by_text("undefined")).to_have_count(0)
    assert made.name == "Belt"
    assert server.store.integrity_problems() == []
