"""Images and a model that are scored in a moment, without any training."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from image_files import png

from anomaly_core.checkpoint import save_detector
from anomaly_core.datasets.base import Images
from anomaly_core.detectors.pretrained.detector import FeatureSVDD
from anomaly_core.importing.fitting import Fit
from anomaly_core.onnx.facts import Preprocessing

SIDE = 16
ROOT = Path(__file__).parents[3]


def noisy(count: int, side: int = SIDE, seed: int = 0) -> Images:
    """Grey images, no two of which are equal."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (count, side, side), np.uint8)


def write_model(folder: Path, **facts: Any) -> Path:
    """A version as it is taken away, of a sphere that no answer has stretched."""
    images = noisy(48, seed=1)
    detector = FeatureSVDD().fit(images)
    scores = detector.decision_function(images)
    folder.mkdir(parents=True)
    save_detector(detector, folder)
    with (folder / "scores.csv").open("w", newline="") as file:
        rows = ((item, score, "") for item, score in enumerate(scores.tolist()))
        csv.writer(file).writerows([("item", "score", "percentile"), *rows])
    middle = float(np.median(scores))
    told = {
        "threshold": middle,
        "thresholds": {"expected": middle, "saved-1": middle / 2},
        "preprocessing": asdict(Preprocessing(SIDE, SIDE, Fit.STRETCH)),
    }
    (folder / "metrics.json").write_text(json.dumps(told | facts))
    return folder


def write_images(root: Path, images: Images) -> Path:
    """A folder of PNG files, so many in each of its folders that there are two of these."""
    for number, image in enumerate(images):
        path = root / "ab"[number * 2 // len(images)] / f"{number:04}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(image))
    return root


def start(arguments: Sequence[object], **options: Any) -> "subprocess.Popen[str]":
    """The command in a process of its own, on one core unless it is told otherwise."""
    return subprocess.Popen(
        [sys.executable, "-m", "anomaly_core", "score", *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )
