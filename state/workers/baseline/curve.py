"""The random baseline: what a project would have reached with random queries, label for label.

A page reads it; the trainer computes it when it has nothing else to do: see `rounds`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anomaly_core.query.strategies.random import RandomSampling
from state.files import artifacts
from state.files.artifacts import Array
from state.store.models import Model
from state.store.projects import Project
from state.workers.own.images import OwnImages

FOLDER, CURVE, FAILED = "random", "curve", "failed"


@dataclass(frozen=True)
class Baseline:
    """The random curve so far: one point for each model that led to the one that serves.

    `auroc` is NaN where it is undefined; `complete` tells whether it reaches the serving model,
    `failed` whether nobody tries to get there before another model serves.
    """

    labels: NDArray[np.int64]  # (points,)
    auroc: NDArray[np.float64]  # (points,) of the held-out images
    complete: bool
    failed: bool = False

    @property
    def pending(self) -> bool:
        """Whether more of it is to come."""
        return not (self.complete or self.failed)

    @property
    def last(self) -> float | None:
        """What random queries would have given by now; `None` while it is not known."""
        known = self.complete and np.isfinite(self.auroc[-1])
        return float(self.auroc[-1]) if known else None


def folder_of(data_dir: Path, project_id: int) -> Path:
    """Return the folder of a project's random baseline, which need not exist yet."""
    return artifacts.project_folder(data_dir, project_id) / FOLDER


def asks_at_random(project: Project) -> bool:
    """Whether the project's own queries are random, so that there is nothing to compare."""
    return project.strategy == RandomSampling.name


def schedule(project: Project, line: Sequence[Model]) -> list[int]:
    """How many labels each model of a line knew: what random queries have to buy, round by round.

    Labels that were taken back stay counted. Empty where there is nothing to compare: before the
    first round, where no truth tells the quality, and where the project itself asks at random.
    """
    own = OwnImages.of(project.detector)
    untold = own is not None and not own.whole
    unknown = not line or line[0].metrics.get("auroc") is None
    if untold or unknown or asks_at_random(project) or len(line) < 2:
        return []
    return list(accumulate((model.label_count for model in line), max))


def follows(curve: Array, wanted: Sequence[int]) -> bool:
    """Whether a curve (points, 3) was computed for this schedule, or for one it agrees with."""
    known: list[int] = curve[:, 0].astype(int).tolist()[: len(wanted)]
    return known == list(wanted[: len(known)])


def baseline(data_dir: Path, project: Project, line: Sequence[Model]) -> Baseline | None:
    """Read the baseline of a line of models; `None` where there is nothing to compare.

    Raises StoreDamaged where its file cannot be read.
    """
    wanted = schedule(project, line)
    if not wanted:
        return None
    folder = folder_of(data_dir, project.id)
    path = folder / f"{CURVE}.npy"
    curve = artifacts.read_array(path) if path.exists() else np.empty((0, 3))
    if not follows(curve, wanted):  # of another line, before a roll back
        curve = curve[:0]
    points = np.asarray(curve[: len(wanted)])
    complete = len(points) == len(wanted)
    failed = not complete and has_failed(folder, wanted)
    return Baseline(points[:, 0].astype(np.int64), points[:, 1], complete, failed)


def has_failed(folder: Path, wanted: Sequence[int]) -> bool:
    """Whether a trainer has tried this schedule and could not do it. Raises StoreDamaged."""
    path = folder / f"{FAILED}.npy"
    return path.exists() and artifacts.read_array(path).tolist() == list(wanted)
