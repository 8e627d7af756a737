"""A model version to take away: one zip file that loads without the app."""

import io
import json
import zipfile
from collections.abc import Sequence
from typing import Any

from anomaly_core.ranking import ranks
from state.files.gallery import Gallery
from state.files.sheet import sheet
from state.files.versions import CHECKPOINT
from state.labeling.rule import Rule
from state.store.incremental.history import History
from state.store.models import OperatingPoint
from state.store.projects import Project
from state.workers.own.images import choices_in

WORDS = {1: "normal", -1: "anomalous"}
README = """\
Ringfence model {version} of the project "{name}"

model.safetensors, model.json   the detector: weights and description, nothing to unpickle
scores.csv                      of each image of the pool by item number: anomaly score (squared
                                distance to the center, higher is more anomalous) and percentile
                                (share of the pool that scores lower, 0 to 1)
labels.csv                      the labels that stand; trained_with tells which this version knew
metrics.json                    where the version comes from and how good it is, its saved
                                thresholds, and how files become what it sees (images)

To score files, wherever Ringfence is installed:

  ringfence score FOLDER --model {folder}.zip --output scores.parquet

{seen}

To score images (n, height, width) of uint8, with Ringfence's own folder on PYTHONPATH, where this
folder and the file of the images lie side by side:

    from pathlib import Path

    import numpy as np

    from anomaly_core.checkpoint import load_detector

    detector = load_detector(Path("{folder}"))
    images = np.load("images.npy")
    scores = detector.decision_function(images)
    flagged = scores > {threshold!r}

{origin}
Scores of different versions are not comparable; each needs a threshold of its own.
"""


def bundle(
    project: Project,
    gallery: Gallery,
    history: History,
    rule: Rule,
    points: Sequence[OperatingPoint] = (),
) -> bytes:
    """Return the zip file of a version, which flags by a rule; `points` are its saved thresholds.

    Raises StoreDamaged where the version's scores cannot be read.
    """
    folder = folder_name(project, gallery)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in CHECKPOINT:
            archive.write(gallery.version / name, f"{folder}/{name}")
        for name, text in texts(project, gallery, history, rule, points).items():
            archive.writestr(f"{folder}/{name}", text)
    return packed.getvalue()


def folder_name(project: Project, gallery: Gallery) -> str:
    """The folder that the zip file unpacks to, which is also its own name."""
    return f"ringfence-{project.id}-model-{gallery.model.version}"


def texts(
    project: Project,
    gallery: Gallery,
    history: History,
    rule: Rule,
    points: Sequence[OperatingPoint],
) -> dict[str, str]:
    """What the zip file holds beside the checkpoint, by name."""
    scores = gallery.scores
    return {
        "scores.csv": sheet(
            ("item", "score", "percentile"),
            zip(gallery.items.tolist(), scores.tolist(), ranks(scores).tolist(), strict=True),
        ),
        "labels.csv": sheet(("item", "label", "trained_with"), labels(gallery, history)),
        "metrics.json": json.dumps(facts(project, gallery, rule, points), indent=2) + "\n",
        "README.txt": README.format(
            version=gallery.model.version,
            name=project.name,
            folder=folder_name(project, gallery),
            threshold=rule.threshold,
            origin=rule.origin,
            seen=how_files_are_seen(gallery),
        ),
    }


def labels(gallery: Gallery, history: History) -> list[tuple[int, str, str]]:
    """The labels that stand, by item, and whether the version was trained with the same ones."""
    seq, audit = gallery.model.last_seq, set(gallery.audit.tolist())
    standing = history.labels
    return [
        (item, WORDS[y], "yes" if item not in audit and history.of(item).y_at(seq) == y else "no")
        for item, y in zip(standing.items.tolist(), standing.y.tolist(), strict=True)
    ]


def how_files_are_seen(gallery: Gallery) -> str:
    """Say in a sentence what becomes of files, or of which size they have to be."""
    height, width = gallery.of_project("pool").shape[1:3]
    if choices_in(gallery.project) is None:
        return f"Files have to be images of {width} x {height} pixels, as those of the pool are."
    return f"Each becomes {width} x {height} pixels, just as the images of the project did."


def facts(
    project: Project, gallery: Gallery, rule: Rule, points: Sequence[OperatingPoint]
) -> dict[str, Any]:
    """Where the version comes from, how good it is, at which score it flags, and how it sees."""
    model, choices = gallery.model, choices_in(gallery.project)
    return {
        "project": project.name,
        "version": model.version,
        "parent": model.parent,
        "created_at": model.created_at,
        "labels": model.label_count,
        "threshold": rule.threshold,
        "threshold_origin": rule.origin,
        "thresholds": [told_of(point) for point in points],
        "images": choices and choices.to_json(),
        "contamination": float(project.scenario["contamination"]),
        "scenario": project.scenario,
        "sha256": model.sha256,
        "metrics": model.metrics,
    }


def told_of(point: OperatingPoint) -> dict[str, Any]:
    """A saved threshold; its name is the reason for it, its number that on Tune."""
    return {
        "name": " ".join(point.reason.split()),
        "number": point.id,
        "threshold": point.threshold,
        "author": point.author,
        "purpose": point.purpose,
    }
