"""What a trainer publishes: which files, and whether two models are the same."""

import hashlib
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from workshop import Workshop

OF_PROJECT = {
    "project.json",
    "pool.npy",
    "audit.npy",
    "reconstructions.npy",
    "test.npy",
    "validation.npy",
}
OF_TRUTH = {
    f"truth/{name}{kind}.npy"
    for name in ("pool", "test", "validation")
    for kind in ("", "-classes", "-provenance")
}
OF_MODEL = {
    "model.safetensors",
    "model.json",
    "scores.npy",
    "map.npy",
    "proposals.npy",
    "embeddings.npy",
    "utilities.npy",
    "test-scores.npy",
    "validation-scores.npy",
}
OF_TEACHING = {"taught/model.safetensors", "taught/model.json"}  # with reconstructions, of a joint
MEASURED = {"test-scores.npy", "validation-scores.npy"}  # after the row that points at the rest


def files(folder: Path) -> set[str]:
    """The files of a folder by their paths; folders of versions are called by their numbers."""
    there = (str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    return {re.sub(r"(models/\d+)-[0-9a-f]{8}/", r"\1/", name) for name in there}


def documented(*versions: int) -> set[str]:
    of_models = {f"models/{version}/{name}" for version in versions for name in OF_MODEL}
    return OF_PROJECT | OF_TRUTH | of_models


def before_measuring(version: int, *earlier: int) -> set[str]:
    """What is there of a version whose trainer was killed before it measured it."""
    return documented(*earlier, version) - {f"models/{version}/{name}" for name in MEASURED}


def weights(workshop: Workshop, version: int) -> str:
    path = workshop.version_folder(version) / "model.safetensors"
    return hashlib.sha256(path.read_bytes()).hexdigest()


def array_in(project: Path, name: str) -> NDArray[Any]:
    """An array in the folder of a project; for one of a model, begin with `models/<version>/`."""
    (path,) = project.glob(re.sub(r"^(models/\d+)/", r"\1-*/", f"{name}.npy"))
    array: NDArray[Any] = np.load(path)
    return array
