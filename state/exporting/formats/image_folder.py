"""Labels as folders of images: `normal/` and `anomalous/`, as many programs read them."""

import os
from pathlib import Path

from state.exporting.labels import ProjectLabels
from state.files.pictures import png
from state.store.schema import Answer


def to_folder(labels: ProjectLabels, folder: Path) -> None:
    """Write the images of all labels that stand, by label, into a folder that is there.

    A person's own files are as they were given: hard links where they stayed in place and that can
    be, else copies. Images of a dataset are PNG files of their pixels. Raises what reading them
    does.
    """
    for label in (Answer.NORMAL, Answer.ANOMALOUS):
        (folder / label).mkdir()
    for item, label in labels.standing.items():
        place_image(labels, item, folder / label / labels.names[item])


def place_image(labels: ProjectLabels, item: int, place: Path) -> None:
    """Put the image of an item in a place where nothing is; raises what reading it does."""
    data, file = image_file(labels, item)
    if file is None or not linked(file, place):
        place.write_bytes(data)


def image_file(labels: ProjectLabels, item: int) -> tuple[bytes, Path | None]:
    """The file of an item's image, and where it is if it stayed in place in a folder."""
    if labels.own is not None:
        return labels.own.given(item)
    return png(labels.files.of_project("pool")[item]), None


def linked(file: Path, place: Path) -> bool:
    """Link a file to another place; whether that could be."""
    try:
        os.link(file, place)
    except OSError:  # on another disk, or where there are no links
        return False
    return True
