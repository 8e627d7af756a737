"""A simulation keeps its model where it is told to, and never over something else."""

import json
from typing import Any

import numpy as np
import pytest
from refused import refused

from anomaly_core.checkpoint import load_detector
from anomaly_core.cli import main
from anomaly_core.datasets import load_dataset
from anomaly_core.datasets.scenario import Scenario, build_scenario
from anomaly_core.detectors.deep_svdd import DeepSVDD
from anomaly_core.errors import InvalidInput
from anomaly_core.evaluation import Evaluator
from anomaly_core.loop.saving import check_folder, save_model

OPTIONS = "--normal 3 --network mlp --budget 20 --seed 1 --detector"


def simulate(*arguments: object) -> int:
    return main(["simulate", *map(str, arguments)])


@pytest.mark.trains
@pytest.mark.parametrize("detector", ["joint", "deep-svdd"])
def test_a_model_that_was_kept_loads_and_scores_as_it_did(tmp_path, capsys, detector):
    folder = tmp_path / "threes"
    folder.mkdir()  # an empty one will do
    assert simulate(*OPTIONS.split(), detector, "--save", folder, "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    told = json.loads((folder / "trained-on.json").read_text())
    answers = told.pop("answers")
    assert told == printed
    assert list(tmp_path.iterdir()) == [folder]
    data = build_scenario(Scenario(normal=(3,), seed=1), load_dataset("mnist-5k"))
    items, y = map(list, zip(*answers, strict=True))
    assert np.array_equal(data.truth[items], y)
    assert len(set(items)) == 20
    loaded = load_detector(folder)
    assert Evaluator(data.test).evaluate(loaded)["auroc"] == told["curve"][-1]["auroc"]


@pytest.mark.parametrize("there", ["folder", "file"])
def test_nothing_is_written_over_and_it_is_said_before_any_work(tmp_path, capsys, there):
    kept = tmp_path / "kept"
    if there == "folder":
        kept.mkdir()
        (kept / "mine.txt").write_text("mine")
    else:
        kept.write_text("mine")
    assert simulate("--normal", "no class", "--save", kept) == 2
    said = f"{kept} exists and is not empty; give a new or an empty folder.\n"
    assert capsys.readouterr() == ("", said)
    assert (kept / "mine.txt" if there == "folder" else kept).read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    with refused(InvalidInput, "cannot be made; give one in a folder that exists"):
        check_folder(tmp_path / "gone" / "model")
    check_folder(tmp_path / "model")


class TooLarge(DeepSVDD):
    """Fits on no disk."""

    def tensors(self) -> dict[str, Any]:
        raise OSError(28, "No space left on device")


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path):
    with refused(InvalidInput, r"cannot be written \(No space left on device\)"):
        save_model(tmp_path / "model", TooLarge(), {})
    assert list(tmp_path.iterdir()) == []
