"""How sure the quality of a ranking is: AUROC and average precision by the bootstrap.

Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapter 13: the percentile interval.
Normal and anomalous images are resampled apart from each other, so that each resample has as many
of both as the sample.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anomaly_core.datasets.base import Labels
from anomaly_core.datasets.scenario import ANOMALOUS, NORMAL
from anomaly_core.detectors.base import Scores
from anomaly_core.estimates import CONFIDENCE, Interval

DRAWS = 400
Counts = NDArray[np.intp]
Rows = NDArray[np.integer]


@dataclass(frozen=True)
class Ranking:
    """The quality of a ranking, with intervals that have no width where both are told apart fully.

    Average precision is that at the sample's own share of anomalies.
    """

    auroc: Interval
    average_precision: Interval

    @property
    def perfect(self) -> bool:
        """Whether every anomaly scores higher: then no resample can tell how sure that is."""
        return self.auroc.value == 1


def ranking(
    y: Labels, scores: Scores, seed: int = 0, draws: int = DRAWS, confidence: float = CONFIDENCE
) -> Ranking | None:
    """Measure scores (n,) with truth `y` (n,) of +1/-1; `None` unless `y` has both."""
    distinct, place = np.unique(scores, return_inverse=True)
    normal, anomalous = place[y == NORMAL], place[y == ANOMALOUS]
    if not len(normal) or not len(anomalous):
        return None

    def measured(normal: Rows, anomalous: Rows) -> tuple[float, float]:
        return quality(*(np.bincount(one, minlength=len(distinct)) for one in (normal, anomalous)))

    drawn = np.array(
        [
            measured(normal[a], anomalous[b])
            for a, b in resamples(len(normal), len(anomalous), seed, draws)
        ]
    )  # (draws, 2)
    tails = (1 - confidence) / 2, (1 + confidence) / 2
    limits = np.quantile(drawn, tails, axis=0).T.tolist()
    return Ranking(
        *(
            Interval(value, min(value, low), max(value, high))
            for value, (low, high) in zip(measured(normal, anomalous), limits, strict=True)
        )
    )


def resamples(normals: int, anomalies: int, seed: int, draws: int) -> Iterator[tuple[Rows, Rows]]:
    """Draw with replacement, `draws` times: rows of the normal and rows of the anomalous."""
    rng = np.random.default_rng(seed)
    for _ in range(draws):
        yield (
            rng.integers(normals, size=normals, dtype=np.int32),
            rng.integers(anomalies, size=anomalies, dtype=np.int32),
        )


def quality(normal: Counts, anomalous: Counts) -> tuple[float, float]:
    """AUROC and average precision of how many have each distinct score, (k,) each, ascending.

    The AUROC is the share of pairs of an anomalous and a normal image in which the anomalous scores
    higher, ties counting half: the statistic of Mann and Whitney.
    """
    below, passed = np.cumsum(normal), np.cumsum(anomalous)  # with this score or a lower one
    normals, anomalies = below[-1], passed[-1]
    auroc = anomalous @ (below - normal / 2) / (normals * anomalies)
    caught = anomalies - passed + anomalous  # with this score or a higher one
    flagged = caught + normals - below + normal
    precision = caught / np.maximum(flagged, 1)
    return float(auroc), float(anomalous @ precision / anomalies)
