"""Every recipe runs on real digits, writes what it promises, and goes on where it was stopped."""

import errno
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from refused import refused

from anomaly_core.checkpoint import load_detector
from anomaly_core.datasets import load_dataset
from anomaly_core.datasets.scenario import build_scenario
from anomaly_core.errors import Cancelled, DatasetMissing, InvalidInput
from anomaly_core.evaluation import auroc
from anomaly_core.progress import silent
from anomaly_core.recipes import CONTESTANTS, RECIPES
from anomaly_core.recipes.folder import RunFolder
from anomaly_core.recipes.plan import Plan
from anomaly_core.recipes.run import SHOWN, RunUnderWay, run

pytestmark = pytest.mark.trains

ASKING = "active-10"
SHEETS = ("most-anomalous", "hardest-normal", "most-typical")


@pytest.fixture(scope="module", params=RECIPES)
def ran(request, few_digits, tmp_path_factory):
    """A recipe, run for one epoch."""
    plan = Plan(recipe=request.param, dataset="idx", root=str(few_digits), epochs=1)
    reports = []
    folder = run(plan, tmp_path_factory.mktemp("runs") / "run", lambda *told: reports.append(told))
    return folder, reports


def test_a_recipe_leaves_everything_it_names(ran):
    folder, _ = ran
    assert folder.state == "done"
    metrics = folder.metrics()
    there = {path.name for path in folder.path.iterdir()}
    assert {"curves.csv", "scores.csv", "scores.parquet", "models", "report.html"} <= there
    for one in metrics["contestants"]:
        pictures = folder.path / "pictures" / one["name"]
        assert all((pictures / f"{name}.png").stat().st_size > 500 for name in SHEETS)
        flagged = one["confusion"]["true_positive"] + one["confusion"]["false_positive"]
        assert len(list((pictures / "flagged").glob("*.png"))) == min(60, flagged)
    assert (folder.path / "pictures" / "side-by-side.png").stat().st_size > 500
    assert not list(folder.path.rglob("*.part"))


def test_its_scores_and_figures_belong_together(ran):
    folder, _ = ran
    table, metrics = folder.scores(), folder.metrics()
    assert len(table) == len(folder.images()) == metrics["evaluation"]["images"]
    pd.testing.assert_frame_equal(
        pd.read_csv(folder.path / "scores.csv", keep_default_na=False, dtype={"name": str}),
        table,
        check_dtype=False,
        rtol=1e-4,
    )
    for one in metrics["contestants"]:
        scores = table[one["name"]].to_numpy()
        assert np.isfinite(scores).all()
        assert one["auroc"] == pytest.approx(auroc(table["y"].to_numpy(), scores))
        flagged = scores[table["y"] < 0] > one["threshold"]
        assert one["confusion"]["true_positive"] == flagged.sum()


def test_its_saved_models_give_the_scores_of_the_table(ran):
    folder, _ = ran
    table, images = folder.scores(), np.asarray(folder.images())
    for one in folder.plan.entrants:
        detector = load_detector(folder.path / "models" / one.model_name)
        readings = detector.readings(images)
        again = readings[one.reading or next(iter(readings))]
        np.testing.assert_allclose(again, table[one.name], rtol=1e-4, atol=1e-6)


def test_contestants_reconstruct_the_same_twelve_images(ran):
    folder, _ = ran
    assert len(folder.shown()) == SHOWN
    types = set(folder.scores()["type"])
    assert {folder.scores()["type"][item] for item in folder.shown()} == types
    for one in folder.metrics()["contestants"]:
        made = folder.reconstruction(one["name"])
        assert (made is not None) == one["reconstructs"]
        assert made is None or made.shape == (SHOWN, 14, 14)


def test_progress_never_falls(ran):
    _, reports = ran
    shares = [share for share, _ in reports]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)


def test_no_image_is_trained_on_and_judged(ran):
    folder, _ = ran
    plan = folder.plan
    data = build_scenario(plan.scenario, load_dataset("idx", Path(plan.root)))
    judged = data.test.provenance.origins[data.test.provenance.origins >= 0]
    trained = np.concatenate([data.provenance.origins, data.validation.provenance.origins])
    assert not set(judged) & set(trained[trained >= 0])


