"""A model file that scores as the detector does, or no file."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from anomaly_core.datasets.base import Images
from anomaly_core.detectors.base import Scores
from anomaly_core.detectors.network import NetworkDetector
from anomaly_core.detectors.tensors import sample_of
from anomaly_core.errors import ExportRefused
from anomaly_core.onnx.facts import ModelFacts, Parity
from anomaly_core.onnx.scorer import OnnxScorer
from anomaly_core.onnx.writing import bytes_of, onnx_model
from anomaly_core.progress import Progress, silent

MOST = 1_000  # images that are compared
TOLERANCE = 1e-4  # relative difference of a score
SMALL = 1e-3  # of the median score: below it, a difference is relative to that
PART = 100  # images at a time


def onnx_file(
    detector: NetworkDetector, facts: ModelFacts, images: Images, progress: Progress = silent
) -> tuple[bytes, ModelFacts]:
    """Return a fitted detector as a file of ONNX, and its facts with the parity measured.

    Both score the same `images`, at most `MOST` of them, (n, height, width[, 3]) uint8 in the size
    of the detector. Raises `ExportRefused` where a score differs by more than `TOLERANCE`, and for
    families that cannot be written; `InvalidInput` without images or the packages that it takes.
    """
    threshold = facts.thresholds[facts.threshold]
    progress(0.0, "Writing the graph")
    model = onnx_model(detector, facts.preprocessing, threshold)
    scorer = OnnxScorer(bytes_of(model, facts))
    few = sample_of(images, MOST, 0)
    here = in_parts(detector.decision_function, few, progress, 0.2, "Scoring with torch")
    there = in_parts(scorer.decision_function, few, progress, 0.6, "Scoring with onnxruntime")
    measured = replace(facts, parity=parity_of(here, there, threshold))
    progress(1.0, "Compared")
    return bytes_of(model, measured), measured


def in_parts(
    score: Callable[[Images], Scores], images: Images, progress: Progress, share: float, doing: str
) -> Scores:
    """Score images, telling how far it is, from a `share` of all that is to be done on."""
    scores = []
    for start in range(0, len(images), PART):
        progress(share + 0.4 * start / len(images), doing)
        scores.append(score(images[start : start + PART]))
    return np.concatenate(scores)


def parity_of(here: Scores, there: Scores, threshold: float) -> Parity:
    """Compare the scores (n,) of a detector with those of its file.

    Raises `ExportRefused` where one differs by more than `TOLERANCE`.
    """
    scale = np.maximum(np.abs(here), SMALL * np.median(np.abs(here)))
    apart = np.abs(there - here) / np.maximum(scale, np.finfo(np.float32).tiny)
    if not apart.max() <= TOLERANCE:  # which also is so of what is no number
        raise ExportRefused(
            f"onnxruntime's scores differ from torch's by up to {apart.max():.1e} of a score, more "
            f"than {TOLERANCE:.0e}; train one more round and export that version."
        )
    sides = int(np.count_nonzero((here > threshold) != (there > threshold)))
    return Parity(len(here), two_digits(apart.max()), two_digits(np.median(apart)), sides)


def two_digits(value: float) -> float:
    """Round, so that the same version gives the same file wherever its last bits differ."""
    return float(f"{value:.1e}")
