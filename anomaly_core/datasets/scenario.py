"""A scenario: which classes of a dataset are normal, how many others hide among them, and where.

The truth about the pool is kept apart from its images: only oracles and evaluation may see it.
"""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from anomaly_core.datasets.base import Dataset, Images, Labels
from anomaly_core.errors import InvalidInput, InvalidScenario

NORMAL, ANOMALOUS, UNLABELED = 1, -1, 0
MAX_CONTAMINATION = 0.5
MAX_SEED = 2**32 - 1
TEST_SHARE = 0.3  # of a dataset that has no test files of its own
VALIDATION_SHARE = 0.1


class AnomalySource(StrEnum):
    """Where the anomalies of a scenario come from."""

    OTHER_CLASSES = "other-classes"


@dataclass(frozen=True)
class Scenario:
    """Dataset name, classes that count as normal, share of anomalies in the pool, seed."""

    dataset: str = "mnist-5k"
    normal: tuple[int, ...] = (5,)
    contamination: float = 0.1
    anomaly_source: AnomalySource = AnomalySource.OTHER_CLASSES
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.normal:
            raise InvalidScenario("No class is normal; name at least one normal class.")
        if not 0 < self.contamination <= MAX_CONTAMINATION:
            raise InvalidScenario(
                f"A contamination of {self.contamination:g} cannot be used; "
                f"give a share above 0 and up to {MAX_CONTAMINATION}."
            )
        if not 0 <= self.seed <= MAX_SEED:
            raise InvalidScenario(f"The seed {self.seed} cannot be used; give 0 to {MAX_SEED}.")

    def to_json(self) -> dict[str, Any]:
        """Return the plain values that `from_json` takes back."""
        return asdict(self) | {"normal": list(self.normal)}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """Rebuild a scenario from the values of `to_json`."""
        return cls(
            **values
            | {
                "normal": tuple(values["normal"]),
                "anomaly_source": AnomalySource(values["anomaly_source"]),
            }
        )


@dataclass(frozen=True)
class LabeledImages:
    """Images (n, height, width) with their truth `y` (n,) of +1/-1 and their class (n,)."""

    images: Images
    y: Labels
    classes: Labels

    def __len__(self) -> int:
        return len(self.y)


@dataclass(frozen=True)
class ScenarioData:
    """What a scenario fixes: the pool's images, the truth about them, validation and test."""

    pool: Images
    truth: Labels  # (len(pool),) +1/-1, for oracles and evaluation only
    classes: Labels  # (len(pool),), likewise
    validation: LabeledImages
    test: LabeledImages


def build_scenario(scenario: Scenario, dataset: Dataset) -> ScenarioData:
    """Draw pool, validation and test from `dataset`, disjoint and reproducible from the seed.

    Pool and validation come from the dataset's training images and hold `contamination` anomalies.
    Test is the dataset's own test files, or 30 % of each class where it has none.

    Raises `InvalidScenario` for an unknown class or when no class is left to be anomalous.
    """
    check_classes(scenario, dataset.name, dataset.classes)
    rng = np.random.default_rng(scenario.seed)
    source, test = split_off_test(dataset, rng)
    is_normal = np.isin(source.classes, scenario.normal)
    normals, anomalies = (rng.permutation(np.flatnonzero(side)) for side in (is_normal, ~is_normal))
    normals, anomalies = contaminate(normals, anomalies, scenario.contamination)

    held_out = [round(VALIDATION_SHARE * len(side)) for side in (normals, anomalies)]
    validation = np.concatenate([normals[: held_out[0]], anomalies[: held_out[1]]])
    pool = np.concatenate([normals[held_out[0] :], anomalies[held_out[1] :]])
    validation, pool = rng.permutation(validation), rng.permutation(pool)
    return ScenarioData(
        pool=source.images[pool],
        truth=truth_of(source.classes[pool], scenario),
        classes=source.classes[pool],
        validation=select(source, validation, scenario),
        test=select(test, np.arange(len(test)), scenario),
    )


def parse_classes(text: str) -> tuple[int, ...]:
    """Read one or several class numbers, such as `3` or `0,2,4`; raises `InvalidScenario`."""
    try:
        return tuple(sorted({int(part) for part in text.split(",")}))
    except ValueError as error:
        raise InvalidScenario(
            f"{text!r} does not name normal classes; give numbers such as 3 or 0,2,4."
        ) from error


def check_classes(scenario: Scenario, name: str, classes: tuple[int, ...]) -> None:
    """Refuse classes that the dataset lacks, and scenarios in which nothing is anomalous."""
    unknown = sorted(set(scenario.normal) - set(classes))
    if unknown:
        raise InvalidScenario(
            f"{name} has no class {', '.join(map(str, unknown))}; "
            f"choose from {', '.join(map(str, classes))}."
        )
    if set(scenario.normal) == set(classes):
        raise InvalidScenario(
            "Every class is normal, so nothing could be anomalous; leave at least one class out."
        )


def check_budget(budget: int, pool_size: int) -> None:
    """Refuse a budget that is not positive or that the pool cannot use up."""
    if not 1 <= budget <= pool_size:
        raise InvalidInput(
            f"A budget of {budget:,} labels cannot be used with a pool of {pool_size:,} images; "
            f"give 1 to {pool_size:,}."
        )


def split_off_test(
    dataset: Dataset, rng: np.random.Generator
) -> tuple[LabeledImages, LabeledImages]:
    """Return (source, test); `y` is not set yet (all zero)."""
    if dataset.test_images is not None and dataset.test_labels is not None:
        return (
            without_truth(dataset.images, dataset.labels),
            without_truth(dataset.test_images, dataset.test_labels),
        )
    in_test = np.zeros(len(dataset.labels), bool)
    for label in dataset.classes:
        members = rng.permutation(np.flatnonzero(dataset.labels == label))
        in_test[members[: round(TEST_SHARE * len(members))]] = True
    return tuple(without_truth(dataset.images[m], dataset.labels[m]) for m in (~in_test, in_test))  # type: ignore[return-value]


def without_truth(images: Images, classes: Labels) -> LabeledImages:
    """Wrap images of known class whose truth depends on a scenario still to come."""
    return LabeledImages(images, np.zeros_like(classes), classes)


def contaminate(
    normals: NDArray[np.intp], anomalies: NDArray[np.intp], contamination: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Shorten whichever side is too long, so that anomalies make up `contamination` of both."""
    ratio = contamination / (1 - contamination)
    wanted = max(1, round(ratio * len(normals)))
    if wanted > len(anomalies):
        return normals[: max(1, round(len(anomalies) / ratio))], anomalies
    return normals, anomalies[:wanted]


def truth_of(classes: Labels, scenario: Scenario) -> Labels:
    """Return +1 for the normal classes, -1 for all others."""
    return np.where(np.isin(classes, scenario.normal), NORMAL, ANOMALOUS).astype(np.int64)


def select(source: LabeledImages, rows: NDArray[np.intp], scenario: Scenario) -> LabeledImages:
    """Return the given rows with their truth under `scenario`."""
    classes = source.classes[rows]
    return LabeledImages(source.images[rows], truth_of(classes, scenario), classes)
