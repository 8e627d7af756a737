"""Quality and contamination from a random sample of answers, each with its uncertainty.

Answers that a strategy asked for are a biased sample; these estimates are for the audit slice,
which is drawn at random and never trained on. What the sample cannot tell is `None`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import betaincinv, expit, logit
from scipy.stats import norm

from anomaly_core.datasets.base import Labels
from anomaly_core.datasets.scenario import ANOMALOUS, NORMAL
from anomaly_core.detectors.base import Scores
from anomaly_core.evaluation import auroc, average_precision, confusion_at

CONFIDENCE = 0.95
EDGE = 1e-9


@dataclass(frozen=True)
class Interval:
    """An estimate and the range that covers the truth in `CONFIDENCE` of all samples."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class QualityEstimate:
    """What a random sample says about a model at a threshold."""

    answers: int
    anomalies: int
    contamination: Interval | None
    auroc: Interval | None
    precision: Interval | None
    recall: Interval | None


def estimate_quality(
    y: Labels, scores: Scores, threshold: float, confidence: float = CONFIDENCE
) -> QualityEstimate:
    """Estimate from answers `y` (n,) of +1/-1 and scores (n,) of a random sample.

    Precision and recall are those of flagging what exceeds `threshold`.
    """
    at = confusion_at(y, scores, threshold)
    anomalies = int(np.count_nonzero(y == ANOMALOUS))
    caught = at.true_positive
    return QualityEstimate(
        answers=len(y),
        anomalies=anomalies,
        contamination=share(anomalies, len(y), confidence),
        auroc=auroc_interval(y, scores, confidence),
        precision=share(caught, caught + at.false_positive, confidence),
        recall=share(caught, caught + at.false_negative, confidence),
    )


def share(part: int, whole: int, confidence: float = CONFIDENCE) -> Interval | None:
    """Estimate a share by Clopper and Pearson's exact interval; `None` of nothing.

    The interval covers the truth at least as often as promised, whatever the share.
    """
    return shares([part], whole, confidence)[0]


def shares(parts: ArrayLike, whole: int, confidence: float = CONFIDENCE) -> list[Interval | None]:
    """Estimate each of several shares `parts / whole`, (k,), as `share` does."""
    parts = np.asarray(parts)
    if not whole:
        return [None] * len(parts)
    columns = (parts / whole, *limits(parts, whole, confidence))
    return [Interval(*one) for one in zip(*(each.tolist() for each in columns), strict=True)]


def limits(
    parts: ArrayLike, whole: int, confidence: float = CONFIDENCE
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Clopper and Pearson's limits of the shares `parts / whole`, (k,) each; NaN of nothing.

    They are those of `scipy.stats.binomtest(...).proportion_ci`, which looks for one at a time by
    trial and takes milliseconds for it: too long for all thresholds of a curve.
    """
    parts, tail = np.asarray(parts, np.float64), (1 - confidence) / 2
    if not whole:
        return np.full(parts.shape, np.nan), np.full(parts.shape, np.nan)
    low = betaincinv(parts, whole - parts + 1, tail)
    high = betaincinv(parts + 1, whole - parts, 1 - tail)
    return np.where(parts == 0, 0.0, low), np.where(parts == whole, 1.0, high)


def auroc_interval(y: Labels, scores: Scores, confidence: float = CONFIDENCE) -> Interval | None:
    """Estimate the AUROC of a sample; `None` unless `y` has both normal and anomalous."""
    value = auroc(y, scores)
    if value is None:
        return None
    m, n = int(np.count_nonzero(y == ANOMALOUS)), int(np.count_nonzero(y == NORMAL))
    return interval_of_auroc(value, m, n, confidence)


def interval_of_auroc(value: float, m: int, n: int, confidence: float = CONFIDENCE) -> Interval:
    """Estimate the AUROC from that of a sample of m anomalous and n normal, both at least 1.

    Newcombe 2006, "Confidence intervals for an effect size measure based on the Mann-Whitney
    statistic", method 5: the values that a score test with Hanley and McNeil's variance accepts.
    It stays within 0 and 1, and honest for a handful of anomalies and for an AUROC of 1.
    """
    z = float(norm.ppf((1 + confidence) / 2))

    def excess(truth: float) -> float:
        return (value - truth) ** 2 - z**2 * hanley_mcneil(truth, m, n)

    inner = float(np.clip(value, EDGE, 1 - EDGE))  # at 0 and 1 themselves the variance vanishes
    return Interval(
        value,
        float(brentq(excess, 0.0, inner)) if excess(0.0) > 0 else 0.0,
        float(brentq(excess, inner, 1.0)) if excess(1.0) > 0 else 1.0,
    )


def average_precision_interval(
    y: Labels, scores: Scores, confidence: float = CONFIDENCE
) -> Interval | None:
    """Estimate the average precision of a sample; `None` unless `y` has normal and anomalous.

    Boyd, Eng and Page 2013, "Area under the precision-recall curve: point estimates and confidence
    intervals": the logit interval. It is that of as many trials as there are anomalous images, so
    at 1, where it has no width, their exact interval takes its place.
    """
    value = average_precision(y, scores)
    if value is None:
        return None
    m = int(np.count_nonzero(y == ANOMALOUS))
    if value == 1:
        return share(m, m, confidence)
    reach = float(norm.ppf((1 + confidence) / 2)) / np.sqrt(m * value * (1 - value))
    middle = logit(value)
    return Interval(value, float(expit(middle - reach)), float(expit(middle + reach)))


def hanley_mcneil(truth: float, m: int, n: int) -> float:
    """Variance of the AUROC of m anomalous and n normal, with Newcombe's common sample size."""
    size = (m + n) / 2 - 1
    spread = 1 + size * (1 - truth) / (2 - truth) + size * truth / (1 + truth)
    return truth * (1 - truth) * spread / (m * n)
