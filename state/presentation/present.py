"""Everything that is said of a model, at each threshold of a ladder from few alarms to many."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from propcache import cached_property

from anomaly_core.threshold.intervals import Interval, shares
from anomaly_core.threshold.judged import Curve, Worth, count_above, flagged_shares
from anomaly_core.threshold.rules import to_radius
from state.errors import StoreDamaged
from state.files.contact_sheet import seen
from state.files.gallery import Gallery
from state.presentation.opening import Opening, measured
from state.presentation.values import CellShown, Chapter, PoolSketch, Presentation, Step
from state.quality.tuning import Basis, Cell, Evidence, spread

REACH = 10  # steps of the ladder on each side of where it opens
ENDS = (0.0, 0.001, 0.01, 0.05, 0.1, 0.2, 0.5)  # shares flagged that are always within reach
FACTOR = 8.0  # by which the odds of being flagged change over so many steps
TILES = 6  # images of each cell
DRAWN = 3_000  # images of the pool on the map
SECTORS = 12  # of the map, of which held-out images are drawn in the emptiest
SPOKE = 0.2  # radians from one of them to the next
CELLS = (Cell.CAUGHT, Cell.MISSED, Cell.FALSE_ALARM, Cell.PASSED)
STORY = (
    ("The clearest catch", "It is anomalous, and the model is surest of it.", Cell.CAUGHT, 0),
    ("A close catch", "It is anomalous, and only just flagged.", Cell.CAUGHT, -1),
    ("The worst miss", "It is anomalous, yet the model takes it for normal.", Cell.MISSED, 0),
    ("The worst false alarm", "It is normal, yet the model flags it.", Cell.FALSE_ALARM, 0),
    ("As normal as can be", "It is normal, and the model agrees.", Cell.PASSED, 0),
)
LETTERS = "ABCDE"  # of these images on the map


@lru_cache(maxsize=4)
def presentation_of(opening: Opening) -> Presentation:
    """Compute all that is said; the newest few are kept."""
    return Presenter(opening).presentation


@dataclass(frozen=True, eq=False)
class Presenter:
    """Computes a presentation."""

    opening: Opening

    @property
    def presentation(self) -> Presentation:
        """Everything that the page, the file and the PDF say."""
        opening, evidence = self.opening, self.opening.evidence
        project, model = opening.tuning.desk.project, opening.tuning.gallery.model
        ladder = ladder_of(evidence.judged.pool_scores, opening.threshold)
        return Presentation(
            project_id=project.id,
            project=project.name,
            version=model.version,
            created_at=model.created_at,
            sha256=model.sha256,
            owners=opening.owners,
            in_production=opening.in_production,
            labels=model.label_count,
            first=model.parent is None,
            basis=evidence.basis if opening.trusted else None,
            known=len(evidence.items),
            anomalies=evidence.judged.anomalies,
            data_hash=evidence.data_hash,
            purpose=opening.purpose,
            guidelines=project.guidelines,
            expected=opening.tuning.contamination,
            warning=evidence.warning if opening.trusted else None,
            better=opening.better,
            steps=self.steps(ladder),
            opens=ladder.index(opening.threshold),
            sketch=self.sketch(ladder),
            images=evidence.images,
            pool=opening.tuning.gallery.pictures,
        )

    def steps(self, ladder: tuple[float, ...]) -> tuple[Step, ...]:
        """What each threshold does, and images that show it."""
        judged = self.opening.evidence.judged
        missed = judged.anomalies - count_above(judged.anomalous_scores, ladder)
        false_alarms = count_above(judged.normal_scores, ladder)
        columns = zip(
            ladder,
            self.flagged(ladder),
            shares(missed, judged.anomalies),
            shares(false_alarms, judged.normals),
            self.before(false_alarms),
            count_above(self._drawn_scores[::-1], ladder).tolist(),
            strict=True,
        )
        return tuple(self.step(*column) for column in columns)

    def flagged(self, ladder: tuple[float, ...]) -> list[Interval | None]:
        """The share of images to come that is flagged; of the pool where no truth tells."""
        judged, expected = self.opening.evidence.judged, self.opening.tuning.contamination
        if judged.anomalies and judged.normals:
            return list(flagged_shares(judged, np.array(ladder), Worth(expected)))
        return shares(count_above(judged.pool_scores, ladder), len(judged.pool))

    def step(
        self,
        threshold: float,
        flagged: Interval | None,
        missed: Interval | None,
        false_alarms: Interval | None,
        before: Interval | None,
        outside: int,
    ) -> Step:
        """Add the images to the figures of a threshold."""
        evidence = self.opening.evidence
        items = {cell: evidence.cell(cell, threshold) for cell in CELLS}
        none = np.empty(0, np.int64)
        shown = dict.fromkeys(CELLS, none) if evidence.secret else items
        return Step(
            threshold=threshold,
            flagged=flagged,
            missed=missed,
            false_alarms=false_alarms,
            cells=tuple(self.cell(cell, items[cell], shown[cell]) for cell in CELLS),
            story=self.story(shown),
            before=before,
            outside=outside,
        )

    def cell(self, cell: Cell, items: NDArray[np.int64], shown: NDArray[np.int64]) -> CellShown:
        """Count a cell and take images from all over it, of those that may be shown."""
        judged = self.opening.evidence.judged
        anomalous = cell in (Cell.CAUGHT, Cell.MISSED)
        whole = judged.anomalies if anomalous else judged.normals
        return CellShown(cell, len(items), whole, tuple(spread(shown, TILES).tolist()))

    def story(self, items: Mapping[Cell, NDArray[np.int64]]) -> tuple[Chapter, ...]:
        """The images that show best what a threshold does; fewer where a cell is empty."""
        found = [
            (title, meaning, cell, int(items[cell][place]))
            for title, meaning, cell, place in STORY
            if len(items[cell]) > abs(place)  # the only catch is the clearest one
        ]
        return tuple(
            Chapter(*told, LETTERS[at], self.located(told[-1], at)) for at, told in enumerate(found)
        )

    def located(self, item: int, at: int) -> tuple[float, float]:
        """Where an image of the evidence lies on the map: its distance, and its angle.

        A held-out one is not on the map, so that no angle is known: it is drawn on the spoke `at`.
        """
        if self.opening.evidence.of_pool:
            distance, angle = self.opening.tuning.gallery.of_model("map")[item]
            return float(distance), float(angle)
        score = float(self.opening.evidence.judged.scores[item])
        return to_radius(score), self._emptiest + SPOKE * (at - len(STORY) // 2)

    @cached_property
    def _emptiest(self) -> float:
        """The direction, in radians, in which the fewest of what is far out lies."""
        gallery = self.opening.tuning.gallery
        located = np.asarray(gallery.of_model("map"))[gallery.items]
        counts, edges = np.histogram(
            located[located[:, 0] > gallery.R, 1], SECTORS, (-np.pi, np.pi)
        )
        return float(edges[counts.argmin()] + np.pi / SECTORS)

    def before(self, false_alarms: NDArray[np.int64]) -> list[Interval | None]:
        """The least that the first model missed with at most so many false alarms, (steps,)."""
        first = self._first
        if first is None or not first.judged.normals:
            return [None] * len(false_alarms)
        judged = first.judged
        cuts = np.append(judged.normal_scores[::-1], -np.inf)[false_alarms]
        missed = judged.anomalies - count_above(judged.anomalous_scores, cuts)
        return shares(missed, judged.anomalies)

    @cached_property
    def _first(self) -> Evidence | None:
        """The same evidence as the first model sees it; `None` where there is none to compare."""
        tuning, evidence = self.opening.tuning, self.opening.evidence
        models = tuning.desk.store.models.all(tuning.desk.project.id)
        if tuning.gallery.model.parent is None or not self.opening.trusted:
            return None
        if evidence.basis is Basis.HELD_OUT and not measured(models[0]):
            return None
        gallery = Gallery(tuning.desk.settings.data_dir, tuning.desk.project.id, models[0])
        try:
            return tuning.evidence(evidence.basis, gallery)
        except StoreDamaged:
            return None  # the model that is presented is whole

    @cached_property
    def _drawn(self) -> NDArray[np.int64]:
        """What is on the map of the scores that the model knows, the most anomalous first."""
        order = np.argsort(-self.opening.evidence.judged.pool, kind="stable")
        return spread(order, DRAWN)

    @property
    def _drawn_scores(self) -> Curve:
        return self.opening.evidence.judged.pool[self._drawn].astype(np.float64)

    def sketch(self, ladder: tuple[float, ...]) -> PoolSketch:
        """The map, with room for the farthest item and the line of every threshold."""
        gallery = self.opening.tuning.gallery
        items = gallery.items[self._drawn]
        located = np.asarray(gallery.of_model("map"))[items]
        scores = (*ladder, *self.opening.evidence.judged.scores.tolist())
        reach = max(gallery.R, to_radius(max(scores)), float(located[:, 0].max(initial=0)))
        of = len(self.opening.evidence.judged.pool)
        return PoolSketch(items, seen(len(items)), located.astype(np.float64), of, gallery.R, reach)


def ladder_of(pool: Curve, threshold: float) -> tuple[float, ...]:
    """Thresholds from few alarms to many round a given one, which is among them.

    `pool` (n,) are its scores, ascending. From step to step the odds of being flagged change by
    the same factor; where that ends short of some of `ENDS`, these go on. Thresholds that flag the
    same images are one.
    """
    flagged = np.count_nonzero(pool > threshold) / len(pool)
    edge = 0.5 / len(pool)
    start = np.clip(flagged, edge, 1 - edge)
    odds = start / (1 - start) * FACTOR ** (np.arange(-REACH, REACH + 1) / REACH)
    counts = np.round(len(pool) * odds / (1 + odds)).astype(int)
    ends = np.round(len(pool) * np.array(ENDS)).astype(int)
    beyond = ends[(ends < counts.min()) | (ends > counts.max())]
    cuts = [
        *(exceeded_by(pool, count) for count in (*counts.tolist(), *beyond.tolist())),
        threshold,
    ]
    by_count = {int(np.count_nonzero(pool > cut)): cut for cut in cuts}  # the given one wins
    return tuple(by_count[count] for count in sorted(by_count))


def exceeded_by(ascending: Curve, count: int) -> float:
    """The threshold that `count` of the scores exceed, or fewer where some are equal.

    It lies halfway between two neighbours.
    """
    if count <= 0:
        return float(ascending[-1])
    if count >= len(ascending):
        return float(np.nextafter(ascending[0], -np.inf))
    low, high = ascending[-count - 1], ascending[-count]
    return float((low + high) / 2)
