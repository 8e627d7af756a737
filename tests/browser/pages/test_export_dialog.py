"""What a project has is taken away in the browser, and the command that does the same is told."""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from app_page import SLOW, AppPage
from playwright.sync_api import Page, expect
from ready_project import prepare
from server import Server
from workshop import Workshop

from anomaly_core.onnx import OnnxScorer
from state.store.audit_log import Deed
from state.store.schema import Role

pytestmark = pytest.mark.browser

ANSWERS = 6


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A project with a few answers."""
    data_dir = tmp_path_factory.mktemp("export") / "data"
    prepare(data_dir)
    with Workshop(data_dir) as shop:
        shop.answer(ANSWERS)
        shop.store.people.ensure("cleo", Role.ANNOTATOR)
    with Server(data_dir) as running:
        yield running


def downloaded(app: AppPage, name: str) -> bytes:
    with app.page.expect_download(timeout=2 * SLOW) as waiting:
        app.button(f"Download ringfence-1-{name}").click()
    assert waiting.value.suggested_filename == f"ringfence-1-{name}"
    return Path(waiting.value.path()).read_bytes()


@pytest.mark.parametrize("path", ["project", "models"])
def test_labels_and_scores_are_taken_away(tab: Page, server: Server, path: str) -> None:
    app = AppPage(tab, server.url)
    tab.goto(f"{server.url}/{path}?project=1")
    app.button("Export").click()
    dialog = tab.get_by_role("dialog")
    dialog.get_by_text("Labels", exact=True).click()
    expect(dialog.get_by_text(re.compile("ringfence export labels .*--format csv"))).to_be_visible()
    assert downloaded(app, "labels.csv").count(b"\n") == 1 + ANSWERS
    dialog.get_by_text("Folders of images").click()
    expect(dialog.get_by_text(re.compile("--format imagefolder"))).to_be_visible()
    with zipfile.ZipFile(io.BytesIO(downloaded(app, "labels.zip"))) as archive:
        assert len(archive.namelist()) == ANSWERS
    dialog.get_by_text("Scores", exact=True).click()
    expect(dialog.get_by_text(re.compile("ringfence export scores"))).to_be_visible()
    assert downloaded(app, "scores.csv").startswith(b"item,file,score,")
    deeds = [row.what for row in server.store.audit_log.newest(3)]
    assert deeds == [Deed.EXPORTED_IMAGES, Deed.EXPORTED_LABELS, Deed.EXPORTED_LABELS]


def test_others_than_owners_are_told_whom_to_ask(tab: Page, server: Server) -> None:
    cleo = server.store.people.ensure("cleo", Role.ANNOTATOR)
    tab.goto(f"{server.url}/project?project=1&annotator={cleo.id}")
    app = AppPage(tab, server.url)
    expect(app.button("Export")).to_be_disabled()


def test_the_model_in_use_is_taken_away_in_both_forms(tab: Page, server: Server) -> None:
    app = AppPage(tab, server.url)
    tab.goto(f"{server.url}/models?project=1")
    app.button("Export").click()
    dialog = tab.get_by_role("dialog")
    dialog.get_by_text("Model", exact=True).click()
    with zipfile.ZipFile(io.BytesIO(downloaded(app, "model-1.zip"))) as archive:
        assert "ringfence-1-model-1/model.safetensors" in archive.namelist()
    dialog.get_by_text("ONNX", exact=True).click()
    expect(dialog.get_by_text(re.compile("ringfence export model .*--format onnx"))).to_be_visible()
    app.button("Write model-1.onnx").click()
    scorer = OnnxScorer(downloaded(app, "model-1.onnx"))
    pool = np.load(server.data_dir / "projects" / "1" / "pool.npy")
    (published,) = server.data_dir.glob("projects/1/models/1-*/scores.npy")
    scores, _ = scorer.score(pool)
    assert scores == pytest.approx(np.load(published), rel=1e-4)
