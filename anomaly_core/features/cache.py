"""Features of images that were seen before are read instead of computed.

A row belongs to the content of an image, not to its place in a pool: a pool that has grown costs
only what is new, a shuffled one nothing.
"""

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from anomaly_core.datasets.base import Images
from anomaly_core.detectors.tensors import to_tensor
from anomaly_core.features.files import CHECKED, FileRows
from anomaly_core.features.rows import FeatureRows, Features, MemoryRows
from anomaly_core.progress import Callback, StepReport

STAGE = "features"


class FeatureCache:
    """Features by content of the image, in files below `folder` or, without one, in memory.

    Several processes may share a folder, and any of them may be killed at any moment.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.memory: dict[str, MemoryRows] = {}
        self.checked: set[str] = set()  # files whose checksums were compared: once is enough

    def features(
        self,
        images: Images,
        compute: Callable[[Tensor], Tensor],
        fingerprint: str,
        block: int = 256,
        callbacks: Sequence[Callback] = (),
    ) -> Features:
        """Return the features (n, *shape) float32 of images (n, height, width[, 3]) in order.

        `compute` maps float images in 0..1 (m, height, width[, 3]) to (m, *shape), on any device;
        it is given at most `block` of those that are not known yet, equal ones once. Everything
        that its result depends on has to be in `fingerprint`.
        The result must not be written to; with a folder it is mapped from a file. `callbacks` are
        told of each block, without a loss; one that raises `Cancelled` loses at most that block.
        """
        keys = keys_of(images)
        with self._rows(fingerprint, images.shape[1:]) as rows:
            while (taken := rows.take(keys)) is None:  # again if another process found damage
                fill(rows, keys, images, compute, block, callbacks)
        return taken

    @contextmanager
    def _rows(self, fingerprint: str, shape: tuple[int, ...]) -> Iterator[FeatureRows]:
        """The rows of one network for images of one shape."""
        name = hashlib.sha256(f"{fingerprint} {shape}".encode()).hexdigest()[:32]
        if self.folder is None:
            yield self.memory.setdefault(name, MemoryRows())
        else:
            to_check = 0 if name in self.checked else CHECKED
            with closing(FileRows(self.folder, name, to_check)) as rows:
                yield rows
            self.checked.add(name)


def keys_of(images: Images) -> list[bytes]:
    """Return what each image is known by: 16 bytes that only equal images share."""
    return [
        hashlib.blake2b(np.ascontiguousarray(image).data, digest_size=16).digest()
        for image in images
    ]


def fill(
    rows: FeatureRows,
    keys: Sequence[bytes],
    images: Images,
    compute: Callable[[Tensor], Tensor],
    block: int,
    callbacks: Sequence[Callback],
) -> None:
    """Compute what is missing, block by block, each kept as soon as it is there."""
    first = {key: number for number, key in reversed(list(enumerate(keys)))}
    missing = sorted(first[key] for key in rows.missing(first))
    # without any images one block tells what shape their features would have
    steps = math.ceil(len(missing) / block) if keys else 1
    for step in range(steps):
        chosen = missing[step * block : (step + 1) * block]
        rows.add([keys[number] for number in chosen], computed(compute, images[chosen]))
        for callback in callbacks:
            callback(StepReport(STAGE, step + 1, steps, math.nan))


def computed(compute: Callable[[Tensor], Tensor], images: Images) -> Features:
    """Return the features of a block, as they are kept."""
    with torch.inference_mode():
        made: Features = compute(to_tensor(images)).float().cpu().numpy()
    if len(made) != len(images):
        raise ValueError(f"{len(images)} images gave {len(made)} rows of features.")
    return made
