"""What is known of the labels of a project at one moment, for the formats to write."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray
from propcache import cached_property

from anomaly_core.errors import NotFitted
from state.files.gallery import PoolFiles
from state.files.pictures import OwnPictures
from state.labeling.desk import Desk
from state.store.history import Event
from state.store.people import Annotator
from state.store.projects import Project
from state.store.schema import Answer
from state.store.store import Store

WORDS = {1: Answer.NORMAL, -1: Answer.ANOMALOUS}


class ProjectLabels:
    """The history of a project, its labels, what its images are called, and their scores."""

    def __init__(self, store: Store, project: Project, who: Annotator) -> None:
        self.store = store
        self.desk = Desk(store, store.settings, project.id, who)
        self.project = self.desk.project
        self.history = self.desk.history

    @cached_property
    def events(self) -> list[Event]:
        """Everything that happened up to this moment, oldest first."""
        found = self.store.events.since(self.project.id)
        return [event for event in found if event.seq <= self.history.last_seq]

    @cached_property
    def people(self) -> dict[int, str]:
        """The name of everybody, by number."""
        return {person.id: person.name for person in self.store.people.all()}

    @cached_property
    def standing(self) -> dict[int, Answer]:
        """The label that stands, by rising item number."""
        items, y, _ = self.history.labels
        return {item: WORDS[one] for item, one in zip(items.tolist(), y.tolist(), strict=True)}

    @property
    def items(self) -> list[int]:
        """The items of the pool without those that were taken out of the project."""
        items = np.arange(len(self.desk.pool))
        return list(items[~np.isin(items, self.desk.gone)].tolist())

    @property
    def files(self) -> PoolFiles:
        """The published images; raises NotFitted while they are still being read."""
        if self.desk.files is None:
            raise NotFitted("The images are being prepared; try again when they are there.")
        return self.desk.files

    @cached_property
    def own(self) -> OwnPictures | None:
        """The files of the images, where they are a person's own."""
        return self.desk.files.own if self.desk.files is not None else None

    def path(self, item: int) -> str:
        """What the file of an item is called within its import; empty for one of a dataset."""
        return "" if self.own is None else self.own.path(item)

    @cached_property
    def names(self) -> dict[int, str]:
        """What the image of each labeled item is called where they are together in folders."""
        return distinct((item, self.path(item) or f"{item:06}.png") for item in self.standing)

    @cached_property
    def _scores(self) -> NDArray[np.floating]:
        gallery = self.desk.gallery
        return np.empty(0) if gallery is None else np.asarray(gallery.of_model("scores"))

    def score(self, item: int) -> float | None:
        """The anomaly score by the model in use; `None` where it does not know the item."""
        known = item < len(self._scores) and not np.isnan(self._scores[item])
        return float(self._scores[item]) if known else None


def distinct(paths: Iterable[tuple[int, str]]) -> dict[int, str]:
    """The names of files by item, of which no two have the same stem, in letters of any case.

    One whose stem another item has already gets the number of its item.
    """
    found, taken = dict[int, str](), Counter[str]()
    for item, path in paths:
        name = PurePosixPath(path)
        stem = name.stem
        while taken[stem.casefold()]:
            stem = f"{stem}-{item}"
        taken[stem.casefold()] += 1
        found[item] = stem + name.suffix
    return found


def iso(at: float | None) -> str | None:
    """Epoch seconds as ISO 8601 in UTC, to the microsecond."""
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds")
