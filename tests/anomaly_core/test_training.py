"""The loop counts its steps, reports them, and stops when a callback says so."""

import pytest
import torch

from anomaly_core.errors import Cancelled
from anomaly_core.progress import EpochLosses, StepReport
from anomaly_core.training import REPORT_EVERY, EpochRecorder, share_of, train

pytestmark = pytest.mark.trains


class Descent:
    """Minimises w^2 from w = 1 with steps that leave half of w each."""

    def __init__(self) -> None:
        self.w = torch.nn.Parameter(torch.tensor(1.0))
        self.optimizer = torch.optim.SGD([self.w], lr=0.25)
        self.losses = 0

    def loss(self) -> torch.Tensor:
        self.losses += 1
        return self.w.square()


@pytest.fixture
def descent():
    return Descent()


@pytest.mark.parametrize("steps", [0, 1, 7])
def test_every_step_is_taken_on_its_own_loss(descent, steps):
    train("descending", descent.loss, descent.optimizer, steps)
    assert descent.losses == steps
    assert descent.w.item() == 0.5**steps  # gradients of earlier steps would add up


@pytest.mark.parametrize(
    ("steps", "reported"), [(0, []), (3, [3]), (10, [10]), (20, [10, 20]), (25, [10, 20, 25])]
)
def test_some_steps_and_the_last_are_reported(descent, steps, reported):
    assert REPORT_EVERY == 10
    reports: list[StepReport] = []
    train("descending", descent.loss, descent.optimizer, steps, [reports.append])
    assert [report.step for report in reports] == reported
    for report in reports:
        loss_of_step = 0.25 ** (report.step - 1)
        assert report == StepReport("descending", report.step, steps, loss_of_step)


def test_every_callback_is_called(descent):
    first: list[StepReport] = []
    second: list[StepReport] = []
    train("descending", descent.loss, descent.optimizer, 10, [first.append, second.append])
    assert first == second
    assert len(first) == 1


def test_share_is_how_much_of_the_stage_is_done():
    assert StepReport("fitting", 5, 20, 0.0).share == 0.25


def test_a_callback_stops_training(descent):
    def stop(report: StepReport) -> None:
        if report.step == 20:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        train("descending", descent.loss, descent.optimizer, 100, [stop])
    assert descent.losses == 20


def test_a_schedule_takes_one_step_for_each(descent):
    rates = []
    schedule = torch.optim.lr_scheduler.LambdaLR(descent.optimizer, lambda step: 1 / (1 + step))

    def loss():
        rates.append(descent.optimizer.param_groups[0]["lr"])
        return descent.loss()

    train("descending", loss, descent.optimizer, 3, schedule=schedule)
    assert rates == pytest.approx([0.25, 0.25 / 2, 0.25 / 3])


def recorded(descent, steps, per_epoch, history=None, validate=None) -> list[EpochLosses]:
    history = [] if history is None else history
    recorder = EpochRecorder("descending", steps, per_epoch, history, validate)
    train("descending", descent.loss, descent.optimizer, steps, after_step=recorder)
    return history


def test_an_epoch_has_the_mean_loss_of_its_steps(descent):
    rows = recorded(descent, 5, 2)
    assert [(row.stage, row.epoch) for row in rows] == [("descending", n) for n in (1, 2, 3)]
    means = [(1 + 1 / 4) / 2, (1 / 16 + 1 / 64) / 2, 1 / 256]
    assert [row.training for row in rows] == pytest.approx(means)


def test_validation_is_measured_after_the_last_step_of_each_epoch(descent):
    history = recorded(descent, 4, 2, validate=lambda: descent.w.item())
    assert [row.validation for row in history] == [1 / 4, 1 / 16]


def test_a_stage_gone_through_again_counts_on(descent):
    history = [EpochLosses("fitting", 7, 1.0)]
    recorded(descent, 2, 1, history)
    recorded(descent, 1, 1, history)
    assert [row.epoch for row in history] == [7, 1, 2, 3]


@pytest.mark.parametrize(("steps", "share"), [(0, 1), (7, 1), (20, 1), (21, 2), (400, 20)])
def test_stages_counted_in_steps_have_at_most_twenty_epochs(steps, share):
    assert share_of(steps) == share
