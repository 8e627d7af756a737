"""What a grid of one tab holds: several items to answer at once, chosen in one of four ways."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from propcache import cached_property

from state.labeling import sources
from state.labeling.desk import Desk
from state.labeling.neighbors import Items
from state.labeling.payload import Sent, about, given, items_of, nothing_to_ask, pictures
from state.labeling.proposals import Handout
from state.labeling.standing import task_of
from state.labeling.turns import in_turn
from state.store.history import Event
from state.store.incremental.indices import Keys, PersonKeys, by_person, item_of, pair
from state.store.incremental.items import ItemHistory

SIZES = (12, 24, 48)
GRIDS_AHEAD = 1  # beside the one on screen
UNDOABLE = 3  # batches that can be taken back before the next delivery


class Mode(StrEnum):
    """By what the items of a grid are chosen."""

    PROPOSED = "proposed"
    MOST_ANOMALOUS = "most-anomalous"
    MOST_NORMAL = "most-normal"
    SIMILAR = "similar"

    @property
    def tells_prediction(self) -> bool:
        """Whether the order of the items gives the model's opinion away."""
        return self in (Mode.MOST_ANOMALOUS, Mode.MOST_NORMAL)

    @property
    def strategy(self) -> str | None:
        """What is recorded as having asked; `None` for what the project's strategy proposed."""
        return None if self is Mode.PROPOSED else f"batch-{self}"


# The strategies of modes, and whether each gives the model's opinion away.
BY_CHOICE = {mode.strategy: mode.tells_prediction for mode in Mode if mode.strategy}


@dataclass(frozen=True)
class GridChoice:
    """What somebody wants in the grid; `like` is the item that others are to resemble."""

    mode: Mode = Mode.PROPOSED
    size: int = 24
    like: int | None = None

    def items(self, desk: Desk) -> Items:
        """Open items in the order in which the mode asks for them."""
        if self.mode is Mode.PROPOSED:
            return sources.queue(desk)
        if self.mode is Mode.SIMILAR:
            return sources.similar(desk, self.like)
        return sources.by_score(desk, -1 if self.mode is Mode.MOST_ANOMALOUS else 1)


@dataclass(frozen=True)
class GridCell:
    """One item of the grid, and what is recorded with its answer.

    `strategy` is set only where a person chose the items: which of the proposed ones are there to
    measure quality is nobody's business.
    """

    item: int
    version: int | None
    strategy: str | None
    prediction: bool  # whether the model's opinion is told


class Batch(Handout):
    """A handout of this grid and the next, never more items than labels are left."""

    def __init__(
        self, desk: Desk, client: str, choice: GridChoice, held: Iterable[int] = ()
    ) -> None:
        ahead = min(choice.size * (1 + GRIDS_AHEAD), desk.project.remaining)
        super().__init__(desk, client, choice.items, ahead, held)
        self.choice = choice

    @property
    def answerable(self) -> bool:
        """Whether a model has put the images in an order, besides what any handout takes."""
        return self.desk.gallery is not None and super().answerable

    @property
    def taken(self) -> list[int]:
        """Items on screen that need no answer of this person's any more."""
        return [item for item in self.on_screen if item in self.desk.handled]

    @cached_property
    def undoable(self) -> list[Event]:
        """Answers of the person's own newest batches, oldest first."""
        history, newest = self.desk.history, set[str | None]()
        found = []
        for event in history.events(reversed(history.of_person(batched, self.desk.annotator.id))):
            if event.batch not in newest and len(newest) == UNDOABLE:
                break
            newest.add(event.batch)
            found.append(event)
        return found[::-1]

    @property
    def cells(self) -> list[GridCell]:
        """The items with what is recorded of them."""
        return [self._cell(item) for item in self.items]

    @property
    def past_cells(self) -> list[GridCell]:
        """The same for the newest batch, as it was recorded."""
        return [
            GridCell(
                e.item,
                e.model_version,
                e.strategy if e.strategy in BY_CHOICE else None,
                e.prediction_shown,
            )
            for e in self.undoable
            if e.batch == self.undoable[-1].batch
        ]

    def _cell(self, item: int) -> GridCell:
        mode, model = self.choice.mode, self.desk.model
        assert model is not None
        return GridCell(item, model.version, mode.strategy, mode.tells_prediction)

    @property
    def nothing(self) -> str:
        """Why the grid is empty, should it be."""
        desk, mode = self.desk, self.choice.mode
        if not desk.annotator.may_answer or desk.gallery is None or mode is Mode.PROPOSED:
            return nothing_to_ask(desk)
        if mode is Mode.SIMILAR:
            if desk.gallery.embeddings is None:
                return "This model cannot tell what is similar; the next one can."
            if self.choice.like not in desk.pool:
                return f"Items are numbered 0 to {len(desk.pool) - 1:,}; choose one of them."
        return "Nothing is left here: every image has its answer, or is assigned to someone else."


def batched(one: ItemHistory) -> PersonKeys:
    """The answers of each person that stand and were given with others, by when that was."""
    return by_person([event for event in one.answers if event.batch])


def anomalous_answers(one: ItemHistory) -> Keys:
    """The answers that stand and call an item anomalous, by when they were given."""
    return [pair(event.seq, one.item) for event in one.answers if event.y < 0]


def usual_example(desk: Desk) -> int:
    """The item to look for likenesses of: the newest anomalous answer, else the highest score."""
    anomalous = desk.history.index(anomalous_answers)
    if len(anomalous):
        return item_of(anomalous[len(anomalous) - 1])
    return int(np.nanargmax(desk.gallery.of_model("scores"))) if desk.gallery else 0


@in_turn
def deliver_grid(desk: Desk, view: Mapping[str, Any], choice: GridChoice) -> dict[str, Any]:
    """What the tab that says `view` of itself draws; what it holds stays if it is of the choice."""
    held = items_of(view, "held") if view.get("choice") == asdict(choice) else []
    batch = Batch(desk, str(view["client"]), choice, held)
    drawn = [*batch.items, *held, *(cell.item for cell in batch.past_cells)]
    return {
        **about(batch),
        "choice": asdict(choice),
        "size": choice.size,
        "queue": [asdict(cell) for cell in batch.cells],
        "held": held,
        "taken": batch.taken,
        "past_cells": [asdict(cell) for cell in batch.past_cells],
        "guide": {"text": task_of(desk.project), "given": given(desk)},
        "nothing": batch.nothing,
        **pictures(desk, Sent(images=set(items_of(view, "images"))), drawn, pairs=False),
    }
