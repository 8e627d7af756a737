"""What a tab is handed: the next items for its person, with all that the screen says of them."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anomaly_core.projection import to_plane
from state.labeling.desk import Desk
from state.labeling.neighbors import nearest_labeled
from state.store import history as replay
from state.store.history import Event
from state.store.schema import EventKind

AHEAD = 40  # items at a time: enough for the fastest while the server is slow
BEHIND = 60  # answers that can be taken back before the next handout
REDRAWN = 12  # of these that come with all that the screen says of them
NEIGHBORS = 3
SETTLED = 5  # answers given since, before an item is asked a second time
REPEAT_PLACE = 3  # in the handout, so that nothing on screen changes
WALKED_BACK = (EventKind.ANSWER, EventKind.SKIP, EventKind.REPEAT)


@dataclass(frozen=True)
class Ticket:
    """One item for a person to answer, and why it is asked. `xy` is its place on the map."""

    item: int
    version: int
    round: int
    strategy: str
    reason: str
    rank: int | None
    utility: float | None
    score: float
    distance: float
    R: float
    outside: bool
    xy: tuple[float, float]
    normals: list[int]
    anomalies: list[int]
    repeat: bool = False  # the person has answered it before

    def to_json(self) -> dict[str, Any]:
        """What goes to the browser."""
        return asdict(self)


@dataclass(frozen=True)
class Past:
    """An answer or skip of the person's own that undo can take back."""

    uuid: str
    item: int
    kind: str
    said: str
    batch: str | None


class Handout:
    """What one tab of one annotator gets; `client` names the tab.

    `held` is large on its screen, `coming` are the small ones after it: new proposals come behind.
    """

    def __init__(
        self, desk: Desk, client: str, held: int | None = None, coming: Sequence[int] = ()
    ) -> None:
        self.desk = desk
        self.client = client
        self.held = held
        self.coming = coming

    @cached_property
    def items(self) -> list[int]:
        """Leased items in the order to be asked; what is on screen stays first while it may."""
        desk = self.desk
        if desk.gallery is None or desk.project.remaining == 0 or not desk.annotator.may_answer:
            return []
        candidates = list(dict.fromkeys([*self._open_on_screen, *desk.queue.tolist()]))
        leased = desk.store.leases.take(
            desk.project.id,
            desk.annotator.id,
            self.client,
            {item: desk.project.overlap - self._votes[item] for item in candidates},
            AHEAD,
        )
        if self.repeat is not None:
            place = 0 if self.repeat == self.held else min(REPEAT_PLACE, len(leased))
            leased.insert(place, self.repeat)
        return leased

    @property
    def _open_on_screen(self) -> list[int]:
        """What is on screen and still to be answered, proposed by the new model or not."""
        pool = range(self.desk.project.pool_size or 0)
        shown = [item for item in (self.held, *self.coming) if item is not None]
        return [item for item in shown if item in pool and item not in self.desk.handled]

    @cached_property
    def _events(self) -> list[Event]:
        return self.desk.store.events.since(self.desk.project.id)

    @cached_property
    def _own(self) -> list[Event]:
        """Everything of the person's own that stands, oldest first."""
        current = replay.in_force(self._events)
        return [event for event in current if event.annotator_id == self.desk.annotator.id]

    @cached_property
    def _votes(self) -> Counter[int]:
        return Counter(event.item for event in replay.standing(self._events) if event.y)

    @cached_property
    def last_seq(self) -> int:
        """Number of the newest event that this handout knows of."""
        return max((event.seq for event in self._events), default=0)

    @cached_property
    def past(self) -> list[Past]:
        """The person's newest answers and skips, oldest first."""
        walked = [event for event in self._own if event.kind in WALKED_BACK]
        return [
            Past(event.uuid, event.item, event.kind, event.answer or event.kind, event.batch)
            for event in walked[-BEHIND:]
        ]

    @cached_property
    def flags(self) -> dict[int, list[str]]:
        """Items that the person has flagged, and the flags to take back."""
        flags: dict[int, list[str]] = defaultdict(list)
        for event in self._own:
            if event.kind is EventKind.FLAG:
                flags[event.item].append(event.uuid)
        return dict(flags)

    @cached_property
    def repeat(self) -> int | None:
        """An item to ask a second time, if it is time for one."""
        share = self.desk.project.repeat_share
        given = [event.item for event in self._own if event.bought]
        again = {event.item for event in self._own if event.kind is EventKind.REPEAT}
        due = math.ceil((1 + len(again)) / share) if share else len(given) + 1
        if len(given) < due + SETTLED:
            return None
        open_ = [item for item in given[:due] if item not in again]  # as it will be for later views
        rng = np.random.default_rng((self.desk.project.id, self.desk.annotator.id, len(again)))
        return int(rng.choice(open_)) if open_ else None

    @cached_property
    def tickets(self) -> list[Ticket]:
        """The items with what the screen says of them."""
        return self._tickets(self.items)

    @cached_property
    def past_tickets(self) -> list[Ticket]:
        """The same for what can be taken back."""
        return self._tickets([past.item for past in self.past[-REDRAWN:]])

    def _tickets(self, items: list[int]) -> list[Ticket]:
        gallery = self.desk.gallery
        if gallery is None or not items:
            return []
        chosen = np.array(items, np.int64)
        near = nearest_labeled(gallery.embeddings, chosen, self.desk.labels, NEIGHBORS)
        places = to_plane(*gallery.of_model("map")[chosen].T)
        return [
            self._ticket(item, rank, place, *close)
            for rank, (item, place, close) in enumerate(zip(items, places, near, strict=True), 1)
        ]

    def _ticket(
        self,
        item: int,
        rank: int,
        place: NDArray[np.floating[Any]],
        normals: list[int],
        anomalies: list[int],
    ) -> Ticket:
        proposal, model = self.desk.proposal(item), self.desk.model
        assert proposal is not None
        assert model is not None
        return Ticket(
            item=item,
            version=model.version,
            round=model.round,
            strategy=proposal.strategy or self.desk.project.strategy,
            reason=proposal.reason,
            rank=rank,
            utility=proposal.utility,
            score=proposal.score,
            distance=proposal.distance,
            R=proposal.R,
            outside=proposal.outside,
            xy=(float(place[0]), float(place[1])),
            normals=normals,
            anomalies=anomalies,
            repeat=item == self.repeat,
        )
