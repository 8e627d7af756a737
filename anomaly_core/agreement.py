"""How far people agree: with each other, and with themselves when they are asked again.

What the answers cannot tell is `None`, never an invented number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from krippendorff import alpha
from numpy.typing import NDArray
from sklearn.metrics import cohen_kappa_score

from anomaly_core.datasets.base import Labels
from anomaly_core.datasets.scenario import ANOMALOUS, NORMAL, UNLABELED
from anomaly_core.errors import InvalidInput


@dataclass(frozen=True)
class PairAgreement:
    """Two raters, by their row, on the items that both of them labeled.

    `kappa` is Cohen's: 1 is perfect, 0 no better than chance; `None` where chance alone would
    agree always, because both gave one and the same label throughout.
    """

    first: int
    second: int
    items: int
    same: int
    kappa: float | None


@dataclass(frozen=True)
class Agreement:
    """Every pair of raters, and all of them together on the items that two or more labeled.

    `alpha` is Krippendorff's for nominal data, on the scale of kappa; `None` without such an item,
    or where all labels are the same.
    """

    pairs: tuple[PairAgreement, ...]
    items: int
    labels: int  # on these items
    alpha: float | None


@dataclass(frozen=True)
class Consistency:
    """One person's answers to items that were asked twice."""

    repeats: int
    same: int

    @property
    def share(self) -> float | None:
        """How often the second answer was the first again; `None` without a repeat."""
        return self.same / self.repeats if self.repeats else None


def agreement(ratings: Labels) -> Agreement:
    """Compare `ratings` (raters, items) of +1 normal, -1 anomalous and 0 not labeled.

    Raises `InvalidInput` for any other value.
    """
    if not np.isin(ratings, (NORMAL, ANOMALOUS, UNLABELED)).all():
        raise InvalidInput("A rating is +1, -1 or 0; leave anything else out.")
    pairs = combinations(range(len(ratings)), 2)
    shared = ratings[:, (ratings != UNLABELED).sum(axis=0) >= 2]
    return Agreement(
        pairs=tuple(_pair(ratings, first, second) for first, second in pairs),
        items=shared.shape[1],
        labels=int(np.count_nonzero(shared)),
        alpha=_alpha(shared),
    )


def consistency(first: Sequence[object], second: Sequence[object]) -> Consistency:
    """Compare first answers with second answers to the same items, in the same order."""
    return Consistency(len(first), sum(a == b for a, b in zip(first, second, strict=True)))


def _pair(ratings: Labels, first: int, second: int) -> PairAgreement:
    both = (ratings[first] != UNLABELED) & (ratings[second] != UNLABELED)
    a, b = ratings[first, both], ratings[second, both]
    return PairAgreement(first, second, len(a), int(np.count_nonzero(a == b)), _kappa(a, b))


def _kappa(a: Labels, b: Labels) -> float | None:
    if not _varied(np.concatenate([a, b])):
        return None
    return float(cohen_kappa_score(a, b))


def _alpha(shared: Labels) -> float | None:
    if not _varied(shared[shared != UNLABELED]):
        return None
    data = np.where(shared == UNLABELED, np.nan, shared)
    return float(alpha(reliability_data=data, level_of_measurement="nominal"))


def _varied(labels: NDArray[np.int64]) -> bool:
    return len(np.unique(labels)) > 1
