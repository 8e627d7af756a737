"""Choosing items of the pool by where they lie, and putting them in front on a desk."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from anomaly_core.errors import InvalidInput
from state.files.gallery import Gallery
from state.labeling.desk import Desk
from state.store.schema import Role

Items = NDArray[np.int64]

MOST = 1_000  # items at a time; nobody answers more before the next model
NO_RIGHT = "This name may look but not answer; choose another on Team."
TOO_MANY = f"Choose at most {MOST:,} items to label at a time."
NOTHING_OPEN = "None of the chosen items is waiting for an answer of yours; choose others."


class Side(StrEnum):
    """On which side of the hypersphere."""

    EITHER = "either"
    INSIDE = "inside"
    OUTSIDE = "outside"


@dataclass(frozen=True)
class Sorted:
    """Chosen items by what becomes of them: `open` can be put in front, in this order."""

    open: list[int]
    answered: int  # by this person, or by as many as the overlap asks for
    waiting: int  # in front already

    def sentence(self) -> str:
        """Say what is left out, and why; empty where nothing is."""
        parts = (
            (self.answered, "skipped: answered already"),
            (self.waiting, "in front already"),
        )
        return "; ".join(f"{count:,} {words}" for count, words in parts if count)


def by_percentile(gallery: Gallery, low: float, high: float, side: Side) -> Items:
    """Items whose score lies between two percentiles (0 to 100), by rising item number."""
    scores = np.asarray(gallery.of_model("scores"))
    floor, ceiling = np.percentile(gallery.scores, [low, high])
    chosen = (scores >= floor) & (scores <= ceiling)
    if side is not Side.EITHER:
        chosen &= (np.sqrt(scores) > gallery.R) == (side is Side.OUTSIDE)
    return np.flatnonzero(chosen)


def sort_out(desk: Desk, items: Iterable[int]) -> Sorted:
    """Tell what can be put in front from what cannot; the highest scores come first.

    What measures quality is taken like the rest, as nobody is told which items these are; but the
    desk asks for it in its own time, see `Desk.queue`: a choice would make it a biased sample.
    """
    if desk.gallery is None:
        return Sorted([], 0, 0)
    chosen = np.unique(np.array([*items], np.int64))
    chosen = chosen[desk.gallery.knows(chosen)]
    answered = desk.handled.holds(chosen)
    waiting = np.isin(chosen, desk.wished) & ~answered
    rest = chosen[~(answered | waiting)]
    scores = desk.gallery.of_model("scores")[rest]
    return Sorted(
        rest[np.argsort(-scores, kind="stable")].tolist(),
        int(answered.sum()),
        int(waiting.sum()),
    )


def send(desk: Desk, items: Iterable[int]) -> str:
    """Put items in front on the annotator's desk and say what became of them.

    Raises InvalidInput where nothing can be put there, or too much.
    """
    desk.store.audit_log.require(desk.annotator, Role.ANNOTATOR, NO_RIGHT)
    chosen = sort_out(desk, items)
    if not chosen.open:
        raise InvalidInput(NOTHING_OPEN)
    if len(chosen.open) > MOST:
        raise InvalidInput(TOO_MANY)
    count = desk.store.priorities.put_first(desk.project.id, desk.annotator.id, chosen.open)
    left = desk.project.remaining
    told = [f"{count:,} {'item is' if count == 1 else 'items are'} in front on Label now"]
    told += [chosen.sentence()] if chosen.sentence() else []
    told += [f"the budget buys {left:,} more labels only"] if left < count else []
    return "; ".join(told) + "."


def take_off(desk: Desk) -> None:
    """Let the annotator's desk ask in its own order again; raises NotAllowed."""
    desk.store.audit_log.require(desk.annotator, Role.ANNOTATOR, NO_RIGHT)
    desk.store.priorities.forget(desk.project.id, desk.annotator.id)


def in_front(desk: Desk) -> list[int]:
    """Items that were put in front and still wait for this annotator's answer."""
    return [item for item in desk.wished if item not in desk.handled]
