"""A scenario: which classes of a dataset are normal, what hides among them, how much, and where.

The truth about the pool is kept apart from its images: only oracles and evaluation may see it.
"""

import re
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from anomaly_core.datasets.assembly import ANOMALOUS as ANOMALOUS
from anomaly_core.datasets.assembly import NORMAL as NORMAL
from anomaly_core.datasets.assembly import LabeledImages as LabeledImages
from anomaly_core.datasets.assembly import assemble
from anomaly_core.datasets.base import Dataset, Images, Labels
from anomaly_core.datasets.letters import Letters, render_letters, split_fonts
from anomaly_core.datasets.mixing import (
    Drawn,
    Stock,
    first_of_each,
    mix_by_count,
    mix_by_share,
    mix_whole,
    split_drawn,
)
from anomaly_core.datasets.provenance import CLEAN, Provenance
from anomaly_core.datasets.provenance import AnomalySource as AnomalySource
from anomaly_core.datasets.storage import new_images
from anomaly_core.errors import InvalidInput, InvalidScenario

UNLABELED = 0  # beside NORMAL and ANOMALOUS
MAX_CONTAMINATION = 0.5
MAX_SEED = 2**32 - 1
MAX_NOISE, MAX_ROTATION = 1.0, 180.0
TEST_SHARE = 0.3  # of a dataset that has no test files of its own
VALIDATION_SHARE = 0.1
ALL = "all"  # classes, in words


@dataclass(frozen=True)
class Scenario:
    """What is normal, what is not, and in which proportion; see the comments for each field."""

    dataset: str = "mnist-5k"
    normal: tuple[int | str, ...] = (5,)  # classes by number or name; () means every one
    contamination: float = 0.1  # share of anomalies in the pool; 0 gives a clean pool
    sources: tuple[AnomalySource, ...] = (AnomalySource.OTHER_CLASSES,)  # drawn equally
    noise: tuple[float, ...] = (0.5,)  # standard deviations with pixels 0..1, drawn equally
    rotation: float = 30.0  # largest angle in degrees, drawn uniformly to either side
    per_class: int | None = None  # so many of each other class in the pool, not `contamination`
    held_out: float | None = None  # contamination of validation and test, see `build_scenario`
    pooled: bool = False  # put the source's training and test files together first
    seed: int = 0
    size: int = 64  # pixels a side that the images of a `folder` are scaled to
    files: str = "*"  # pattern of the names of its files

    def __post_init__(self) -> None:
        if not 0 <= self.contamination <= MAX_CONTAMINATION:
            raise unusable_contamination(self.contamination)
        if not 0 <= self.seed <= MAX_SEED:
            raise InvalidScenario(f"The seed {self.seed} cannot be used; give 0 to {MAX_SEED}.")
        if self.held_out is not None and not 0 <= self.held_out < 1:
            raise InvalidScenario(
                f"A contamination of {self.held_out:g} cannot be held out; "
                "give a share from 0 to below 1."
            )
        check_sources(self)

    def to_json(self) -> dict[str, Any]:
        """Return the plain values that `from_json` takes back."""
        lists = {name: list(getattr(self, name)) for name in ("normal", "noise")}
        return asdict(self) | lists | {"sources": [source.value for source in self.sources]}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """Rebuild a scenario from the values of `to_json`, or from those of an older version."""
        values = dict(values)
        if "anomaly_source" in values:  # before there were several
            values["sources"] = [values.pop("anomaly_source")]
        if "noise" in values:
            values["noise"] = tuple(values["noise"])
        sources = tuple(AnomalySource(source) for source in values["sources"])
        return cls(**values | {"normal": tuple(values["normal"]), "sources": sources})

    def normal_of(self, classes: tuple[int, ...], names: tuple[str, ...] = ()) -> tuple[int, ...]:
        """Return the normal ones of a dataset's `classes`, which may have names, by number."""
        numbers = {names[one] if names else str(one): one for one in classes}
        return tuple(numbers[str(one)] for one in self.normal if str(one) in numbers) or classes


@dataclass(frozen=True)
class ScenarioData:
    """What a scenario fixes: the pool's images, the truth about them, validation and test."""

    pool: Images
    truth: Labels  # (len(pool),) +1/-1, for oracles and evaluation only
    classes: Labels  # (len(pool),), likewise
    provenance: Provenance  # of the pool, likewise
    validation: LabeledImages
    test: LabeledImages


