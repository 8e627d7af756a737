"""What the answers have brought to light: anomalies found, beside what random ones would find."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from state.store.incremental.history import History
from state.store.incremental.indices import first_given, found, given

POINTS = 500  # at most, at which a long history is told


@dataclass(frozen=True)
class Discovery:
    """Anomalies found by the standing labels, in the order in which they were given.

    The first row is before any label, the last after all of them. Each item counts once, however
    many labels it has, as in `expected`: the share `contamination` of the items looked at. It
    counts when it was first labeled, as what it is called by now: a second look moves nothing.
    """

    given: NDArray[np.int64]  # (rows,) labels up to here
    found: NDArray[np.int64]  # (rows,) items called anomalous by them
    expected: NDArray[np.floating[Any]]  # (rows,) for random items
    contamination: float  # 0 to 1

    @property
    def labels(self) -> int:
        """How many labels stand."""
        return int(self.given[-1])

    @property
    def total(self) -> int:
        """How many anomalies they have found."""
        return int(self.found[-1])


def discovery(history: History, contamination: float) -> Discovery:
    """Count along the labels that were not taken back; `contamination` is the pool's, 0 to 1."""
    labels = history.index(given)
    rows = 1 + min(len(labels), POINTS)
    counts = np.linspace(0, len(labels), rows).round().astype(np.int64)
    ends = [labels[count - 1] + 1 if count else 0 for count in counts.tolist()]
    seen, anomalous = (
        np.array([history.index(items).rank(end) for end in ends], np.int64)
        for items in (first_given, found)
    )
    return Discovery(counts, anomalous, contamination * seen, contamination)
