"""Where each image of a scenario comes from and what was done to it. Part of the truth."""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

CLEAN = "clean"


class AnomalySource(StrEnum):
    """Where the anomalies of a scenario come from."""

    OTHER_CLASSES = "other-classes"
    NOISE = "noise"
    ROTATION = "rotation"
    NOISE_AND_ROTATION = "noise-and-rotation"
    LETTERS = "letters"

    @property
    def noisy(self) -> bool:
        """Whether Gaussian noise is added to a normal image."""
        return self in (AnomalySource.NOISE, AnomalySource.NOISE_AND_ROTATION)

    @property
    def rotated(self) -> bool:
        """Whether a normal image is rotated."""
        return self in (AnomalySource.ROTATION, AnomalySource.NOISE_AND_ROTATION)

    @property
    def distorts(self) -> bool:
        """Whether the anomalies are made from normal images, which then are not used clean."""
        return self.noisy or self.rotated


RECORD = np.dtype(
    [
        ("kinds", "U18"),
        ("noise", np.float32),
        ("rotation", np.float32),
        ("origins", np.int64),
        ("fonts", "U32"),
        ("sizes", np.int64),
    ]
)


@dataclass(frozen=True)
class Provenance:
    """For each of n images, aligned with them: kind and parameters."""

    kinds: NDArray[np.str_]  # (n,) "clean" or the value of an AnomalySource
    noise: NDArray[np.float32]  # (n,) standard deviation in pixels 0..1, 0 where none
    rotation: NDArray[np.float32]  # (n,) degrees counterclockwise, 0 where none
    origins: NDArray[np.int64]  # (n,) row in the source, training before test; letters -1
    fonts: NDArray[np.str_]  # (n,) of letters, "" for all else
    sizes: NDArray[np.int64]  # (n,) longer side of letters in pixels, 0 for all else

    def __len__(self) -> int:
        return len(self.kinds)

    @classmethod
    def clean(cls, origins: NDArray[np.int64]) -> Self:
        """Return that of normal images that nothing was done to, given their rows."""
        records = np.zeros(len(origins), RECORD)
        records["kinds"], records["origins"] = CLEAN, origins
        return cls.from_records(records)

    @classmethod
    def from_records(cls, records: NDArray[Any]) -> Self:
        """Rebuild what `to_records` gave."""
        return cls(*(np.array(records[name]) for name in RECORD.names or ()))

    def to_records(self) -> NDArray[Any]:
        """Return one record per image (n,), an array that can be saved without pickle."""
        records = np.zeros(len(self), RECORD)
        for field in fields(self):
            records[field.name] = getattr(self, field.name)
        return records

    def take(self, rows: NDArray[np.intp]) -> Self:
        """Return that of the given rows."""
        return self.from_records(self.to_records()[rows])

    @property
    def types(self) -> NDArray[np.str_]:
        """Names for tables (n,), such as `clean`, `other classes` or `noise 0.5 + rotation`."""
        return np.array(
            [
                type_name(str(kind), float(sigma))
                for kind, sigma in zip(self.kinds, self.noise, strict=True)
            ],
            dtype=np.str_,
        )


def type_name(kind: str, sigma: float) -> str:
    """Return what tables call a kind with noise of strength `sigma`."""
    if kind == CLEAN or not AnomalySource(kind).distorts:
        return kind.replace("-", " ")
    source = AnomalySource(kind)
    names = (f"noise {sigma:.6g}" if source.noisy else "", "rotation" if source.rotated else "")
    return " + ".join(filter(None, names))
