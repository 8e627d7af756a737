"""A report holds the figures of its run, needs no network, and shows text literally."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from finished_run import write_run

from anomaly_core.checkpoint import load_detector
from anomaly_core.recipes.plan import Plan
from anomaly_core.recipes.run import run
from anomaly_core.report.page import Page, interval, picture, table

pytestmark = pytest.mark.trains


@pytest.fixture(scope="module")
def reported(few_digits, tmp_path_factory):
    """A comparison of two detectors and its report."""
    plan = Plan(contestants=("fc", "classifier"), dataset="idx", root=str(few_digits), epochs=4)
    return run(plan, tmp_path_factory.mktemp("reported") / "run")


@pytest.fixture(scope="module")
def metrics(reported):
    return reported.metrics()


@pytest.fixture(scope="module")
def page(reported):
    return (reported.path / "report.html").read_text()


def test_the_report_holds_the_figures_of_the_run(metrics, page):
    for one in metrics["contestants"]:
        assert one["title"] in page
        assert f"{one['auroc']:.3f} ({one['auroc_low']:.3f} to {one['auroc_high']:.3f})" in page
        assert f"{one['threshold']:.4g}" in page
        assert one["rule"] in page
        for type_, told in one["types"].items():
            assert type_ in page
            assert f"{100 * told['rate']:.1f} % ({told['flagged']:,} of {told['images']:,})" in page
    assert f"{100 * metrics['contestants'][1]['accuracy']:.1f} %" in page
    assert "more than 90 % sure" in page
    assert "Classification report" in page
    assert "ringfence compare fc classifier --evaluation mixed --dataset idx" in page


def test_accuracy_is_that_of_the_saved_classifier_on_clean_images(reported, metrics):
    table, images = reported.scores(), np.asarray(reported.images())
    clean = (table["type"] == "clean").to_numpy()
    predicted = load_detector(reported.path / "models" / "classifier").predict(images[clean])
    expected = (predicted == table["class"][clean]).mean()
    assert 0 < clean.sum() < len(clean)
    assert metrics["contestants"][1]["accuracy"] == pytest.approx(expected)


def test_the_report_needs_nothing_but_itself(page):
    body = re.sub(r"<script.*?</script>", "", page, flags=re.S)
    assert not re.search(r"""(src|href)=["'](?!data:)""", body)
    assert "<script src" not in page
    assert page.count("src='data:image/png;base64") == 7
    assert page.count("Plotly.newPlot") >= 6


def test_the_report_can_be_read_back_as_json_figures(metrics):
    assert json.loads(json.dumps(metrics, allow_nan=False)) == metrics


def test_text_in_a_table_is_literal():
    assert "<b>" not in table(["<b>"], [["<b>"]], "<b>")


def test_what_is_undefined_is_left_out_or_said_so(tmp_path):
    metrics = write_run(tmp_path)
    scores = pd.read_parquet(tmp_path / "scores.parquet")
    scores.assign(y=1).to_parquet(tmp_path / "scores.parquet")
    (tmp_path / "curves.csv").write_text("model,stage,epoch,training,validation\n")
    page = Page(tmp_path, metrics)
    assert page.curves() == page.losses() == ""
    assert picture(tmp_path / "none.png", "Nothing") == ""
    assert interval({"auroc": None}) == "undefined"
