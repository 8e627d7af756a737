"""What the answers have brought to light: anomalies found, beside what random ones would find."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from state.store import history as replay
from state.store.history import Event


@dataclass(frozen=True)
class Discovery:
    """Anomalies found by the standing labels, in the order in which they were given.

    Row k is after k labels, so the first row is 0. Each item counts once, however many labels it
    has, as in `expected`: the share `contamination` of the items looked at.
    """

    found: NDArray[np.int64]  # (labels + 1,) items called anomalous
    expected: NDArray[np.floating[Any]]  # (labels + 1,) for random items
    contamination: float  # 0 to 1

    @property
    def labels(self) -> int:
        """How many labels stand."""
        return len(self.found) - 1

    @property
    def total(self) -> int:
        """How many anomalies they have found."""
        return int(self.found[-1])


def discovery(history: Iterable[Event], contamination: float) -> Discovery:
    """Count along the labels that were not taken back; `contamination` is the pool's, 0 to 1."""
    labels = [answer for answer in replay.standing(history) if answer.y]
    return Discovery(
        found=new_items(labels, [answer.y < 0 for answer in labels]),
        expected=contamination * new_items(labels, [True] * len(labels)),
        contamination=contamination,
    )


def new_items(labels: list[Event], counted: list[bool]) -> NDArray[np.int64]:
    """How many different items the counted ones of the first k labels have, for each k from 0."""
    seen: set[int] = set()
    sizes = [0]
    for answer, counts in zip(labels, counted, strict=True):
        if counts:
            seen.add(answer.item)
        sizes.append(len(seen))
    return np.array(sizes, np.int64)
