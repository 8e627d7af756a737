"""Training on drawn pictures: a few steps, on the CPU and without other processes."""

import math
from dataclasses import replace

import pytest
import torch
from refused import refused

from anomaly_core.errors import CheckpointError, InvalidInput
from anomaly_core.networks.backbones.weights import read_weights
from anomaly_core.networks.drawn.saving import (
    CHECKPOINT,
    append_row,
    drop_rows_after,
    read_about,
    read_checkpoint,
    read_rows,
    save_checkpoint,
    write_whole,
)
from anomaly_core.networks.drawn.training import DrawnTraining, Learner, TrainingRow, train_drawn

CPU = torch.device("cpu")
PLAN = DrawnTraining(views=48, bank=32, batch=8, processes=0)  # three steps


class Steps:
    """A clock that says how often it was asked."""

    def __init__(self):
        self.asked = 0

    def __call__(self):
        self.asked += 1
        return float(self.asked)


def weights_of(folder):
    return read_checkpoint(folder)["model"]


@pytest.mark.trains
def test_it_pauses_and_goes_on(tmp_path):
    rows: list[TrainingRow] = []
    assert not train_drawn(
        PLAN, tmp_path, device=CPU, clock=Steps(), pause_after=1.5, report=rows.append
    )
    (row,) = rows
    assert row.views == 16
    assert 0 <= row.accuracy <= 1
    assert math.isfinite(row.loss)
    paused = read_checkpoint(tmp_path)
    assert paused["views"] == 16
    assert paused["pictures"] >= 32

    file = train_drawn(PLAN, tmp_path, resume=True, device=CPU, report=rows.append)
    assert file
    assert [row.views for row in rows] == [16, 48]
    assert [row["views"] for row in read_rows(tmp_path)] == [16, 48]
    assert rows[-1].share == 1
    trained, key = read_weights(file), "network.stem.0.weight"
    assert all(x.dtype == torch.float16 for x in trained.values())
    assert not torch.equal(weights_of(tmp_path)[key], paused["model"][key])
    assert torch.equal(trained["stem.0.weight"], weights_of(tmp_path)[key].half())
    assert read_about(file)["views"] == "48"


@pytest.mark.trains
def test_time_may_be_the_measure(tmp_path):
    rows: list[TrainingRow] = []
    plan = replace(PLAN, views=None, seconds=2.5)
    file = train_drawn(plan, tmp_path, device=CPU, clock=Steps(), report=rows.append)
    assert file
    assert file.is_file()
    assert rows[-1].views == 3 * 16


def test_a_folder_holds_one_training(tmp_path):
    save_checkpoint(tmp_path, {"views": 3})
    with refused(InvalidInput, "There is a training in"):
        train_drawn(PLAN, tmp_path, device=CPU)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(None, "There is no training"), (b"something else", "is damaged")],
)
def test_what_cannot_be_resumed(tmp_path, content, sentence):
    if content:
        (tmp_path / CHECKPOINT).write_bytes(content)
    with refused(CheckpointError, sentence):
        train_drawn(PLAN, tmp_path, resume=True, device=CPU)


def test_a_write_that_is_interrupted_leaves_what_was_there(tmp_path):
    save_checkpoint(tmp_path, {"views": 3})

    def interrupted(file):
        file.write_bytes(b"half of ")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / CHECKPOINT, interrupted)
    assert read_checkpoint(tmp_path) == {"views": 3}
    assert [file.name for file in tmp_path.iterdir()] == [CHECKPOINT]


def test_rows_that_will_be_gone_through_again_are_dropped(tmp_path):
    assert read_rows(tmp_path) == []
    for views in (10, 20, 30):
        append_row(tmp_path, {"views": views, "loss": 1.5})
    drop_rows_after(tmp_path, 20)
    assert [row["views"] for row in read_rows(tmp_path)] == [10, 20]


def test_the_rate_rises_and_falls():
    learner = Learner(replace(PLAN, views=16_000), CPU)
    rates = []
    for learner.views in range(0, 16_000, 16):
        rates.append(learner.rate())
    assert rates[0] < rates[50] < rates[100] == max(rates[100:])
    assert 1e-6 < rates[-1] < 1e-5


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"views": None}, "one of both"),
        ({"seconds": 3.0}, "one of both"),
        ({"views": 0}, "more than no"),
        ({"views": -4}, "more than no"),
        ({"batch": 1}, "two pictures or more"),
        ({"bank": 0}, "a bank one"),
    ],
)
def test_what_cannot_be_trained(wrong, sentence):
    with refused(InvalidInput, sentence):
        replace(PLAN, **wrong)
