"""Blocks of an import: read by one process or several, and put in their places by one.

The processes load neither torch nor the database, so that they are there soon and stay small.
"""

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import chain
from multiprocessing.context import SpawnContext
from multiprocessing.synchronize import Lock, Semaphore
from pathlib import Path
from typing import BinaryIO

import numpy as np

from anomaly_core.datasets.base import Images
from anomaly_core.errors import Refused
from anomaly_core.importing.base import ImageEntry, ImageRefusal, ImageSource
from anomaly_core.importing.examining import examine, shows_itself, thumbnail
from anomaly_core.importing.fitting import Choices
from anomaly_core.importing.sources.opening import open_source
from anomaly_core.machine.parents import end_with
from state.files import artifacts
from state.files.imports import ImportFolder, Record, Span
from state.files.unfinished import marked

SMALL = 2_000_000  # pixels of which every process may have some at any time
NICE = 10  # by how much reading gives way to training
SHARE, SHARES = 16_000_000, 3  # pixels, and how often there is memory for so many


@dataclass(frozen=True)
class Room:
    """Memory for large images, which processes share: some wait until others are done."""

    turn: Lock
    shares: Semaphore

    @classmethod
    def of(cls, context: SpawnContext) -> "Room":
        """Room for the processes of a context."""
        return cls(context.Lock(), context.Semaphore(SHARES))

    @contextmanager
    def taken(self, pixels: int) -> Iterator[None]:
        """Hold what an image of so many pixels takes."""
        if pixels <= SMALL:
            yield
            return
        count = min(SHARES, -(-pixels // SHARE))
        with self.turn:  # nobody holds a part of it and waits for somebody who does too
            for _ in range(count):
                self.shares.acquire()
        try:
            yield
        finally:
            for _ in range(count):
                self.shares.release()


@dataclass
class BlockWriter:
    """Writes the files of a block."""

    choices: Choices
    in_place: bool
    room: Room | None = None
    records: list[Record] = field(default_factory=list)
    refusals: list[ImageRefusal] = field(default_factory=list)
    pixels: list[Images] = field(default_factory=list)

    def write(self, folder: Path, source: ImageSource, entries: Sequence[ImageEntry]) -> None:
        """Read the images of `entries` into a folder."""
        with (
            (folder / "thumbnails.bin").open("wb") as small,
            (folder / "originals.bin").open("wb") as large,
        ):
            for entry in entries:
                try:
                    self._take(entry, source.read(entry.path), small, large)
                except Refused as refusal:
                    self.refusals.append(ImageRefusal(entry.path, str(refusal)))
        shape = (self.choices.side, self.choices.side, *([3] if self.choices.colour else []))
        pixels = np.stack(self.pixels) if self.pixels else np.empty((0, *shape), np.uint8)
        artifacts.write_arrays(folder, {"pixels": pixels})
        told = {
            "choices": self.choices.to_json(),
            "records": [record.to_json() for record in self.records],
            "refusals": [vars(refusal) for refusal in self.refusals],
        }
        artifacts.write_json(folder / "records.json", told)

    def _take(self, entry: ImageEntry, data: bytes, small: BinaryIO, large: BinaryIO) -> None:
        with ExitStack() as held:

            def room(pixels: int) -> None:
                if self.room is not None:
                    held.enter_context(self.room.taken(pixels))

            decoded = self.choices.decode(data, entry.path, room)
            examined, seen = examine(decoded, data), self.choices.seen(decoded)
            light = shows_itself(data, decoded)
            picture = None if light else thumbnail(decoded.image)
            del decoded
        if light and self.in_place:
            picture = data
        thumb = None if picture is None else Span(small.tell(), small.write(picture))
        original = None if self.in_place else Span(large.tell(), large.write(data))
        self.records.append(Record(entry, examined, thumb, original))
        self.pixels.append(seen)


@dataclass
class BlockReader:
    """What a process that reads blocks keeps open; it puts them into `drafts`."""

    drafts: Path = Path()
    in_place: bool = False
    choices: Choices | None = None
    source: ImageSource | None = None
    room: Room | None = None
    held: ExitStack = field(default_factory=ExitStack)

    def open(self, found: ImportFolder, drafts: Path, room: Room) -> None:
        """Open the source of an import."""
        plan = found.plan
        self.drafts, self.in_place, self.choices = drafts, plan.in_place, plan.choices
        self.source, self.room = self.held.enter_context(open_source(Path(plan.source))), room

    def read(self, number: int, entries: Sequence[ImageEntry]) -> Path:
        """Read a block into a folder that is to be sealed."""
        source = self.source
        assert source is not None
        assert self.choices is not None
        folder = self.drafts / str(number)
        folder.mkdir()
        folder.chmod(0o755)  # a team shares the data directory
        BlockWriter(self.choices, self.in_place, self.room).write(folder, source, entries)
        return folder


READER = BlockReader()  # of this process, where it is one of several


def read_blocks(
    found: ImportFolder, source: ImageSource, missing: Sequence[int], workers: int, ahead: int
) -> None:
    """Read blocks and publish each whole, in several processes unless there are few.

    One mark is on all that is not published yet: what a killed import leaves is swept up.
    """
    blocks = found.block_folder(0).parent
    blocks.mkdir(exist_ok=True)
    with marked(blocks) as drafts:
        if workers > 1 and len(missing) > ahead:
            in_processes(found, source, drafts, missing, workers, ahead)
        else:
            for number in missing:
                read_block(found, source, drafts, number)


def in_processes(
    found: ImportFolder,
    source: ImageSource,
    drafts: Path,
    missing: Sequence[int],
    workers: int,
    ahead: int,
) -> None:
    """Read blocks in several processes, the first `ahead` here while these start.

    This process flushes what the others have read, and puts it in its place.
    """
    context = multiprocessing.get_context("spawn")
    room = Room.of(context)
    rest = missing[ahead:]
    count = min(workers, len(rest))
    start = (os.getpid(), found.folder, drafts, room)
    with ProcessPoolExecutor(count, context, begin, start) as pool:
        try:
            early = pool.map(read_in_process, rest[:count], map(found.entries_of, rest))
            for number in missing[:ahead]:
                read_block(found, source, drafts, number, room)
            late = pool.map(read_in_process, rest[count:], map(found.entries_of, rest[count:]))
            for number, draft in zip(rest, chain(early, late), strict=True):
                artifacts.settle(draft, found.block_folder(number))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def begin(parent: int, folder: Path, drafts: Path, room: Room) -> None:
    """Make ready a process that reads blocks, and gives way to whoever labels meanwhile."""
    end_with(parent)
    os.nice(NICE)
    READER.open(ImportFolder(folder), drafts, room)


def read_in_process(number: int, entries: Sequence[ImageEntry]) -> Path:
    """Read a block in a process that `begin` made ready."""
    return READER.read(number, entries)


def read_block(
    found: ImportFolder, source: ImageSource, drafts: Path, number: int, room: Room | None = None
) -> None:
    """Read a block in this process and publish it whole."""
    plan = found.plan
    reader = BlockReader(drafts, plan.in_place, plan.choices, source, room)
    artifacts.settle(reader.read(number, found.entries_of(number)), found.block_folder(number))
