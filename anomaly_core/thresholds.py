"""Rules that turn scores into a decision: an image whose score exceeds the threshold is flagged."""

import numpy as np

from anomaly_core.detectors.base import Scores
from anomaly_core.errors import InvalidInput


def contamination_quantile(scores: Scores, contamination: float) -> float:
    """The threshold that flags the expected share of anomalies; needs no label."""
    if not 0 < contamination < 1:
        raise InvalidInput(f"A contamination of {contamination:g} is not a share; give 0 to 1.")
    return float(np.quantile(scores, 1 - contamination))


def from_radius(R: float) -> float:
    """The score on the surface of a hypersphere of radius `R`: scores are squared distances."""
    return R**2
