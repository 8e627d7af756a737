"""What an import becomes in a project: its pool, and what is set aside as a test."""

import time
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anomaly_core.datasets.base import Images, Labels
from anomaly_core.datasets.provenance import Provenance
from anomaly_core.datasets.scenario import (
    ANOMALOUS,
    NORMAL,
    TEST_SHARE,
    UNLABELED,
    LabeledImages,
    ScenarioData,
)
from anomaly_core.datasets.storage import new_images
from anomaly_core.errors import InvalidInput
from anomaly_core.importing.fitting import Choices
from anomaly_core.progress import Progress
from state.files import artifacts
from state.files.imports import Block, ImportFolder, import_named

GONE = "The images of this project are no longer there; create the project anew."
FEWEST = 32  # images that a first model is drawn round, unless there are fewer
LOOK_SECONDS = 0.1
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class OwnImages:
    """Which import, and what its labels are taken for.

    An image is normal where its label is among `normal`. With `truth`, labels are used to measure
    quality only; with `answers` they are answers. `test` keeps some labeled images out of the pool
    for measuring. `whole` is whether the truth of every image is known. `choices` say how the model
    sees them; `read` whether all were read when the project was made.
    """

    name: str
    truth: bool = False
    normal: tuple[str, ...] = ()
    test: bool = False
    whole: bool = False
    choices: Choices | None = None
    read: bool = True
    answers: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        choices = None if self.choices is None else self.choices.to_json()
        return vars(self) | {"normal": list(self.normal), "choices": choices}

    @property
    def early(self) -> bool:
        """Whether a project can begin before everything is read: where no labels measure it."""
        return not self.truth and not self.answers

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "OwnImages | None":
        """What a project's settings say; `None` where its images are those of a dataset."""
        given = settings.get("images")
        if given is None:
            return None
        choices = given["choices"] and Choices.from_json(given["choices"])
        return cls(**given | {"normal": tuple(given["normal"]), "choices": choices})


def choices_of(project: Path) -> Choices | None:
    """How the model sees the images of a project, by its folder; `None` for those of a dataset."""
    if not (project / "own.json").is_file():
        return None
    told = artifacts.read_json(project / "own.json")
    own = OwnImages.of({"images": told.get("images", told)})  # older files tell of nothing else
    return own.choices if own else None


@dataclass(frozen=True)
class Known:
    """What is known of an import: `y` (n,) is 0 where nobody said; `classes` (n,) are labels."""

    y: Labels
    classes: Labels
    in_test: NDArray[np.bool_]

    @property
    def complete(self) -> bool:
        """Whether the truth of the whole pool is known."""
        return bool((self.y[~self.in_test] != UNLABELED).all())


def known_of(blocks: Sequence[Block], own: OwnImages, seed: int) -> Known:
    """Take labels for what the project's settings say they are."""
    records = [record for block in blocks for record in block.records]
    entries = [record.entry for record in records]
    labels = [entry.label for entry in entries]
    names = sorted({label for label in labels if label is not None})
    numbers = {name: number for number, name in enumerate(names)}
    classes = np.array([-1 if one is None else numbers[one] for one in labels], np.int64)
    y = np.zeros(len(entries), np.int64)
    if own.truth or own.answers:
        y[:] = [
            UNLABELED if one is None else NORMAL if one in own.normal else ANOMALOUS
            for one in labels
        ]
    in_test = np.zeros(len(entries), bool)
    if own.truth and own.test:
        given = np.array([entry.split == "test" for entry in entries])
        told = given.any() and not given.all()
        together = [one.entry.group or one.examined.sha256 for one in records]
        in_test = (given if told else drawn(classes, together, seed)) & (y != UNLABELED)
    return Known(y, classes, in_test)


def drawn(classes: Labels, together: Sequence[str], seed: int) -> NDArray[np.bool_]:
    """Draw a part of each class (n,) for the test; what belongs `together` (n,) stays so."""
    rng = np.random.default_rng(seed)
    _, first, groups = np.unique(together, return_index=True, return_inverse=True)
    chosen = np.zeros(len(first), bool)
    for label in np.unique(classes):
        members = rng.permutation(np.flatnonzero(classes[first] == label))
        chosen[members[: round(TEST_SHARE * len(members))]] = True
    return np.asarray(chosen[groups])


