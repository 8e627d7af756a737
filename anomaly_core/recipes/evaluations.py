"""Sets of images to compare detectors on, by name."""

from anomaly_core.datasets.scenario import AnomalySource, Scenario
from anomaly_core.recipes.base import Evaluation

ALL_BUT_CLASSES = tuple(
    source for source in AnomalySource if source is not AnomalySource.OTHER_CLASSES
)


def against(name: str, title: str, *sources: AnomalySource) -> Evaluation:
    """All classes against something that is none of them; the detectors learn from clean images."""
    return Evaluation(name, title, Scenario(normal=(), contamination=0, sources=sources))


EVALUATIONS = {
    one.name: one
    for one in (
        against("mixed", "Noise, rotation, both, and letters", *ALL_BUT_CLASSES),
        against("noise", "Noise, sigma 0.5", AnomalySource.NOISE),
        against("rotation", "Rotation up to 30 degrees", AnomalySource.ROTATION),
        against("letters", "Letters A to Z", AnomalySource.LETTERS),
        Evaluation("other-classes", "One class normal, the others hidden in the pool", Scenario()),
    )
}
