"""Find the odd ones out in a pile of images: arrays in, arrays out.

The names that a loop of one's own needs are here; each is loaded when it is first used, so that
`import anomaly_core` loads neither torch nor anything else.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anomaly_core.datasets import load_dataset
    from anomaly_core.datasets.scenario import Scenario, build_scenario
    from anomaly_core.detectors.deep_svdd import DeepSVDD
    from anomaly_core.detectors.joint.detector import JointSVDD
    from anomaly_core.detectors.pretrained.detector import FeatureSVDD
    from anomaly_core.evaluation import Evaluator
    from anomaly_core.loop.learner import ActiveLearner
    from anomaly_core.loop.oracle import PoolOracle
    from anomaly_core.query import strategy_named

__all__ = [
    "ActiveLearner",
    "DeepSVDD",
    "Evaluator",
    "FeatureSVDD",
    "JointSVDD",
    "PoolOracle",
    "Scenario",
    "build_scenario",
    "load_dataset",
    "strategy_named",
]

_HOMES = {
    "ActiveLearner": "anomaly_core.loop.learner",
    "DeepSVDD": "anomaly_core.detectors.deep_svdd",
    "Evaluator": "anomaly_core.evaluation",
    "FeatureSVDD": "anomaly_core.detectors.pretrained.detector",
    "JointSVDD": "anomaly_core.detectors.joint.detector",
    "PoolOracle": "anomaly_core.loop.oracle",
    "Scenario": "anomaly_core.datasets.scenario",
    "build_scenario": "anomaly_core.datasets.scenario",
    "load_dataset": "anomaly_core.datasets",
    "strategy_named": "anomaly_core.query",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
