"""The one file of a backup: a zip archive of what a data directory holds, with a checksum of each.

tables/<name>.jsonl     the rows of the database, see `state.upkeep.tables`
files/<path>            the files that its rows point at, see `state.upkeep.contents`
manifest.json           what is in it, with length and SHA-256 of each
manifest.sha256         the SHA-256 of that
"""

import hashlib
import json
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any, Self

from anomaly_core.errors import InvalidInput
from state.files.kinship import MARK
from state.heard import LARGEST, storable

FORMAT = 1
MANIFEST, SEAL = "manifest.json", "manifest.sha256"
TABLES, FILES = "tables", "files"
PLACES = {"projects", "imports", "examples", "runs", "datasets"}  # folders that files lie in
SECRET = "secret"  # in backups by older versions; it is not restored
CHUNK = 1 << 20  # bytes
MANIFEST_OF_A_FILE = 5_000  # bytes of the manifest that tell of a file, at most
TEMPLATE = "{} is damaged, or no backup of Ringfence; give another file."
TORN = (  # what reading a damaged archive or manifest raises
    MemoryError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    ArithmeticError,
    EOFError,
    KeyError,
    TypeError,
    ValueError,
    AttributeError,
    NotImplementedError,
    RuntimeError,
)
NEWER = "The backup was made by a newer version of Ringfence; update Ringfence first."


class Meter:
    """Is told how much there is to do, and of each piece that is done; this one says nothing."""

    def begin(self, total: int) -> None:
        """So many bytes are to be moved; a second time where it begins anew."""

    def moved(self, count: int) -> None:
        """So many more bytes have been moved."""


