"""A picture of learning curves: the mean over classes, and the interval over seeds as a band."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

from benchmarks.learning.curves import Curve, mean_at

mpl.use("Agg")
import matplotlib.pyplot as plt

ACCENT, GREY = "#2f74d0", "#8a8f98"
STYLES = ("-", "--", "-.", ":")


def plot(curves: Sequence[Curve], path: Path, title: str) -> None:
    """Draw the arms with labels as lines and those without as levels."""
    figure, axes = plt.subplots(figsize=(8, 4.6), dpi=150)
    arms = list(dict.fromkeys(curve.arm for curve in curves))
    last = max(max(curve.auroc) for curve in curves)
    for number, arm in enumerate(arms):
        mine = [curve for curve in curves if curve.arm == arm]
        labels = sorted(mine[0].auroc)
        means = [mean_at(mine, count) for count in labels]
        values, halves = (np.array([getattr(m, name) for m in means]) for name in ("mean", "half"))
        ours = arm == "ringfence auto"
        look: dict[str, Any] = {
            "color": ACCENT if ours else GREY,
            "linewidth": 2.5 if ours else 1.3,
            "linestyle": STYLES[number % len(STYLES)],
            "label": f"{arm} ({values[-1]:.3f})",
        }
        if labels == [0]:
            axes.plot([0, last], [values[0], values[0]], **look)
        elif len(labels) == 1:
            axes.plot(labels, values, marker="os^D"[number % 4], **look)
        else:
            axes.plot(labels, values, **look)
            axes.fill_between(
                labels, values - halves, values + halves, color=look["color"], alpha=0.15
            )
    axes.set(xlabel="labels bought", ylabel="AUROC on test images", title=title, ylim=(None, 1.0))
    axes.legend(loc="lower right", fontsize=7, frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.2)
    figure.tight_layout()
    figure.savefig(path)
    plt.close(figure)
