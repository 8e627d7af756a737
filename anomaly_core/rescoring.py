"""Rescoring a large pool in two steps, so that nobody waits for the whole of it.

The items that could be asked next are scored at once; the others keep the score of the model
before, moved to where its rank lies now, until there is time for them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anomaly_core.detectors.base import Scores

CANDIDATES = 12_288  # scored at once; larger than most pools of a single class
MARGIN_SHARE, TOP_SHARE = 0.4, 0.2  # of the candidates; the rest is drawn at random


@dataclass(frozen=True)
class Candidates:
    """Items to score at once, those drawn at random first: these stand for the pool."""

    items: NDArray[np.int64]  # (k,), distinct
    drawn: int  # how many of them were drawn at random


def choose_candidates(
    scores: Scores, contamination: float, count: int, rng: np.random.Generator
) -> Candidates:
    """Choose up to `count` items: a random sample, those round the margin, those at the top."""
    margin, top = int(MARGIN_SHARE * count), int(TOP_SHARE * count)
    drawn = rng.choice(len(scores), count - margin - top, replace=False)
    boundary = np.quantile(scores, 1 - contamination)
    likely = [
        np.argpartition(np.abs(scores - boundary), margin)[:margin],
        np.argpartition(-scores, top)[:top],
    ]
    taken = np.zeros(len(scores), bool)
    taken[np.concatenate(likely)] = True
    taken[drawn] = False
    return Candidates(np.concatenate([drawn, np.flatnonzero(taken)]), len(drawn))


def carry_over(old: Scores, chosen: Candidates, fresh: Scores) -> Scores:
    """Return scores (n,): `fresh` (k,) for the chosen, and for the others their old rank's score.

    Scores of two models are not comparable but their ranks are: each old score becomes the fresh
    score at the same quantile of the random sample.
    """
    sample = chosen.items[: chosen.drawn]
    scores = np.interp(old, np.sort(old[sample]), np.sort(fresh[: chosen.drawn]))
    scores[chosen.items] = fresh
    return scores.astype(np.float32)
