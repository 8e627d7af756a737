"""Scores leave: what the model in use makes of every image of a project, as a table."""

from dataclasses import dataclass
from pathlib import Path

from anomaly_core.errors import NotFitted
from anomaly_core.ranking import ranks
from state.exporting.formats.tables import ExportTable
from state.exporting.labels import ProjectLabels
from state.exporting.leaving import TABLES, replacing
from state.store.audit_log import Deed
from state.store.people import Annotator
from state.store.projects import Project
from state.store.schema import Answer, Role
from state.store.store import Store

ONLY_OWNERS = "Only an owner may take scores away; ask one of those on Team."
COLUMNS = {
    "item": "Int64",
    "file": "string",
    "score": "Float64",
    "percentile": "Float64",
    "verdict": "string",
    "threshold": "Float64",
    "label": "string",
    "model_version": "Int64",
}


@dataclass(frozen=True)
class ScoresWritten:
    """How many images were written, by which model version, and how many of them it flags."""

    images: int
    flagged: int
    model_version: int


def export_scores(
    store: Store, project: Project, who: Annotator, name: str, output: Path
) -> ScoresWritten:
    """Write the scores of all images in the format of that name (a table), for owners.

    Raises NotFitted before there is a model, InvalidInput where the file cannot be written, and
    NotAllowed for others.
    """
    store.audit_log.require(who, Role.OWNER, ONLY_OWNERS)
    labels = ProjectLabels(store, project, who)
    table = scores_table(labels)
    assert labels.desk.gallery is not None
    version = labels.desk.gallery.model.version
    subject = f"{len(table.rows):,} scores, model {version}"
    store.audit_log.record(
        who, Deed.EXPORTED_IMAGES, subject, refusal=ONLY_OWNERS, project_id=project.id
    )
    with replacing(output) as part:
        TABLES[name](table, part)
    flagged = sum(row[4] == Answer.ANOMALOUS for row in table.rows)
    return ScoresWritten(len(table.rows), flagged, version)


def scores_table(labels: ProjectLabels) -> ExportTable:
    """One row an image that the model in use knows; the verdict is by the threshold in use.

    `percentile` is the share of the pool that scores lower, 0 to 1. Raises NotFitted before there
    is a model.
    """
    gallery, rule = labels.desk.gallery, labels.desk.rule
    if gallery is None or rule is None:
        raise NotFitted("The first model is being prepared; try again when it is there.")
    scores, version = gallery.scores, gallery.model.version
    rows = zip(gallery.items.tolist(), scores.tolist(), ranks(scores).tolist(), strict=True)
    return ExportTable(
        COLUMNS,
        [
            (
                item,
                labels.path(item) or None,
                score,
                share,
                str(Answer.ANOMALOUS if rule.flags(score) else Answer.NORMAL),
                rule.threshold,
                str(labels.standing[item]) if item in labels.standing else None,
                version,
            )
            for item, score, share in rows
        ],
    )
