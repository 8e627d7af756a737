"""The items of a pool that a learner sees, where some were taken back."""

from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anomaly_core.datasets.base import Images
from state.files import artifacts
from state.files.artifacts import Within

Items = NDArray[np.int64]
COPIED = 4096  # images at a time


@dataclass(frozen=True)
class StandingItems:
    """Item numbers (n,), ascending, by the rows of a learner; the pool has `size` items in all."""

    items: Items
    size: int

    @classmethod
    def without(cls, gone: Items, size: int) -> "StandingItems":
        """All items of a pool but some."""
        stands = np.ones(size, bool)
        stands[gone[gone < size]] = False
        return cls(np.flatnonzero(stands), size)

    @property
    def whole(self) -> bool:
        """Whether none is missing."""
        return len(self.items) == self.size

    def rows(self, items: Items) -> Items:
        """The rows of some items, in their order; those that do not stand are left out."""
        if not len(self.items):
            return np.empty(0, np.int64)
        at = np.searchsorted(self.items, items).clip(max=len(self.items) - 1)
        return np.asarray(at[self.items[at] == items])

    def spread(self, values: NDArray[Any]) -> NDArray[Any]:
        """Values (n, ...) of the rows by item number, NaN for what does not stand."""
        if self.whole:
            return values
        every = np.full((self.size, *values.shape[1:]), np.nan, values.dtype)
        every[self.items] = values
        return every

    def images(self, pool: Images, folder: Path, within: Within = nullcontext) -> Images:
        """The images of the rows; where some are missing, from a copy in a project's folder.

        That is put there `within` a context, such as the lease of a trainer.
        """
        if self.whole:
            return pool[: self.size]
        shape = (len(self.items), *pool.shape[1:])

        def write(to: Path) -> None:
            made = artifacts.new_array(to, "standing", shape, np.uint8)
            for start in range(0, len(made), COPIED):
                made[start : start + COPIED] = pool[self.items[start : start + COPIED]]
            made.flush()

        artifacts.add_files(folder, write, within)
        return artifacts.read_array(folder / "standing.npy")
