"""A model version to take away: one zip file that loads without the app."""

import io
import json
import zipfile
from dataclasses import asdict
from typing import Any

from anomaly_core.onnx.facts import ModelFacts
from anomaly_core.ranking import ranks
from state.files.gallery import Gallery
from state.files.sheet import sheet
from state.files.versions import CHECKPOINT
from state.labeling.rule import Rule
from state.store.incremental.history import History
from state.store.projects import Project
from state.versions.card import card

WORDS = {1: "normal", -1: "anomalous"}


def bundle(
    project: Project,
    gallery: Gallery,
    history: History,
    rule: Rule,
    facts: ModelFacts,
    onnx: bytes | None = None,
) -> bytes:
    """Return the zip file of a version, which flags by a rule; with `onnx` in it, if that is given.

    Raises StoreDamaged where the version's scores cannot be read.
    """
    folder = folder_name(project, gallery)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        for name in CHECKPOINT:
            archive.write(gallery.version / name, f"{folder}/{name}")
        for name, text in texts(project, gallery, history, rule, facts).items():
            archive.writestr(f"{folder}/{name}", text)
        archive.writestr(f"{folder}/README.md", card(gallery, facts, rule, folder))
        if onnx is not None:
            archive.writestr(f"{folder}/model.onnx", onnx)
    return packed.getvalue()


def folder_name(project: Project, gallery: Gallery) -> str:
    """The folder that the zip file unpacks to, which is also its own name."""
    return f"ringfence-{project.id}-model-{gallery.model.version}"


def texts(
    project: Project, gallery: Gallery, history: History, rule: Rule, facts: ModelFacts
) -> dict[str, str]:
    """The tables and figures that the zip file holds, by name."""
    scores = gallery.scores
    return {
        "scores.csv": sheet(
            ("item", "score", "percentile"),
            zip(gallery.items.tolist(), scores.tolist(), ranks(scores).tolist(), strict=True),
        ),
        "labels.csv": sheet(("item", "label", "trained_with"), labels(gallery, history)),
        "metrics.json": json.dumps(figures(project, gallery, rule, facts), indent=2) + "\n",
    }


def labels(gallery: Gallery, history: History) -> list[tuple[int, str, str]]:
    """The labels that stand, by item, and whether the version was trained with the same ones."""
    seq, audit = gallery.model.last_seq, set(gallery.audit.tolist())
    standing = history.labels
    return [
        (item, WORDS[y], "yes" if item not in audit and history.of(item).y_at(seq) == y else "no")
        for item, y in zip(standing.items.tolist(), standing.y.tolist(), strict=True)
    ]


def figures(project: Project, gallery: Gallery, rule: Rule, facts: ModelFacts) -> dict[str, Any]:
    """Where the version comes from, how good it is, at which score it flags, what it sees."""
    model = gallery.model
    return {
        "project": project.name,
        "version": model.version,
        "parent": model.parent,
        "created_at": model.created_at,
        "labels": model.label_count,
        "threshold": rule.threshold,
        "threshold_origin": rule.origin,
        "thresholds": dict(facts.thresholds),
        "preprocessing": asdict(facts.preprocessing),
        "contamination": float(project.scenario["contamination"]),
        "scenario": project.scenario,
        "sha256": model.sha256,
        "metrics": model.metrics,
    }
