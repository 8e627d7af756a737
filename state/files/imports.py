"""The files of an import: images of a person's own, read once, before a project is made of them.

imports/<id>/
    plan.json                 where they are, whether they stay there, and how the model sees them
    examples.json             which of them were marked as examples for annotators
    upload/                   what was dragged into the page, where that is the source
    listing.json              what is to be read, in the order of item numbers, and what is not
    blocks/<number>/          so many of them each, published whole, so that a killed import goes on
        records.json          what was found out about each image, and what was refused
        pixels.npy            as the model sees them
        thumbnails.bin, originals.bin     as people see them; the former where a file is no small
                                          picture itself, the latter unless they stay in place
    findings.json             once all are read: what a person should know of them
    trouble.json              a sentence, where it could not go on
"""

import hashlib
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import lru_cache
from itertools import compress
from pathlib import Path
from typing import Any, Self

from propcache import cached_property

from anomaly_core.datasets.base import Images
from anomaly_core.errors import InvalidInput, Refused
from anomaly_core.importing.base import ImageEntry, ImageRefusal, ImageSource
from anomaly_core.importing.examining import Examined
from anomaly_core.importing.fitting import Choices
from state.errors import StoreDamaged, StoreUnavailable
from state.files import artifacts
from state.files.sources import SOURCES

BLOCK = 256  # images
EARLY = 4  # blocks that are as many times smaller, for people are waiting for them
COLUMNS = ImageEntry._fields  # of a listing
NAME = re.compile(r"[0-9a-f]{32}")
GONE = "The file {} has gone from where it was imported; put it back, or import it anew."
DAMAGED = "A file of this import is missing or damaged; import the images anew."


@dataclass(frozen=True)
class ImportPlan:
    """Where images come from, and how the model is to see them; `None` until that is settled."""

    source: str
    in_place: bool = False
    choices: Choices | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Rebuild it from the values of `to_json`."""
        choices = values["choices"]
        known = None if choices is None else Choices.from_json(choices)
        return cls(values["source"], values["in_place"], known)


@dataclass(frozen=True)
class Span:
    """Where the bytes of one file lie in a file of many."""

    start: int
    length: int


@dataclass(frozen=True)
class Record:
    """An image that was read: what it is, what was found, and where its files lie."""

    entry: ImageEntry
    examined: Examined
    thumbnail: Span | None  # `None` where the original is small enough
    original: Span | None  # `None` where it stayed in place

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "entry": self.entry._asdict(),
            "examined": vars(self.examined),
            "thumbnail": self.thumbnail and vars(self.thumbnail),
            "original": self.original and vars(self.original),
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Rebuild it from the values of `to_json`."""
        spans = (values["thumbnail"], values["original"])
        return cls(
            ImageEntry(**values["entry"]),
            Examined(**values["examined"] | {"notes": tuple(values["examined"]["notes"])}),
            *(None if span is None else Span(**span) for span in spans),
        )


