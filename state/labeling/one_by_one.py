"""What the Label page of a tab is handed: one item after the other, with all that is said of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from propcache import cached_property

from anomaly_core.projection import to_plane
from state.labeling import sources
from state.labeling.desk import Desk, Reach
from state.labeling.neighbors import nearest_labeled
from state.labeling.proposals import Handout
from state.store.history import Event
from state.store.incremental.indices import bought_from, item_of, repeats, walked_back
from state.store.schema import EventKind

AHEAD = 40  # items at a time: enough for the fastest while the server is slow
BEHIND = 60  # answers that can be taken back before the next handout
REDRAWN = 12  # of these that come with all that the screen says of them
NEIGHBORS = 3
SETTLED = 5  # answers given since, before an item is asked a second time
DRAWS = 1_000  # until one is found that was not asked again
REPEAT_PLACE = 3  # in the handout, so that nothing on screen changes


@dataclass(frozen=True)
class Placed:
    """Where a model version puts an item. `xy` is its place on the map."""

    version: int
    score: float
    distance: float
    R: float
    limit: float  # the distance beyond which it would be flagged
    flagged: bool
    xy: tuple[float, float]


@dataclass(frozen=True)
class Ticket:
    """One item for a person to answer, and why it is asked.

    `placed` and the labeled items that are most like it are what a model knows of it.
    """

    item: int
    reason: str
    rank: int
    repeat: bool  # the person has answered it before
    normals: Sequence[int] = ()
    anomalies: Sequence[int] = ()
    placed: Placed | None = None

    def to_json(self) -> dict[str, Any]:
        """What goes to the browser."""
        told = {name: value for name, value in vars(self).items() if name != "placed"}
        return told | (vars(self.placed) if self.placed else {})


class OneByOne(Handout):
    """A handout from the queue: `held` is large on screen, `coming` are the small ones after it."""

    def __init__(
        self, desk: Desk, client: str, held: int | None = None, coming: Sequence[int] = ()
    ) -> None:
        on_screen = [item for item in (held, *coming) if item is not None]
        super().__init__(desk, client, sources.queue, AHEAD, on_screen)
        self.held = held

    @cached_property
    def undoable(self) -> list[Event]:
        """The person's newest answers and skips, oldest first."""
        history = self.desk.history
        newest = islice(reversed(history.of_person(walked_back, self.desk.annotator.id)), BEHIND)
        return list(history.events(newest))[::-1]

    @cached_property
    def flags(self) -> dict[int, list[str]]:
        """Which of the items handed out the person has flagged, and the flags to take back."""
        items = dict.fromkeys([*self.asked, *(event.item for event in self.undoable)])
        flags = {
            item: [flag.uuid for flag in self.desk.history.of(item).flags if self._mine(flag)]
            for item in items
        }
        return {item: uuids for item, uuids in flags.items() if uuids}

    def _mine(self, event: Event) -> bool:
        return event.annotator_id == self.desk.annotator.id

    @cached_property
    def repeat(self) -> int | None:
        """An item to ask a second time, if it is time for one."""
        history, me = self.desk.history, self.desk.annotator.id
        given, again = history.of_person(bought_from, me), len(history.of_person(repeats, me))
        share = self.desk.project.repeat_share
        due = math.ceil((1 + again) / share) if share else len(given) + 1
        if len(given) < due + SETTLED:
            return None
        rng = np.random.default_rng((self.desk.project.id, me, again))
        drawn = (item_of(given[place]) for place in rng.integers(due, size=DRAWS).tolist())
        return next((item for item in drawn if not self._repeated(item)), None)

    def _repeated(self, item: int) -> bool:
        words = self.desk.history.of(item).current
        return any(self._mine(event) and event.kind is EventKind.REPEAT for event in words)

    @cached_property
    def asked(self) -> list[int]:
        """The leased items, and among them the one that is asked again."""
        if self.repeat is None or not self.answerable:
            return self.items
        place = 0 if self.repeat == self.held else REPEAT_PLACE
        return [*self.items[:place], self.repeat, *self.items[place:]]

    @property
    def tickets(self) -> list[Ticket]:
        """The items with what the screen says of them."""
        return self._tickets[: len(self.asked)]

    @property
    def past_tickets(self) -> list[Ticket]:
        """The same for what can be taken back."""
        return self._tickets[len(self.asked) :]

    @cached_property
    def _tickets(self) -> list[Ticket]:
        past = [event.item for event in self.undoable[-REDRAWN:]]
        items = [*self.asked, *past]
        near, placed = self._near(items), self._placed(items)
        ranks = [*range(1, 1 + len(self.asked)), *range(1, 1 + len(past))]
        return [
            Ticket(item, self.desk.reason(item), rank, item == self.repeat, *close, place)
            for item, rank, close, place in zip(items, ranks, near, placed, strict=True)
        ]

    def _near(self, items: Sequence[int]) -> list[tuple[list[int], list[int]]]:
        """The normal and the anomalous labeled items that are most like each of some."""
        gallery = self.desk.gallery
        if gallery is None:
            return [([], [])] * len(items)
        chosen = np.array(items, np.int64)
        return nearest_labeled(gallery.embeddings, chosen, self.desk.newest_labels, NEIGHBORS)

    def _placed(self, items: Sequence[int]) -> list[Placed | None]:
        """Where the model in use puts some items; `None` for each before the first model."""
        gallery, rule = self.desk.gallery, self.desk.rule
        if gallery is None or rule is None:
            return [None] * len(items)
        scores = gallery.of_model("scores")
        places = to_plane(*gallery.of_model("map")[np.array(items, np.int64)].T)
        reaches = [Reach(score=float(scores[item]), R=gallery.R) for item in items]
        return [
            Placed(
                version=gallery.model.version,
                score=reach.score,
                distance=reach.distance,
                R=reach.R,
                limit=rule.distance,
                flagged=rule.flags(reach.score),
                xy=(float(x), float(y)),
            )
            for reach, (x, y) in zip(reaches, places, strict=True)
        ]
