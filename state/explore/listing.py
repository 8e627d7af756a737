"""All images of a pool as a table: what the model in use makes of each, and what people say."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from anomaly_core.datasets.scenario import ANOMALOUS, NORMAL, UNLABELED
from state.explore.pool_map import written
from state.files.artifacts import read_array
from state.files.sheet import AT_ONCE, sheet
from state.labeling.desk import Desk
from state.labeling.second_look.review import flagged
from state.store.audit_log import Deed
from state.store.incremental.indices import Keys
from state.store.incremental.items import ItemHistory

ONLY_OWNERS = "Only an owner may download the table of all images; ask one."
COLUMNS = (
    *("item", "file", "score", "distance_in_R", "verdict", "label"),
    *("normal_answers", "anomalous_answers", "unsure", "flagged", "note", "error"),
)
WORDS = {NORMAL: "normal", ANOMALOUS: "anomalous", UNLABELED: "none"}

Items = NDArray[np.int64]


class LabelWanted(StrEnum):
    """Which label an image has to have."""

    ANY = "any"
    NONE = "none"
    NORMAL = "normal"
    ANOMALOUS = "anomalous"


class VerdictWanted(StrEnum):
    """What an image has to look like to the model, by the one rule in use."""

    ANY = "any"
    NORMAL = "normal"
    ANOMALOUS = "anomalous"


class Order(StrEnum):
    """What comes first."""

    HIGHEST = "highest"
    LOWEST = "lowest"
    THRESHOLD = "threshold"
    NUMBER = "number"


Y = {LabelWanted.NONE: UNLABELED, LabelWanted.NORMAL: NORMAL, LabelWanted.ANOMALOUS: ANOMALOUS}


@dataclass(frozen=True)
class RowsWanted:
    """Which images to list, and in which order.

    `errors` are those alone whose label and verdict disagree, `remarks` those alone that are
    flagged or noted, or that somebody is unsure of.
    """

    label: LabelWanted = LabelWanted.ANY
    verdict: VerdictWanted = VerdictWanted.ANY
    errors: bool = False
    remarks: bool = False
    order: Order = Order.HIGHEST


class ImageRow(NamedTuple):
    """One image: `distance` in multiples of R; `verdict` and `label` are +1, -1, 0 without one.

    `normal` and `anomalous` count the labels that stand and were paid for.
    """

    item: int
    file: str
    score: float
    distance: float
    verdict: int
    label: int
    normal: int
    anomalous: int
    unsure: bool
    flagged: bool
    note: str

    @property
    def error(self) -> str:
        """In which way label and verdict disagree; empty where they do not."""
        if not self.label or self.label == self.verdict:
            return ""
        return "missed" if self.label == ANOMALOUS else "false alarm"

    @property
    def cells(self) -> tuple[Any, ...]:
        """What stands in `COLUMNS`."""
        said = ("yes" if self.unsure else "", "yes" if self.flagged else "", self.note, self.error)
        verdict, label = WORDS[self.verdict], WORDS[self.label]
        return (*self[:4], verdict, label, self.normal, self.anomalous, *said)


class ImageTable:
    """The images that the model in use knows, for one person; `desk` needs a model."""

    def __init__(self, desk: Desk) -> None:
        assert desk.gallery is not None
        assert desk.rule is not None
        self.desk, self.gallery, self.rule = desk, desk.gallery, desk.rule
        self.scores = np.asarray(self.gallery.of_model("scores"), np.float64)

    def items(self, wanted: RowsWanted) -> Items:
        """The images that are wanted (n,), in order."""
        path = self.gallery.version / "scores.npy"
        found = ranked(path, written(path), wanted.order, self.rule.distance)
        return found[self._kept(wanted)[found]]

    def _kept(self, wanted: RowsWanted) -> NDArray[np.bool_]:
        """Which images (n,) of the pool the filters leave."""
        y, odd = self._y, self.scores > self.rule.threshold
        kept = np.ones(len(y), bool)
        if wanted.label is not LabelWanted.ANY:
            kept &= y == Y[wanted.label]
        if wanted.verdict is not VerdictWanted.ANY:
            kept &= odd == (wanted.verdict is VerdictWanted.ANOMALOUS)
        if wanted.errors:
            kept &= np.where(odd, y == NORMAL, y == ANOMALOUS)
        if wanted.remarks:
            items = self.desk.history.index(remarked).array
            kept &= self._of_pool(items, np.ones(len(items), np.int8)) > 0
        return kept

    @property
    def _y(self) -> NDArray[np.int8]:
        """The label of each image."""
        labels = self.desk.labels
        return self._of_pool(labels.items, labels.y)

    def _of_pool(self, items: Items, values: NDArray[np.int8]) -> NDArray[np.int8]:
        """Values of some items as those of the whole pool, 0 where there is none."""
        known = items < len(self.scores)  # others have come since
        found = np.zeros(len(self.scores), np.int8)
        found[items[known]] = values[known]
        return found

    def rows(self, items: Items) -> list[ImageRow]:
        """What is known of some images, in their order."""
        scores = self.scores[items]
        distances = np.sqrt(scores) / self.gallery.R
        told = zip(items.tolist(), scores.tolist(), distances.tolist(), strict=True)
        return [self._row(*one) for one in told]

    def _row(self, item: int, score: float, distance: float) -> ImageRow:
        past, own = self.desk.history.of(item), self.gallery.own
        normal = sum(event.y == NORMAL for event in past.bought)
        return ImageRow(
            item=item,
            file=own.name(item) if own is not None and self.desk.may_name else "",
            score=score,
            distance=distance,
            verdict=ANOMALOUS if self.rule.flags(score) else NORMAL,
            label=past.y,
            normal=normal,
            anomalous=len(past.bought) - normal,
            unsure=is_unsure(past),
            flagged=bool(list(flagged(past))),
            note="; ".join(event.note for event in past.current if event.note),
        )

    def export(self, wanted: RowsWanted) -> str:
        """The images that are wanted as the text of a CSV file, by item number, for owners.

        Raises NotAllowed for anybody else.
        """
        items = np.sort(self.items(wanted))
        self.desk.store.audit_log.record(
            self.desk.annotator,
            Deed.EXPORTED_IMAGES,
            f"{len(items):,} rows, model {self.gallery.model.version}",
            refusal=ONLY_OWNERS,
            project_id=self.desk.project.id,
        )
        blocks = (items[at : at + AT_ONCE] for at in range(0, len(items), AT_ONCE))
        return sheet(COLUMNS, (row.cells for block in blocks for row in self.rows(block)))


def is_unsure(one: ItemHistory) -> bool:
    """Whether an answer stands that says so."""
    return any(event.y == 0 for event in one.answers)


def remarked(one: ItemHistory) -> Keys:
    """The items that are flagged or noted, or that somebody is unsure of, by item number."""
    noted = any(event.note for event in one.current)
    return [one.item] if noted or is_unsure(one) or list(flagged(one)) else []


@lru_cache(maxsize=8)
def ranked(scores: Path, stamp: int, order: Order, limit: float) -> Items:
    """The items that a version knows, in order; of equal ones the lower number comes first.

    `limit` is the distance beyond which one is flagged.
    """
    values = np.asarray(read_array(scores), np.float64)
    known = np.flatnonzero(~np.isnan(values))
    keys = {
        Order.HIGHEST: -values,
        Order.LOWEST: values,
        Order.THRESHOLD: np.abs(np.sqrt(values) - limit),
        Order.NUMBER: np.arange(len(values)),
    }
    return known[np.argsort(keys[order][known], kind="stable")]
