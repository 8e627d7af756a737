"""Which images a model version flags: the one rule that all pages and what is taken away go by.

The radius R is the line that the model itself has drawn; what an image counts as is for people to
say, by a threshold that they save on Tune.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from anomaly_core.threshold.rules import contamination_quantile, to_radius
from state.files.artifacts import read_array
from state.files.gallery import Gallery
from state.store.models import OperatingPoint
from state.store.projects import Project
from state.store.store import Store


@dataclass(frozen=True)
class Rule:
    """What scores more than the threshold is flagged.

    `saved` is the threshold that somebody has saved for the version; where nobody has, it flags the
    `share` of the pool that the project expects to be anomalous.
    """

    threshold: float
    saved: OperatingPoint | None
    share: float

    @property
    def distance(self) -> float:
        """The same as a distance to the center."""
        return to_radius(self.threshold)

    def flags(self, score: float) -> bool:
        """Whether an image with this score is flagged."""
        return score > self.threshold

    @property
    def origin(self) -> str:
        """Where the threshold comes from, as a sentence."""
        if self.saved is None:
            return (
                f"No threshold is saved for this model, so {100 * self.share:.3g} % of the pool "
                "are flagged, as many as the project expects to be anomalous."
            )
        reason = " ".join(self.saved.reason.split())
        ending = "" if reason.endswith((".", "!", "?")) else "."
        return f"The threshold was saved by {self.saved.author}: {reason}{ending}"


def rule_of(store: Store, project: Project, gallery: Gallery) -> Rule:
    """The rule of a version. Raises StoreDamaged where its scores cannot be read."""
    saved = store.models.operating_point(project.id, gallery.model.version)
    share = expected_share(project)
    if saved is not None:
        return Rule(saved.threshold, saved, share)
    gallery.of_model("scores")  # which are whole
    path = gallery.version / "scores.npy"
    return Rule(_threshold(path, path.stat().st_mtime_ns, share), None, share)


def expected_share(project: Project) -> float:
    """The share of anomalies that a project expects, 0 to 1; never quite 0 or 1."""
    return float(np.clip(project.scenario["contamination"], 0.001, 0.999))


@lru_cache(maxsize=256)
def _threshold(path: Path, written: int, share: float) -> float:
    scores = np.asarray(read_array(path))
    return contamination_quantile(scores[~np.isnan(scores)], share)
