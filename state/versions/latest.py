"""What changed since the last model: what it learned, how good it is now, and what moved."""

from dataclasses import dataclass

from state.store.models import Model
from state.versions.differences import Change, Drift
from state.versions.lineage import Lineage


@dataclass(frozen=True)
class News:
    """The model that serves beside the one it was trained from."""

    before: Model
    after: Model
    changes: list[Change]  # labels that only one of them was trained with, or each otherwise
    drift: Drift

    def learned(self, y: int) -> int:
        """How many new labels of a kind (+1 normal, -1 anomalous) it was trained with."""
        return sum(change.first == 0 and change.second == y for change in self.changes)

    @property
    def revised(self) -> int:
        """How many labels were changed or taken back in between."""
        return sum(change.first != 0 for change in self.changes)

    @property
    def gained(self) -> float | None:
        """By how much the AUROC on held-out images rose; `None` where it is not known."""
        now, then = (model.metrics.get("auroc") for model in (self.after, self.before))
        return None if now is None or then is None else now - then

    @property
    def flipped(self) -> int:
        """How many images of the pool one of them flags and the other passes."""
        return len(self.drift.flips)


def news(lineage: Lineage) -> News | None:
    """Compare the version that serves with its parent; `None` for the first.

    Raises StoreDamaged where the scores of either cannot be read.
    """
    serving = lineage.serving
    if serving is None or serving.parent is None:
        return None
    pair = serving.parent, serving.version
    return News(lineage.version(pair[0]), serving, lineage.changes(*pair), lineage.drift(*pair))