def build_scenario(scenario: Scenario, dataset: Dataset) -> ScenarioData:
    """Draw pool, validation and test from `dataset`, disjoint and reproducible from the seed.

    Pool and validation come from the dataset's training images, test from its test files, or from
    30 % of each class where it has none (or all files are pooled). No image of the dataset is used
    twice, so that a distorted image never meets its clean self. No family of fonts is both in the
    test and elsewhere.

    Without `held_out`, validation has the pool's contamination, and test has all there is: every
    image of other classes; normal images that are clean or distorted one way or another in equal
    parts; as many letters as clean images. With it, it is the share of anomalies in both.

    Raises `InvalidScenario` for an unknown class or when nothing could be anomalous,
    `DatasetMissing` when fonts are.
    """
    check_classes(scenario, dataset.name, dataset.classes, dataset.names)
    rng = np.random.default_rng(scenario.seed)
    whole = joined(dataset)
    in_test = choose_test(scenario, dataset, whole, rng)
    fonts, test_fonts = split_fonts(scenario.seed)
    letters, test_letters = (letters_of(scenario, whole, some) for some in (fonts, test_fonts))

    def assembled(drawn: Drawn, letters: Letters) -> LabeledImages:
        return assemble(drawn, whole, letters, scenario.noise, scenario.rotation, rng)

    drawn = divide(scenario, whole, stock_of(scenario, whole, ~in_test, len(letters), rng))
    validation, pool = (assembled(part, letters) for part in drawn)
    stock = stock_of(scenario, whole, in_test, len(test_letters), rng)
    test = assembled(draw_test(scenario, stock), test_letters)
    if scenario.sources == (AnomalySource.OTHER_CLASSES,) and scenario.held_out is None:
        test = test.take(np.argsort(test.provenance.origins))  # as in the files
    return ScenarioData(
        pool=pool.images,
        truth=pool.y,
        classes=pool.classes,
        provenance=pool.provenance,
        validation=validation,
        test=test,
    )


def joined(dataset: Dataset) -> Dataset:
    """Put test files behind training files."""
    if dataset.test_images is None or dataset.test_labels is None:
        return dataset
    images = new_images((len(dataset.images) + len(dataset.test_images), *dataset.image_shape))
    images[: len(dataset.images)] = dataset.images
    images[len(dataset.images) :] = dataset.test_images
    labels = np.concatenate([dataset.labels, dataset.test_labels])
    return Dataset(dataset.name, images, labels, names=dataset.names)


