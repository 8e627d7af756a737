"""The process of an import: `python -m state.workers.own.importer --import NAME`.

It lists the source, reads its images in blocks with a process on each core, and says what a person
should know of them. Killed, it goes on where it was when it is started again; only one at a time
works on an import, which holds its lock.
"""

import argparse
import contextlib
import gc
import logging
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from anomaly_core.errors import InvalidInput, Refused, RingfenceError
from anomaly_core.importing.base import ImageEntry, ImageSource
from anomaly_core.importing.examining import Examined, decode, examine
from anomaly_core.importing.findings import find
from anomaly_core.importing.fitting import Choices, suggest
from anomaly_core.importing.sources.opening import open_source
from anomaly_core.machine.locks import take
from state.files.imports import EARLY, ImportFolder, ImportPlan, import_named
from state.settings import load_settings
from state.workers.own.blocks import read_blocks
from state.workers.own.unpacking import unpacking_in
from state.workers.processes.presence import ProcessCard, ProcessKind, present

log = logging.getLogger("ringfence.importer")

SAMPLE = 64  # images that the model's view is suggested by
NAMES = 100_000  # objects, before garbage is looked for among all that is listed
MOST_WORKERS = 8  # for the sake of memory
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
            list_source(found, source)
        if plan.choices is None:
            found.set_plan(ImportPlan(plan.source, plan.in_place, suggested(source, found)))
        missing = [number for number in range(found.block_count) if not found.there(number)]
        read_blocks(found, source, missing, workers, EARLY)
    conclude(found)


def unpacked_and_read(found: ImportFolder, workers: int) -> None:
    """Bring in what is not yet, with what has to be unpacked for that below the import."""
    with unpacking_in(found.folder):
        bring_in(found, workers)


def list_source(found: ImportFolder, source: ImageSource) -> None:
    """Settle what is to be read, in an order that is drawn but always the same."""
    listing = source.listing()
    order = np.random.default_rng(0).permutation(len(listing.entries))
    entries = [listing.entries[at] for at in order.tolist()]
    found.set_listing(entries, listing.refusals, listing.notes)


def suggested(source: ImageSource, found: ImportFolder) -> Choices:
    """How the model should see the images, from some of them."""
    seen = []
    for entry in found.entries_of(0)[:SAMPLE]:
        try:
            data = source.read(entry.path)
            seen.append(examine(decode(data), data))
        except Refused:
            continue
    return suggest(seen)


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
    parser.add_argument("--workers", type=int, default=min(os.cpu_count() or 1, MOST_WORKERS))
    given = parser.parse_args()
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
    gc.set_threshold(NAMES)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

    data_dir = load_settings().data_dir
    found = import_named(data_dir, given.name)
    if found is None:
        log.error("there is no import %s", given.name)
        return 2
    with (found.folder / "lock").open("w") as lock:
        if not take(lock):
            return 0  # somebody is at it
        lock.write(f"{os.getpid()}\n")  # for whoever wonders who that is
        lock.flush()
        card = ProcessCard.mine(ProcessKind.IMPORTER, subject=found.name)
        with present(data_dir, card):
            return told(found, lambda: unpacked_and_read(found, given.workers))


if __name__ == "__main__":
    sys.exit(main())
