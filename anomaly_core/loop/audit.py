"""The audit slice: items drawn at random, asked among the others, and never trained on."""

import numpy as np
from numpy.typing import NDArray

from anomaly_core.query.base import Query

AUDIT_SHARE = 0.1  # of the answers
Items = NDArray[np.int64]


def draw_audit(pool_size: int, budget: int, share: float, seed: int) -> Items:
    """Draw the items to audit with a share (0 to 1) of the budget, in the order to ask them.

    Every item is as likely as any other, so the answers stand for the pool.
    """
    rng = np.random.default_rng((seed, pool_size))
    return rng.permutation(pool_size)[: round(share * min(budget, pool_size))]


def draw_more(audit: Items, came: range, budget: int, share: float, seed: int) -> Items:
    """Add some of the items that `came` to the ones to audit, until they have their share.

    Nothing has been asked of those before.
    """
    wanted = round(share * min(budget, came.stop)) - len(audit)
    rng = np.random.default_rng((seed, came.stop))
    return np.concatenate([audit, rng.permutation(np.array(came))[: max(0, wanted)]])


def mix_in(query: Query, audit: Items, share: float, rng: np.random.Generator) -> Query:
    """Put the next audit items into a queue at random places, about `share` of the whole queue.

    Each run of round(1 / share) items holds one, as long as there are any; what is left over comes
    last. Their utility is NaN.
    """
    if not len(audit) or share <= 0:
        return query
    run = max(1, round(1 / share) - 1)  # items between two audited ones
    starts = np.arange(len(audit)) * run
    places = np.minimum(starts + rng.integers(0, run + 1, len(starts)), len(query.items))
    return Query(
        np.insert(query.items, places, audit),
        np.insert(query.utilities, places, np.nan),
    )
