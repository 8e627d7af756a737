"""What a presentation holds; shares are from 0 to 1, and `None` is undefined."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anomaly_core.evaluation import ratio
from anomaly_core.projection import RadialScale
from anomaly_core.threshold.intervals import Interval
from anomaly_core.threshold.rules import to_radius
from state.files.pictures import Pictures
from state.quality.tuning import Cell


@dataclass(frozen=True)
class CellShown:
    """A cell of the matrix: how many of all normal or anomalous images, and some of them.

    `items` are rows of the evidence's images, spread evenly from the clearest to the closest call.
    """

    cell: Cell
    count: int
    whole: int
    items: tuple[int, ...]

    @property
    def share(self) -> float | None:
        """How many of `whole`, 0 to 1; `None` of nothing."""
        return ratio(self.count, self.whole)


@dataclass(frozen=True)
class Chapter:
    """One of the images that tell the story.

    `letter` marks it on the map, where it is drawn at a distance and an angle (radians).
    """

    title: str
    meaning: str
    cell: Cell
    item: int
    letter: str
    located: tuple[float, float]


@dataclass(frozen=True)
class Step:
    """What one threshold does.

    `flagged` is a share of the images to come (of the pool without evidence), `missed` of the
    anomalous and `false_alarms` of the normal images; `before` is what the first model missed with
    no more false alarms. `outside` counts the points drawn on the map beyond the threshold.
    """

    threshold: float
    flagged: Interval | None
    missed: Interval | None
    false_alarms: Interval | None
    cells: tuple[CellShown, ...]
    story: tuple[Chapter, ...]
    before: Interval | None
    outside: int

    @property
    def radius(self) -> float:
        """The distance from the center beyond which images are flagged."""
        return to_radius(self.threshold)


@dataclass(frozen=True)
class PoolSketch:
    """Some of the pool of `of` images around the center, the most anomalous first.

    `items` (n,) are their numbers, `pictured` the places among them whose images can be seen,
    `located` (n, 2) are their distances and angles, in the order of `Step.outside`; `R` is the
    radius of the model, and `reach` how far out anything lies.
    """

    items: NDArray[np.int64]
    pictured: NDArray[np.int64]
    located: NDArray[np.float64]
    of: int
    R: float
    reach: float

    @property
    def scale(self) -> RadialScale:
        """How it is drawn."""
        return RadialScale(self.R, self.reach)


@dataclass(frozen=True)
class Better:
    """An earlier model that did better on the same images: the AUROC of it and of the one shown."""

    version: int
    before: Interval
    now: Interval


@dataclass(frozen=True, eq=False)
class Presentation:
    """Everything that the page, the file and the PDF say.

    `steps` go from few alarms to many, and `opens` is the one to begin with. `labels` is how many
    human answers the model has learned from, `known` and `anomalies` how many images its figures
    rest on; `expected` is the share of anomalies, 0 to 1, of the images to come. `sha256` is
    that of the model's weights, `owners` who answers for the project. `images` (rows, height,
    width) are those that items are rows of, `pool` those on the map by item number.
    """

    project_id: int
    project: str
    version: int
    created_at: float  # of the model, in epoch seconds
    sha256: str
    owners: tuple[str, ...]
    in_production: bool
    labels: int
    first: bool  # whether no other model came before
    basis: str | None
    known: int
    anomalies: int
    data_hash: str
    purpose: str
    guidelines: str
    expected: float
    warning: str | None
    better: Better | None
    steps: tuple[Step, ...]
    opens: int
    sketch: PoolSketch
    images: Pictures
    pool: Pictures

    def at(self, caution: int) -> Step:
        """The step so many more cautious than the first one shown; the last one beyond the end."""
        return self.steps[min(max(self.opens - caution, 0), len(self.steps) - 1)]

    @property
    def judged(self) -> bool:
        """Whether both normal and anomalous images are known."""
        return 0 < self.anomalies < self.known

    @property
    def name(self) -> str:
        """What its files are called."""
        return f"ringfence-{self.project_id}-model-{self.version}"
