"""Where a desk stands: the rule that it asks by, and what the round under way has brought."""

from typing import Any

from anomaly_core.datasets.provenance import AnomalySource
from anomaly_core.datasets.scenario import Scenario
from state.labeling.desk import Desk
from state.store.projects import Project
from state.store.schema import RoundTrigger

CHANGED = {
    AnomalySource.NOISE: "noisy images",
    AnomalySource.ROTATION: "rotated images",
    AnomalySource.NOISE_AND_ROTATION: "noisy and rotated images",
    AnomalySource.LETTERS: "letters",
}


def task_of(project: Project) -> str:
    """By what people tell normal from anomalous: the guidelines, else what the project knows.

    Of somebody's own images nothing is known; the rule is empty then.
    """
    if project.guidelines.strip():
        return project.guidelines
    if project.detector.get("images") is not None:
        return ""
    scenario = Scenario.from_json(project.scenario)
    if AnomalySource.OTHER_CLASSES in scenario.sources:
        anomalous = "everything else"
    else:
        anomalous = ", ".join(CHANGED[source] for source in scenario.sources)
    normal = ", ".join(map(str, scenario.normal)) or "images as they should be"
    return f"Normal: {normal}. Anomalous: {anomalous}."


def round_of(desk: Desk) -> dict[str, Any]:
    """How many labels a round takes, 0 where none are counted, and those that no model knows.

    `labels` are (item, y) in the order in which they came; `trained` is the newest event that a
    model was trained on.
    """
    counts = desk.project.round_trigger is RoundTrigger.COUNT
    newest = desk.store.models.newest(desk.project.id)
    trained = newest.last_seq if newest else 0
    labels = desk.history.labels_since(trained) if counts else []
    return {
        "size": desk.project.batch_size if counts else 0,
        "trained": trained,
        "labels": [(item, y) for item, y in labels if y],
    }
