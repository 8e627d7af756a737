"""The labeling desk: what to ask next, and why."""

import time
import uuid
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np
from numpy.typing import NDArray
from propcache import cached_property

from anomaly_core.datasets.scenario import Scenario
from anomaly_core.query import STRATEGIES
from state.files.gallery import Gallery, PoolFiles
from state.labeling.rule import Rule, rule_of
from state.settings import Settings
from state.store.history import LabeledItems
from state.store.incremental.closed import ClosedItems
from state.store.incremental.history import History
from state.store.incremental.indices import reopened
from state.store.people import Annotator
from state.store.projects import Project
from state.store.store import Store

CANDIDATES = 4_000  # items that a queue holds, at most: others may have leased the first ones
EARLY = 0.1  # of the budget, or one round: about what is asked before the first model
NEWEST = 1_000  # labels of each kind, at most, that are shown, and that an item is compared with
AUDIT = "audit"  # what asked for an item of the audit slice
OR_AT_RANDOM = "{}, or was drawn at random to measure quality (which of the two, nobody is told)"
TAKEN_BACK = "its answer was taken back"
CHOSEN = "explore"  # what asked for an item that somebody put in front
CHOSEN_REASON = "you put it in front on Explore"
AT_RANDOM = "it was drawn at random, until the first model is there to propose"


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How far out something lies: `score` is a squared distance to the center, `R` a distance."""

    score: float
    R: float

    @property
    def distance(self) -> float:
        """Distance to the center."""
        return float(np.sqrt(self.score))

    @property
    def outside(self) -> bool:
        """Whether it lies outside the hypersphere, the line that the model itself has drawn."""
        return self.distance > self.R


@dataclass(frozen=True, kw_only=True)
class Proposal(Reach):
    """One item to ask about."""

    item: int
    strategy: str | None  # that asked for it; None for one that was put back
    utility: float | None
    reason: str


@dataclass(frozen=True)
class Shown:
    """An item as it was put before a person; the token makes what is said of it count once."""

    item: int
    token: str
    at: float  # epoch seconds

    @classmethod
    def of(cls, item: int) -> Self:
        """Put `item` before a person now."""
        return cls(item, str(uuid.uuid4()), time.time())


class Desk:
    """One annotator at one project."""

    def __init__(
        self, store: Store, settings: Settings, project_id: int, annotator: Annotator
    ) -> None:
        self.store = store
        self.settings = settings
        self.annotator = annotator
        self.project: Project = store.projects.get(project_id)
        self.model = store.models.active(project_id)

    @cached_property
    def may_know(self) -> bool:
        """Whether this person may see the truth of the pool, and which items measure quality.

        Owners may, once they have said that they want to look, see `state.explore.truth`.
        """
        if not self.annotator.may_manage:
            return False
        return self.annotator.id in self.store.audit_log.revealed(self.project.id)

    @property
    def may_name(self) -> bool:
        """Whether this person may see what files are called.

        Where labels came along, names of folders tell the truth; without labels they are for all.
        """
        own = self.project.detector.get("images")
        return own is None or not own["truth"] or self.may_know

    @property
    def pool(self) -> range:
        """The numbers of all items."""
        size = self.project.pool_size
        if self.model is None and self.files is not None:  # more may be on their way
            size = len(self.files.of_project("pool"))
        return range(size or 0)

    @cached_property
    def files(self) -> PoolFiles | None:
        """The published images, also before the first model; `None` while they are being read."""
        if self.gallery is not None:
            return self.gallery
        files = PoolFiles(self.settings.data_dir, self.project.id)
        return files if files.are_of(self.project) else None

    @cached_property
    def gallery(self) -> Gallery | None:
        """What the model in use published; `None` before the first model."""
        if self.model is None:
            return None
        return Gallery(self.settings.data_dir, self.project.id, self.model)

    @cached_property
    def measured(self) -> Gallery | None:
        """What the model in use published, or until it is measured the newest before it that is."""
        models = self.store.models.line(self.project.id)
        known = [model for model in models if "auroc" in model.metrics]
        return Gallery(self.settings.data_dir, self.project.id, known[-1]) if known else None

    @cached_property
    def rule(self) -> Rule | None:
        """Which images the model in use flags; `None` before the first model."""
        return rule_of(self.store, self.project, self.gallery) if self.gallery else None

    @cached_property
    def queue(self) -> NDArray[np.int64]:
        """Items still to be asked: what was put in front or taken back, then the proposals.

        Where items get several labels, those that lack some come before what has none. What was
        taken back comes with the newest first, and only where the proposals do not list it.
        """
        proposals = self._proposals
        again = self.handled.reopened(CANDIDATES)
        again = again[~np.isin(again, proposals)]
        begun = self.handled.begun(CANDIDATES)
        items = np.concatenate([self._in_front, again, begun, proposals])
        items = items[np.sort(np.unique(items, return_index=True)[1])]  # each where it comes first
        items = items[~np.isin(items, self.gone)]
        return np.asarray(items[~self.handled.holds(items)][:CANDIDATES])

    @property
    def _proposals(self) -> NDArray[np.int64]:
        """What the model in use proposes; before the first one, the pool in a random order.

        Images that bring their answers along are not asked before these are stored.
        """
        if self.gallery is not None:
            return self.gallery.of_model("proposals")
        own = self.project.detector.get("images")
        if self.files is None or (own is not None and own["answers"]):
            return np.empty(0, np.int64)
        order = at_random(len(self.pool), Scenario.from_json(self.project.scenario).seed)
        return order[: CANDIDATES + len(self.handled.array) + len(self.gone)]

    @property
    def askable(self) -> int:
        """How many labels may be bought for now: few before the first model, which asks better."""
        project = self.project
        if self.gallery is not None:
            return project.remaining
        early = max(project.batch_size, round(EARLY * project.budget))
        return max(0, min(project.remaining, early - project.spent))

    @cached_property
    def gone(self) -> NDArray[np.int64]:
        """Items that were taken out of the project."""
        if self.project.detector.get("images") is None:
            return np.empty(0, np.int64)
        return self.store.batches.gone(self.project.id)

    @cached_property
    def history(self) -> History:
        """What has happened in the project, as it was when it was looked at first."""
        return self.store.events.history(self.project.id)

    @cached_property
    def handled(self) -> ClosedItems:
        """Items that are not to be put before this annotator."""
        return ClosedItems(self.history, self.annotator.id, self.project.overlap)

    @cached_property
    def wished(self) -> list[int]:
        """Items that this annotator has put in front, the first one first, answered or not."""
        return self.store.priorities.of(self.project.id, self.annotator.id)

    @property
    def _in_front(self) -> NDArray[np.int64]:
        """The same, without what measures quality and comes in its own time."""
        wished = np.array(self.wished, np.int64)
        if self.files is None or not len(wished):
            return wished
        return wished[~np.isin(wished, self.files.audit)]

    @property
    def labels(self) -> LabeledItems:
        """All labels."""
        return self.history.labels

    @cached_property
    def newest_labels(self) -> LabeledItems:
        """The newest of them, of either kind as many as are shown and compared with."""
        return self.history.newest_labels(NEWEST)

    def _strategy(self, gallery: Gallery, item: int) -> str | None:
        if item in gallery.audit:
            return AUDIT
        if item in self.wished:
            return CHOSEN
        return self.project.strategy if item in gallery.of_model("proposals") else None

    def proposal(self, item: int) -> Proposal | None:
        """Say why `item` is asked; `None` before the first model."""
        gallery = self.gallery
        if gallery is None:
            return None
        strategy = self._strategy(gallery, item)
        return Proposal(
            item=item,
            strategy=strategy,
            utility=utility_of(gallery, item),
            score=float(gallery.of_model("scores")[item]),
            R=gallery.R,
            reason=self.reason(item),
        )

    def reason(self, item: int) -> str:
        """Why an item is asked, which never tells whether it measures quality."""
        if item in self.wished:
            return CHOSEN_REASON
        taken_back = reopened(self.history.of(item), self.project.overlap)
        if taken_back and item not in self.handled:
            return TAKEN_BACK
        if self.gallery is None:
            return AT_RANDOM
        reason = STRATEGIES[self.project.strategy].reason
        return OR_AT_RANDOM.format(reason) if len(self.gallery.audit) else reason


@lru_cache(maxsize=8)
def at_random(count: int, seed: int) -> NDArray[np.int64]:
    """So many items in a random order."""
    return np.random.default_rng(seed).permutation(count)


def utility_of(gallery: Gallery, item: int) -> float | None:
    """What a version's strategy ranked an item by; `None` where it did not, or by no number."""
    ranked = np.flatnonzero(gallery.of_model("proposals") == item)
    utility = float(gallery.of_model("utilities")[ranked[0]]) if len(ranked) else np.nan
    return None if np.isnan(utility) else utility
