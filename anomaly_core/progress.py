"""How long work says where it stands."""

from collections.abc import Callable
from dataclasses import dataclass

Progress = Callable[[float, str], None]
"""Called with the share done (0 to 1) and a few words for a person."""


@dataclass(frozen=True)
class StepReport:
    """Where training stands: `step` counts from 1 to `steps` within a named stage."""

    stage: str
    step: int
    steps: int
    loss: float

    @property
    def share(self) -> float:
        """Share of the stage that is done, 0 to 1."""
        return self.step / self.steps


@dataclass(frozen=True)
class EpochLosses:
    """Mean losses of one epoch, counted from 1 within a stage, the lower the better.

    An epoch is one pass over the images, or an equal part of a stage that is counted in steps.
    `validation` is the loss of images that were not trained on, `None` where there were none.
    """

    stage: str
    epoch: int
    training: float
    validation: float | None = None


Callback = Callable[[StepReport], None]
"""Called after reported steps; may raise `Cancelled` to stop training."""


def silent(share: float, message: str) -> None:
    """A `Progress` that tells nobody."""