@dataclass(frozen=True)
class Block:
    """A block that was read whole."""

    folder: Path

    @cached_property
    def _told(self) -> tuple[list[Record], list[ImageRefusal], Choices]:
        told = artifacts.read_json(self.folder / "records.json")
        return (
            [Record.from_json(one) for one in told["records"]],
            [ImageRefusal(**one) for one in told["refusals"]],
            Choices.from_json(told["choices"]),
        )

    @property
    def records(self) -> list[Record]:
        """The images, in the order of item numbers."""
        return self._told[0]

    def __len__(self) -> int:
        return len(self.records)

    @property
    def refusals(self) -> list[ImageRefusal]:
        """What could not be read."""
        return self._told[1]

    @property
    def pixels(self) -> Images:
        """The images as the model sees them, (n, side, side[, 3]) uint8."""
        return artifacts.read_array(self.folder / "pixels.npy")

    @property
    def choices(self) -> Choices:
        """How the model sees them."""
        return self._told[2]

    def thumbnail(self, record: Record) -> bytes:
        """The file of a small image."""
        if record.thumbnail is not None:
            return self._bytes("thumbnails.bin", record.thumbnail)
        assert record.original is not None
        return self._bytes("originals.bin", record.original)

    def original(self, record: Record, source: ImageSource | None) -> bytes:
        """The file as it was given; `source` has those that stayed in place.

        Raises `StoreUnavailable` where such a one has gone or is another by now.
        """
        if record.original is not None:
            return self._bytes("originals.bin", record.original)
        assert source is not None
        path = record.entry.path
        try:
            data = source.read(path)
        except Refused as error:
            raise StoreUnavailable(GONE.format(path)) from error
        if hashlib.sha256(data).hexdigest() != record.examined.sha256:
            raise StoreUnavailable(f"The file {path} has changed since it was imported.")
        return data

    def _bytes(self, name: str, span: Span) -> bytes:
        try:
            with (self.folder / name).open("rb") as file:
                file.seek(span.start)
                found = file.read(span.length)
        except OSError as error:
            raise StoreDamaged(DAMAGED) from error
        if len(found) < span.length:
            raise StoreDamaged(DAMAGED)
        return found


class ImportFolder:
    """One import on disk; what is in it tells how far it is."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def name(self) -> str:
        """What it is named by."""
        return self.folder.name

    @property
    def planned(self) -> bool:
        """Whether it has been begun; files that are sent come before."""
        return (self.folder / "plan.json").is_file()

    @property
    def plan(self) -> ImportPlan:
        """Where the images come from."""
        return ImportPlan.from_json(artifacts.read_json(self.folder / "plan.json"))

    def set_plan(self, plan: ImportPlan) -> None:
        """Settle where the images come from and how the model sees them."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.write("plan.json", plan.to_json())

    def unplan(self) -> None:
        """Take back that it was begun: what is left of it is nobody's."""
        (self.folder / "plan.json").unlink(missing_ok=True)

    @property
    def title(self) -> str:
        """What a person would call it: the name of the folder or file that it is from."""
        source = Path(self.plan.source)
        return "Uploaded images" if source.parent == self.folder else source.stem or "Images"

    @contextmanager
    def stayed(self) -> Iterator[ImageSource | None]:
        """Open the source for as long as files that stayed in place are needed."""
        plan = self.plan
        if not plan.in_place:
            yield None
            return
        try:
            with SOURCES.reading(Path(plan.source)) as source:
                yield source
        except InvalidInput as error:
            raise StoreUnavailable(GONE.format(self.title)) from error

    @property
    def listed(self) -> bool:
        """Whether it is known what is to be read."""
        return (self.folder / "listing.json").is_file()

    @cached_property
    def _listing(self) -> dict[str, Any]:
        return listing_in(self.folder / "listing.json")

    def entries_of(self, number: int) -> list[ImageEntry]:
        """What a block is to hold."""
        part = slice(*([0, *self._ends][number : number + 2]))
        columns = (self._listing["entries"][name][part] for name in COLUMNS)
        return [ImageEntry(*row) for row in zip(*columns, strict=True)]

    @property
    def entries(self) -> list[ImageEntry]:
        """What is to be read, in the order of item numbers."""
        return [entry for number in range(self.block_count) for entry in self.entries_of(number)]

    @property
    def total(self) -> int:
        """How many images are to be read."""
        return len(self._listing["entries"]["path"])

    @property
    def notes(self) -> list[str]:
        """What was noticed while listing."""
        return list(self._listing["notes"])

    def set_listing(
        self, entries: Sequence[ImageEntry], refusals: Sequence[ImageRefusal], notes: Sequence[str]
    ) -> None:
        """Settle what is to be read."""
        columns = zip(*entries, strict=True) if entries else [()] * len(COLUMNS)
        listed = {
            "entries": dict(zip(COLUMNS, columns, strict=True)),
            "ends": ends_of(len(entries)),
            "refusals": list(map(vars, refusals)),
            "notes": list(notes),
        }
        self.write("listing.json", listed)

    @property
    def block_count(self) -> int:
        """How many blocks there are to be."""
        return len(self._ends)

    @cached_property
    def _ends(self) -> list[int]:
        return list(self._listing["ends"])

    def block_folder(self, number: int) -> Path:
        """The folder of a block, which need not exist yet."""
        return self.folder / "blocks" / f"{number:06}"

    def there(self, number: int) -> bool:
        """Whether a block was read."""
        return self.block_folder(number).is_dir()

    @property
    def blocks(self) -> list[Block]:
        """The blocks that were read, up to the first that is missing."""
        found = []
        for number in range(self.block_count):
            if not self.there(number):
                break
            found.append(Block(self.block_folder(number)))
        return found

    @property
    def done(self) -> bool:
        """Whether everything was read and looked at."""
        return (self.folder / "findings.json").is_file()

    @property
    def findings(self) -> dict[str, Any]:
        """What a person should know of the images."""
        return artifacts.read_json(self.folder / "findings.json")

    @property
    def trouble(self) -> str:
        """Why it could not go on; empty unless so."""
        path = self.folder / "trouble.json"
        return str(artifacts.read_json(path)["sentence"]) if path.is_file() else ""

    @property
    def progress(self) -> tuple[int, int]:
        """How many images were read, and of how many."""
        if not self.listed:
            return 0, 0
        starts = [0, *self._ends]
        read = (end - start for end, start in zip(self._ends, starts, strict=False))
        there = map(self.there, range(self.block_count))
        return sum(compress(read, there)), self.total

    @property
    def refusals(self) -> list[ImageRefusal]:
        """What was not taken, and why."""
        listed = [ImageRefusal(**one) for one in self._listing["refusals"]]
        return [*listed, *(one for block in self._each() for one in block.refusals)]

    def records(self) -> Iterator[tuple[Block, Record]]:
        """Every image that was read, in the order of item numbers."""
        for block in self._each():
            for record in block.records:
                yield block, record

    def _each(self) -> Iterator[Block]:
        """One block after the other; what was read of the one before may go."""
        return (Block(one.folder) for one in self.blocks)

    def write(self, name: str, values: Mapping[str, Any]) -> None:
        """Write a file of plain values, whole or not at all."""
        artifacts.add_files(self.folder, lambda to: artifacts.write_json(to / name, values))


