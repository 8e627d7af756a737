"""Projects are created and switched."""

import re
from pathlib import Path

import pytest
from app_page import PREPARATION, SLOW, AppPage
from playwright.sync_api import expect
from server import Server
from small_digits import write_small_digits

pytestmark = pytest.mark.browser


def test_a_new_project_can_be_labeled_and_left_again(
    app: AppPage, server: Server, tmp_path: Path
) -> None:
    app.press("a")
    app.expect_kept()
    left = app.budget_left()
    root = write_small_digits(tmp_path / "digits")

    app.visit("Data & project")
    app.page.get_by_text("Try it on digits or another dataset").click()
    app.choose("Images", "idx")
    app.fill("Name", f"Even digits of {tmp_path.name}")  # new, also when it is looked at again
    app.fill("Folder or zip archive of the images", str(root))
    app.fill("Normal classes", "0,2,4,6,8")
    app.fill("Budget (labels)", "12")
    app.button("Create project").click()

    expect(app.page).to_have_url(re.compile(r"\?project=(?!1&)\d+&"), timeout=SLOW)
    app.current_item(timeout=PREPARATION)
    app.expect_budget(12)
    app.press("x")
    app.expect_budget(11)

    app.visit("Data & project")
    app.button(server.store.projects.get(1).name).click()
    app.expect_budget(left)
    app.visit("Label")
    app.current_item()
    app.expect_budget(left)
    made = server.store.projects.all()[-1]
    assert (made.name, made.spent) == (f"Even digits of {tmp_path.name}", 1)
    assert server.store.integrity_problems() == []
