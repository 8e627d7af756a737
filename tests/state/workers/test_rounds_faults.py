"""Rounds when things go wrong: crashes, overtaken trainers, cancelled and damaged models."""

import json
import shutil
import warnings

import numpy as np
import pytest
from published import before_measuring, documented, files, weights
from workshop import WORKER, QuickRounds, write_idx

from anomaly_core.errors import (
    Cancelled,
    CollapseWarning,
    InvalidInput,
    NotFitted,
)
from anomaly_core.progress import silent
from state.errors import Overtaken, StoreDamaged
from state.files.sweeping import sweep_project
from state.files.versions import torn_files
from state.projects.projects import ProjectForm
from state.store.projects import NewProject
from state.workers.publishing import collapse_notes

pytestmark = pytest.mark.trains


class Crash(BaseException):
    """The process dies here."""


def crash(*_):
    raise Crash


def test_update_without_a_model_is_refused(tiny_workshop):
    with pytest.raises(NotFitted, match="prepare the project first"):
        tiny_workshop.rounds().update([])


def test_preparing_again_after_a_crash_before_the_row_works(tiny_workshop, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(tiny_workshop.store.models, "publish", crash)
        with pytest.raises(Crash):
            tiny_workshop.prepare()
    (mark,) = tiny_workshop.folder.glob("models/.1-*.claim.*")
    assert files(tiny_workshop.folder) == before_measuring(1) | {f"models/{mark.name}"}
    assert tiny_workshop.store.models.active(tiny_workshop.id) is None
    pool = (tiny_workshop.folder / "pool.npy").stat().st_mtime_ns
    model = tiny_workshop.prepare()
    assert (model.version, model.sha256) == (1, weights(tiny_workshop, 1))
    assert files(tiny_workshop.folder) == documented(1) | {f"models/{mark.name}"}  # to be swept
    assert (
        tiny_workshop.folder / "pool.npy"
    ).stat().st_mtime_ns == pool  # which people may have answered


def test_updating_again_after_a_crash_before_the_row_works(workshop, monkeypatch):
    workshop.answer(10)
    with monkeypatch.context() as patch:
        patch.setattr(workshop.store.models, "publish", crash)
        with pytest.raises(Crash):
            workshop.rounds().update([])
    (left,) = workshop.folder.glob("models/2-*")
    assert workshop.model.version == 1
    workshop.answer(1)
    model = workshop.rounds().update([])
    assert (model.version, model.label_count, model.sha256) == (2, 11, weights(workshop, 2))
    assert left.exists()
    assert set(sweep_project(workshop.store, workshop.settings.data_dir, workshop.id)) == {
        left.name
    }
    assert files(workshop.folder) == documented(1, 2)


def test_preparing_twice_leaves_the_model_in_use_alone(tiny_workshop):
    model = tiny_workshop.prepare()
    inode = tiny_workshop.folder.stat().st_ino
    assert tiny_workshop.prepare() == model
    assert tiny_workshop.folder.stat().st_ino == inode


def overtaking(workshop, work):
    """A callback that lets another trainer do all of its `work` at the last report."""

    def step(report):
        if report.stage in ("fitting", "updating") and report.step == report.steps:
            workshop.hand_over("w2")
            work(workshop.rounds_of("w2"))

    return step


def test_overtaken_prepare_leaves_the_model_of_the_other_trainer_alone(tiny_workshop):
    step = overtaking(tiny_workshop, tiny_workshop.prepare)
    with pytest.raises(Overtaken, match="Another trainer has taken over"):
        tiny_workshop.rounds().prepare([step], silent)
    assert files(tiny_workshop.folder) == documented(1)
    assert torn_files(tiny_workshop.settings.data_dir, tiny_workshop.model) == []
    tiny_workshop.answer(5)
    assert tiny_workshop.rounds_of("w2").update([]).version == 2


def test_overtaken_update_leaves_the_model_of_the_other_trainer_alone(workshop, open_workshop):
    workshop.answer(5)
    slow = workshop.rounds()

    def overtake(rounds):
        workshop.answer(5)
        rounds.update([])

    with pytest.raises(Overtaken, match="Another trainer has taken over"):
        slow.update([overtaking(workshop, overtake)])
    assert (workshop.model.version, workshop.model.label_count) == (2, 10)
    assert workshop.model.sha256 == weights(workshop, 2)
    assert torn_files(workshop.settings.data_dir, workshop.model) == []
    workshop.hand_over(WORKER)
    other = open_workshop(copy_of=workshop.settings.data_dir)
    assert slow.update([]).sha256 == other.rounds().update([]).sha256  # both go on from model 2


def test_warm_trainer_goes_on_from_what_another_has_published_since(workshop, open_workshop):
    rounds = workshop.rounds()
    workshop.answer(5)
    rounds.update([])
    workshop.rounds().update([])
    other = open_workshop(copy_of=workshop.settings.data_dir)
    assert rounds.update([]).sha256 == other.rounds().update([]).sha256
    assert (workshop.model.version, workshop.model.parent) == (4, 3)


def test_cancelled_update_leaves_no_trace(workshop, open_workshop):
    workshop.answer(10)
    other = open_workshop(copy_of=workshop.settings.data_dir)

    def cancel(report):
        raise Cancelled("Stop.")

    rounds = workshop.rounds()
    with pytest.raises(Cancelled):
        rounds.update([cancel])
    assert files(workshop.folder) == documented(1)
    assert workshop.model.version == 1
    assert rounds.update([]).sha256 == other.rounds().update([]).sha256


def test_every_item_labeled(tiny_workshop, open_workshop, tiny):
    form = ProjectForm(
        **vars(tiny) | {"name": "all", "audit_share": 0.0, "budget": 100, "batch_size": 100}
    )
    place = open_workshop(form)
    place.prepare()
    assert len(place.answer(200)) == 100
    model = place.rounds().update([])
    assert model.label_count == 100
    assert len(place.array("models/2/proposals")) == 0
    assert len(place.desk().queue) == 0
    assert place.projects.due(place.id) is None


def test_collapse_is_recorded_with_the_model(open_workshop, tiny, idx_folder, tmp_path):
    shutil.copytree(idx_folder, tmp_path / "black")
    write_idx(tmp_path / "black/train-images-idx3-ubyte", np.zeros((300, 8, 8), np.uint8))
    form = ProjectForm(**vars(tiny) | {"name": "black", "root": tmp_path / "black"})
    model = open_workshop(form).prepare()
    assert "collapsed" in model.metrics["warning"]


@pytest.mark.filterwarnings("always")
def test_warnings_of_something_else_go_to_the_log(caplog):
    with collapse_notes() as notes:
        warnings.warn("It has collapsed.", CollapseWarning, stacklevel=1)
        warnings.warn("It grows late.", stacklevel=1)
    assert notes == ["It has collapsed."]
    assert [record.message for record in caplog.records] == ["It grows late."]


def test_budget_is_checked_once_the_pool_is_known(tiny_workshop):
    project = tiny_workshop.store.projects.get(tiny_workshop.id)
    values = {name: getattr(project, name) for name in ("scenario", "detector", "strategy")}
    large = tiny_workshop.store.projects.create(
        NewProject(name="large", budget=101, batch_size=5, **values)
    )
    rounds = QuickRounds(tiny_workshop.store, tiny_workshop.settings.data_dir, large, WORKER)
    with pytest.raises(InvalidInput, match="give 1 to 100"):
        rounds.prepare([], silent)
    assert files(tiny_workshop.settings.projects_dir) == set()


def test_damaged_model_is_refused(workshop):
    path = workshop.version_folder(1) / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(StoreDamaged, match="choose another version on Models"):
        workshop.rounds().update([])
    assert workshop.model.version == 1


def test_progress_goes_on_through_every_stage(tiny_workshop):
    stages = []
    tiny_workshop.rounds().prepare([lambda report: stages.append(report.stage)], silent)
    assert list(dict.fromkeys(stages)) == ["pretraining", "fitting"]
    tiny_workshop.answer(10, wrong=True)  # so that some are anomalous
    tiny_workshop.rounds().update([lambda report: stages.append(report.stage)])
    assert stages[-1] == "updating"


def test_checkpoint_is_safetensors_and_plain_json(workshop):
    description = json.loads((workshop.version_folder(1) / "model.json").read_text())
    assert description["parameters"]["contamination"] == 0.1
    assert description["R"] == workshop.model.metrics["R"]