@dataclass(frozen=True)
class Part:
    """Length in bytes and SHA-256 of one file in a backup."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What is in a backup.

    `missing` are files that were not there, or not what the database says. `made_at` is in epoch
    seconds, `data_dir` where the files lay, `counters` the last number that each table had given.
    """

    made_at: float
    release: str
    schema: str
    data_dir: str
    rows: dict[str, int] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)
    missing: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of all that it holds, unpacked."""
        return sum(one.size for one in self.parts.values())

    @property
    def files(self) -> list[str]:
        """The paths of its files, relative to the data directory."""
        start = f"{FILES}/"
        return [name.removeprefix(start) for name in self.parts if name.startswith(start)]

    def encoded(self) -> bytes:
        """The manifest as it is kept."""
        return json.dumps({"format": FORMAT} | asdict(self), indent=1).encode()

    @classmethod
    def decoded(cls, text: bytes) -> Self:
        """Read what `encoded` wrote; raises InvalidInput for that of a newer version.

        Raises KeyError, TypeError or ValueError for anything else.
        """
        values = json.loads(text)
        if values.pop("format") > FORMAT:
            raise InvalidInput(NEWER)
        told = values.pop("parts").items()
        parts = {name: Part(int(one["size"]), str(one["sha256"])) for name, one in told}
        for name in ("release", "schema", "data_dir"):
            storable_text(values[name])
        for name in ("rows", "counters"):
            told_numbers(values[name])
        return cls(**values | {"parts": parts, "missing": tuple(values["missing"])})


class BackupWriter:
    """Puts one part after the other into a backup."""

    def __init__(self, archive: zipfile.ZipFile, meter: Meter) -> None:
        self.archive = archive
        self.meter = meter
        self.parts: dict[str, Part] = {}

    def add(self, name: str, pieces: Iterable[bytes], pack: bool = False) -> Part:
        """Add a part, packed only where that makes it much smaller."""
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED if pack else zipfile.ZIP_STORED
        digest, size = hashlib.sha256(), 0
        with self.archive.open(info, "w", force_zip64=True) as target:
            for piece in pieces:
                target.write(piece)
                digest.update(piece)
                size += len(piece)
                self.meter.moved(len(piece))
        self.parts[name] = part = Part(size, digest.hexdigest())
        return part

    def seal(self, manifest: Manifest) -> None:
        """End the backup with what is in it."""
        text = manifest.encoded()
        self.archive.writestr(MANIFEST, text, zipfile.ZIP_DEFLATED)
        self.archive.writestr(SEAL, hashlib.sha256(text).hexdigest())


class Backup:
    """A backup that is read; every part is checked while it is."""

    def __init__(self, file: Path, archive: zipfile.ZipFile) -> None:
        """Read and check its manifest; raises InvalidInput for what is no backup, or damaged."""
        self.file = file
        self.archive = archive
        self.manifest = self._manifest()
        self._check_names()

    @property
    def tables(self) -> dict[str, str]:
        """The parts that hold the rows of tables, by the name of each."""
        start = f"{TABLES}/"
        return {
            PurePosixPath(one).stem: one for one in self.manifest.parts if one.startswith(start)
        }

    def _manifest(self) -> Manifest:
        try:
            with self.archive.open(MANIFEST) as file:
                text = file.read(MANIFEST_OF_A_FILE * len(self.archive.infolist()))
            with self.archive.open(SEAL) as file:
                seal = file.read(100).decode()
            if hashlib.sha256(text).hexdigest() != seal:
                raise self.damaged()
            return Manifest.decoded(text)
        except InvalidInput:
            raise
        except (*TORN, OSError) as error:
            raise self.damaged() from error

    def _check_names(self) -> None:
        """Refuse what would leave the data directory, or is there twice or untold."""
        names = self.archive.namelist()
        if len(names) != len(set(names)) or set(names) != {*self.manifest.parts, MANIFEST, SEAL}:
            raise self.damaged()
        if not all(map(is_safe, self.manifest.parts)):
            raise self.damaged()

    def damaged(self) -> InvalidInput:
        """Say that it cannot be used."""
        return InvalidInput(TEMPLATE.format(self.file.name))

    def extract(self, name: str, target: Path, meter: Meter) -> None:
        """Write one part as a file of its own; raises InvalidInput unless it is what was saved."""
        wanted, digest, size = self.manifest.parts[name], hashlib.sha256(), 0
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with self.archive.open(name) as source, target.open("xb") as file:
                for piece in pieces_of(source, wanted.size + 1):
                    file.write(piece)
                    digest.update(piece)
                    size += len(piece)
                    meter.moved(len(piece))
        except TORN as error:
            raise self.damaged() from error
        if (size, digest.hexdigest()) != (wanted.size, wanted.sha256):
            raise self.damaged()


@contextmanager
def open_backup(file: Path) -> Iterator[Backup]:
    """Open a backup; raises InvalidInput for what is none, or is damaged."""
    try:
        archive = zipfile.ZipFile(file)
    except OSError as error:
        raise InvalidInput(
            f"{file} cannot be read ({error.strerror}); give the path of a backup."
        ) from error
    except TORN as error:
        raise InvalidInput(TEMPLATE.format(file.name)) from error
    with archive:
        yield Backup(file, archive)


def storable_text(given: Any) -> None:
    """Raise TypeError for what is no text that a database can hold."""
    if not isinstance(given, str) or not storable(given):
        raise TypeError(given)


def told_numbers(given: Mapping[str, Any]) -> None:
    """Raise TypeError unless there is a number for each name, from 0."""
    if not all(type(one) is int and 0 <= one <= LARGEST for one in dict(given).values()):
        raise TypeError(given)


def is_safe(name: str) -> bool:
    """Whether a part is that of a table, or of a file in its place in a data directory."""
    place, _, rest = name.partition("/")
    parts = rest.split("/")
    if any(part in ("", ".", "..") for part in parts) or "\0" in name:
        return False
    if place == TABLES:
        return len(parts) == 1 and rest.endswith(".jsonl") and rest[:-6].isidentifier()
    return place == FILES and (parts[0] in PLACES if parts[1:] else rest in (SECRET, MARK))


def pieces_of(source: IO[bytes], most: int) -> Iterator[bytes]:
    """What a file holds, piece by piece, up to so many bytes."""
    while most > 0 and (piece := source.read(min(CHUNK, most))):
        most -= len(piece)
        yield piece


def moved_to(value: Any, old: str, new: str) -> Any:
    """The same value of JSON with paths below the `old` data directory leading to the `new` one."""
    if isinstance(value, str):
        return (
            new + value.removeprefix(old) if value == old or value.startswith(f"{old}/") else value
        )
    if isinstance(value, list):
        return [moved_to(one, old, new) for one in value]
    if isinstance(value, Mapping):
        return {name: moved_to(one, old, new) for name, one in value.items()}
    return value
