"""Curves, flips, percentiles and verdicts, beside independent computations."""

import json

import numpy as np
import pandas as pd
import pytest
from finished_run import PLAN, write_run
from refused import refused
from sklearn.metrics import precision_recall_curve, roc_curve

from anomaly_core.errors import RingfenceError
from anomaly_core.recipes.folder import RunFolder
from state.errors import StoreDamaged
from state.quality.comparison import Comparison

NAMES = PLAN.contestants


@pytest.fixture
def folder(tmp_path):
    write_run(tmp_path / "run", images=200)
    return tmp_path / "run"


@pytest.fixture
def comparison(folder):
    return Comparison(RunFolder(folder))


@pytest.fixture
def table(folder):
    return pd.read_parquet(folder / "scores.parquet").set_index("item").sort_index()


def change(folder, **changes):
    metrics = json.loads((folder / "metrics.json").read_text())
    (folder / "metrics.json").write_text(json.dumps(metrics | changes))


def test_rows_are_put_in_the_order_of_their_item_numbers(comparison, table):
    assert table.index.tolist() == list(range(200))
    for name in NAMES:
        assert comparison.scores(name).tolist() == table[name].tolist()
    assert comparison.y.tolist() == table["y"].tolist()
    assert comparison.types == table["type"].tolist()
    assert [int(image[0, 0]) for image in comparison.images[:100]] == list(range(100))


def test_the_best_comes_first(comparison):
    aurocs = [one.auroc for one in comparison.entrants]
    assert aurocs == sorted(aurocs, reverse=True)


def test_the_roc_curve_is_that_of_scikit_learn(comparison, table):
    for name in NAMES:
        x, y, _ = roc_curve(table["y"] == -1, table[name], drop_intermediate=False)
        curve = comparison.roc(name)
        assert curve.x == pytest.approx(x)
        assert curve.y == pytest.approx(y)
        flagged = table[name] > comparison.entrant(name).threshold
        normal = table["y"] == 1
        assert curve.at == pytest.approx((flagged[normal].mean(), flagged[~normal].mean()))


def test_the_curve_of_precision_and_recall_is_that_of_scikit_learn(comparison, table):
    for name in NAMES:
        precision, recall, _ = precision_recall_curve(table["y"] == -1, table[name])
        curve = comparison.precision_recall(name)
        assert curve.x == pytest.approx(recall[:-1][::-1])
        assert curve.y == pytest.approx(precision[:-1][::-1])
        flagged = table[name] > comparison.entrant(name).threshold
        anomalous = table["y"] == -1
        right = (flagged & anomalous).sum()
        assert curve.at == pytest.approx((right / anomalous.sum(), right / flagged.sum()))


def test_curves_are_undefined_where_every_image_is_normal(folder, table):
    table.assign(y=1).reset_index().to_parquet(folder / "scores.parquet")
    comparison = Comparison(RunFolder(folder))
    assert comparison.roc("conv") is None
    assert comparison.precision_recall("conv") is None
    assert comparison.verdict.startswith("Which is best cannot be told")


def test_flips_are_what_one_flags_and_the_other_passes(comparison, table):
    one = table["conv"] > comparison.entrant("conv").threshold
    other = table["svdd"] > comparison.entrant("svdd").threshold
    flips = comparison.flips("conv", "svdd")
    assert sorted(flips.first) == np.flatnonzero(one & ~other).tolist()
    assert sorted(flips.second) == np.flatnonzero(other & ~one).tolist()
    assert len(flips.first) > 3
    apart = table["conv"].rank(method="min") - table["svdd"].rank(method="min")
    assert (np.diff(apart[flips.first]) <= 0).all()
    assert (np.diff(apart[flips.second]) >= 0).all()
    swapped = comparison.flips("svdd", "conv")
    assert swapped.first.tolist() == flips.second.tolist()
    assert swapped.second.tolist() == flips.first.tolist()


def test_nobody_disagrees_with_themselves(comparison):
    flips = comparison.flips("conv", "conv")
    assert len(flips.first) == len(flips.second) == 0


def test_an_opinion_has_score_verdict_and_percentile(comparison, table):
    for item in (0, 57, 199):
        said = comparison.opinion("fc", item)
        assert said.score == table["fc"][item]
        assert said.flagged == (table["fc"][item] > comparison.entrant("fc").threshold)
        assert said.above == (table["fc"] < table["fc"][item]).mean()


def test_reconstructions_are_of_the_item_asked_for(comparison):
    for item in comparison.shown:
        made = comparison.reconstruction("conv", item)
        assert (255 - made == comparison.images[item]).all()
    assert comparison.reconstruction("conv", 150) is None
    assert comparison.reconstruction("svdd", comparison.shown[0]) is None


def test_the_truth_about_an_image_is_told_in_words(comparison, table):
    assert comparison.truth(0) == "class 7, clean: normal"
    letter = int(table.index[table["type"] == "letters"][0])
    assert comparison.truth(letter) == f"letter {'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[letter % 26]}" + (
        ", letters: anomalous"
    )


def test_a_large_lead_is_sure(comparison):
    best, second = comparison.entrants[:2]
    assert comparison.verdict == (
        f"Convolutional has the highest AUROC: {best.auroc:.3f} (95% interval "
        f"{comparison.intervals['conv'].low:.3f} to {comparison.intervals['conv'].high:.3f}). "
        f"Next is Fully connected: {second.auroc:.3f} (95% interval "
        f"{comparison.intervals['fc'].low:.3f} to {comparison.intervals['fc'].high:.3f}). "
        "The intervals do not overlap: other images of the same kind would hardly turn it "
        "round, but longer training or another seed might."
    )


def test_a_lead_on_six_images_is_not(tmp_path):
    write_run(tmp_path / "run")
    assert "may turn this round" in Comparison(RunFolder(tmp_path / "run")).verdict


@pytest.mark.parametrize("missing", ["scores.parquet", "metrics.json", "run.json"])
def test_what_is_missing_is_told_in_a_sentence(folder, missing):
    (folder / missing).unlink()
    with pytest.raises(RingfenceError):
        Comparison(RunFolder(folder))


@pytest.mark.parametrize(
    "changes",
    [
        {"contestants": [{"name": "conv"}]},
        {"contestants": None},
        {"contestants": [7]},
    ],
)
def test_results_that_make_no_sense_are_damaged(folder, changes):
    change(folder, **changes)
    with pytest.raises(RingfenceError, match="damaged"):
        Comparison(RunFolder(folder))


def test_scores_without_a_contestant_are_damaged(folder, table):
    table.drop(columns="fc").reset_index().to_parquet(folder / "scores.parquet")
    with pytest.raises(RingfenceError, match="damaged"):
        Comparison(RunFolder(folder))


def test_fewer_images_than_scores_are_damaged(folder):
    np.save(folder / "images.npy", np.load(folder / "images.npy")[:-1])
    with refused(StoreDamaged, "damaged"):
        Comparison(RunFolder(folder))


def test_of_no_contestant_none_is_best(folder):
    change(folder, contestants=[])
    assert Comparison(RunFolder(folder)).verdict == "No detector was run."
