"""What every possible threshold would catch and miss, where the truth about some scores is known.

Recall and false-positive rate do not depend on how many of the images are anomalous. What does -
precision, F-beta, cost - is given for a stated prevalence, because the images that a model is
judged on seldom hold as many anomalies as those it will meet.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from propcache import cached_property

from anomaly_core.datasets.base import Labels
from anomaly_core.datasets.scenario import ANOMALOUS, NORMAL
from anomaly_core.detectors.base import Scores
from anomaly_core.errors import InvalidInput
from anomaly_core.evaluation import Confusion, confusion_at
from anomaly_core.threshold.intervals import CONFIDENCE, Interval, limits, share

Curve = NDArray[np.float64]
Rate = Curve | float  # one or many

DRAWS = 2_000  # of the bootstrap
FEWER_DRAWS = 400  # for each of many thresholds
TAILS = (1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2
FEW_ANOMALIES = 20  # below, a figure about anomalies says little


@dataclass(frozen=True)
class Worth:
    """What is expected of the images to come, and what a mistake costs.

    `prevalence` is their share of anomalies, 0 to 1; `beta` weighs recall against precision;
    `miss` and `false_alarm` are costs in one unit. Raises InvalidInput for what cannot be.
    """

    prevalence: float
    beta: float = 1.0
    miss: float = 10.0
    false_alarm: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.prevalence < 1:
            raise InvalidInput(
                "Expect more than 0 and less than 100 % anomalous; give another share."
            )
        if not self.beta > 0:
            raise InvalidInput("Beta must be above 0; give 1 to weigh recall and precision alike.")
        if min(self.miss, self.false_alarm) < 0 or self.miss + self.false_alarm == 0:
            raise InvalidInput("Costs cannot be negative, nor both 0; give what a mistake costs.")

    def precision(self, recall: Rate, false_positive_rate: Rate) -> Curve:
        """Precision by Bayes' rule; NaN where nothing is flagged."""
        right = self.prevalence * np.asarray(recall)
        return _divided(right, self.flagged(recall, false_positive_rate))

    def f_beta(self, recall: Rate, false_positive_rate: Rate) -> Curve:
        """Weighted harmonic mean of precision and recall (van Rijsbergen 1979); 0 at no recall."""
        right = self.prevalence * np.asarray(recall)
        wrong = (1 - self.prevalence) * np.asarray(false_positive_rate)
        weight = self.beta**2
        return (1 + weight) * right / (weight * self.prevalence + right + wrong)

    def flagged(self, recall: Rate, false_positive_rate: Rate) -> Curve:
        """Share of all images that is flagged."""
        right = self.prevalence * np.asarray(recall)
        return right + (1 - self.prevalence) * np.asarray(false_positive_rate)

    def cost(self, recall: Rate, false_positive_rate: Rate) -> Curve:
        """Expected cost of the mistakes on one image."""
        missed = self.prevalence * (1 - np.asarray(recall))
        alarmed = (1 - self.prevalence) * np.asarray(false_positive_rate)
        return missed * self.miss + alarmed * self.false_alarm


@dataclass(frozen=True)
class Cuts:
    """Every decision the scores allow, most cautious last.

    `threshold` (k,) ascends, each halfway between two neighbouring scores, the first below and the
    last above all of them; `recall` and `false_positive_rate` (k,) are what it gives, NaN where
    undefined.
    """

    threshold: Curve
    recall: Curve
    false_positive_rate: Curve


