"""Explore's numbers are right at every threshold; projects are created and switched."""

import re
from pathlib import Path

import numpy as np
import pytest
from app_page import PREPARATION, SLOW, AppPage
from numpy.typing import NDArray
from playwright.sync_api import expect
from server import Server
from sklearn.metrics import confusion_matrix
from small_digits import write_small_digits

pytestmark = pytest.mark.browser

PER_KEY = 0.5  # percent


def array(server: Server, name: str) -> NDArray[np.float64]:
    """A published array of the first project."""
    return np.load(server.data_dir / "projects" / "1" / f"{name}.npy")


def test_the_confusion_matrix_follows_the_slider(app: AppPage, server: Server) -> None:
    app.visit("Explore")
    slider = app.page.get_by_role("slider", name="Flag the most anomalous share")
    share = float(slider.input_value())
    pool, scores = array(server, "models/1/scores"), array(server, "models/1/test-scores")
    anomalous = array(server, "truth/test") < 0
    contamination = server.store.project(1).scenario["contamination"]

    for key, steps in (("ArrowRight", 0), ("ArrowRight", 12), ("ArrowLeft", 30)):
        for _ in range(steps):
            slider.press(key)
        share += (1 if key == "ArrowRight" else -1) * steps * PER_KEY
        expect(slider).to_have_value(f"{share:g}")
        flagged = scores > np.quantile(pool, 1 - share / 100)
        (tn, fp), (fn, tp) = confusion_matrix(anomalous, flagged)
        for count, meaning in (
            (tn, "rightly passed"),
            (fp, "false alarms"),
            (fn, "missed"),
            (tp, "caught"),
        ):
            cell = app.page.locator(".heatmap-label").filter(has_text=meaning)
            right = cell.filter(has_text=re.compile(rf"^{count:,}{meaning}"))
            expect(right).to_have_count(1, timeout=SLOW)
            expect(cell).to_have_count(1)  # the one from before is gone
        recall, alarms = tp / (tp + fn), fp / (fp + tn)
        precision = contamination * recall / (contamination * recall + (1 - contamination) * alarms)
        app.expect_metric("Recall", f"{recall:.1%}")
        app.expect_metric("False alarms", f"{alarms:.1%}")
        app.expect_metric("Precision at 10%", f"{precision:.1%}")


def test_a_new_project_can_be_labeled_and_left_again(
    app: AppPage, server: Server, tmp_path: Path
) -> None:
    app.press("a")
    app.expect_kept()
    left = app.budget_left()
    root = write_small_digits(tmp_path / "digits")

    app.visit("Data & project")
    app.choose("Images", "idx")
    app.fill("Name", "Even digits")
    app.fill("Folder of the images", str(root))
    app.fill("Normal classes", "0,2,4,6,8")
    app.fill("Budget (labels)", "12")
    app.button("Create project").click()

    expect(app.page).to_have_url(re.compile(r"\?project=(?!1&)\d+&"), timeout=SLOW)
    app.current_item(timeout=PREPARATION)
    app.expect_budget(12)
    app.press("x")
    app.expect_budget(11)

    app.visit("Data & project")
    app.choose("Work on", server.store.project(1).name)
    app.expect_budget(left)
    app.visit("Label")
    app.current_item()
    app.expect_budget(left)
    made = server.store.projects()[-1]
    assert (made.name, made.spent) == ("Even digits", 1)
    assert server.store.integrity_problems() == []


REFUSED = [
    ({"Normal classes": "12"}, "has no class 12"),
    ({"Normal classes": "0,1,2,3,4,5,6,7,8,9"}, "Every class is normal"),
    ({"Share of anomalies in the pool (%)": "0"}, "contamination of 0 cannot be used"),
    ({"Share of anomalies in the pool (%)": "60"}, "contamination of 0.6 cannot be used"),
    ({"Budget (labels)": "100000"}, "budget of 100,000 labels cannot be used"),
    ({"Images": "idx", "Folder of the images": "/no/such/folder"}, "does not exist"),
]


def test_what_cannot_be_a_project_is_refused_in_one_sentence(app: AppPage, server: Server) -> None:
    before = server.store.projects()
    taken = ({"Name": before[0].name}, "choose another name")
    for values, sentence in [*REFUSED, taken]:
        app.open("project")
        for label, value in values.items():
            app.choose(label, value) if label == "Images" else app.fill(label, value)
        app.button("Create project").click()
        expect(app.errors).to_have_count(1, timeout=SLOW)
        expect(app.errors).to_contain_text(sentence)
        assert "Traceback" not in app.errors.inner_text()
    assert server.store.projects() == before
