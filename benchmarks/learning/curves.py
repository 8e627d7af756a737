"""What a learning curve says: quality by labels, how fast it rises, how steady, at what price."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student


@dataclass(frozen=True)
class Curve:
    """One arm on one pool: test AUROC and anomalies found by labels bought, and the seconds."""

    arm: str
    normal: tuple[int, ...]
    seed: int
    auroc: dict[int, float]
    found: dict[int, int]
    fit_seconds: float
    round_seconds: float | None  # median of an update with its query; None without labels

    def at(self, labels: float) -> float:
        """AUROC after a number of labels, linear between rounds and level after the last."""
        known = sorted(self.auroc)
        return float(np.interp(labels, known, [self.auroc[count] for count in known]))

    @property
    def area(self) -> float:
        """Mean AUROC from the first to the last label: the area under the learning curve."""
        known = sorted(self.auroc)
        if len(known) == 1:
            return self.auroc[known[0]]
        values = [self.auroc[count] for count in known]
        return float(np.trapezoid(values, known) / (known[-1] - known[0]))

    def ramp_up(self, labels: int) -> float | None:
        """Share of the whole gain that the first labels brought; `None` without any gain."""
        known = sorted(self.auroc)
        gain = self.auroc[known[-1]] - self.auroc[known[0]]
        return (self.at(labels) - self.auroc[known[0]]) / gain if gain > 0 else None

    @property
    def largest_drop(self) -> float:
        """The most that one round lost: how unsteady learning is."""
        values = [self.auroc[count] for count in sorted(self.auroc)]
        return float(max([0.0, *-np.diff(values)]))

    @property
    def found_per_label(self) -> float | None:
        """Anomalies found per answer bought."""
        last = max(self.found, default=0)
        return self.found[last] / last if last else None


@dataclass(frozen=True)
class Estimate:
    """A mean over classes, and half the width of its 95 % interval over seeds (0 with one)."""

    mean: float
    half: float

    def __str__(self) -> str:
        """Four digits of each."""
        return f"{self.mean:.4f}" + (f"±{self.half:.4f}" if self.half else "")


def mean_at(curves: Sequence[Curve], labels: float) -> Estimate:
    """Average the AUROC after a number of labels: over classes, then over seeds."""
    seeds = sorted({curve.seed for curve in curves})
    means = [np.mean([c.at(labels) for c in curves if c.seed == seed]) for seed in seeds]
    spread = np.std(means, ddof=1) / np.sqrt(len(means)) if len(means) > 1 else 0.0
    half = float(student.ppf(0.975, len(means) - 1) * spread) if len(means) > 1 else 0.0
    return Estimate(float(np.mean(means)), half)


def labels_needed(curves: Sequence[Curve], auroc: float) -> float | None:
    """Fewest labels at which the mean curve reaches an AUROC; `None` if it never does."""
    last = max(max(curve.auroc) for curve in curves)
    for labels in range(last + 1):
        if mean_at(curves, labels).mean >= auroc:
            return labels
    return None
