"""Images of an import that a person marks as examples, before a project is made of them."""

from collections.abc import Iterable, Iterator

from anomaly_core.errors import InvalidInput
from state.files import artifacts
from state.files.examples import ANOMALOUS, KINDS, MOST, NORMAL, TOO_MANY, Examples
from state.files.imports import Block, ImportFolder, Record
from state.files.pictures import block_in

FILE = "examples.json"
Marks = dict[int, str]  # kinds by place among the images that were read


def marks(found: ImportFolder) -> Marks:
    """What was marked, in the order of the images."""
    path = found.folder / FILE
    given = artifacts.read_json(path) if path.is_file() else {}
    return {int(place): kind for place, kind in sorted(given.items(), key=lambda one: int(one[0]))}


def mark(found: ImportFolder, place: int, kind: str | None) -> None:
    """Mark an image as an example, or with `None` no longer; raises `InvalidInput` for too many."""
    others = {at: one for at, one in marks(found).items() if at != place}
    if kind in KINDS:
        if list(others.values()).count(str(kind)) >= MOST:
            raise InvalidInput(TOO_MANY)
        others[place] = str(kind)
    found.write(FILE, {str(at): one for at, one in others.items()})


def marked(found: ImportFolder) -> Examples:
    """The examples that the marked images make."""
    given = marks(found)
    files = {place: block.thumbnail(record) for place, block, record in images_at(found, given)}
    kinds = {
        kind: tuple(files[place] for place, one in given.items() if one == kind and place in files)
        for kind in (NORMAL, ANOMALOUS)
    }
    return Examples(**kinds)


def images_at(found: ImportFolder, places: Iterable[int]) -> Iterator[tuple[int, Block, Record]]:
    """The images at some places among those that were read, in the order of their places."""
    start, wanted = 0, sorted(places)
    for plain in found.blocks:
        if not wanted:
            return
        block = block_in(plain.folder)
        while wanted and wanted[0] < start + len(block):
            place = wanted.pop(0)
            yield place, block, block.records[place - start]
        start += len(block)
