"""Datasets by name."""

from pathlib import Path

from anomaly_core.datasets.base import Dataset
from anomaly_core.datasets.idx import load_idx
from anomaly_core.datasets.mnist import load_mnist, load_mnist_5k
from anomaly_core.errors import DatasetMissing, InvalidInput
from anomaly_core.progress import Progress, silent

DATASETS = {
    "mnist-5k": "5,000 real digits, bundled",
    "mnist": "70,000 real digits, downloaded once or from a local folder",
    "idx": "any dataset in the four IDX files of MNIST, from a local folder",
}

__all__ = ["DATASETS", "Dataset", "load_dataset"]


def load_dataset(
    name: str, root: Path | None = None, download: bool = True, progress: Progress = silent
) -> Dataset:
    """Load the dataset called `name`; `root` is its folder, which `mnist-5k` does not need.

    Raises `InvalidInput` for an unknown name, `DatasetError` when the files cannot be used.
    """
    if name not in DATASETS:
        raise InvalidInput(f"There is no dataset {name!r}; choose one of {', '.join(DATASETS)}.")
    if name == "mnist-5k":
        return load_mnist_5k()
    if root is None:
        raise DatasetMissing(f"Dataset {name!r} needs the folder of its files; give it as root.")
    try:
        return load_idx(root) if name == "idx" else load_mnist(root, download, progress)
    except OSError as error:
        raise DatasetMissing(
            f"The folder of dataset {name!r} cannot be read ({error.strerror}); give another."
        ) from error
