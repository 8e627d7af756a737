"""A model version as one file of ONNX, and what the file says of itself."""

import json
from collections.abc import Sequence
from typing import Any

from anomaly_core.onnx.facts import ModelFacts, Prepared
from anomaly_core.progress import Progress
from anomaly_core.threshold.rules import contamination_quantile, from_radius
from ringfence import __version__
from state.errors import StoreDamaged
from state.files.gallery import Gallery
from state.files.versions import CHECKPOINT, damage, hashes_known
from state.labeling.rule import Rule, expected_share
from state.store.models import OperatingPoint
from state.store.projects import Project
from state.versions.backbone import card_of
from state.workers.own.images import choices_of

SAVED, EXPECTED, RADIUS = "saved", "expected", "radius"


def facts_of(
    project: Project, gallery: Gallery, rule: Rule, points: Sequence[OperatingPoint]
) -> ModelFacts:
    """What a version is, which flags by a rule; `points` are all thresholds saved for it.

    Raises StoreDamaged where its files cannot be read.
    """
    described = description_of(gallery)
    return ModelFacts(
        project=project.name,
        version=gallery.model.version,
        detector=described["detector"],
        ringfence=__version__,
        weights=weights_of(gallery),
        thresholds=thresholds_of(project, gallery, points),
        threshold=SAVED if rule.saved else EXPECTED,
        preprocessing=preprocessing_of(gallery, described["image_shape"]),
    )


def description_of(gallery: Gallery) -> dict[str, Any]:
    """What the version's own file says of the detector: its kind, and how large its images are."""
    try:
        described = json.loads((gallery.version / "model.json").read_text(encoding="utf-8"))
        return {
            "detector": str(described["detector"]),
            "image_shape": [*map(int, described["image_shape"])],
        }
    except (OSError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise StoreDamaged(damage(gallery.model.version)) from error


def weights_of(gallery: Gallery) -> dict[str, str]:
    """The SHA-256 of the files that the version is made of, by name; those of its backbone too."""
    known = hashes_known(gallery.model)
    weights = {name: digest for name, digest in known.items() if name in CHECKPOINT}
    backbone = card_of(gallery.version)
    return weights if backbone is None else weights | {backbone.file: backbone.sha256}


def thresholds_of(
    project: Project, gallery: Gallery, points: Sequence[OperatingPoint]
) -> dict[str, float]:
    """The thresholds of a version by name.

    `radius` is that of the sphere, `expected` flags as much of the pool as the project expects to
    be anomalous, `saved` was saved last; earlier ones are `saved-1`, `saved-2`, oldest first.
    """
    named = {
        RADIUS: from_radius(gallery.R),
        EXPECTED: contamination_quantile(gallery.scores, expected_share(project)),
    }
    for number, point in enumerate(points[:-1], 1):
        named[f"{SAVED}-{number}"] = point.threshold
    return named | ({SAVED: points[-1].threshold} if points else {})


def preprocessing_of(gallery: Gallery, shape: Sequence[int]) -> Prepared:
    """What images of any size are made; those of a dataset are stretched to its own size."""
    height, width, *colour = shape
    choices = choices_of(gallery.project)
    if choices is None:
        return Prepared(height, width, colour=bool(colour))
    return Prepared(height, width, choices.fit, bool(colour))


def onnx_of(gallery: Gallery, facts: ModelFacts, progress: Progress) -> tuple[bytes, ModelFacts]:
    """Return the file of a version, and its facts with the parity on images of the pool measured.

    Raises what `load_hypersphere` and `onnx_file` raise.
    """
    from anomaly_core.checkpoint import load_hypersphere  # here, as they load torch
    from anomaly_core.detectors.tensors import sample_of
    from anomaly_core.onnx.parity import MOST, onnx_file

    items = sample_of(gallery.items, MOST, 0)
    images = gallery.of_project("pool")[items]
    return onnx_file(load_hypersphere(gallery.version), facts, images, progress)
