"""Where a handout's items come from: a source gives the open ones in the order to be asked."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from state.labeling.desk import CANDIDATES, Desk
from state.labeling.neighbors import Items, nearest

ItemSource: TypeAlias = Callable[[Desk], Items]  # asked only where there is a model


def queue(desk: Desk) -> Items:
    """What was put in front or taken back, then what the query strategy proposes."""
    return desk.queue


def by_score(desk: Desk, sign: int) -> Items:
    """By rising score (`sign` 1: the most normal first) or by falling score (-1)."""
    assert desk.gallery is not None
    open_ = _open(desk)
    order = np.argsort(sign * desk.gallery.of_model("scores")[open_], kind="stable")
    return open_[order[:CANDIDATES]]


def similar(desk: Desk, like: int | None) -> Items:
    """An item and what lies nearest to it in latent space; nothing where there is no such item."""
    assert desk.gallery is not None
    embeddings, open_ = desk.gallery.embeddings, _open(desk)
    if embeddings is None or like is None or like not in desk.pool:
        return np.empty(0, np.int64)
    itself = [like] if like in open_ else []
    near = nearest(embeddings, np.array([like]), open_, CANDIDATES)[0]
    return np.array([*itself, *near], np.int64)


def _open(desk: Desk) -> Items:
    """Items that a choice by the model may take.

    The audit slice is left out: quality is estimated from its answers, which a choice by score or
    likeness would make a biased sample.
    """
    assert desk.gallery is not None
    open_ = np.ones(len(desk.pool), bool)
    open_[desk.handled.array] = False
    open_[desk.gone] = False
    open_[desk.gallery.audit] = False
    return np.flatnonzero(open_)
