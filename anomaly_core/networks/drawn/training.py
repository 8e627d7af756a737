"""Trains the drawn backbone, for a number of views or of seconds, and goes on where it stopped."""

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from anomaly_core.detectors.tensors import best_device, seeded
from anomaly_core.errors import InvalidInput
from anomaly_core.networks.drawn import saving
from anomaly_core.networks.drawn.bank import Drawers, PictureBank
from anomaly_core.networks.drawn.objective import Pretraining
from anomaly_core.networks.drawn.views import RandomViews
from anomaly_core.progress import Progress, silent

SIDE = 96  # pixels of the pictures
LARGE, SMALL, SMALL_EVERY = 64, 32, 3  # pixels of the views; every third step sees small ones
LEARNING_RATE, LEAST_RATE = 2e-3, 2e-6
WEIGHT_DECAY = 1e-4
WARM_UP = 100  # steps
LARGEST_GRADIENT = 1.0  # norm
BLOCK = 128  # pictures that a process draws at once
AT_FIRST = 20_000  # pictures, at most, that training waits for
ROW_EVERY, ROW_AFTER = 50, 10.0  # steps, or seconds where that is sooner; and at the end
CHECKPOINT_EVERY = 60.0  # seconds


@dataclass(frozen=True)
class DrawnTraining:
    """What is to be trained: until `views` are seen, or `seconds` have been spent on it.

    `bank` pictures are held at a time, `batch` of them seen twice in each step; `processes` draw
    others. Raises `InvalidInput` for what cannot be.
    """

    views: int | None = None
    seconds: float | None = None
    bank: int = 120_000
    batch: int = 1024
    processes: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        if (self.views is None) == (self.seconds is None):
            raise InvalidInput("Say how many views or how many seconds to train for, one of both.")
        if (self.views or self.seconds or 0) <= 0:
            raise InvalidInput("Train for more than no views or seconds.")
        if self.batch < 2 or self.bank < 1 or self.processes < 0 or self.seed < 0:
            raise InvalidInput(
                "A batch has two pictures or more, a bank one, and nothing is less than 0."
            )

    def share(self, views: int, seconds: float) -> float:
        """Share of the training that is done, 0 to 1."""
        done = views / self.views if self.views else seconds / (self.seconds or 1)
        return min(1.0, done)


@dataclass(frozen=True)
class TrainingRow:
    """Where training stands, with means since the row before; accuracy is that of kinds, 0 to 1."""

    views: int
    seconds: float
    loss: float
    accuracy: float
    share: float


class Learner:
    """The network, its heads and its optimizer, with what they have seen; takes one step at a time.

    Raises `FloatingPointError` where the loss is no number any more.
    """

    def __init__(self, plan: DrawnTraining, device: torch.device) -> None:
        self.plan, self.device = plan, device
        with seeded(plan.seed):
            model = Pretraining()
        self.model = model.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), weight_decay=WEIGHT_DECAY, fused=device.type == "cuda"
        )
        self.generator = torch.Generator(device).manual_seed(plan.seed)
        self.view = RandomViews(self.generator)
        self.views, self.seconds, self.pictures = 0, 0.0, 0
        self.since_row = torch.zeros(3, device=device)  # steps, their losses, their accuracies

    @property
    def share(self) -> float:
        """Share of the training that is done, 0 to 1."""
        return self.plan.share(self.views, self.seconds)

    @property
    def steps(self) -> int:
        """Steps taken, of the size of those to come."""
        return self.views // (2 * self.plan.batch)

    def rate(self) -> float:
        """The learning rate of the next step: a short rise, then half a cosine."""
        rise = min(1.0, (self.steps + 1) / WARM_UP)
        return rise * (LEARNING_RATE * (1 + math.cos(math.pi * self.share)) / 2 + LEAST_RATE)

    def step(self, pictures: Tensor, kinds: Tensor) -> None:
        """Take one step on pictures (batch, 3, side, side) uint8 and their kinds (batch,)."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate()
        side = LARGE if self.steps % SMALL_EVERY else SMALL
        one, other = self.view(pictures, side), self.view(pictures, side)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type != "cpu"):
            loss, accuracy = self.model(one, other, kinds)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), LARGEST_GRADIENT)
        self.optimizer.step()
        self.views += 2 * len(pictures)
        self.since_row += torch.stack([torch.ones_like(loss), loss.detach(), accuracy])

    def row(self) -> TrainingRow:
        """Return where training stands, and begin the means of the next row."""
        steps, loss, accuracy = self.since_row.tolist()
        self.since_row.zero_()
        if not math.isfinite(loss):
            raise FloatingPointError("The loss is no number any more; go on from the checkpoint.")
        steps = max(1, steps)
        return TrainingRow(self.views, self.seconds, loss / steps, accuracy / steps, self.share)

    def state(self) -> dict[str, Any]:
        """Return all that is needed to go on."""
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "generator": self.generator.get_state(),
            "device": self.device.type,
            "views": self.views,
            "seconds": self.seconds,
            "pictures": self.pictures,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned, on whatever device that was."""
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.views, self.seconds = state["views"], state["seconds"]
        self.pictures = state["pictures"]
        if state["device"] == self.device.type:
            self.generator.set_state(state["generator"])
        else:
            self.generator.manual_seed(self.plan.seed + self.views)

    def about(self, row: TrainingRow) -> dict[str, object]:
        """Return what a person should know of the weights."""
        told = {"views": self.views, "seconds": round(self.seconds), "pictures": self.pictures}
        made = {"batch": self.plan.batch, "bank": self.plan.bank, "seed": self.plan.seed}
        ended = {"loss": f"{row.loss:.3f}", "accuracy": f"{row.accuracy:.3f}"}
        return {**told, **made, **ended, "device": self.device.type, "torch": torch.__version__}


