"""One training loop for every model; it knows none of them and reports through callbacks."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from anomaly_core.progress import Callback, EpochLosses, StepReport

REPORT_EVERY = 10  # steps; reading the loss off the device at each one would slow the loop

AfterStep = Callable[[int, Tensor], None]
"""Called after each step with its number, from 1, and the loss that it was taken on."""


def train(
    stage: str,
    loss_of_batch: Callable[[], Tensor],
    optimizer: torch.optim.Optimizer,
    steps: int,
    callbacks: Sequence[Callback] = (),
    schedule: torch.optim.lr_scheduler.LRScheduler | None = None,
    after_step: AfterStep | None = None,
) -> None:
    """Take `steps` optimizer steps, each on the loss of a batch that `loss_of_batch` draws."""
    for step in range(1, steps + 1):
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of_batch()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        if schedule is not None:
            schedule.step()
        if after_step is not None:
            after_step(step, loss.detach())
        if callbacks and (step % REPORT_EVERY == 0 or step == steps):
            report = StepReport(stage, step, steps, float(loss.detach()))
            for callback in callbacks:
                callback(report)


@dataclass
class EpochRecorder:
    """Turns the losses of steps into one row of `history` for each epoch.

    `validate` measures the loss of images that are not trained on. The last epoch may be shorter.
    A stage that is gone through again counts its epochs on.
    """

    stage: str
    steps: int
    steps_per_epoch: int
    history: list[EpochLosses]
    validate: Callable[[], float] | None = None

    def __post_init__(self) -> None:
        self.losses: list[Tensor] = []
        self.epoch = sum(row.stage == self.stage for row in self.history)

    def __call__(self, step: int, loss: Tensor) -> None:
        """Keep the loss, and close the epoch after its last step."""
        self.losses.append(loss)
        if step % self.steps_per_epoch and step != self.steps:
            return
        self.epoch += 1
        mean = float(torch.stack(self.losses).mean())
        validation = self.validate() if self.validate else None
        self.history.append(EpochLosses(self.stage, self.epoch, mean, validation))
        self.losses.clear()


def share_of(steps: int) -> int:
    """Return the steps of an "epoch" of a stage that is counted in steps: a twentieth of it."""
    return max(1, math.ceil(steps / 20))
