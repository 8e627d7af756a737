"""CIFAR-10: 60,000 colour photographs of ten things, 32x32.

Source: Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images".
"""

from pathlib import Path

import numpy as np

from anomaly_core.datasets.base import Dataset
from anomaly_core.datasets.image_folder import load_folder
from anomaly_core.errors import DatasetDamaged, DatasetMissing
from anomaly_core.progress import Progress, silent

SIDE = 32
CLASSES: tuple[str, ...] = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)
ARCHIVE = "cifar10.zip"  # of image files, train/CLASS/NNNN.jpg


def archive_in(root: Path) -> Path:
    """Where the archive of image files is, if there is one; the root may be it."""
    return root if root.is_file() else root / ARCHIVE


def load_cifar10(root: Path, download: bool, progress: Progress = silent) -> Dataset:
    """Load CIFAR-10 from torchvision's files in `root`, or from `cifar10.zip` of image files.

    Downloaded by torchvision where neither is there and it is allowed to. Raises `DatasetMissing`
    where it is not to be had, `DatasetDamaged` for files that differ from the published ones.
    """
    if (archive := archive_in(root)).is_file():
        return load_folder(archive, SIDE, name="cifar10", progress=progress)
    there = (root / "cifar-10-batches-py").is_dir()
    if not there and not download:
        raise DatasetMissing(
            f"CIFAR-10 is not in {root}; give the folder that holds cifar-10-batches-py or "
            f"{ARCHIVE}, or allow download."
        )
    from torchvision.datasets import CIFAR10  # two seconds, only when it is needed

    progress(0.0, "Reading CIFAR-10" if there else "Downloading CIFAR-10 (163 MB)")
    try:
        root.mkdir(parents=True, exist_ok=True)
        train, test = (CIFAR10(str(root), train=part, download=not there) for part in (True, False))
    except (OSError, RuntimeError) as error:
        if there:
            raise DatasetDamaged(
                f"CIFAR-10 in {root} is damaged; delete cifar-10-batches-py and load it again."
            ) from error
        raise DatasetMissing(
            "CIFAR-10 could not be downloaded; check the internet connection, or give a folder "
            "that holds cifar-10-batches-py."
        ) from error
    labels = [np.array(part.targets, np.int64) for part in (train, test)]
    return Dataset("cifar10", train.data, labels[0], test.data, labels[1], tuple(train.classes))
