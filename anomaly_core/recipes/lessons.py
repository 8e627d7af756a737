"""Learning by asking: a labeling project with the scenario's truth as the annotator."""

from collections.abc import Sequence
from dataclasses import dataclass

from anomaly_core.datasets.scenario import ScenarioData
from anomaly_core.detectors.base import Detector
from anomaly_core.loop.oracle import PoolOracle
from anomaly_core.loop.simulation import CurvePoint, simulate
from anomaly_core.progress import Callback
from anomaly_core.query import strategy_named
from anomaly_core.recipes.base import Given


@dataclass(frozen=True)
class ActiveLabeling:
    """Buy `budget` labels in rounds of `batch`, asked by `strategy`."""

    budget: int
    batch: int
    strategy: str = "boundary-quantile"

    def __call__(
        self, detector: Detector, data: ScenarioData, given: Given, callbacks: Sequence[Callback]
    ) -> list[CurvePoint]:
        """Fit, ask, update until the labels are bought; a small pool is asked about entirely."""
        return simulate(
            data,
            detector,
            PoolOracle(data.truth),
            strategy=strategy_named(self.strategy),
            contamination=given.contamination,
            budget=min(self.budget, len(data.pool)),
            batch=self.batch,
            seed=given.seed,
            callbacks=callbacks,
        ).curve
