"""What scores: a model that was taken away from the app, or saved by `ringfence simulate`.

A model is a zip file or folder as *Models* gives it. Beside the checkpoint, `metrics.json` says how
files become what the model sees and at which scores it flags, and `scores.csv` how the pool of its
project scores. Or it is one file of ONNX, which says the first two itself.
"""

import csv
import hashlib
import json
import math
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from anomaly_core.datasets.base import Images, Shape, brightness
from anomaly_core.detectors.base import Maps, Scores
from anomaly_core.errors import CheckpointError, InvalidInput, Refused
from anomaly_core.importing.examining import decode
from anomaly_core.importing.fitting import Choices, Fit
from anomaly_core.onnx.facts import Prepared
from anomaly_core.onnx.scorer import OnnxScorer

WEIGHTS, DESCRIPTION, METRICS = "model.safetensors", "model.json", "metrics.json"
POOL, ONNX = "scores.csv", ".onnx"
LARGEST = {WEIGHTS: 4 << 30, DESCRIPTION: 512 << 20, METRICS: 512 << 20, POOL: 512 << 20}  # bytes
THREADS = 1  # of one process: more gain nothing where every core has a process, and may move bits
USUAL = "threshold"  # the one that the version flags by


class Scorer(Protocol):
    """A model in memory, ready to score."""

    @property
    def explains(self) -> bool:
        """Whether `explain` can be asked."""

    def decision_function(self, images: Images) -> Scores:
        """The anomaly score of each image (n, height, width[, 3]), (n,) float32."""

    def explain(self, images: Images) -> Maps:
        """How far each place of an image lies out, (n, height, width)."""


@dataclass(frozen=True)
class ModelCard:
    """What is known of a model without loading it.

    `shape` is that of an image as the model sees it; `choices` how a file becomes one, `None` where
    files have to be of that shape. `thresholds` are the saved ones by name, `usual` the one that it
    flags by unless another is asked for. `pool` are the sorted scores of its project's pool.
    """

    fingerprint: str
    shape: Shape
    choices: Choices | None = None
    usual: float | None = None
    thresholds: Mapping[str, float] = field(default_factory=dict)
    pool: NDArray[np.float32] | None = None

    def threshold(self, asked: str | None) -> float:
        """The threshold of that name, or that number; raises `InvalidInput` for neither."""
        if asked is None:
            if self.usual is None:
                raise InvalidInput("This model knows no threshold; give a number as --threshold.")
            return self.usual
        known = {name.casefold(): value for name, value in self.thresholds.items()}
        if (value := known.get(asked.casefold())) is not None:
            return value
        try:
            number = float(asked)
        except ValueError:
            number = float("nan")
        if not np.isfinite(number):
            names = ", ".join(f'"{name}"' for name in self.thresholds) or "none"
            raise InvalidInput(
                f"There is no threshold called {asked}; saved for this model: {names}. Give one of "
                "these, or a number."
            )
        return number

    def percentiles(self, scores: Scores) -> NDArray[np.float64] | None:
        """The share of the pool that scores lower, (n,), 0 to 1; `None` where it is not known."""
        if self.pool is None:
            return None
        return np.searchsorted(self.pool, scores) / len(self.pool)

    def seen_in(self, data: bytes) -> Images:
        """A file as the model sees it, fitted as the app's import does; raises `Refused`."""
        if self.choices is not None:
            return self.choices.seen_in(data)
        found = decode(data)
        height, width = self.shape[:2]
        if (found.height, found.width) != (height, width):
            raise Refused(
                f"It has {found.width:,} x {found.height:,} pixels, but this model takes {width:,} "
                f"x {height:,}; scale it as the images of its project were."
            )
        return in_colour(found.pixels) if len(self.shape) == 3 else in_grey(found.pixels)


def in_colour(pixels: Images) -> Images:
    """Grey or coloured pixels with three channels."""
    return pixels if pixels.ndim == 3 else np.stack([pixels] * 3, axis=2)


def in_grey(pixels: Images) -> Images:
    """Grey or coloured pixels with one channel, their mean, as `fitted` makes it."""
    return brightness(pixels).round().astype(np.uint8)


UNPACKING = (OSError, EOFError, RuntimeError, ValueError, zipfile.BadZipFile, zlib.error)
"""What a damaged zip file raises, or one packed in a way that is not known here."""

