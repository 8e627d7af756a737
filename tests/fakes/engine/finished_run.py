"""The folder that a run leaves, small: six images or more, a few contestants, made up scores."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from anomaly_core.evaluation import auroc, average_precision, confusion_at, ratio
from anomaly_core.recipes.plan import Plan

PLAN = Plan(contestants=("conv", "fc", "svdd"))
IMAGE = 28  # pixels
SHOWN = 12
TYPES = ("noise 0.5", "rotation", "letters")
WORDS = ("Convolutional", "Fully connected", "Deep SVDD")
SHARPNESS = (3.0, 1.5, 0.6)  # how far the scores of anomalous images lie above the others


def write_run(folder: Path, images: int = 6, plan: Plan = PLAN, seed: int = 0) -> dict[str, Any]:
    """Write the folder; half of the images are clean. Returns what metrics.json holds."""
    rng = np.random.default_rng(seed)
    y = np.where(np.arange(images) < images // 2, 1, -1)
    anomalous = [TYPES[item % len(TYPES)] for item in range(images)]
    types = np.where(y == 1, "clean", anomalous)
    scores = {
        name: rng.normal(np.where(y == 1, 5, 5 + SHARPNESS[place % len(SHARPNESS)]))
        for place, name in enumerate(plan.contestants)
    }
    if "svdd" in scores:
        scores["svdd"][0] = scores["svdd"].max() + 1  # so that every pair disagrees about one
    metrics = {
        "title": plan.title,
        "summary": "Three detectors on one set of images.",
        "command": plan.command("DIR"),
        "plan": plan.to_json(),
        "evaluation": {"images": images, "anomalies": int((y < 0).sum()), "types": {}},
        "contestants": [
            contestant(name, WORDS[place % len(WORDS)], scores[name], y, types)
            for place, name in enumerate(plan.contestants)
        ],
    }
    folder.mkdir(parents=True, exist_ok=True)
    write_arrays(folder, images, plan, rng)
    table = pd.DataFrame(
        {
            "item": np.arange(images),
            "class": np.where(types == "letters", -1 - np.arange(images) % 26, 7),
            "type": types,
            "noise": np.float32(0),
            "rotation": np.float32(0),
            "y": y,
            **scores,
        }
    ).sample(frac=1, random_state=seed)  # rows are told apart by item number alone
    table.to_parquet(folder / "scores.parquet", index=False)
    (folder / "metrics.json").write_text(json.dumps(metrics))
    (folder / "report.html").write_text("<!doctype html><title>Report</title>")
    mark = {"format": 1, "plan": plan.to_json(), "state": "done", "message": "Finished."}
    (folder / "run.json").write_text(json.dumps(mark))
    return metrics


def contestant(
    name: str, title: str, scores: np.ndarray, y: np.ndarray, types: np.ndarray
) -> dict[str, Any]:
    """One entry of metrics.json, at the threshold that the fifth highest in six passes."""
    threshold = float(np.quantile(scores[y == 1], 0.8))
    confusion = confusion_at(y, scores, threshold)
    return {
        "name": name,
        "title": title,
        "detector": "autoencoder",
        "network": name,
        "parameters": 123_456,
        "seconds": 12.34,
        "rule": "80th percentile of the normal scores",
        "threshold": threshold,
        "auroc": auroc(y, scores),
        "average_precision": average_precision(y, scores),
        "precision": confusion.precision,
        "recall": confusion.recall,
        "f1": None,
        "confusion": vars(confusion),
        "types": {
            type_: {
                "images": int((types == type_).sum()),
                "flagged": int((scores[types == type_] > threshold).sum()),
                "rate": ratio(int((scores[types == type_] > threshold).sum()), 1),
                "auroc": 0.5,
            }
            for type_ in TYPES
            if (types == type_).any()
        },
        "reconstructs": name != "svdd",
    }


def write_arrays(folder: Path, images: int, plan: Plan, rng: np.random.Generator) -> None:
    """Write images whose first pixel is their number, and reconstructions of the first ones."""
    pixels = rng.integers(0, 255, (images, IMAGE, IMAGE), np.uint8)
    pixels[:, 0, 0] = np.arange(images) % 256
    shown = np.arange(images)[:SHOWN]
    np.save(folder / "images.npy", pixels)
    np.save(folder / "shown.npy", shown)
    (folder / "reconstructions").mkdir(exist_ok=True)
    for name in plan.contestants:
        if name != "svdd":
            np.save(folder / "reconstructions" / f"{name}.npy", 255 - pixels[shown])