@dataclass(frozen=True)
class OwnSources:
    """Where the file of each image lies, (n, 3): its batch, the block and the place in it.

    `imports` are those of the batches; `complete` says that all images of the first are there.
    """

    own: OwnImages
    imports: tuple[str, ...]
    pool: Rows
    test: Rows
    complete: bool

    def write(self, folder: Path) -> None:
        """Write it into the folder of a project."""
        told = {"imports": self.imports, "images": self.own.to_json()}
        artifacts.write_json(folder / "own.json", told)
        artifacts.write_arrays(folder, {"sources": self.pool, "test-sources": self.test})


def await_images(data_dir: Path, own: OwnImages, at_once: bool, progress: Progress) -> None:
    """Wait until enough is read for a first model: all, or where it is drawn `at_once` the first.

    Raises `InvalidInput` where the import is gone or cannot go on.
    """
    found = import_of(data_dir, own.name)
    while True:
        if found.trouble:
            raise InvalidInput(found.trouble)
        if found.listed:
            blocks = found.blocks
            early = at_once and own.early and sum(map(len, blocks)) >= FEWEST
            if early or len(blocks) == found.block_count:
                return
            progress(0.0, "Reading the first images")
        time.sleep(LOOK_SECONDS)


def own_data(
    data_dir: Path, own: OwnImages, seed: int, progress: Progress
) -> tuple[ScenarioData, OwnSources]:
    """Build pool and test; the truth is empty unless it is known of the whole pool.

    While images are still being read, it is of the first ones. Raises `InvalidInput` where the
    import is gone.
    """
    found = import_of(data_dir, own.name)
    choices = own.choices or found.plan.choices
    assert choices is not None
    blocks = found.blocks  # once: more are being read meanwhile
    complete = len(blocks) == found.block_count
    blocks = blocks if complete else first_of(blocks)
    known = known_of(blocks, own, seed)
    images = pixels_of(found, blocks, choices, progress)
    rows, test = np.flatnonzero(~known.in_test), np.flatnonzero(known.in_test)
    told = rows if own.truth and known.complete else rows[:0]
    data = ScenarioData(
        pool=images[rows] if len(test) else images,
        truth=known.y[told],
        classes=known.classes[told],
        provenance=Provenance.clean(told),
        validation=held_out(images, known, rows[:0]),
        test=held_out(images, known, test),
    )
    places = np.concatenate([places_of(0, at, len(block)) for at, block in enumerate(blocks)])
    return data, OwnSources(own, (own.name,), places[rows], places[test], complete)


def first_of(blocks: list[Block]) -> list[Block]:
    """As few of these as a first model needs."""
    images = list(accumulate(map(len, blocks)))
    return blocks[: 1 + bisect_left(images, FEWEST)]


def import_of(data_dir: Path, name: str) -> ImportFolder:
    """The import of a name; raises `InvalidInput` where it is gone."""
    found = import_named(data_dir, name)
    if found is None:
        raise InvalidInput(GONE)
    return found


def places_of(batch: int, block: int, count: int) -> Rows:
    """Where the images of a block lie, (count, 3)."""
    return np.array([(batch, block, place) for place in range(count)], np.int64).reshape(-1, 3)


def held_out(images: Images, known: Known, rows: Rows) -> LabeledImages:
    """The images of some rows, with what is known of them."""
    return LabeledImages(images[rows], known.y[rows], known.classes[rows], Provenance.clean(rows))


def pixels_of(
    found: ImportFolder, blocks: Sequence[Block], choices: Choices, progress: Progress
) -> Images:
    """The images of some blocks as the model is to see them, (n, side, side[, 3])."""
    shape = (choices.side, choices.side, *([3] if choices.colour else []))
    images = new_images((sum(map(len, blocks)), *shape))
    start = 0
    for number, block in enumerate(blocks):
        progress(number / len(blocks), f"Reading image {start + 1:,} of {len(images):,}")
        images[start : start + len(block)] = seen(found, block, choices)
        start += len(block)
    return images


def seen(found: ImportFolder, block: Block, choices: Choices) -> Images:
    """The images of a block, which may have been read to be seen in another way."""
    if block.choices == choices or not len(block):
        return block.pixels
    with found.stayed() as source:
        files = (block.original(record, source) for record in block.records)
        return np.stack([choices.seen_in(data) for data in files])
