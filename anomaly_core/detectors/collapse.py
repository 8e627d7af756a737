"""Notice a hypersphere that has shrunk to a point, where no score tells anything any more."""

import warnings
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from anomaly_core import losses
from anomaly_core.detectors.base import Scores
from anomaly_core.errors import CollapseWarning

MIN_RELATIVE_SPREAD = 1e-4  # standard deviation of the scores over their mean
MIN_DISTINCT_SHARE = 0.05  # of the scores, after rounding to six significant digits


@dataclass(frozen=True)
class ScoreSpread:
    """How much the scores of a pool tell apart."""

    variance: float
    distinct: int
    count: int
    relative_spread: float

    @property
    def collapsed(self) -> bool:
        """Whether the scores have too little spread, or too few values, to rank images."""
        too_few = self.distinct < max(2, MIN_DISTINCT_SHARE * self.count)
        return self.count > 1 and (self.relative_spread < MIN_RELATIVE_SPREAD or too_few)

    def sentence(self) -> str:
        """Say what was seen and what to do."""
        return (
            f"The hypersphere has collapsed: {self.count:,} images have only {self.distinct:,} "
            f"distinct scores (variance {self.variance:.2g}). Go back to an earlier model, or "
            "start over with more varied images."
        )


def radius_of(scores: Scores, nu: float) -> float:
    """Return the radius (a distance) that leaves a share `nu` outside; warns of a collapse."""
    spread = score_spread(scores)
    if spread.collapsed:
        warnings.warn(spread.sentence(), CollapseWarning, stacklevel=4)
    return float(losses.radius(torch.from_numpy(scores), nu))


def score_spread(scores: Scores) -> ScoreSpread:
    """Measure the spread of `scores` (n,)."""
    values = scores.astype(np.float64)
    finite = values[np.isfinite(values)]
    rounded = significant_digits(finite)
    mean = float(np.abs(finite).mean()) if len(finite) else 0.0
    return ScoreSpread(
        variance=float(finite.var()) if len(finite) else 0.0,
        distinct=len(np.unique(rounded)),
        count=len(values),
        relative_spread=float(finite.std()) / mean if mean else 0.0,
    )


def significant_digits(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round each value to six significant digits."""
    magnitude = np.floor(np.log10(np.maximum(np.abs(values), np.finfo(np.float64).tiny)))
    rounded: NDArray[np.float64] = np.round(values / 10**magnitude, 5) * 10**magnitude
    return rounded
