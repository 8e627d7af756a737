"""The model card of a version: README.md with the header that model hubs read.

Mitchell et al. 2019, "Model Cards for Model Reporting"; the keys are those of Hugging Face.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from anomaly_core.onnx.facts import ModelFacts, Parity
from state.files.gallery import Gallery
from state.labeling.rule import Rule

METRICS = {"auroc": ("roc_auc", "AUROC"), "average_precision": ("average_precision", "AP")}
CARD = """\
---
# license: the terms under which others may use this model are yours to name
library_name: ringfence
tags:
{tags}
{results}---

# Ringfence model {version} of the project "{name}"

A detector of the kind `{detector}` that tells odd images from normal ones: the score of an image is
the squared distance to a center, higher is more anomalous. It is drawn round {pool:,} images, of
which {labels:,} had labels. {origin} Scores of different versions are not comparable; each needs a
threshold of its own.

## Figures

{figures}

## Thresholds

What scores more is flagged. `{threshold}` holds unless another is given.

| name | score |
|---|---|
{thresholds}

## Images

{seen}

## Files

{files}

SHA-256 of what the weights are from:

{weights}
{onnx}
## With Ringfence

Files of any kind and number, on one machine or many, with the threshold above:

```sh
ringfence score images/ --model {folder} --output scores.parquet
```

Or in Python, where this folder and the file of the images, (n, height, width[, 3]) uint8 in the
size above, lie side by side:

```python
from pathlib import Path

import numpy as np

from anomaly_core.checkpoint import load_detector

detector = load_detector(Path("{folder}"))
images = np.load("images.npy")
scores = detector.decision_function(images)
flagged = scores > {value!r}
```
"""
ONNX = """
## Without Ringfence

`model.onnx` needs onnxruntime and numpy alone, and takes images of any size:

```python
import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession("{folder}/model.onnx")
images = np.load("images.npy")  # (n, height, width[, 3]) uint8
given = {{"images": images if images.ndim == 4 else images[..., None]}}
# given["threshold"] = np.array(..., np.float32) for another than `{threshold}`
scores, flagged = session.run(["score", "verdict"], given)
```

{parity}
"""
FILES = {
    "model.safetensors, model.json": "the detector: weights and description, nothing to unpickle",
    "model.onnx": "the same with all that is done to images before, for onnxruntime",
    "scores.csv": "of each image of the pool by item number: score, and the share of the pool that "
    "scores lower, 0 to 1",
    "labels.csv": "the labels that stand; `trained_with` tells which this version knew",
    "metrics.json": "where the version comes from and how good it is",
}
WAYS = {
    "stretch": "stretched to it",
    "crop": "cut to the square in their middle and scaled to it",
    "pad": "scaled into it and laid on black",
}


def card(gallery: Gallery, facts: ModelFacts, rule: Rule, folder: str) -> str:
    """Return the text of README.md; of a file of ONNX too, where the facts know its parity."""
    with_onnx = facts.parity is not None
    return CARD.format(
        tags="\n".join(f"- {tag}" for tag in tags(facts, with_onnx)),
        results=results(gallery, facts),
        version=facts.version,
        name=facts.project,
        detector=facts.detector,
        pool=len(gallery.items),
        labels=gallery.model.label_count,
        origin=rule.origin,
        figures=figures(gallery.model.metrics),
        threshold=facts.threshold,
        thresholds="\n".join(f"| `{one}` | {at:.6g} |" for one, at in facts.thresholds.items()),
        seen=seen(facts),
        files="\n".join(
            f"- `{name}`: {about}"
            for name, about in FILES.items()
            if with_onnx or name != "model.onnx"
        ),
        weights="\n".join(f"- `{name}`: `{digest}`" for name, digest in facts.weights.items()),
        onnx=onnx_part(facts, folder),
        folder=folder,
        value=rule.threshold,
    )


def tags(facts: ModelFacts, with_onnx: bool) -> Iterator[str]:
    """What a hub finds the model by."""
    yield from ("anomaly-detection", "one-class-classification", facts.detector, "safetensors")
    if with_onnx:
        yield "onnx"


def results(gallery: Gallery, facts: ModelFacts) -> str:
    """The part of the header with what was measured on held-out images; empty where none were."""
    measured = measured_in(gallery.model.metrics)
    if not measured:
        return ""
    lines = [
        "model-index:",
        f"- name: {json.dumps(f'{facts.project}, model {facts.version}')}",
        "  results:",
        "  - task:",
        "      type: anomaly-detection",
        "    dataset:",
        "      type: held-out",
        f"      name: {json.dumps(f'held-out images of {facts.project}')}",
        "    metrics:",
    ]
    for name, value in measured.items():
        kind, called = METRICS[name]
        lines += [f"    - type: {kind}", f"      name: {called}", f"      value: {value:.4f}"]
    return "\n".join(lines) + "\n"


def measured_in(metrics: Mapping[str, Any]) -> dict[str, float]:
    """What was measured on held-out images whose truth is known, by name."""
    return {name: float(metrics[name]) for name in METRICS if metrics.get(name) is not None}


def figures(metrics: Mapping[str, Any]) -> str:
    """What was measured, in a sentence; that nothing was, where it was not."""
    measured = measured_in(metrics)
    if not measured:
        return "No images with known truth were held out, so nothing is claimed here."
    told = " and ".join(f"{METRICS[name][1]} {value:.3f}" for name, value in measured.items())
    return f"{told} on {metrics['held_out']:,} held-out images, which it never saw."


def seen(facts: ModelFacts) -> str:
    """What images are made before they are scored."""
    made = facts.preprocessing
    colour = "in colour" if made.colour else "in grey, the mean of the colours"
    return (
        f"{made.height} x {made.width} pixels, {colour}. Others are {WAYS[made.fit]}, bilinear and "
        "antialiased."
    )


def onnx_part(facts: ModelFacts, folder: str) -> str:
    """How to score without Ringfence, and how near that comes; empty without a file of ONNX."""
    if facts.parity is None:
        return ""
    return ONNX.format(folder=folder, threshold=facts.threshold, parity=said(facts.parity))


def said(parity: Parity) -> str:
    """Tell in a sentence how near onnxruntime comes to torch."""
    sides = "1 verdict differs" if parity.verdicts == 1 else f"{parity.verdicts} verdicts differ"
    return (
        f"On {parity.images:,} images of the pool its scores differ from those of torch by at most "
        f"{parity.largest:.1e} of a score, in the middle by {parity.median:.1e}; {sides}."
    )