def train_drawn(
    plan: DrawnTraining,
    folder: Path,
    *,
    resume: bool = False,
    pause_after: float = math.inf,
    device: torch.device | None = None,
    report: Callable[[TrainingRow], None] = lambda _: None,
    progress: Progress = silent,
    clock: Callable[[], float] = time.monotonic,
) -> Path | None:
    """Train and write the weights into `folder`, as the file that is returned.

    A checkpoint is kept there, from which `resume` goes on. After `pause_after` seconds by `clock`
    it is written once more, and None returned. `progress` hears of the first pictures, `report` of
    all else. Raises `InvalidInput` where a training is there already and `CheckpointError` where
    there is none to resume.
    """
    began = clock()
    learner = Learner(plan, device or best_device())
    prepare(folder, learner, resume)
    block = min(BLOCK, plan.bank)
    bank = PictureBank(plan.bank, SIDE, learner.device)
    with Drawers(SIDE, plan.seed, learner.pictures, block, plan.processes) as drawers:
        fill(bank, drawers, min(AT_FIRST, plan.bank), progress)
        row = go_on(learner, bank, drawers, folder, report, began + pause_after, clock)
    if learner.share < 1:
        return None
    saving.save_weights(folder / saving.WEIGHTS, learner.model.network, learner.about(row))
    return folder / saving.WEIGHTS


def prepare(folder: Path, learner: Learner, resume: bool) -> None:
    """Make the folder, or read from it where the training stands."""
    folder.mkdir(parents=True, exist_ok=True)
    if resume:
        learner.restore(saving.read_checkpoint(folder))
        saving.drop_rows_after(folder, learner.views)
    elif (folder / saving.CHECKPOINT).exists():
        raise InvalidInput(f"There is a training in {folder}; resume it or name another folder.")


def fill(bank: PictureBank, drawers: Drawers, count: int, progress: Progress) -> None:
    """Wait for the first `count` pictures."""
    while bank.filled < count:
        bank.put(drawers.next_block())
        progress(min(1.0, bank.filled / count), "Drawing the first pictures")


def go_on(
    learner: Learner,
    bank: PictureBank,
    drawers: Drawers,
    folder: Path,
    report: Callable[[TrainingRow], None],
    until: float,
    clock: Callable[[], float],
) -> TrainingRow:
    """Take steps until the training is done or the `clock` says `until`; returns the last row."""
    row, now = learner.row(), clock()
    begun, saved, told = now - learner.seconds, now, now
    while learner.share < 1 and now < until:
        for block in drawers.ready():
            bank.put(block)
        learner.pictures = drawers.number
        learner.step(*bank.batch(learner.plan.batch, learner.generator))
        now = clock()
        learner.seconds = now - begun
        over = learner.share >= 1 or now >= until
        if learner.steps % ROW_EVERY == 0 or now - told >= ROW_AFTER or over:
            row, told = learner.row(), now
            saving.append_row(folder, asdict(row))
            report(row)
        if now - saved >= CHECKPOINT_EVERY or over:
            saving.save_checkpoint(folder, learner.state())
            saved = now
    return row
