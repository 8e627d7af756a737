"""How many images of each kind make up a part of a scenario, and which.

Everything here counts or names rows; no row is ever drawn twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from anomaly_core.datasets.provenance import CLEAN, AnomalySource
from anomaly_core.errors import InvalidScenario

Rows = NDArray[np.intp]
Drawn = dict[str, Rows]  # by kind; of letters the rows are those of `Letters`


@dataclass(frozen=True)
class Mix:
    """Numbers of clean images and of anomalies from each source."""

    clean: int
    anomalies: dict[AnomalySource, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Stock:
    """What a part may be drawn from, in the order in which it is drawn."""

    normals: Rows  # of the dataset
    others: Rows  # of the dataset, of classes that are not normal
    letters: Rows  # of `Letters`

    def limit(self, source: AnomalySource) -> int | None:
        """How many anomalies `source` can give; `None` where only the normal images limit it."""
        limits = {
            AnomalySource.OTHER_CLASSES: len(self.others),
            AnomalySource.LETTERS: len(self.letters),
        }
        return limits.get(source)

    def split(self, share: float) -> tuple["Stock", "Stock"]:
        """Return the first `share` of each kind, and the rest."""
        rows = (self.normals, self.others, self.letters)
        cuts = [round(share * len(some)) for some in rows]
        first = Stock(*(some[:cut] for some, cut in zip(rows, cuts, strict=True)))
        return first, Stock(*(some[cut:] for some, cut in zip(rows, cuts, strict=True)))

    def draw(self, mix: Mix) -> Drawn:
        """Return the rows of each kind; distortions take normal rows that are not used clean."""
        drawn, used = {CLEAN: self.normals[: mix.clean]}, mix.clean
        for source, count in mix.anomalies.items():
            if source.distorts:
                drawn[source.value] = self.normals[used : used + count]
                used += count
            else:
                rows = self.letters if source is AnomalySource.LETTERS else self.others
                drawn[source.value] = rows[:count]
        return drawn


def mix_by_share(stock: Stock, sources: Sequence[AnomalySource], contamination: float) -> Mix:
    """Use as much of `stock` as leaves anomalies their share, drawn equally from `sources`.

    A source that has nothing to give is passed over; one anomaly at least is drawn unless
    `contamination` is 0 or no source is left.
    """
    sources = [source for source in sources if stock.limit(source) != 0]
    normals = len(stock.normals)
    if contamination == 0 or not sources:
        return Mix(normals)
    ratio = contamination / (1 - contamination)
    distorted = sum(source.distorts for source in sources) / len(sources)
    wanted = max(1, round(ratio * normals / (1 + distorted * ratio)))
    limits = [limit * len(sources) for source in sources if (limit := stock.limit(source))]
    total = min([wanted, *limits])
    shares = equal_shares(total, sources)
    spare = normals - distortions_in(shares)
    if spare < 1:
        return Mix(normals)
    return Mix(spare if total == wanted else min(spare, max(1, round(total / ratio))), shares)


def mix_by_count(stock: Stock, sources: Sequence[AnomalySource], each: int) -> Mix:
    """Use every normal image, and `each` anomalies of each source.

    Raises `InvalidScenario` when there are not so many.
    """
    shares = dict.fromkeys(sources, each)
    clean = len(stock.normals) - distortions_in(shares)
    limits = [limit for source in sources if (limit := stock.limit(source)) is not None]
    if clean < 1 or each > min(limits, default=each):
        raise InvalidScenario(
            f"There are not enough images for {each:,} anomalies of each kind; "
            "ask for fewer images of each other class."
        )
    return Mix(clean, shares)


def mix_whole(stock: Stock, sources: Sequence[AnomalySource]) -> Mix:
    """Use all of `stock`: D distortions take 1 / (D + 1) of the normal images each.

    Letters are as many as the clean images, or all there are.
    """
    distortions = [source for source in sources if source.distorts]
    each = len(stock.normals) // (len(distortions) + 1)
    clean = len(stock.normals) - each * len(distortions)
    given = {
        AnomalySource.OTHER_CLASSES: len(stock.others),
        AnomalySource.LETTERS: min(clean, len(stock.letters)),
    }
    return Mix(clean, {source: given.get(source, each) for source in sources})


def equal_shares(total: int, sources: Sequence[AnomalySource]) -> dict[AnomalySource, int]:
    """Divide `total` among `sources`; what is left over goes one each to the first."""
    each, left = divmod(total, len(sources))
    return {source: each + (place < left) for place, source in enumerate(sources)}


def distortions_in(shares: dict[AnomalySource, int]) -> int:
    """How many of the anomalies are made from normal images."""
    return sum(count for source, count in shares.items() if source.distorts)


def split_drawn(drawn: Drawn, share: float) -> tuple[Drawn, Drawn]:
    """Return the first `share` of each kind, and the rest."""
    cuts = {kind: round(share * len(rows)) for kind, rows in drawn.items()}
    first = {kind: rows[: cuts[kind]] for kind, rows in drawn.items()}
    return first, {kind: rows[cuts[kind] :] for kind, rows in drawn.items()}


def first_of_each(groups: Iterable[Rows], count: int) -> Rows:
    """Return the first `count` rows of each group, or all that a smaller one has."""
    return np.concatenate([np.empty(0, np.intp), *(group[:count] for group in groups)])
