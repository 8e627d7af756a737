"""The folder of a run is whole or says that it is not, and only runs are ever removed."""

import errno
import json

import numpy as np
import pandas as pd
import pytest
from refused import refused

from anomaly_core.errors import InvalidInput, RunDamaged
from anomaly_core.recipes.folder import DONE, RunFolder
from anomaly_core.recipes.plan import Plan

PLAN = Plan(contestants=("fc", "conv"), epochs=1)


def begin(path, plan):
    """Begin a run and leave it."""
    with RunFolder.under_way(path, plan) as folder:
        return folder


@pytest.fixture
def done(tmp_path):
    """A finished run with hardly anything in it."""
    folder = begin(tmp_path / "run", PLAN)
    folder.write_json("metrics.json", {"title": "x"})
    folder.write_table("scores", pd.DataFrame({"item": [0, 1]}), parquet=True)
    folder.write_array("images.npy", np.zeros((2, 4, 4), np.uint8))
    folder.write_array("shown.npy", np.array([1]))
    folder.write_array("reconstructions/fc.npy", np.ones((1, 4, 4), np.uint8))
    folder.mark(DONE, "Finished.")
    return folder


def test_a_new_folder_is_marked_as_partial_from_the_start(tmp_path):
    folder = begin(tmp_path / "deep" / "run", PLAN)
    assert (folder.state, folder.message, folder.plan) == ("partial", "Not finished.", PLAN)
    with refused(RunDamaged, "is not finished; resume or remove it"):
        folder.metrics()


def test_what_was_written_comes_back(done):
    assert done.metrics() == {"title": "x"}
    assert list(done.scores()["item"]) == [0, 1]
    assert done.images().shape == (2, 4, 4)
    assert done.shown() == [1]
    assert done.reconstruction("fc").sum() == 16
    assert done.reconstruction("conv") is None
    assert not list(done.path.rglob("*.part"))


def test_a_partial_run_of_the_same_plan_is_taken_up_again(tmp_path):
    begin(tmp_path / "run", PLAN)
    assert begin(tmp_path / "run", PLAN).plan == PLAN
    with refused(InvalidInput, "holds part of another run"):
        begin(tmp_path / "run", Plan(contestants=("fc",)))


def test_a_finished_run_is_never_overwritten(done):
    with refused(InvalidInput, "holds a finished run"):
        begin(done.path, PLAN)


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("important")
    with refused(InvalidInput, "is no run"):
        begin(tmp_path, PLAN)
    with refused(InvalidInput, "is not the folder of a run; nothing was removed"):
        RunFolder(tmp_path).remove()
    with refused(InvalidInput, "is no run"):
        begin(tmp_path / "thesis.tex", PLAN)
    assert (tmp_path / "thesis.tex").read_text() == "important"


def test_a_folder_where_none_can_be_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("important")
    with refused(InvalidInput, "run cannot be written .*; choose another folder"):
        begin(tmp_path / "thesis.tex" / "run", PLAN)


def test_a_run_can_be_removed(done):
    done.remove()
    assert not done.path.exists()


def test_a_run_that_something_else_uses_is_not_removed(done, monkeypatch):
    def busy(path):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("anomaly_core.recipes.folder.shutil.rmtree", busy)
    with refused(InvalidInput, r"run cannot be removed \(Permission denied\)"):
        done.remove()
    assert done.state == DONE


@pytest.mark.parametrize("name", ["metrics.json", "scores.parquet", "images.npy"])
def test_a_damaged_file_is_named(done, name):
    (done.path / name).write_bytes(b"{\x93")
    with refused(RunDamaged, f"{name} of the run in run is missing or damaged"):
        {"metrics.json": done.metrics, "scores.parquet": done.scores}.get(name, done.images)()


@pytest.mark.parametrize("mark", ["", "[]", "{}", json.dumps({"format": 99})])
def test_a_damaged_mark_is_said_so(done, mark):
    (done.path / "run.json").write_text(mark)
    with refused(RunDamaged, "run.json of the run in run is missing or damaged"):
        _ = done.state


def test_what_merely_looks_like_a_run_is_not_removed(tmp_path):
    (tmp_path / "run.json").write_text('{"scripts": 1}')
    (tmp_path / "mine.txt").write_text("important")
    with refused(InvalidInput, "is not the folder of a run; nothing was removed"):
        RunFolder(tmp_path).remove()
    assert (tmp_path / "mine.txt").exists()


@pytest.mark.parametrize("plan", ["null", '{"recipe": "svm"}', '{"gpu": 1}'])
def test_a_plan_of_another_version_is_said_so(done, plan):
    mark = json.loads((done.path / "run.json").read_text()) | {"plan": json.loads(plan)}
    (done.path / "run.json").write_text(json.dumps(mark))
    with refused(RunDamaged, "was made by another version"):
        _ = done.plan
