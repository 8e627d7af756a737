"""Datasets by name."""

from pathlib import Path

from anomaly_core.datasets.base import Dataset
from anomaly_core.datasets.cifar import CLASSES, archive_in, load_cifar10
from anomaly_core.datasets.idx import load_idx
from anomaly_core.datasets.image_folder import SIZE, blank_folder, load_folder
from anomaly_core.datasets.mnist import load_mnist, load_mnist_5k
from anomaly_core.datasets.scenario import Scenario
from anomaly_core.errors import DatasetMissing, InvalidInput, InvalidScenario
from anomaly_core.progress import Progress, silent

DATASETS = {
    "mnist-5k": "5,000 real digits, bundled",
    "mnist": "70,000 real digits, downloaded once or from a local folder",
    "idx": "any dataset in the four IDX files of MNIST, from a local folder",
    "cifar10": "60,000 colour photographs, from a local folder",
    "folder": "image files of your own, a folder for each class",
}
NAMED = ("cifar10", "folder")  # whose classes have names, so that none is normal by itself

__all__ = [
    "DATASETS",
    "Dataset",
    "check_said",
    "check_used",
    "dataset_of",
    "load_dataset",
    "outline_of",
]


def load_dataset(
    name: str,
    root: Path | None = None,
    download: bool = True,
    progress: Progress = silent,
    *,
    size: int = SIZE,
    files: str = "*",
) -> Dataset:
    """Load the dataset called `name`; `root` is its folder, which `mnist-5k` does not need.

    The images of a `folder` are scaled to `size` x `size` pixels; `files` is a pattern for their
    names. Raises `InvalidInput` for an unknown name, `DatasetError` when the files cannot be used.
    """
    if name not in DATASETS:
        raise InvalidInput(f"There is no dataset {name!r}; choose one of {', '.join(DATASETS)}.")
    if name == "mnist-5k":
        return load_mnist_5k()
    if root is None:
        raise without_root(name)
    try:
        if name == "folder":
            return load_folder(root, size, files, progress=progress)
        if name == "cifar10":
            return load_cifar10(root, download, progress)
        return load_idx(root) if name == "idx" else load_mnist(root, download, progress)
    except OSError as error:
        raise DatasetMissing(
            f"The folder of dataset {name!r} cannot be read ({error.strerror}); give another."
        ) from error


def without_root(name: str) -> DatasetMissing:
    """Say that a dataset cannot be found without its folder."""
    if name == "folder":
        return DatasetMissing(
            "Your image files cannot be found yet; give the path of their folder or zip archive."
        )
    return DatasetMissing(
        f"The files of {name} cannot be found yet; give the path of their folder."
    )


def check_said(scenario: Scenario, root: Path | None = None, where: str = "with --normal") -> None:
    """Refuse to guess which classes are normal, where nobody said: `InvalidScenario`.

    Only classes that have names need it, of digits a recipe or a command names its own. `where`
    tells where it can be said. Raises `DatasetError` where the names are unknown for want of files.
    """
    if scenario.dataset not in NAMED:
        return
    here, names = "cifar10", CLASSES
    if scenario.dataset == "folder":
        here, names = "this folder", outline_of(scenario, root).names
    raise InvalidScenario(f"Say which class is normal {where}; {here} has {', '.join(names)}.")


def check_used(scenario: Scenario, root: Path | None) -> None:
    """Refuse what a dataset would ignore: `InvalidInput`."""
    name = scenario.dataset
    if name == "mnist-5k" and root is not None:
        raise InvalidInput(
            "mnist-5k is part of Ringfence and reads no folder; leave the folder out, or choose "
            "folder for images of your own."
        )
    if name in DATASETS and name != "folder" and (scenario.size, scenario.files) != (SIZE, "*"):
        raise InvalidInput(
            f"Only the images of a folder have a size and names of files to choose; leave both "
            f"out with {name}."
        )


def outline_of(scenario: Scenario, root: Path | None = None) -> Dataset:
    """Load what a scenario is about, with black images in the place of those in files of their own.

    For a look at what the scenario would give, at once. Raises as `load_dataset` does.
    """
    if scenario.dataset == "folder" and root is not None:
        return blank_folder(root, scenario.size, scenario.files)
    if scenario.dataset == "cifar10" and root is not None and archive_in(root).is_file():
        return blank_folder(archive_in(root), name="cifar10")
    return dataset_of(scenario, root, download=False)


def dataset_of(
    scenario: Scenario,
    root: Path | None = None,
    download: bool = True,
    progress: Progress = silent,
) -> Dataset:
    """Load what a scenario is about; raises as `load_dataset` does."""
    name, size, files = scenario.dataset, scenario.size, scenario.files
    return load_dataset(name, root, download, progress, size=size, files=files)
