"""Rescoring a large pool in two steps, so that nobody waits for the whole of it.

The items that could be asked next are scored at once; the others keep the score of the model
before, moved to where its rank lies now, until there is time for them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anomaly_core.detectors.base import Scores

Items = NDArray[np.int64]

CANDIDATES = 12_288  # scored at once; larger than most pools of a single class
MARGIN_SHARE, TOP_SHARE = 0.4, 0.2  # of the candidates; the rest is drawn at random
PROBE_SHARE = 0.15  # of the candidates: items that every model scores, to compare models by


@dataclass(frozen=True)
class Candidates:
    """Items to score at once, those drawn at random first: these stand for the pool."""

    items: Items  # (k,), distinct
    drawn: int  # how many of them were drawn at random

    @property
    def sample(self) -> Items:
        """The items drawn at random."""
        return self.items[: self.drawn]


def draw_probe(pool_size: int, candidates: int, seed: int) -> Items:
    """Draw the items that every model of a pool scores at once; all of a small pool."""
    if pool_size <= candidates:
        return np.arange(pool_size)
    rng = np.random.default_rng((seed, pool_size))
    return np.sort(rng.choice(pool_size, int(PROBE_SHARE * candidates), replace=False))


def choose_candidates(
    scores: Scores,
    contamination: float,
    count: int,
    rng: np.random.Generator,
    probe: Items,
    known: Items,
) -> Candidates:
    """Choose about `count` items: a random sample, those round the margin, those at the top.

    The `probe`, itself drawn at random, is part of the sample. `known` items are scored in any
    case: what is labeled or audited must not be judged by an older model.
    """
    margin, top = int(MARGIN_SHARE * count), int(TOP_SHARE * count)
    others = rng.choice(len(scores), count - margin - top, replace=False)
    drawn = np.concatenate([probe, np.setdiff1d(others, probe)])
    boundary = np.quantile(scores, 1 - contamination)
    likely = [
        np.argpartition(np.abs(scores - boundary), margin)[:margin],
        np.argpartition(-scores, top)[:top],
    ]
    taken = np.zeros(len(scores), bool)
    taken[np.concatenate([*likely, known])] = True
    taken[drawn] = False
    return Candidates(np.concatenate([drawn, np.flatnonzero(taken)]), len(drawn))


def carry_over(old: Scores, chosen: Candidates, fresh: Scores) -> Scores:
    """Return scores (n,): `fresh` (k,) for the chosen, and for the others their old rank's score.

    Scores of two models are not comparable but their ranks are: each old score becomes the fresh
    score at the same quantile of the random sample.
    """
    scores = np.interp(old, np.sort(old[chosen.sample]), np.sort(fresh[: chosen.drawn]))
    scores[chosen.items] = fresh
    return scores.astype(np.float32)
