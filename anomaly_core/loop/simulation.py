"""A whole labeling project with an oracle in place of the person."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from anomaly_core.datasets.scenario import ANOMALOUS, ScenarioData, check_budget
from anomaly_core.detectors.base import Detector
from anomaly_core.errors import InvalidInput
from anomaly_core.evaluation import Evaluator
from anomaly_core.loop.learner import ActiveLearner
from anomaly_core.loop.oracle import Oracle
from anomaly_core.progress import Callback, StepReport
from anomaly_core.query import DEFAULT, QueryStrategy, strategy_named


@dataclass(frozen=True)
class CurvePoint:
    """Quality on the test set after a number of labels; `None` where it is undefined."""

    labels: int
    auroc: float | None
    average_precision: float | None
    anomalies_found: int
    update_seconds: float


@dataclass(frozen=True)
class PoolSize:
    """How many images there are to label, how many are anomalous, how many measure quality."""

    images: int
    anomalies: int
    held_out: int

    @classmethod
    def of(cls, data: ScenarioData) -> "PoolSize":
        """Count the images of a scenario."""
        anomalies = int(np.count_nonzero(data.truth == ANOMALOUS))
        return cls(len(data.pool), anomalies, len(data.test))


@dataclass
class SimulationResult:
    """The learning curve, one point per round from zero labels on, and where the time went.

    Both from the start: `pretrain_seconds` to the end of pretraining, `first_proposal_seconds` to
    the first batch of items to ask. `answers` are the items that were asked, in that order, and
    what was said of each: +1 normal, -1 anomalous.
    """

    pool: PoolSize
    curve: list[CurvePoint] = field(default_factory=list)
    pretrain_seconds: float = 0.0
    first_proposal_seconds: float = 0.0
    total_seconds: float = 0.0
    answers: list[tuple[int, int]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return pool, curve and seconds as plain values."""
        return {
            "pool": asdict(self.pool),
            "curve": [asdict(point) for point in self.curve],
            "seconds": {
                "pretrain": self.pretrain_seconds,
                "first_proposal": self.first_proposal_seconds,
                "total": self.total_seconds,
            },
        }


def simulate(
    data: ScenarioData,
    detector: Detector,
    oracle: Oracle,
    *,
    strategy: str | QueryStrategy = DEFAULT,
    contamination: float = 0.1,
    budget: int = 100,
    batch: int = 10,
    seed: int = 0,
    on_point: Callable[[CurvePoint], None] = lambda point: None,
    callbacks: Sequence[Callback] = (),
    clock: Callable[[], float] = time.perf_counter,
) -> SimulationResult:
    """Fit, then query, answer and update until `budget` labels are bought.

    Raises `InvalidInput` for a budget the pool cannot use up or a batch below 1.
    """
    check_budget(budget, len(data.pool))
    check_batch(batch)
    chosen = strategy_named(strategy) if isinstance(strategy, str) else strategy
    learner = ActiveLearner(detector, data.pool, chosen, contamination, seed)
    evaluator = Evaluator(data.test)
    result = SimulationResult(PoolSize.of(data))

    def record(update_seconds: float) -> None:
        quality = evaluator.evaluate(detector)
        point = CurvePoint(
            learner.labels_bought,
            quality["auroc"],
            quality["average_precision"],
            learner.anomalies_found,
            round(update_seconds, 4),
        )
        result.curve.append(point)
        on_point(point)

    start = clock()
    pretraining = PretrainingClock(clock, start)
    learner.fit([*callbacks, pretraining])
    query = learner.query(min(batch, budget))
    result.pretrain_seconds = round(pretraining.seconds, 4)
    result.first_proposal_seconds = round(clock() - start, 4)
    record(0.0)
    while True:
        began = clock()
        y = oracle.answer(query.items)
        learner.update(query.items, y)
        result.answers += zip(query.items.tolist(), y.tolist(), strict=True)
        record(clock() - began)
        if learner.labels_bought >= budget:
            break
        query = learner.query(min(batch, budget - learner.labels_bought))
    result.total_seconds = round(clock() - start, 4)
    return result


class PretrainingClock:
    """A callback that notes how long pretraining took."""

    def __init__(self, clock: Callable[[], float], start: float) -> None:
        self.clock = clock
        self.start = start
        self.seconds = 0.0

    def __call__(self, report: StepReport) -> None:
        """Take the time."""
        if report.stage == "pretraining":
            self.seconds = self.clock() - self.start


def check_batch(batch: int) -> None:
    """Refuse rounds in which nothing would be asked."""
    if batch < 1:
        raise InvalidInput(f"A batch of {batch} cannot be asked; give 1 or more.")