@dataclass(frozen=True)
class Judged:
    """Scores (n,) with their truth `y` (n,) of +1/-1, beside the scores (m,) of the whole pool."""

    y: Labels
    scores: Scores
    pool: Scores

    @property
    def anomalies(self) -> int:
        """How many are anomalous."""
        return int(np.count_nonzero(self.y == ANOMALOUS))

    @property
    def normals(self) -> int:
        """How many are normal."""
        return int(np.count_nonzero(self.y == NORMAL))

    @property
    def prevalence(self) -> float:
        """The share of anomalous images among them, 0 to 1; NaN of none."""
        return self.anomalies / len(self.y) if len(self.y) else float("nan")

    @cached_property
    def normal_scores(self) -> Curve:
        """Scores of the normal, ascending."""
        return np.sort(self.scores[self.y == NORMAL].astype(np.float64))

    @cached_property
    def anomalous_scores(self) -> Curve:
        """Scores of the anomalous, ascending."""
        return np.sort(self.scores[self.y == ANOMALOUS].astype(np.float64))

    @cached_property
    def pool_scores(self) -> Curve:
        """Scores of the pool, ascending."""
        return np.sort(self.pool.astype(np.float64))

    @cached_property
    def cuts(self) -> Cuts:
        """Every decision that these scores allow."""
        distinct = np.unique(self.scores.astype(np.float64))
        if not len(distinct):
            return Cuts(*(np.empty(0) for _ in range(3)))
        between = (distinct[1:] + distinct[:-1]) / 2
        edges = (np.nextafter(distinct[0], -np.inf), distinct[-1])
        threshold = np.concatenate([edges[:1], between, edges[1:]])
        return Cuts(
            threshold,
            _above(self.anomalous_scores, threshold),
            _above(self.normal_scores, threshold),
        )

    def at(self, threshold: float) -> Confusion:
        """What is caught and missed where scores above `threshold` are flagged."""
        return confusion_at(self.y, self.scores.astype(np.float64), threshold)

    def flagged_share(self, threshold: float) -> float:
        """Share of the pool, 0 to 1, whose score exceeds `threshold`; NaN for no pool."""
        return float(_above(self.pool_scores, np.array([threshold]))[0])


@dataclass(frozen=True)
class Figures:
    """What a decision is worth. `None` is undefined; `alerts` and `cost` are per 1,000 images."""

    confusion: Confusion
    recall: Interval | None
    false_positive_rate: Interval | None
    precision: Interval | None
    f_beta: Interval | None
    cost: Interval | None
    alerts: float


def figures_at(judged: Judged, threshold: float, worth: Worth, seed: int = 0) -> Figures:
    """Measure a threshold, with intervals of 95 %.

    Recall and false-positive rate have Clopper and Pearson's exact intervals. What follows from
    both has one by a parametric bootstrap: both are drawn `DRAWS` times from binomials whose shares
    are smoothed by half a count, so that no interval vanishes at 0 or 1.
    """
    at = judged.at(threshold)
    caught, alarmed = at.true_positive, at.false_positive
    rates = at.recall, at.false_positive_rate
    draws = _rates(judged, np.array([threshold]), seed, DRAWS)

    def derived(name: str, times: float = 1) -> Interval | None:
        if None in rates:
            return None
        measure = getattr(worth, name)
        value = times * float(measure(*rates))
        if np.isnan(value):
            return None
        low, high = times * np.nanquantile(measure(*draws), TAILS)
        return Interval(value, min(value, float(low)), max(value, float(high)))

    return Figures(
        confusion=at,
        recall=share(caught, judged.anomalies),
        false_positive_rate=share(alarmed, judged.normals),
        precision=derived("precision"),
        f_beta=derived("f_beta"),
        cost=derived("cost", 1_000),
        alerts=1_000 * judged.flagged_share(threshold),
    )


@dataclass(frozen=True)
class Bands:
    """Limits of 95 % round curves over `threshold` (k,): each a low and a high (k,), or NaN."""

    threshold: Curve
    recall: tuple[Curve, Curve]
    false_positive_rate: tuple[Curve, Curve]
    precision: tuple[Curve, Curve]


