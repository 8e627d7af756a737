"""What a grid of one tab holds: several items to answer at once, chosen in one of four ways."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from state.labeling.desk import Desk
from state.labeling.neighbors import nearest
from state.labeling.payload import encode, nothing_to_ask
from state.labeling.proposals import Past
from state.store import history as replay
from state.store.history import Event

SIZES = (12, 24, 48)
GRIDS_AHEAD = 1  # beside the one on screen
UNDOABLE = 3  # batches that can be taken back before the next delivery
CANDIDATES = 1_000  # looked at for a grid, should others have leased the first ones


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


@dataclass(frozen=True)
class GridChoice:
    """What somebody wants in the grid; `like` is the item that others are to resemble."""

    mode: Mode = Mode.PROPOSED
    size: int = 24
    like: int | None = None


@dataclass(frozen=True)
class GridCell:
    """One item of the grid, and what is recorded with its answer."""

    item: int
    version: int | None
    round: int
    strategy: str | None
    utility: float | None
    prediction: bool  # whether the model's opinion is told


class Batch:
    """What one tab of one annotator gets; `client` names the tab, `held` is on its screen."""

    def __init__(
        self, desk: Desk, client: str, choice: GridChoice, held: Iterable[int] = ()
    ) -> None:
        self.desk = desk
        self.client = client
        self.choice = choice
        self.held = list(held)

    @cached_property
    def items(self) -> list[int]:
        """Leased items for this grid and the next, never more than labels are left."""
        desk = self.desk
        if desk.gallery is None or not desk.annotator.may_answer:
            return []
        held = [item for item in self.held if item in self._pool and item not in desk.handled]
        candidates = dict.fromkeys([*held, *islice(self._chosen(), CANDIDATES)])
        return desk.store.leases.take(
            desk.project.id,
            desk.annotator.id,
            self.client,
            {item: desk.project.overlap - self._votes[item] for item in candidates},
            min(self.choice.size * (1 + GRIDS_AHEAD), desk.project.remaining),
        )

    def _chosen(self) -> Iterator[int]:
        """Open items in the order in which the mode asks for them."""
        gallery, mode = self.desk.gallery, self.choice.mode
        assert gallery is not None
        if mode is Mode.PROPOSED:
            return (int(item) for item in self.desk.queue)
        if mode is Mode.SIMILAR:
            return iter(self._similar())
        scores = gallery.of_model("scores")[self._open]
        order = np.argsort(-scores if mode is Mode.MOST_ANOMALOUS else scores, kind="stable")
        return (int(item) for item in self._open[order])

    def _similar(self) -> list[int]:
        like = self.choice.like
        assert self.desk.gallery is not None
        embeddings = self.desk.gallery.embeddings
        if embeddings is None or like is None or like not in self._pool:
            return []
        itself = [like] if like in self._open else []
        return [*itself, *nearest(embeddings, np.array([like]), self._open, CANDIDATES)[0]]

    @property
    def _pool(self) -> range:
        return range(self.desk.project.pool_size or 0)

    @cached_property
    def _open(self) -> NDArray[np.int64]:
        """Items that a choice by the model may take.

        The audit slice is left out: quality is estimated from its answers, which a choice by score
        or likeness would make a biased sample.
        """
        assert self.desk.gallery is not None
        closed = [*self.desk.handled, *self.desk.gallery.audit.tolist()]
        return np.setdiff1d(np.arange(len(self._pool)), closed)

    @cached_property
    def taken(self) -> list[int]:
        """Items on screen that need no answer of this person's any more."""
        return [item for item in self.held if item in self.desk.handled]

    @cached_property
    def _events(self) -> list[Event]:
        return self.desk.store.events.since(self.desk.project.id)

    @cached_property
    def _votes(self) -> Counter[int]:
        return Counter(event.item for event in replay.standing(self._events) if event.y)

    @property
    def last_seq(self) -> int:
        """Number of the newest event that this knows of."""
        return max((event.seq for event in self._events), default=0)

    @cached_property
    def _own(self) -> list[Event]:
        """Answers of the person's own newest batches, oldest first."""
        own = [
            event
            for event in replay.standing(self._events)
            if event.batch and event.annotator_id == self.desk.annotator.id
        ]
        newest = list(dict.fromkeys(event.batch for event in reversed(own)))[:UNDOABLE]
        return [event for event in own if event.batch in newest]

    @property
    def past(self) -> list[Past]:
        """What undo can take back, oldest first."""
        return [
            Past(event.uuid, event.item, event.kind, str(event.answer), str(event.batch))
            for event in self._own
        ]

    @property
    def cells(self) -> list[GridCell]:
        """The items with what is recorded of them."""
        return [self._cell(item) for item in self.items]

    @property
    def past_cells(self) -> list[GridCell]:
        """The same for the newest batch, as it was recorded."""
        return [
            GridCell(e.item, e.model_version, e.round, e.strategy, e.utility, e.prediction_shown)
            for e in self._own
            if e.batch == self._own[-1].batch
        ]

    def _cell(self, item: int) -> GridCell:
        mode, model = self.choice.mode, self.desk.model
        assert model is not None
        proposal = self.desk.proposal(item) if mode is Mode.PROPOSED else None
        return GridCell(
            item=item,
            version=model.version,
            round=model.round,
            strategy=(proposal and proposal.strategy) or f"batch-{mode}",
            utility=proposal.utility if proposal else None,
            prediction=mode.tells_prediction,
        )

    @property
    def nothing(self) -> str:
        """Why the grid is empty, should it be."""
        desk, mode = self.desk, self.choice.mode
        if not desk.annotator.may_answer or desk.gallery is None or mode is Mode.PROPOSED:
            return nothing_to_ask(desk)
        if mode is Mode.SIMILAR:
            if desk.gallery.embeddings is None:
                return "This model cannot tell what is similar; the next one can."
            if self.choice.like not in self._pool:
                return f"Items are numbered 0 to {len(self._pool) - 1:,}; choose one of them."
        return "Nothing is left here: every image has its answer, or waits at another desk."

    def to_json(self, known: Iterable[int]) -> dict[str, Any]:
        """Everything that the grid of a tab shows, without the images it knows already."""
        desk = self.desk
        return {
            "client": self.client,
            "choice": asdict(self.choice),
            "size": self.choice.size,
            "project": {"id": desk.project.id, "created": desk.project.created_at},
            "annotator": {"id": desk.annotator.id},
            "may_answer": desk.annotator.may_answer,
            "keys": desk.annotator.keys,
            "queue": [asdict(cell) for cell in self.cells],
            "held": self.held,
            "taken": self.taken,
            "past": [asdict(given) for given in self.past],
            "past_cells": [asdict(cell) for cell in self.past_cells],
            "seq": self.last_seq,
            "left": desk.project.remaining,
            "budget": desk.project.budget,
            "version": desk.model.version if desk.model else None,
            "task": desk.project.guidelines,
            "nothing": self.nothing,
            **self._pictures(set(known)),
        }

    def _pictures(self, known: set[int]) -> dict[str, Any]:
        """Images that the tab lacks, as base64 of their pixels."""
        if self.desk.gallery is None:
            return {"images": {}, "shape": [28, 28]}
        pool = self.desk.gallery.of_project("pool")
        items = dict.fromkeys([*self.items, *self.held, *(cell.item for cell in self.past_cells)])
        lacking = [item for item in items if item not in known and item in self._pool]
        images = {item: [encode(pool[item]), None] for item in lacking}
        return {"images": images, "shape": list(pool.shape[1:3])}


def usual_example(desk: Desk) -> int:
    """The item to look for likenesses of: the newest anomalous answer, else the highest score."""
    anomalous = [event.item for event in desk.store.events.standing(desk.project.id) if event.y < 0]
    if anomalous:
        return anomalous[-1]
    return int(np.argmax(desk.gallery.of_model("scores"))) if desk.gallery else 0


def deliver_grid(desk: Desk, view: Mapping[str, Any], choice: GridChoice) -> dict[str, Any]:
    """What the tab that says `view` of itself draws; what it holds stays if it is of the choice."""
    same = view.get("choice") == asdict(choice)
    held = [item for item in view.get("held", []) if isinstance(item, int)] if same else []
    return Batch(desk, str(view["client"]), choice, held).to_json(view.get("images", []))
