"""A pile of somebody's images: real photographs cut into pieces, some of them scratched."""

import io
from pathlib import Path
from typing import Any

from PIL import Image
from sklearn.datasets import load_sample_image

from state.files.imports import ImportFolder, ImportPlan, new_import
from state.projects.imports import Imports
from state.workers.own.importer import bring_in, told

SIDE = 48
GOOD, SCRATCHED = 40, 8
ALL_FILES = GOOD + SCRATCHED + 1  # one is broken


def piece(number: int, scratched: bool) -> Image.Image:
    """A piece of a photograph, with a bright scratch or without."""
    photograph = load_sample_image("china.jpg")
    rows, columns = (length // SIDE for length in photograph.shape[:2])
    top, left = number // columns % rows * SIDE, number % columns * SIDE
    pixels = photograph[top : top + SIDE, left : left + SIDE].copy()
    if scratched:
        for at in range(8, 40):
            pixels[at, at - 4 : at + 4] = 255
    return Image.fromarray(pixels)


def jpeg(image: Image.Image) -> bytes:
    """The file of an image."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=92)
    return file.getvalue()


def write_pile(root: Path, good: int = GOOD, scratched: int = SCRATCHED) -> Path:
    """Write a folder of two classes, and beside them what is no image."""
    for label, count in (("good", good), ("scratched", scratched)):
        (root / label).mkdir(parents=True)
        for number in range(count):
            file = root / label / f"{number:03}.jpg"
            file.write_bytes(jpeg(piece(number, label == "scratched")))
    (root / "good" / "broken.jpg").write_bytes(jpeg(piece(0, False))[:400])
    (root / "notes.txt").write_text("taken on Tuesday")
    return root


def brought_in(data_dir: Path, source: Path, in_place: bool = False) -> ImportFolder:
    """An import that was read to its end, in this process."""
    found = new_import(data_dir)
    found.set_plan(ImportPlan(str(source), in_place))
    bring_in(found)
    return found


class Over:
    """A process that has ended."""

    def poll(self) -> int:
        return 0

    def kill(self) -> None:
        pass

    def wait(self) -> int:
        return 0


class AtOnce(Imports):
    """Reads everything in this process as soon as it is asked for."""

    def _start(self, found: ImportFolder) -> Any:
        told(found, lambda: bring_in(found))
        return Over()
