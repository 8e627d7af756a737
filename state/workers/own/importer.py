"""The process of an import: `python -m state.workers.own.importer --import NAME`.

It lists the source, reads its images in blocks with a process on each core, and says what a person
should know of them. Killed, it goes on where it was when it is started again; only one at a time
works on an import, which holds its lock.
"""

import argparse
import contextlib
import fcntl
import logging
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import torch

from anomaly_core.datasets.base import Images
from anomaly_core.errors import InvalidInput, Refused, RingfenceError
from anomaly_core.importing.base import ImageEntry, ImageRefusal, ImageSource
from anomaly_core.importing.examining import Examined, decode, examine, thumbnail
from anomaly_core.importing.findings import find
from anomaly_core.importing.fitting import Choices, suggest
from anomaly_core.importing.sources.opening import open_source
from state.files import artifacts
from state.files.imports import ImportFolder, ImportPlan, Record, Span, import_named
from state.settings import load_settings
from state.workers.own.unpacking import unpacking_in

log = logging.getLogger("ringfence.importer")

SAMPLE = 64  # images that the model's view is suggested by
FULL = "The disk is full or cannot be written ({}); free some space, then import again."
NOTHING = "None of the files can be read as an image; see why each was refused, and give others."
BROKEN = "The import failed unexpectedly; the log has the details."


def bring_in(found: ImportFolder, workers: int = 1) -> None:
    """List, read and judge what is not yet; raises `InvalidInput` where there is nothing to read.

    With more than one worker, blocks are read in processes of their own.
    """
    plan = found.plan
    with open_source(Path(plan.source)) as source:
        if not found.listed:
            listing = source.listing()
            order = np.random.default_rng(0).permutation(len(listing.entries))
            entries = [listing.entries[at] for at in order.tolist()]
            found.set_listing(entries, listing.refusals, listing.notes)
        if plan.choices is None:
            found.set_plan(ImportPlan(plan.source, plan.in_place, suggested(source, found)))
        missing = [number for number in range(found.block_count) if not found.there(number)]
        if workers == 1 or len(missing) < 2:
            for number in missing:
                read_block(found, source, number)
    if workers > 1 and len(missing) > 1:
        in_processes(found, missing, workers)
    conclude(found)


def suggested(source: ImageSource, found: ImportFolder) -> Choices:
    """How the model should see the images, from some of them."""
    seen = []
    for entry in found.entries[:SAMPLE]:
        try:
            data = source.read(entry.path)
            seen.append(examine(decode(data), data))
        except Refused:
            continue
    return suggest(seen)


def in_processes(found: ImportFolder, missing: Sequence[int], workers: int) -> None:
    """Read blocks in several processes."""
    context = multiprocessing.get_context("spawn")
    count = min(workers, len(missing))
    portions = [list(missing[at::count]) for at in range(count)]  # early blocks come first
    with ProcessPoolExecutor(count, context, end_with, (os.getpid(),)) as pool:
        for _ in pool.map(partial(read_blocks, found.folder), portions):
            pass


def end_with(parent: int) -> None:
    """Have this process end when its parent has: a killed import leaves nobody behind."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def read_blocks(folder: Path, numbers: Sequence[int]) -> None:
    """Read some blocks of an import, in a process of its own."""
    torch.set_num_threads(1)
    found = ImportFolder(folder)
    with open_source(Path(found.plan.source)) as source:
        for number in numbers:
            read_block(found, source, number)


def read_block(found: ImportFolder, source: ImageSource, number: int) -> None:
    """Read a block and publish it whole."""
    entries, plan = found.entries_of(number), found.plan
    assert plan.choices is not None
    block = BlockWriter(plan.choices, plan.in_place)
    artifacts.publish(found.block_folder(number), lambda to: block.write(to, source, entries))


class BlockWriter:
    """Writes the files of a block."""

    def __init__(self, choices: Choices, in_place: bool) -> None:
        self.choices = choices
        self.in_place = in_place
        self.records: list[Record] = []
        self.refusals: list[ImageRefusal] = []
        self.pixels: list[Images] = []

    def write(self, folder: Path, source: ImageSource, entries: Sequence[ImageEntry]) -> None:
        """Read the images of `entries` into a folder."""
        with (
            (folder / "thumbnails.bin").open("wb") as small,
            (folder / "originals.bin").open("wb") as large,
        ):
            for entry in entries:
                try:
                    data = source.read(entry.path)
                    decoded = decode(data, entry.path)
                except Refused as refusal:
                    self.refusals.append(ImageRefusal(entry.path, str(refusal)))
                    continue
                picture = thumbnail(decoded.pixels)
                thumb = Span(small.tell(), small.write(picture))
                original = None if self.in_place else Span(large.tell(), large.write(data))
                self.records.append(Record(entry, examine(decoded, data), thumb, original))
                self.pixels.append(self.choices.seen(decoded.pixels))
        shape = (self.choices.side, self.choices.side, *([3] if self.choices.colour else []))
        pixels = np.stack(self.pixels) if self.pixels else np.empty((0, *shape), np.uint8)
        artifacts.write_arrays(folder, {"pixels": pixels})
        told = {
            "choices": self.choices.to_json(),
            "records": [record.to_json() for record in self.records],
            "refusals": [vars(refusal) for refusal in self.refusals],
        }
        artifacts.write_json(folder / "records.json", told)


def conclude(found: ImportFolder) -> None:
    """Say what a person should know of all images."""
    entries: list[ImageEntry] = []
    examined: list[Examined] = []
    for _, record in found.records():
        entries.append(record.entry)
        examined.append(record.examined)
    if not entries:
        raise InvalidInput(NOTHING)
    findings = find(entries, examined, found.refusals)
    usual = np.median([(one.width, one.height) for one in examined], axis=0).astype(int).tolist()
    found.write("findings.json", findings.to_json() | {"usual": usual, "rows": findings.rows()})


def told(found: ImportFolder, work: Callable[[], None]) -> int:
    """Do the work and return an exit code; leave a sentence where it cannot be done."""
    (found.folder / "trouble.json").unlink(missing_ok=True)
    try:
        work()
    except RingfenceError as error:
        sentence = str(error)
    except OSError as error:
        log.exception("the import stopped")
        sentence = FULL.format(error.strerror)
    except Exception:
        log.exception("the import failed")
        sentence = BROKEN
    else:
        return 0
    sentence = sentence.replace(f"{found.folder}/upload/", "")
    with contextlib.suppress(OSError):  # the disk may be full
        found.write("trouble.json", {"sentence": sentence})
    return 2


def main() -> int:
    """Bring in one import from the command line of the process."""
    parser = argparse.ArgumentParser(description="Read images of a person's own.")
    parser.add_argument("--import", dest="name", required=True)
    given = parser.parse_args()
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
    found = import_named(load_settings().data_dir, given.name)
    if found is None:
        log.error("there is no import %s", given.name)
        return 2
    with (found.folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return 0  # somebody is at it
        with unpacking_in(found.folder / "unpacked"):
            return told(found, lambda: bring_in(found, os.cpu_count() or 1))


if __name__ == "__main__":
    sys.exit(main())
