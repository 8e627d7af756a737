"""Labels as tasks of Label Studio, and the labeling interface that they are for.

https://labelstud.io/guide/task_format
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from anomaly_core.ranking import ranks
from state.exporting.labels import ProjectLabels, iso
from state.store.history import Event
from state.store.incremental.items import ItemHistory
from state.store.schema import Answer, EventKind

CONTROL, OBJECT = "label", "image"
CONFIG = """\
<View>
  <Image name="image" value="$image"/>
  <Choices name="label" toName="image" choice="single" showInLine="true">
    <Choice value="normal"/>
    <Choice value="anomalous"/>
    <Choice value="unsure"/>
  </Choices>
</View>
"""


def to_label_studio(labels: ProjectLabels, path: Path) -> None:
    """Write one task an item of the pool."""
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        for number, task in enumerate(tasks(labels)):
            file.write(",\n" if number else "\n")
            file.write(json.dumps(task, ensure_ascii=False, allow_nan=False))
        file.write("\n]\n")


def tasks(labels: ProjectLabels) -> Iterator[dict[str, Any]]:
    """The tasks, by item number."""
    foreseen = predictions(labels)
    for item in labels.items:
        data = {
            "image": labels.path(item) or f"{item:06}.png",
            "item": item,
            "anomaly_score": labels.score(item),
        }
        known = labels.history.of(item)
        yield {
            "data": data,
            "annotations": [annotation(event, labels) for event in words(known)],
            "predictions": foreseen.get(item, []),
        }


def words(known: ItemHistory) -> list[Event]:
    """What is to be told of an item: the last answer or skip of each person, and the verdict."""
    last = dict[int, Event]()
    for event in known.current:
        before = last.get(event.annotator_id)
        skips_answered = before is not None and event.kind is EventKind.SKIP
        if event.kind in (EventKind.ANSWER, EventKind.SKIP) and not skips_answered:
            last[event.annotator_id] = event
    return [*last.values(), *([known.verdict] if known.verdict else [])]


def annotation(event: Event, labels: ProjectLabels) -> dict[str, Any]:
    """One answer or skip; a verdict is called ground truth, as a reviewer would."""
    told = {
        "id": event.seq,
        "completed_by": {"email": labels.people[event.annotator_id]},
        "created_at": iso(event.pressed_at),
        "was_cancelled": event.kind is EventKind.SKIP,
        "ground_truth": event.kind is EventKind.ADJUDICATION,
        "result": [] if event.answer is None else [choice(event.answer, event.uuid)],
    }
    if event.shown_at is not None:
        told["lead_time"] = max(0.0, event.pressed_at - event.shown_at)
    return told


def choice(answer: Answer, name: str) -> dict[str, Any]:
    """The result that says an answer, with a name of its own."""
    return {
        "id": name,
        "from_name": CONTROL,
        "to_name": OBJECT,
        "type": "choices",
        "value": {"choices": [str(answer)]},
    }


def predictions(labels: ProjectLabels) -> dict[int, list[dict[str, Any]]]:
    """What the model in use says of each item that it knows; nothing before the first model.

    The choice is by the threshold that counts. The score is the share of the pool that scores
    lower, 0 to 1: higher is more anomalous, whatever the choice is.
    """
    gallery, rule = labels.desk.gallery, labels.desk.rule
    if gallery is None or rule is None:
        return {}
    scores, version = gallery.scores, f"Ringfence model {gallery.model.version}"
    found = {}
    rows = zip(gallery.items.tolist(), scores.tolist(), ranks(scores).tolist(), strict=True)
    for item, score, share in rows:
        answer = Answer.ANOMALOUS if rule.flags(score) else Answer.NORMAL
        result = [choice(answer, f"prediction-{item}")]
        found[item] = [{"model_version": version, "score": share, "result": result}]
    return found
