"""Pools that teach when a test says so, and pools that cannot."""

import threading
from collections.abc import Sequence

from anomaly_core.detectors.deep_svdd import DeepSVDD
from anomaly_core.detectors.joint.detector import JointSVDD
from anomaly_core.progress import Callback, StepReport
from state.files.artifacts import Array
from state.workers.rounds import Rounds
from state.workers.teaching import Teaching


class HeldTeaching(Teaching):
    """Teaches once `gate` is set, and reports until then; counts how often it began."""

    begun = 0

    def __init__(self, rounds: Rounds) -> None:
        super().__init__(rounds.store, rounds.data_dir, rounds.project)
        self.gate = threading.Event()

    def _teach(self, detector: JointSVDD, pool: Array, callbacks: Sequence[Callback]) -> DeepSVDD:
        self.begun += 1
        while not self.gate.wait(0.01):
            for callback in callbacks:
                callback(StepReport("pretraining", 1, 2, 0.5))
        return super()._teach(detector, pool, callbacks)


class UnableToTeach(HeldTeaching):
    """Ends with an error, each time."""

    def _teach(self, detector: JointSVDD, pool: Array, callbacks: Sequence[Callback]) -> DeepSVDD:
        self.begun += 1
        raise ZeroDivisionError


def hold(rounds: Rounds) -> HeldTeaching:
    """Put a pool that waits to be let go into the place of the one that teaches."""
    rounds.teaching = held = HeldTeaching(rounds)
    return held


def taught(rounds: Rounds) -> None:
    """Have the pool teach, and the first model that knows it published."""
    while rounds.teaching.awaited:
        rounds.teach()