@lru_cache(maxsize=16)
def listing_in(path: Path) -> dict[str, Any]:
    """Read a listing, which never changes, once."""
    found = artifacts.read_json(path)
    if isinstance(rows := found["entries"], list):  # as of older imports
        found["entries"] = {name: [row[name] for row in rows] for name in COLUMNS}
    total = len(found["entries"]["path"])
    even = [*range(BLOCK, total, BLOCK), *([total] if total else [])]  # as of older imports, too
    return {"ends": even} | found


def ends_of(total: int) -> list[int]:
    """Where each block of so many images ends: small ones come first."""
    small = BLOCK // EARLY
    ends = [*range(small, BLOCK, small), *range(BLOCK, total, BLOCK)]
    return [*(end for end in ends if end < total), *([total] if total else [])]


def imports_folder(data_dir: Path) -> Path:
    """Return the folder of all imports, which need not exist yet."""
    return data_dir / "imports"


def new_import(data_dir: Path) -> ImportFolder:
    """Return an import with a name that none has; nothing is on disk yet."""
    return ImportFolder(imports_folder(data_dir) / uuid.uuid4().hex)


def import_named(data_dir: Path, name: str) -> ImportFolder | None:
    """Return the import of a name, `None` where there is none."""
    folder = imports_folder(data_dir) / name
    return ImportFolder(folder) if NAME.fullmatch(name) and folder.is_dir() else None
