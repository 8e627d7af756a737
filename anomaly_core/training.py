"""One training loop for every model; it knows none of them and reports through callbacks."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from anomaly_core.progress import Callback, StepReport

REPORT_EVERY = 10  # steps; reading the loss off the device at each one would slow the loop


def train(
    stage: str,
    loss_of_batch: Callable[[], Tensor],
    optimizer: torch.optim.Optimizer,
    steps: int,
    callbacks: Sequence[Callback] = (),
    schedule: torch.optim.lr_scheduler.LRScheduler | None = None,
) -> None:
    """Take `steps` optimizer steps, each on the loss of a batch that `loss_of_batch` draws."""
    for step in range(1, steps + 1):
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of_batch()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        if schedule is not None:
            schedule.step()
        if callbacks and (step % REPORT_EVERY == 0 or step == steps):
            report = StepReport(stage, step, steps, float(loss.detach()))
            for callback in callbacks:
                callback(report)
