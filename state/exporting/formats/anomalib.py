"""Labels as the CSV file that anomalib's `Tabular` data module reads.

Its `Folder` data module reads what `image_folder` beside this file writes. It learns from normal
images alone and refuses others in `train`, so what is labeled anomalous is in `test`.
https://anomalib.readthedocs.io/
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from state.exporting.labels import ProjectLabels
from state.files.pictures import own_pictures
from state.store.schema import Answer

HEADER = ("image_path", "label_index", "split")
TRAIN, TEST = "train", "test"


def to_anomalib(labels: ProjectLabels, path: Path) -> None:
    """Write each labeled image, and where they are a person's own the held-out ones.

    `label_index` is 0 for normal and 1 for anomalous. Paths are those within the import, or of a
    dataset those within the folder that `to_folder` writes.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")  # paths as they are, for a program to find
        writer.writerows([HEADER, *labeled(labels), *held_out(labels)])


def labeled(labels: ProjectLabels) -> Iterator[tuple[str, int, str]]:
    """The rows of the labels that stand."""
    for item, label in labels.standing.items():
        odd = label is Answer.ANOMALOUS
        path = labels.path(item) or f"{label}/{labels.names[item]}"
        yield path, int(odd), TEST if odd else TRAIN


def held_out(labels: ProjectLabels) -> Iterator[tuple[str, int, str]]:
    """The rows of a person's own images that were set aside, whose truth is known."""
    if labels.own is None:
        return
    files = labels.files
    own = own_pictures(files.data_dir, files.project, "test-sources")
    if own is None or not len(own.sources):
        return
    for row, y in enumerate(files.of_project("truth/test").tolist()):
        if y:
            yield own.path(row), int(y < 0), TEST