READING = (OSError, ValueError, LookupError, TypeError, AttributeError, OverflowError)
"""What damaged descriptions raise, beside what is of CSV or lies too deep."""


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """Return the folder of a model, unpacked for as long as it is read where it is a zip file.

    Raises `CheckpointError` where there is no model.
    """
    if path.is_dir():
        yield folder_in(path)
        return
    if not path.exists():
        raise CheckpointError(f"{path} does not exist; give the file of a model.")
    with tempfile.TemporaryDirectory(prefix="ringfence-") as folder:
        try:
            with zipfile.ZipFile(path) as archive:
                for info in archive.infolist():
                    name = info.filename.rpartition("/")[2]
                    if name in LARGEST and info.filename.count("/") < 2:
                        unpack(archive, info, Path(folder) / name)
        except UNPACKING as error:
            raise CheckpointError(
                f"{path.name} is no model that can be read; download it again on Models."
            ) from error
        yield folder_in(Path(folder), path.name)


def unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, place: Path) -> None:
    """Unpack one file to the disk; raises `CheckpointError` where it is larger than any model's."""
    if info.file_size > LARGEST[place.name]:
        raise CheckpointError(
            f"{info.filename} is {info.file_size:,} bytes large, more than that of any model; "
            "download the model again on Models."
        )
    with archive.open(info) as packed, place.open("wb") as file:
        shutil.copyfileobj(packed, file)


def folder_in(folder: Path, name: str | None = None) -> Path:
    """The folder that holds the model: this one, or the only one in it."""
    for one in (folder, *(place for place in sorted(folder.iterdir()) if place.is_dir())):
        if (one / DESCRIPTION).is_file() and (one / WEIGHTS).is_file():
            return one
    raise CheckpointError(
        f"{name or folder.name} holds no model; give what Models downloads, or what ringfence "
        "simulate --save writes."
    )


def read_card(path: Path) -> ModelCard:
    """Read what is known of a model, without torch; raises `CheckpointError`."""
    if path.suffix.lower() == ONNX:
        return card_of_onnx(path)
    with unpacked(path) as folder:
        try:
            description = json.loads((folder / DESCRIPTION).read_text())
            told = folder / METRICS
            facts = json.loads(told.read_text()) if told.is_file() else {}
            return ModelCard(
                fingerprint_of(folder, facts.get("preprocessing")),
                tuple(map(int, description["image_shape"])),
                choices_of(preprocessing_of(facts)),
                None if facts.get(USUAL) is None else finite(facts[USUAL]),
                {name: finite(value) for name, value in facts.get("thresholds", {}).items()},
                pool_of(folder / POOL),
            )
        except (*READING, RecursionError, csv.Error) as error:
            raise CheckpointError(
                f"The model {path.name} is damaged; download it again on Models."
            ) from error


def finite(value: object) -> float:
    """A number as it stands in JSON; raises ValueError for anything else, and for NaN."""
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value} is no number")
    return float(value)


def card_of_onnx(path: Path) -> ModelCard:
    """What a file of ONNX says of itself; raises as `OnnxScorer` does."""
    model = OnnxScorer(path, THREADS)
    seen, fingerprint = model.facts.preprocessing, hashlib.sha256(path.read_bytes()).hexdigest()
    return ModelCard(fingerprint, seen.shape, choices_of(seen), model.threshold, model.thresholds)


def preprocessing_of(facts: Mapping[str, Any]) -> Prepared | None:
    """What a version says that images are made first, where it does."""
    told = facts.get("preprocessing")
    return told and Prepared(**{**told, "fit": Fit(told["fit"])})


def choices_of(seen: Prepared | None) -> Choices | None:
    """The same as an import has it, which knows squares only."""
    if seen is None or seen.height != seen.width:
        return None
    return Choices(seen.height, seen.fit, seen.colour)


def pool_of(path: Path) -> NDArray[np.float32] | None:
    """The sorted scores of the pool, where they came along."""
    if not path.is_file():
        return None
    with path.open(newline="") as file:
        scores = np.array([row["score"] for row in csv.DictReader(file)], np.float32)
    scores = np.sort(scores[~np.isnan(scores)])
    return scores if len(scores) else None


def fingerprint_of(folder: Path, made: object) -> str:
    """What only the same model has, that sees files in the same way."""
    digest = hashlib.sha256(json.dumps(made, sort_keys=True).encode())
    for name in (WEIGHTS, DESCRIPTION):
        digest.update(hashlib.sha256((folder / name).read_bytes()).digest())
    return digest.hexdigest()


def load_scorer(path: Path) -> Scorer:
    """Load the model of a file or folder to be run on one core; raises `CheckpointError`."""
    if path.suffix.lower() == ONNX:
        return OnnxScorer(path, THREADS)
    from anomaly_core.scoring.torch_models import load_torch  # which an ONNX file does without

    return load_torch(path, THREADS)