def plan_of_two(few_digits) -> Plan:
    """Of noise, which costs nothing; the recipes draw all letters."""
    root = str(few_digits)
    return Plan(contestants=("fc", "conv"), evaluation="noise", dataset="idx", root=root, epochs=1)


def test_a_stopped_run_goes_on_with_what_it_has_trained(few_digits, tmp_path):
    plan = plan_of_two(few_digits)

    def stop(share, message):
        if share > 0.6:
            raise Cancelled("Enough.")

    with pytest.raises(Cancelled):
        run(plan, tmp_path / "run", stop)
    told = json.loads((tmp_path / "run" / "run.json").read_text())
    assert told["state"] == "partial"
    assert told["message"]
    first = tmp_path / "run" / "models" / "fc" / "training.json"
    before = first.stat().st_mtime_ns
    resumed = run(plan, tmp_path / "run")
    assert first.stat().st_mtime_ns == before
    whole = run(plan, tmp_path / "other")
    pd.testing.assert_frame_equal(resumed.scores(), whole.scores())
    resumed.remove()
    assert not (tmp_path / "run").exists()


def test_a_half_written_model_is_trained_again(few_digits, tmp_path):
    plan = replace(plan_of_two(few_digits), contestants=("fc",))
    half = tmp_path / "run" / "models" / "fc"
    run(plan, tmp_path / "whole")
    half.mkdir(parents=True)
    (half / "training.json").write_text('{"seconds": 1}')
    (half / "model.safetensors").write_bytes(b"half")
    told = (tmp_path / "whole" / "run.json").read_text().replace('"done"', '"partial"')
    (tmp_path / "run" / "run.json").write_text(told)
    again = run(plan, tmp_path / "run")
    assert again.metrics()["contestants"][0]["auroc"] is not None


def test_the_seed_decides_everything(few_digits, tmp_path):
    plan = replace(plan_of_two(few_digits), contestants=("fc",))
    one, same = (run(plan, tmp_path / name).scores() for name in ("one", "same"))
    pd.testing.assert_frame_equal(one, same)
    other = run(replace(plan, seed=1), tmp_path / "other").scores()
    assert not np.array_equal(one["fc"], other["fc"])


def test_nothing_is_written_for_what_cannot_be_run(tmp_path):
    with refused(InvalidInput, "There is no recipe"):
        run(Plan(recipe="svm"), tmp_path / "run")
    with refused(DatasetMissing, "does not exist"):
        run(Plan(contestants=("fc",), dataset="idx", root=str(tmp_path / "no")), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_full_disk_is_told_and_the_run_can_be_resumed(few_digits, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    plan = plan_of_two(few_digits)
    monkeypatch.setattr(RunUnderWay, "complete", full)
    with refused(InvalidInput, r"run cannot be written \(No space left on device\)"):
        run(plan, tmp_path / "run")
    assert RunFolder(tmp_path / "run").state == "partial"


@pytest.mark.parametrize("evaluation", ["noise", "other-classes"])
def test_labels_that_can_teach_nothing_are_told(few_digits, tmp_path, evaluation):
    plan = replace(plan_of_two(few_digits), contestants=("fc", ASKING), evaluation=evaluation)
    data = build_scenario(plan.scenario, load_dataset("idx", Path(str(plan.root))))
    folder = RunFolder(tmp_path / "run")
    told = " ".join(RunUnderWay(plan, data, folder, silent, time.perf_counter).notes())
    assert ("No anomaly hides in this pool" in told) == (evaluation == "noise")
    assert (CONTESTANTS[ASKING].title in told) == (evaluation == "noise")


def test_a_model_of_other_images_is_not_taken_up(few_digits, tmp_path):
    plan = replace(plan_of_two(few_digits), contestants=("fc",))
    run(plan, tmp_path / "run")
    mark = tmp_path / "run" / "run.json"
    other = replace(plan, seed=1)
    told = json.loads(mark.read_text()) | {"state": "partial", "plan": other.to_json()}
    mark.write_text(json.dumps(told))
    model = tmp_path / "run" / "models" / "fc" / "training.json"
    before = json.loads(model.read_text())["made_of"]
    run(other, tmp_path / "run")
    assert json.loads(model.read_text())["made_of"] != before
