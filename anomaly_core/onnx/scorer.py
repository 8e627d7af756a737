"""Scores by a model file, with onnxruntime and numpy; torch is not loaded."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anomaly_core.datasets.base import Images
from anomaly_core.detectors.base import Embeddings, Maps, Scores
from anomaly_core.errors import CheckpointError, InvalidInput
from anomaly_core.onnx.facts import EXPLAIN, MAP, UNREADABLE, ModelFacts

BLOCK = 64  # images at a time


class OnnxScorer:
    """A detector read from the file that `ringfence export model --format onnx` wrote.

    It takes uint8 images of any size, grey or in colour; those of a model's own size it leaves as
    they are. `facts` is what the file says of itself, `thresholds` those that people or the model
    drew, by name, `threshold` the one that holds unless another is given.

    `threads` are those of onnxruntime; all cores by default. Raises `InvalidInput` where
    onnxruntime is missing and `CheckpointError` where the file, given by its path or as what it
    holds, is missing, damaged or another's.
    """

    def __init__(self, file: Path | bytes, threads: int = 0) -> None:
        self.session = opened(file, threads)
        self.outputs = tuple(one.name for one in self.session.get_outputs())
        try:
            props = self.session.get_modelmeta().custom_metadata_map
            self.facts = ModelFacts.from_props(props)
        except UNREADABLE as error:
            raise not_ours(file) from error
        self.thresholds = dict(self.facts.thresholds)
        self.threshold = self.thresholds[self.facts.threshold]

    @property
    def explains(self) -> bool:
        """Whether `explain` can be asked."""
        return MAP in self.outputs

    def score(self, images: Images) -> tuple[Scores, Embeddings]:
        """Return the anomaly score of each image (n,) and its latent coordinates (n, latent).

        `images` are (n, height, width[, 3]) uint8. Raises `InvalidInput` for anything else.
        """
        score, embedding = self.run(images, ("score", "embedding"))
        return score, embedding

    def decision_function(self, images: Images) -> Scores:
        """Return the anomaly score of each image, (n,) float32; higher is more anomalous."""
        (score,) = self.run(images, ("score",))
        return score

    def explain(self, images: Images) -> Maps:
        """Return how far each place lies out, (n, height, width) in the model's own size."""
        if not self.explains:
            raise InvalidInput("This model draws no maps; export one of another family.")
        (maps,) = self.run(images, (MAP,))
        return maps

    def run(self, images: Images, names: Sequence[str]) -> list[NDArray[Any]]:
        """Return those of `outputs` that are named, for images as `score` takes; only maps cost."""
        if images.dtype != np.uint8 or not (images.ndim == 3 or images.shape[3:] in ((1,), (3,))):
            raise InvalidInput("Images must be (n, height, width) or (n, height, width, 3) uint8.")
        four = images if images.ndim == 4 else images[..., None]
        starts = range(0, max(1, len(four)), BLOCK)
        parts = [self._block(np.ascontiguousarray(four[s : s + BLOCK]), names) for s in starts]
        return [np.concatenate(part) for part in zip(*parts, strict=True)]

    def _block(self, images: Images, names: Sequence[str]) -> list[NDArray[Any]]:
        given: dict[str, NDArray[Any]] = {"images": images}
        if self.explains:
            given[EXPLAIN] = np.array(MAP in names)
        made: list[NDArray[Any]] = self.session.run(list(names), given)
        return made


def opened(file: Path | bytes, threads: int) -> Any:
    """Return the onnxruntime session of a file; raises as `OnnxScorer` does."""
    try:
        import onnxruntime
    except ImportError as error:
        raise InvalidInput(
            "Scoring by a model file needs onnxruntime; install it by pip install onnxruntime."
        ) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3  # errors, which are raised as well
    if isinstance(file, Path) and not file.is_file():
        raise CheckpointError(f"There is no file {file.name}; export a model first.")
    try:
        return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # of its own, one class for each code of its status
        raise not_ours(file) from error


def not_ours(file: Path | bytes) -> CheckpointError:
    """The error for a file that is damaged or something else."""
    name = file.name if isinstance(file, Path) else "The file"
    return CheckpointError(f"{name} is damaged or no model of Ringfence; export the model again.")