def choose_test(
    scenario: Scenario, dataset: Dataset, whole: Dataset, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Mark the rows of the joined dataset (n,) that are for the test."""
    if whole is not dataset and not scenario.pooled:
        return np.arange(len(whole.labels)) >= len(dataset.labels)
    in_test = np.zeros(len(whole.labels), bool)
    for label in whole.classes:
        members = rng.permutation(np.flatnonzero(whole.labels == label))
        in_test[members[: round(TEST_SHARE * len(members))]] = True
    return in_test


def stock_of(
    scenario: Scenario,
    whole: Dataset,
    part: NDArray[np.bool_],
    letters: int,
    rng: np.random.Generator,
) -> Stock:
    """Sort a part of the dataset into normal and other classes, each in an order from the seed."""
    is_normal = np.isin(whole.labels, scenario.normal_of(whole.classes, whole.names))
    sides = (part & is_normal, part & ~is_normal)
    normals, others = (rng.permutation(np.flatnonzero(side)) for side in sides)
    return Stock(normals, others, np.arange(letters))


def letters_of(scenario: Scenario, whole: Dataset, fonts: tuple[str, ...]) -> Letters:
    """Draw the letters that a part may use: none unless they are a source."""
    wanted = AnomalySource.LETTERS in scenario.sources
    return render_letters(whole.image_shape[:2], scenario.seed, fonts if wanted else ())


def divide(scenario: Scenario, whole: Dataset, train: Stock) -> tuple[Drawn, Drawn]:
    """Choose what validation and pool are made of."""
    sources, contamination = scenario.sources, scenario.contamination
    if scenario.per_class is not None:
        return divide_by_count(scenario, whole, train, scenario.per_class)
    if scenario.held_out is None:
        mix = mix_by_share(train, sources, contamination)
        return split_drawn(train.draw(mix), VALIDATION_SHARE)
    held_out, stock = train.split(VALIDATION_SHARE)
    pool = stock.draw(mix_by_share(stock, sources, contamination))
    return held_out.draw(mix_by_share(held_out, sources, scenario.held_out)), pool


def divide_by_count(
    scenario: Scenario, whole: Dataset, train: Stock, per_class: int
) -> tuple[Drawn, Drawn]:
    """Choose validation and a pool that has so many images of each other class, or all of it."""
    classes = whole.labels[train.others]
    others = first_of_each([train.others[classes == c] for c in np.unique(classes)], per_class)
    held_out, stock = train.split(VALIDATION_SHARE)
    if not len(held_out.normals):
        raise InvalidScenario(
            f"There are only {len(train.normals):,} normal images to learn from; add some, or say "
            "that a class with more images is normal."
        )
    stock = replace(stock, others=others)
    held_out = replace(held_out, others=train.others[~np.isin(train.others, others)])
    pool = stock.draw(mix_by_count(stock, scenario.sources, len(others)))
    share = scenario.held_out
    if share is None:  # as in the pool
        share = 1 - len(pool[CLEAN]) / sum(map(len, pool.values()))
    return held_out.draw(mix_by_share(held_out, scenario.sources, share)), pool


def draw_test(scenario: Scenario, test: Stock) -> Drawn:
    """Choose what the test is made of."""
    if scenario.held_out is None:
        return test.draw(mix_whole(test, scenario.sources))
    return test.draw(mix_by_share(test, scenario.sources, scenario.held_out))


def parse_classes(text: str) -> tuple[int | str, ...]:
    """Read numbers or names of classes, such as `3`, `0,2,4` or `good`, or `all` (gives none).

    Raises `InvalidScenario` for anything else.
    """
    if text.strip().lower() == ALL:
        return ()
    parts = {part.strip() for part in text.split(",")}
    if "" in parts:
        raise InvalidScenario(
            f"{text!r} does not name normal classes; give numbers such as 3 or 0,2,4, "
            f"names such as good, or {ALL}."
        )
    numbers = {part for part in parts if re.fullmatch(r"-?\d+", part)}
    return (*sorted(map(int, numbers)), *sorted(parts - numbers))


def parse_sources(text: str) -> tuple[AnomalySource, ...]:
    """Read one or several sources, such as `noise,letters`; raises `InvalidScenario`."""
    names = [part.strip() for part in text.split(",")]
    for name in names:
        if name not in list(AnomalySource):
            raise InvalidScenario(
                f"There is no source of anomalies {name!r}; choose from {', '.join(AnomalySource)}."
            )
    return tuple(AnomalySource(name) for name in names)


def parse_noise(text: str) -> tuple[float, ...]:
    """Read one or several strengths of noise, such as `0.2,0.5`; raises `InvalidScenario`."""
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError as error:
        raise InvalidScenario(
            f"{text!r} does not name strengths of noise; give numbers such as 0.5 or 0.2,0.5."
        ) from error


def unusable_contamination(contamination: float) -> InvalidScenario:
    """Say why a contamination is refused."""
    return InvalidScenario(
        f"A contamination of {contamination:g} cannot be used; "
        f"give a share above 0 and up to {MAX_CONTAMINATION}."
    )


def check_contaminated(scenario: Scenario) -> None:
    """Refuse a clean pool, which is good for training but leaves nobody anything to find."""
    if scenario.contamination == 0 and scenario.per_class is None:
        raise unusable_contamination(0)


def check_sources(scenario: Scenario) -> None:
    """Refuse sources that are none or twice the same, and parameters that they cannot have."""
    if not scenario.sources:
        raise InvalidScenario("No kind of anomaly is chosen; choose at least one.")
    for values in (scenario.sources, scenario.noise):
        if len(set(values)) < len(values):
            raise InvalidScenario(
                f"{', '.join(map(str, values))} names something twice; name each once."
            )
    if not scenario.noise or not all(0 < sigma <= MAX_NOISE for sigma in scenario.noise):
        raise InvalidScenario(
            f"Noise of strength {', '.join(f'{sigma:g}' for sigma in scenario.noise) or 'none'} "
            f"cannot be used; give a standard deviation above 0 and up to {MAX_NOISE:g}."
        )
    if not 0 < scenario.rotation <= MAX_ROTATION:
        raise InvalidScenario(
            f"A largest angle of {scenario.rotation:g} degrees cannot be used; "
            f"give one above 0 and up to {MAX_ROTATION:g}."
        )
    if scenario.per_class is not None and (
        scenario.per_class < 1 or AnomalySource.OTHER_CLASSES not in scenario.sources
    ):
        raise InvalidScenario(
            f"{scenario.per_class:,} images of each other class cannot be used; "
            "give at least 1, and other classes among the kinds of anomalies."
        )


def check_classes(
    scenario: Scenario, name: str, classes: tuple[int, ...], names: tuple[str, ...] = ()
) -> None:
    """Refuse classes that the dataset lacks, and other classes where there is none."""
    called = [names[one] if names else str(one) for one in classes]
    unknown = sorted(set(map(str, scenario.normal)) - set(called))
    if unknown:
        here = "This folder" if name == "folder" else name
        raise InvalidScenario(
            f"{here} has no class {', '.join(unknown)}; choose from {', '.join(called)}."
        )
    others_wanted = AnomalySource.OTHER_CLASSES in scenario.sources
    if others_wanted and set(scenario.normal_of(classes, names)) == set(classes):
        raise InvalidScenario(
            "Every class is normal, so no other class could be anomalous; "
            "leave at least one class out, or choose other kinds of anomalies only."
        )


def check_budget(budget: int, pool_size: int) -> None:
    """Refuse a budget that is not positive or that the pool cannot use up."""
    if not 1 <= budget <= pool_size:
        raise InvalidInput(
            f"A budget of {budget:,} labels cannot be used with a pool of {pool_size:,} images; "
            f"give 1 to {pool_size:,}."
        )
