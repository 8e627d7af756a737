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
    files = labels.files
    for label in (Answer.NORMAL, Answer.ANOMALOUS):
        (folder / label).mkdir()
    for item, label in labels.standing.items():
        place = folder / label / labels.names[item]
        if labels.own is None:
            place.write_bytes(png(files.of_project("pool")[item]))
        else:
            data, file = labels.own.given(item)
            if file is None or not linked(file, place):
                place.write_bytes(data)


def linked(file: Path, place: Path) -> bool:
    """Link a file to another place; whether that could be."""
    try:
        os.link(file, place)
    except OSError:  # on another disk, or where there are no links
        return False
    return True
