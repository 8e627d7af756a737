"""What the newest model changed, in one sentence for the desk."""

from functools import lru_cache
from pathlib import Path

import numpy as np

from state.errors import StoreDamaged
from state.files import artifacts
from state.files.gallery import Gallery
from state.labeling.desk import Desk
from state.store.models import Model


def what_moved(desk: Desk) -> str:
    """How the model in use differs from the one it was made from; empty where there is none.

    Its AUROC is told once held-out images have been scored, and only where their truth is known.
    """
    after, gallery = desk.model, desk.gallery
    if after is None or gallery is None or after.parent is None:
        return ""
    before = desk.store.models.version(desk.project.id, after.parent)
    if before is None:
        return ""
    former = Gallery(desk.settings.data_dir, desk.project.id, before)
    try:
        crossed = crossings(former.version, former.R, gallery.version, gallery.R)
    except StoreDamaged:  # the model in use is whole
        return ""
    images = "1 image" if crossed == 1 else f"{crossed:,} images"
    parts = [f"R {former.R:.3g} → {gallery.R:.3g}", f"{images} crossed the line"]
    return f"Model {after.version}: {', '.join([*parts, *quality(before, after)])}."


def quality(before: Model, after: Model) -> list[str]:
    """How AUROC on held-out images changed, as a part of the sentence, where both are known."""
    known = [model.metrics.get("auroc") for model in (before, after)]
    if any(one is None for one in known):
        return []
    then, now = (f"{one:.3f}".removeprefix("0") for one in known)
    return [f"AUROC {then} → {now}"]


@lru_cache(maxsize=64)
def crossings(before: Path, before_r: float, after: Path, after_r: float) -> int:
    """How many items lie outside one of two versions, by folder and radius, but not the other.

    What only one of them knows is not counted. Raises StoreDamaged.
    """
    old, new = (artifacts.read_array(folder / "map.npy")[:, 0] for folder in (before, after))
    both = min(len(old), len(new))
    old, new = old[:both], new[:both]
    crossed = (old > before_r) != (new > after_r)
    return int(np.count_nonzero(crossed & ~np.isnan(old) & ~np.isnan(new)))
