"""Tuning: what is known about a model's scores, which decisions it leads to, and those saved."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from propcache import cached_property

from anomaly_core.datasets.base import Labels
from anomaly_core.datasets.scenario import ANOMALOUS
from anomaly_core.detectors.base import Scores
from anomaly_core.errors import InvalidInput, TooLittleKnown
from anomaly_core.ranking import Flips
from anomaly_core.threshold.judged import FEW_ANOMALIES, Judged
from anomaly_core.threshold.objectives import ExpectedShare, Objective
from state.files.gallery import Gallery
from state.files.pictures import Pictures
from state.labeling.desk import Desk
from state.labeling.rule import Rule, expected_share, rule_of
from state.quality.audit import Quality
from state.store.audit_log import Deed
from state.store.models import OperatingPoint
from state.store.schema import Role

HASH_LENGTH = 16  # hexadecimal digits
ONLY_OWNERS = "Only an owner may save a threshold; ask one of those on Team."


class Basis(StrEnum):
    """What a threshold is judged by."""

    HELD_OUT = "held-out"
    RANDOM = "random"
    LABELED = "labeled"


class Cell(StrEnum):
    """A cell of the confusion matrix."""

    CAUGHT = "caught"
    MISSED = "missed"
    FALSE_ALARM = "false-alarm"
    PASSED = "passed"


@dataclass(frozen=True)
class Evidence:
    """Images whose truth is known. `items` (n,) are their rows in `images`.

    `secret` is set where nobody may be shown which images these are.
    """

    basis: Basis
    items: NDArray[np.int64]
    judged: Judged
    images: Pictures
    secret: bool = False

    @property
    def of_pool(self) -> bool:
        """Whether the items are those of the pool, so that their labels can be changed."""
        return self.basis is not Basis.HELD_OUT

    def name(self, item: int) -> str:
        """What one of the items is called, so that nobody takes it for another of its number."""
        return f"Item {item:,}" if self.of_pool else f"Test image {item:,}"

    @cached_property
    def data_hash(self) -> str:
        """What tells this evidence from other evidence: the start of its SHA-256."""
        digest = hashlib.sha256(self.basis.encode())
        for array in (self.items, self.judged.y, self.judged.scores):
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()[:HASH_LENGTH]

    @property
    def warning(self) -> str | None:
        """What a person must know before trusting figures from this evidence."""
        known = self.judged.anomalies
        how_many = {0: "No anomalous image is", 1: "Only 1 anomalous image is"}.get(
            known, f"Only {known:,} anomalous images are"
        )
        few = (
            f"{how_many} known here; below {FEW_ANOMALIES} of them, what "
            "is said about catching and missing is little more than a guess."
        )
        biased = (
            "The model has learned from most of these answers, which were asked for because they "
            "were hard to tell: figures from them may be too good or too bad. Use them to look, "
            "not to promise."
        )
        told = [biased] if self.basis is Basis.LABELED else []
        return " ".join([*told, *([few] if known < FEW_ANOMALIES else [])]) or None

    def anomalous(self, items: NDArray[np.int64]) -> int:
        """How many of these items are anomalous."""
        return int(np.isin(self.items[self.judged.y == ANOMALOUS], items).sum())

    def cell(self, cell: Cell, threshold: float) -> NDArray[np.int64]:
        """The items in a cell of the matrix at a threshold, the furthest from it first."""
        scores = self.judged.scores.astype(np.float64)
        anomalous = self.judged.y == ANOMALOUS
        wanted = anomalous if cell in (Cell.CAUGHT, Cell.MISSED) else ~anomalous
        flagged = scores > threshold
        side = flagged if cell in (Cell.CAUGHT, Cell.FALSE_ALARM) else ~flagged
        inside = np.flatnonzero(wanted & side)
        return self.items[inside[np.argsort(-abs(scores[inside] - threshold), kind="stable")]]

    def nearest(self, score: float, count: int) -> NDArray[np.int64]:
        """The `count` items whose scores lie nearest to a score, the nearest first."""
        apart = np.abs(self.judged.scores.astype(np.float64) - score)
        return self.items[np.argsort(apart, kind="stable")[:count]]


@dataclass(frozen=True)
class Choice:
    """A threshold, what it is for, and why it is not what was asked for, if so.

    `objective` is what picked it; `None` where nothing did, but a hand or a fallback.
    """

    threshold: float
    sentence: str
    objective: Objective | None = None
    instead: str | None = None


class Tuning:
    """Thresholds for one model version of a project."""

    def __init__(self, desk: Desk, gallery: Gallery) -> None:
        self.desk = desk
        self.gallery = gallery

    @property
    def contamination(self) -> float:
        """The share of anomalies that the project expects, 0 to 1; never quite 0 or 1."""
        return expected_share(self.desk.project)

    @cached_property
    def rule(self) -> Rule:
        """Which images the version flags, unless another threshold is being tried."""
        return rule_of(self.desk.store, self.desk.project, self.gallery)

    @property
    def lapsed(self) -> OperatingPoint | None:
        """The newest saved threshold, where it is of another version and none is of this one."""
        known = self.points()
        return known[0] if known and self.rule.saved is None else None

    @cached_property
    def bases(self) -> list[Basis]:
        """What there is to judge by, the most trustworthy first."""
        known = {basis: len(self.evidence(basis).items) for basis in Basis}
        return [basis for basis in Basis if known[basis]] or [Basis.RANDOM]

    def evidence(self, basis: Basis, gallery: Gallery | None = None) -> Evidence:
        """What is known, seen by this model version or by the one of `gallery`."""
        gallery = gallery or self.gallery
        pool: Scores = gallery.scores
        if basis is Basis.HELD_OUT:
            y = np.asarray(gallery.of_project("truth/test"))
            scores = np.asarray(gallery.of_model("test-scores"))
            return Evidence(
                basis, np.arange(len(y)), Judged(y, scores, pool), gallery.held_out_pictures
            )
        items, y = self._answers(basis)
        known = gallery.knows(items)
        items, y = items[known], y[known]
        scores = np.asarray(gallery.of_model("scores")[items])
        secret = basis is Basis.RANDOM and not self.desk.may_know
        return Evidence(basis, items, Judged(y, scores, pool), gallery.pictures, secret)

    def _answers(self, basis: Basis) -> tuple[NDArray[np.int64], Labels]:
        if basis is Basis.RANDOM:
            return self.random_answers.audited
        labels = self.desk.labels
        known = labels.y != 0
        return labels.items[known], labels.y[known].astype(np.int64)

    @property
    def random_answers(self) -> Quality:
        """What is known from answers to random images."""
        return Quality(self.desk.store, self.desk.project, self.gallery)

    def choose(self, objective: Objective, evidence: Evidence) -> Choice:
        """Choose a threshold; where the evidence cannot serve the objective, by a stated rule.

        Raises InvalidInput for an objective that no evidence could serve.
        """
        try:
            return Choice(objective.choose(evidence.judged), objective.sentence, objective)
        except TooLittleKnown as refusal:
            fallback = ExpectedShare(self.contamination)
            threshold = fallback.choose(evidence.judged)
            return Choice(threshold, fallback.sentence, instead=str(refusal))

    def save(
        self, threshold: float, reason: str, purpose: str, evidence: Evidence
    ) -> OperatingPoint:
        """Keep a threshold under my name. Raises InvalidInput without a reason or the right."""
        desk, me = self.desk, self.desk.annotator
        desk.store.audit_log.require(me, Role.OWNER, ONLY_OWNERS)
        if not reason.strip():
            raise InvalidInput("Say in a few words why this threshold; then save it again.")
        data_hash = evidence.data_hash
        with desk.store.audit_log.doing(
            me,
            Deed.SAVED_THRESHOLD,
            refusal=ONLY_OWNERS,
            project_id=desk.project.id,
            reason=reason.strip(),
        ) as row:
            point = desk.store.models.save_operating_point(
                project_id=desk.project.id,
                model_version=self.gallery.model.version,
                threshold=threshold,
                author=me.name,
                reason=reason.strip(),
                purpose=purpose,
                basis=evidence.basis,
                data_hash=data_hash,
            )
            said = f"{point.threshold:.4g} for model {point.model_version}"
            row.subject = f"threshold no. {point.id}: {said}"
        return point

    def points(self) -> list[OperatingPoint]:
        """The saved thresholds of the project, the newest first."""
        return self.desk.store.models.operating_points(self.desk.project.id)[::-1]

    def seen_by(self, point: OperatingPoint, basis: Basis) -> Evidence:
        """The evidence as the model version of a saved threshold sees it."""
        return self.of(point).evidence(basis)

    def of(self, point: OperatingPoint) -> "Tuning":
        """The thresholds of the model version that one was saved for."""
        models = self.desk.store.models.all(self.desk.project.id)
        model = next(model for model in models if model.version == point.model_version)
        gallery = Gallery(self.desk.settings.data_dir, model.project_id, model)
        return Tuning(self.desk, gallery)

    def flips(self, first: OperatingPoint, second: OperatingPoint, basis: Basis) -> Flips:
        """Where two saved thresholds disagree, each by the scores of its own model version."""
        one, other = self.seen_by(first, basis), self.seen_by(second, basis)
        items, at, there = np.intersect1d(one.items, other.items, return_indices=True)
        flagged = one.judged.scores[at].astype(np.float64) > first.threshold
        too = other.judged.scores[there].astype(np.float64) > second.threshold
        return Flips(items[flagged & ~too], items[too & ~flagged])


def spread(items: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """At most so many of the items, taken evenly from the first to the last."""
    if len(items) <= most:
        return items
    places: NDArray[np.int64] = np.linspace(0, len(items) - 1, most).round().astype(np.int64)
    return np.take(items, places)


def tuning_of(desk: Desk) -> Tuning | None:
    """Thresholds for the model in use, or until that is measured for the newest that was."""
    in_use = desk.gallery
    if in_use is not None and "auroc" in in_use.model.metrics:
        return Tuning(desk, in_use)
    return Tuning(desk, desk.measured) if desk.measured else None