def flagged_shares(
    judged: Judged, threshold: Curve, worth: Worth, seed: int = 0
) -> list[Interval | None]:
    """The share of images to come that each threshold (k,) will flag; `None` where undefined.

    The intervals are those of the bootstrap of `figures_at`.
    """
    if not judged.anomalies or not judged.normals:
        return [None] * len(threshold)
    rates = (
        _above(scores, threshold) for scores in (judged.anomalous_scores, judged.normal_scores)
    )
    values = worth.flagged(*rates)
    low, high = _middle(worth.flagged(*_rates(judged, threshold, seed)))
    found = zip(values.tolist(), np.minimum(low, values), np.maximum(high, values), strict=True)
    return [Interval(value, float(least), float(most)) for value, least, most in found]


def bands(judged: Judged, threshold: Curve, worth: Worth, seed: int = 0) -> Bands:
    """Say how sure the curves of a judged sample are at some thresholds (k,).

    Shares have exact limits, precision those of the bootstrap of `figures_at`.
    """
    return Bands(
        threshold,
        limits(count_above(judged.anomalous_scores, threshold), judged.anomalies),
        limits(count_above(judged.normal_scores, threshold), judged.normals),
        _middle(worth.precision(*_rates(judged, threshold, seed))),
    )


def shares_by_place(judged: Judged, worth: Worth, parts: int = 10) -> list[Interval | None]:
    """The share of anomalous in each part of the pool, from the lowest scores to the highest.

    The pool is parted by its score into `parts` of one size. Each share is that of images to come,
    of which `worth.prevalence` are anomalous, by Bayes' rule; its interval is Clopper and Pearson's
    of the judged images in that part, put through the same rule. `None` where none is known.
    """
    edges = np.quantile(judged.pool_scores, np.linspace(0, 1, parts + 1)[1:-1])
    counts = [
        np.bincount(np.searchsorted(edges, scores), minlength=parts).tolist()
        for scores in (judged.normal_scores, judged.anomalous_scores)
    ]
    found = (share(yes, no + yes) for no, yes in zip(*counts, strict=True))
    return [part and _to_come(part, judged.prevalence, worth) for part in found]


def _to_come(part: Interval, seen: float, worth: Worth) -> Interval:
    """A share among images of which `seen` are anomalous, in images to come."""
    if not 0 < seen < 1:
        return part
    shares = np.array([part.value, part.low, part.high])
    return Interval(*worth.precision(shares / seen, (1 - shares) / (1 - seen)).tolist())


def _rates(
    judged: Judged, threshold: Curve, seed: int, draws: int = FEWER_DRAWS
) -> tuple[Curve, Curve]:
    """Recall and false-positive rate of samples like this one, (k, draws) each."""
    rng = np.random.default_rng(seed)

    def resampled(ascending: Curve) -> Curve:
        """Draw the share above anew, smoothed by half a count; NaN of nothing."""
        whole, shape = len(ascending), (len(threshold), draws)
        if not whole:
            return np.full(shape, np.nan)
        smoothed = (count_above(ascending, threshold)[:, None] + 0.5) / (whole + 1)
        return np.asarray(rng.binomial(whole, smoothed, shape) / whole)

    return resampled(judged.anomalous_scores), resampled(judged.normal_scores)


def _middle(drawn: Curve) -> tuple[Curve, Curve]:
    """The middle 95 % of each row of (k, draws); NaN where most draws are undefined."""
    known = np.mean(~np.isnan(drawn), axis=1) > 0.5
    found = np.full((2, len(drawn)), np.nan)
    if known.any():
        found[:, known] = np.nanquantile(drawn[known], TAILS, axis=1)
    return found[0], found[1]


def count_above(ascending: Curve, threshold: Curve | Sequence[float]) -> NDArray[np.int64]:
    """How many of the `ascending` scores (n,) exceed each threshold (k,)."""
    return np.asarray(len(ascending) - np.searchsorted(ascending, threshold, side="right"))


def _above(ascending: Curve, threshold: Curve) -> Curve:
    """Share of `ascending` that exceeds each threshold; NaN of nothing."""
    if not len(ascending):
        return np.full(len(threshold), np.nan)
    return count_above(ascending, threshold) / len(ascending)


def _divided(part: Curve, whole: Curve) -> Curve:
    divided: Curve = np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=whole > 0)
    return divided
