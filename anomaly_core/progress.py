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


Callback = Callable[[StepReport], None]
"""Called after reported steps; may raise `Cancelled` to stop training."""


def silent(share: float, message: str) -> None:
    """A `Progress` that tells nobody."""
