"""What a finished run tells: how contestants did on the same images, and where they differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from propcache import cached_property

from anomaly_core.datasets.base import Images, Labels
from anomaly_core.datasets.letters import class_name
from anomaly_core.datasets.scenario import NORMAL
from anomaly_core.detectors.base import Scores
from anomaly_core.evaluation import (
    Confusion,
    DecisionCurve,
    precision_recall,
    ratio,
    roc,
)
from anomaly_core.ranking import Flips, flips, ranks
from anomaly_core.recipes.folder import RunFolder
from anomaly_core.threshold.intervals import Interval, auroc_interval
from state.errors import StoreDamaged

DAMAGED = "The results of this run are damaged; remove it and run it again."


@dataclass(frozen=True)
class OfType:
    """How a contestant did on one type of anomaly: flagged of so many, and AUROC against clean."""

    images: int
    flagged: int
    auroc: float | None

    @property
    def rate(self) -> float | None:
        """Share of them that were flagged; `None` of none."""
        return ratio(self.flagged, self.images)


@dataclass(frozen=True)
class Entrant:
    """A contestant with its figures at its own threshold; what is undefined is `None`."""

    name: str
    title: str
    parameters: int
    seconds: float  # of training
    rule: str
    threshold: float
    auroc: float | None
    average_precision: float | None
    precision: float | None
    recall: float | None
    f1: float | None
    confusion: Confusion
    types: Mapping[str, OfType]
    reconstructs: bool

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read one entry of metrics.json."""
        known = {name: values[name] for name in cls.__dataclass_fields__}
        known["confusion"] = Confusion(**values["confusion"])
        known["types"] = {
            name: OfType(of["images"], of["flagged"], of["auroc"])
            for name, of in values["types"].items()
        }
        return cls(**known)


@dataclass(frozen=True)
class Opinion:
    """What a contestant says about one image; `above` is the share of images that score lower."""

    entrant: Entrant
    score: float
    flagged: bool
    above: float


class Comparison:
    """The results of a run; raises `RingfenceError` where its folder does not hold them."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        try:
            self.metrics = folder.metrics()
            found = [Entrant.from_json(values) for values in self.metrics["contestants"]]
            table = folder.scores().sort_values("item")
            self._scores = {one.name: table[one.name].to_numpy(np.float64) for one in found}
            self.y: Labels = table["y"].to_numpy(np.int64)
            self.classes: Labels = table["class"].to_numpy(np.int64)
            self.types: list[str] = table["type"].astype(str).tolist()
            self.judged = int(self.metrics["evaluation"]["images"])
            self.anomalous = int(self.metrics["evaluation"]["anomalies"])
            self.entrants = sorted(found, key=lambda one: -1 if one.auroc is None else -one.auroc)
            self.entrants.sort(key=lambda one: one.auroc is None)
            whole = len(folder.images()) == len(table) > max(folder.shown(), default=-1)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise StoreDamaged(DAMAGED) from error
        if not whole:
            raise StoreDamaged(DAMAGED)

    def __len__(self) -> int:
        return len(self.y)

    @property
    def notes(self) -> list[str]:
        """What a reader should know besides."""
        return [str(note) for note in self.metrics.get("notes", [])]

    @property
    def anomaly_types(self) -> list[str]:
        """Every type of anomaly there is."""
        return list(dict.fromkeys(name for one in self.entrants for name in one.types))

    def entrant(self, name: str) -> Entrant:
        """The contestant of that name; raises KeyError."""
        return {one.name: one for one in self.entrants}[name]

    def scores(self, name: str) -> Scores:
        """The contestant's scores, (n,), by item number."""
        return self._scores[name]

    def flagged(self, name: str) -> NDArray[np.bool_]:
        """What the contestant flags at its own threshold, (n,), by item number."""
        return np.asarray(self.scores(name) > self.entrant(name).threshold)

    def roc(self, name: str) -> DecisionCurve | None:
        """Recall over false alarms, marked at the contestant's own threshold."""
        return roc(self.y, self.scores(name), self.entrant(name).confusion)

    def precision_recall(self, name: str) -> DecisionCurve | None:
        """Precision over recall, marked at the contestant's own threshold."""
        return precision_recall(self.y, self.scores(name), self.entrant(name).confusion)

    def flips(self, first: str, second: str) -> Flips:
        """Where two contestants disagree, each at its own threshold.

        The clearest cases are those furthest apart in rank among all images.
        """
        apart = ranks(self.scores(first)) - ranks(self.scores(second))
        return flips(self.flagged(first), self.flagged(second), apart)

    def opinion(self, name: str, item: int) -> Opinion:
        """What a contestant says about one image."""
        scores, entrant = self.scores(name), self.entrant(name)
        score = float(scores[item])
        return Opinion(entrant, score, score > entrant.threshold, float(np.mean(scores < score)))

    @cached_property
    def images(self) -> Images:
        """The images of the evaluation, (n, height, width), by item number."""
        return self.folder.images()

    @cached_property
    def shown(self) -> list[int]:
        """The items that every contestant reconstructs, as far as it can."""
        return [int(item) for item in self.folder.shown()]

    def reconstruction(self, name: str, item: int) -> NDArray[np.uint8] | None:
        """What a contestant makes of an image, (height, width); `None` where that is not kept."""
        made = self.reconstructions(name) if item in self.shown else None
        return None if made is None else made[self.shown.index(item)]

    def reconstructions(self, name: str) -> Images | None:
        """What a contestant makes of the shown images; `None` where it makes nothing."""
        return self.folder.reconstruction(name) if self.entrant(name).reconstructs else None

    def truth(self, item: int) -> str:
        """What an image is, in words."""
        kind = self.types[item]
        what = "normal" if self.y[item] == NORMAL else "anomalous"
        label, names = int(self.classes[item]), self.metrics.get("classes", ())
        return f"{'class' if label >= 0 else 'letter'} {class_name(label, names)}, {kind}: {what}"

    @cached_property
    def intervals(self) -> dict[str, Interval | None]:
        """The AUROC of each contestant with how sure that is."""
        return {one.name: auroc_interval(self.y, self.scores(one.name)) for one in self.entrants}

    @property
    def verdict(self) -> str:
        """Which contestant is best by AUROC, and how sure that is, in a sentence or two."""
        if not self.entrants:
            return "No detector was run."
        known = [
            (one.title, sure)
            for one in self.entrants
            if (sure := self.intervals[one.name]) is not None
        ]
        if not known:
            return "Which is best cannot be told: the images are not both normal and anomalous."
        (title, best), *others = known
        first = f"{title} has the highest AUROC: {_sure(best)}."
        if not others:
            return first
        title, second = others[0]
        return f"{first} Next is {title}: {_sure(second)}. {_apart(best, second)}"


def _sure(one: Interval) -> str:
    return f"{one.value:.3f} (95% interval {one.low:.3f} to {one.high:.3f})"


def _apart(best: Interval, second: Interval) -> str:
    if best.low <= second.high:
        return "The intervals overlap, so other images of the same kind may turn this round."
    return (
        "The intervals do not overlap: other images of the same kind would hardly turn it "
        "round, but longer training or another seed might."
    )
