"""Rows of one shape that are found by a key; here those that are kept in memory."""

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Features = NDArray[np.float32]  # (n, *shape)


class FeatureRows(Protocol):
    """Features by the key of their image."""

    def missing(self, keys: Iterable[bytes]) -> list[bytes]:
        """Return the keys that have no row yet."""

    def add(self, keys: Sequence[bytes], features: Features) -> None:
        """Keep `features` (n, *shape), one row a key; known keys keep what they have."""

    def take(self, keys: Sequence[bytes]) -> Features | None:
        """Return the rows of `keys` in their order, `None` if one is missing."""


class MemoryRows:
    """Rows that are gone with the process."""

    def __init__(self) -> None:
        self.rows: dict[bytes, Features] = {}
        self.shape: tuple[int, ...] | None = None

    def missing(self, keys: Iterable[bytes]) -> list[bytes]:
        """Return the keys that have no row yet."""
        return [key for key in keys if key not in self.rows]

    def add(self, keys: Sequence[bytes], features: Features) -> None:
        """Keep `features` (n, *shape), one row a key; raises ValueError for another shape."""
        check_shape(features, self.shape)
        self.shape = features.shape[1:]
        for key, row in zip(keys, features, strict=True):
            self.rows.setdefault(key, row)

    def take(self, keys: Sequence[bytes]) -> Features | None:
        """Return the rows of `keys` in their order, `None` if one is missing."""
        if self.shape is None or self.missing(keys):
            return None
        taken = np.empty((len(keys), *self.shape), np.float32)
        for row, key in zip(taken, keys, strict=True):
            row[...] = self.rows[key]
        taken.flags.writeable = False
        return taken


def check_shape(features: Features, shape: tuple[int, ...] | None) -> None:
    """Raise ValueError unless features (n, *shape) are of the shape of earlier ones."""
    if shape is not None and features.shape[1:] != shape:
        raise ValueError(
            f"Features of one fingerprint are {shape} and {features.shape[1:]}; "
            "put into the fingerprint what makes the difference."
        )
