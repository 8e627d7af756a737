"""Images and a model that are scored in a moment, without any training."""

import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from image_files import png
from interrupts import heed_interrupts

from anomaly_core.checkpoint import save_detector
from anomaly_core.datasets.base import Images
from anomaly_core.detectors.pretrained.detector import FeatureSVDD
from anomaly_core.importing.fitting import Fit
from anomaly_core.onnx.facts import Prepared
from anomaly_core.scoring.parts import Parts

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
    middle = float(np.median(detector.decision_function(noisy(48, seed=2))))  # that it never saw
    told = {
        "threshold": middle,
        "thresholds": {"expected": middle, "saved-1": middle / 2},
        "preprocessing": asdict(Prepared(SIDE, SIDE, Fit.STRETCH)),
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


def start(arguments: Sequence[object], first: Path = ROOT) -> "subprocess.Popen[str]":
    """The command in a process of its own, which looks for modules in a folder `first`."""
    return subprocess.Popen(
        [sys.executable, "-m", "anomaly_core", "score", *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": f"{first}:{ROOT}", "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_interrupts,
    )


def until_some(output: Path, process: "subprocess.Popen[str]") -> None:
    """Wait for the first block of a process that is at work."""
    while not Parts(output).there():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
