"""Where an item's distance comes from: asked of a process of its own, and kept beside the model.

The gradient on the pixels needs torch, which never runs where pages are drawn.
"""

import subprocess
import threading
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from anomaly_core.errors import InvalidInput
from state.files import artifacts
from state.files.artifacts import Array
from state.files.gallery import Gallery
from state.settings import Settings
from state.workers.spawn import popen

FOLDER = "attributions"  # within that of a model version; one file an item
LIMIT_SECONDS = 120.0
MOST = 2  # at a time; each is a process with torch in it
BUSY = "Others are being computed; try again in a few seconds."


class Stage(StrEnum):
    """Where the computation of one attribution stands."""

    MISSING = "missing"
    COMPUTING = "computing"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True)
class Work:
    """A process under way, and when it was started (seconds of a clock that only goes on)."""

    process: subprocess.Popen[bytes]
    since: float

    @property
    def late(self) -> bool:
        """Whether it has used up its time."""
        return time.monotonic() - self.since > LIMIT_SECONDS


class Attributions:
    """Computes attributions when asked; safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._work: dict[Path, Work] = {}
        self._lock = threading.Lock()

    def stage(self, gallery: Gallery, item: int) -> Stage:
        """Say where an item's attribution by a model version stands; ends what takes too long."""
        path = file_of(gallery.version, item)
        if path.exists():
            return Stage.READY
        with self._lock:
            work = self._work.get(path)
            if work is None:
                return Stage.MISSING
            if work.process.poll() is None and work.late:
                work.process.kill()
                work.process.wait()
            if work.process.poll() is None:
                return Stage.COMPUTING
        return Stage.READY if path.exists() else Stage.FAILED

    def ask(self, gallery: Gallery, item: int) -> None:
        """Have an attribution computed unless it is there or under way.

        Raises InvalidInput when too many are under way.
        """
        if self.stage(gallery, item) in (Stage.READY, Stage.COMPUTING):
            return
        path = file_of(gallery.version, item)
        with self._lock:
            self._work = {
                path: work for path, work in self._work.items() if work.process.poll() is None
            }
            if len(self._work) >= MOST:
                raise InvalidInput(BUSY)
            version = gallery.version.relative_to(self.settings.data_dir)
            command = ["state.workers.attributor", "--model", str(version), "--item", str(item)]
            process = popen(self.settings, "attributor", command)
            self._work[path] = Work(process, time.monotonic())

    def read(self, gallery: Gallery, item: int) -> Array:
        """Change of the distance with each pixel (0 black, 1 white), (height, width)."""
        return artifacts.read_array(file_of(gallery.version, item))


def file_of(version: Path, item: int) -> Path:
    """Where an item's attribution by the model version in this folder is kept."""
    return version / FOLDER / f"{item}.npy"
