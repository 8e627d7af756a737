"""How two versions of a model differ on the same pool, by item number.

Scores of different versions are not comparable, so everything here compares ranks: the percentile
of an item is the share of the pool that scores lower in the same version.
"""

from dataclasses import dataclass
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray
from propcache import cached_property
from scipy.stats import spearmanr

from anomaly_core.detectors.base import Scores
from anomaly_core.ranking import Flips, flips, ranks
from anomaly_core.threshold.rules import contamination_quantile
from state.files.contact_sheet import seen
from state.store.incremental.history import History
from state.store.incremental.indices import item_of, label_changes, pair
from state.store.models import Model

SHOWN = 2_000  # items of a chart


@dataclass(frozen=True)
class Change:
    """The label of an item as each of two versions knew it: +1, -1, or 0 without one."""

    item: int
    first: int
    second: int


class Drift:
    """Two versions' scores of the pool by item number, and what became of them.

    Only what both know counts: the pool of one may be shorter, and what was taken back is NaN.
    Each version flags the share `contamination` (0 to 1) of the pool that it scores highest.
    """

    def __init__(self, first: Scores, second: Scores, contamination: float) -> None:
        self.size = min(len(first), len(second))
        known = ~np.isnan(first[: self.size]) & ~np.isnan(second[: self.size])
        self.items = np.flatnonzero(known)
        self.first, self.second = first[self.items], second[self.items]
        self.contamination = contamination

    @cached_property
    def percentiles(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The percentile of each item in each version, from 0 to 1; NaN where one lacks it."""
        both = np.full((2, self.size), np.nan)
        both[:, self.items] = ranks(self.first), ranks(self.second)
        return both[0], both[1]

    @cached_property
    def gain(self) -> NDArray[np.float64]:
        """By how much each item's percentile rose from the first version to the second."""
        first, second = self.percentiles
        return second - first

    @cached_property
    def flips(self) -> Flips:
        """The items that only one version flags, those that moved furthest first."""
        one, other = (
            scores > contamination_quantile(scores, self.contamination)
            for scores in (self.first, self.second)
        )
        found = flips(one, other, -self.gain[self.items])
        return Flips(self.items[found.first], self.items[found.second])

    @cached_property
    def correlation(self) -> float | None:
        """Spearman's rank correlation of the scores, -1 to 1; `None` where a version has one score.

        https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.spearmanr.html
        """
        if any(len(np.unique(scores)) < 2 for scores in (self.first, self.second)):
            return None
        return float(spearmanr(self.first, self.second).statistic)

    def shown(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """At most `SHOWN` items, those that flip first, then those that moved most.

        The second array are the places among them of those whose pictures are to be seen.
        """
        flipped = np.concatenate([self.flips.first, self.flips.second])
        moved = self.moved(self.size)
        items = np.concatenate([flipped, moved[~np.isin(moved, flipped)]])[:SHOWN]
        return items, seen(len(items))

    def moved(self, count: int) -> NDArray[np.int64]:
        """The items whose percentile changed most, up or down, the furthest first."""
        order = np.argsort(-np.abs(self.gain[self.items]), kind="stable")
        return self.items[order[:count]]


def changes(
    history: History, first: Model, second: Model, audit: NDArray[np.int64]
) -> list[Change]:
    """Labels that one version was trained with and the other not, or otherwise, by item number.

    Audited items are left out: no version is trained with their labels.
    """
    early, late = sorted(model.last_seq for model in (first, second))
    between = range(pair(early + 1, 0), pair(late + 1, 0))
    touched = takewhile(between.__contains__, history.index(label_changes).since(between.start))
    items = sorted({item_of(key) for key in touched} - set(audit.tolist()))
    known = (history.of(item) for item in items)
    found = [Change(k.item, k.y_at(first.last_seq), k.y_at(second.last_seq)) for k in known]
    return [change for change in found if change.first != change.second]
