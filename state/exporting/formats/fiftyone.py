"""Labels as FiftyOne's image classification dataset on disk: `data/` and `labels.json`.

It knows an image by the name of its file without the ending, so no two may have the same.
https://docs.voxel51.com/user_guide/import_datasets.html
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from state.exporting.formats.image_folder import place_image
from state.exporting.formats.statements import Annotation, Task, answer_of, item_of, read_all
from state.exporting.labels import ProjectLabels
from state.heard import mapping
from state.store.schema import Answer

CLASSES = (Answer.NORMAL, Answer.ANOMALOUS)
LABELS, IMAGES = "labels.json", "data"
NOBODY = "FiftyOne"  # it does not tell who has said what
NO_DATASET = "{} is no image classification dataset of FiftyOne; give its folder or labels.json."


def to_fiftyone(labels: ProjectLabels, folder: Path) -> None:
    """Write the images of all labels that stand, and what is said of them.

    Raises what reading the images does.
    """
    (folder / IMAGES).mkdir()
    told = {}
    for item, label in labels.standing.items():
        place_image(labels, item, folder / IMAGES / labels.names[item])
        told[PurePosixPath(labels.names[item]).stem] = {
            "label": CLASSES.index(label),
            "attributes": {
                "item": item,
                "file": labels.path(item) or None,
                "anomaly_score": labels.score(item),
            },
        }
    whole_file = {"classes": [*map(str, CLASSES)], "labels": told}
    (folder / LABELS).write_text(json.dumps(whole_file, indent=1, allow_nan=False), "utf-8")


def read_fiftyone(path: Path) -> list[Task]:
    """Read the folder or its `labels.json`; raises InvalidInput where it is neither."""
    return read_all(path, entries, task_of, NO_DATASET, "Image")


def entries(path: Path) -> Iterator[tuple[str, Any, Sequence[str] | None]]:
    """What is said of each image, by the name of its file without the ending, and the classes."""
    told = json.loads((path / LABELS if path.is_dir() else path).read_bytes())
    labels: dict[str, Any] = told["labels"]
    return ((stem, said, told.get("classes")) for stem, said in labels.items())


def task_of(entry: tuple[str, Any, Sequence[str] | None]) -> Task | None:
    """One image; `None` where nothing is said of it."""
    stem, told, classes = entry
    label = told["label"] if isinstance(told, Mapping) else told
    if label is None:
        return None
    word = class_of(label, classes)
    known = mapping(mapping(told).get("attributes"))
    item = item_of(known.get("item"))
    file = known.get("file") or (stem if item is None else None)
    said = Annotation(NOBODY, answer_of([word]), None)
    return Task(item, (str(file),) if file else (), (said,))


def class_of(label: Any, classes: Sequence[str] | None) -> str:
    """The class that is meant by its name or number; raises LookupError for another number."""
    if classes is None or not isinstance(label, int):
        return str(label)
    if isinstance(label, bool) or not 0 <= label < len(classes):
        raise LookupError(label)
    return str(classes[label])
