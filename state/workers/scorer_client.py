"""Scores of images that are no items, and maps of items, from a process that is kept warm.

Torch never runs where pages are drawn, and importing it takes seconds; so one process a server
has it and its models in memory, while somebody asks every few minutes.
"""

import base64
import json
import socket
import subprocess
import threading
import time
import zipfile
import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anomaly_core.datasets.base import Images
from anomaly_core.errors import InvalidInput, RingfenceError
from state.errors import ScorerBusy, ScorerLost, StoreDamaged, StoreUnavailable
from state.files.artifacts import Array
from state.files.gallery import Gallery
from state.files.versions import CHECKPOINT, hashes_known
from state.settings import Settings
from state.workers.spawn import popen

READY = b"ready"  # the first word of the process
IDLE_SECONDS = 300.0  # without a request, after which it ends
START_SECONDS = 120.0  # until it is ready, on a busy machine; then another is started
LIMIT_SECONDS = 15.0  # for one image, the first of a model too
PAUSE_SECONDS = 30.0  # after one that ended before it was ready
MOST = 8  # requests at a time, of which all but one wait
LARGEST_REQUEST = 4_000_000  # bytes
MOST_ATTRIBUTIONS = 4  # of those requests
POLL_SECONDS = 0.1  # between two looks whether the process is ready
MAPS = "maps"  # folder within that of a project: not in a version's, which never changes
MAP = "distances"  # the array in such a file
DAMAGE = (OSError, ValueError, LookupError, EOFError, zipfile.BadZipFile, zlib.error)

DAMAGED_MAP = "The saved map is missing or damaged; ask for it again."
BUSY = "Many images are being scored just now; try again in a few seconds."
OTHERS_FIRST = "Others are being computed; try again in a few seconds."
LOST = "The process that scores images has ended; try again, and it starts anew."
STILLBORN = (
    "The process that scores images cannot be started; see scorer.log in the data directory, "
    "then try again in a minute."
)


@dataclass(frozen=True)
class Scored:
    """What a model makes of one image. `score` is a squared distance to the center.

    `embedding` (latent,) is its place in latent space, `reconstruction` (height, width) what the
    pretraining autoencoder made of it; `None` for a model that has none.
    """

    score: float
    embedding: NDArray[np.float32]
    reconstruction: Images | None


@dataclass
class ScoringProcess:
    """The process and our end of the line to it."""

    process: subprocess.Popen[bytes]
    line: Connection
    since: float = field(default_factory=time.monotonic)  # it was started
    ready: bool = False

    @property
    def lives(self) -> bool:
        """Whether the process still exists."""
        return self.process.poll() is None

    @property
    def overdue(self) -> bool:
        """Whether it should have been ready long since."""
        return not self.ready and time.monotonic() - self.since > START_SECONDS

    def hear_ready(self) -> bool:
        """Whether its first word was heard, now or before."""
        try:
            if not self.ready and self.line.poll():
                self.ready = self.line.recv_bytes() == READY
        except (EOFError, ConnectionError):
            self.end()
        return self.ready

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Have a request answered; raises ScorerLost when the process has ended or is too slow."""
        try:
            self.line.send_bytes(json.dumps(request).encode())
            if self.line.poll(LIMIT_SECONDS):
                answer: dict[str, Any] = json.loads(self.line.recv_bytes())
                return answer
        except (EOFError, OSError):
            pass  # it has ended
        self.end()
        raise ScorerLost(LOST)

    def end(self) -> None:
        """End the process, if need be, and the line to it."""
        self.process.kill()
        self.process.wait()
        self.line.close()


class Scoring:
    """Scores images when asked, one after the other; safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.idle_seconds = IDLE_SECONDS
        self._worker: ScoringProcess | None = None
        self._closed = False
        self._lock = threading.Lock()
        self._seats = threading.BoundedSemaphore(MOST)

    @property
    def ready(self) -> bool:
        """Whether an image would be scored at once."""
        return self._warm() is not None

    def warm_up(self) -> bool:
        """Have the process started unless it lives; whether it is ready. Never waits.

        Raises ScorerLost for a while after one that ended before it was ready.
        """
        if self.ready:
            return True
        if not self._lock.acquire(blocking=False):
            return False  # somebody else sees to it
        try:
            return self._living().hear_ready()
        finally:
            self._lock.release()

    def score(self, gallery: Gallery, image: Images) -> Scored:
        """Score an image (height, width) uint8 by a model version.

        Raises ScorerLost when the process is not ready, ends meanwhile or takes too long, and
        InvalidInput for an image of another size, for a model that cannot be read or when too many
        others wait.
        """
        pixels = base64.b64encode(np.ascontiguousarray(image).tobytes()).decode()
        return scored(self._ask(gallery, {"shape": image.shape, "pixels": pixels}), image)

    def attribute(self, gallery: Gallery, item: int) -> None:
        """Have the map of an item kept for a model version; raises as `score` does."""
        self._ask(gallery, of_item(gallery, item))

    def _ask(self, gallery: Gallery, request: dict[str, Any]) -> dict[str, Any]:
        """Have a request about a model version answered, after those that came before."""
        if not self._seats.acquire(blocking=False):
            raise ScorerBusy(BUSY)
        try:
            with self._lock:
                worker = self._warm()
                if worker is None:
                    raise ScorerLost(LOST)
                answer = worker.ask(of_version(gallery) | request)
        finally:
            self._seats.release()
        if "error" in answer:
            raise InvalidInput(answer["error"])
        return answer

    def close(self) -> None:
        """End the process, and with it whatever is still asked."""
        self._closed = True
        if self._worker is not None:
            self._worker.process.kill()
        with self._lock:
            if self._worker is not None:
                self._worker.end()
                self._worker = None

    def _warm(self) -> ScoringProcess | None:
        worker = self._worker
        return worker if worker is not None and worker.ready and worker.lives else None

    def _living(self) -> ScoringProcess:
        """Return the process, a new one where the last has ended; for who holds the lock."""
        worker = self._worker
        if self._closed:
            raise ScorerLost(LOST)
        if worker is not None and worker.lives and not worker.overdue:
            return worker
        if worker is not None:
            worker.end()
            if not worker.ready and time.monotonic() - worker.since < PAUSE_SECONDS:
                raise ScorerLost(STILLBORN)
        self._worker = self._start()
        return self._worker

    def _start(self) -> ScoringProcess:
        ours, theirs = socket.socketpair()
        with theirs:
            command = ["state.workers.scorer", "--idle", str(self.idle_seconds)]
            try:
                process = popen(self.settings, "scorer", command, stdin=theirs.fileno())
            except OSError as error:
                ours.close()
                raise StoreUnavailable(
                    f"Images cannot be scored ({error.strerror}); free memory or disk space."
                ) from error
        return ScoringProcess(process, Connection(ours.detach()))


def of_version(gallery: Gallery) -> dict[str, Any]:
    """What a request says of the model version: where it lies, and what that has to hash to."""
    model, known = gallery.model, hashes_known(gallery.model)
    files = {name: known[name] for name in CHECKPOINT if name in known}
    return {"model": model.directory, "version": model.version, "files": files}


def of_item(gallery: Gallery, item: int) -> dict[str, Any]:
    """What a request for a map says of it."""
    return {"item": item, "map": str(map_file(gallery, item).relative_to(gallery.data_dir))}


def scored(answer: dict[str, Any], image: Images) -> Scored:
    """Unpack what the process says of an image."""
    embedding, made = np.array(answer["embedding"], np.float32), answer["reconstruction"]
    pixels = None if made is None else np.frombuffer(base64.b64decode(made), np.uint8)
    reconstruction = None if pixels is None else pixels.reshape(image.shape)
    return Scored(answer["score"], embedding, reconstruction)


class Stage(StrEnum):
    """Where the computation of one map stands."""

    MISSING = "missing"
    COMPUTING = "computing"
    READY = "ready"
    FAILED = "failed"


Asked = Path  # the file of a map


class Attributions:
    """Has maps of where distances come from computed when asked, while nobody waits.

    Safe to share between threads.
    """

    def __init__(self, scoring: Scoring) -> None:
        self.scoring = scoring
        self._asked: dict[Asked, str | None] = {}  # why there is none; None while it is computed
        self._lock = threading.Lock()

    def stage(self, gallery: Gallery, item: int) -> Stage:
        """Say where an item's map by a model version stands."""
        one = map_file(gallery, item)
        with self._lock:
            if is_there(one):
                return Stage.READY
            if one not in self._asked:
                return Stage.MISSING
            return Stage.COMPUTING if self._asked[one] is None else Stage.FAILED

    def trouble(self, gallery: Gallery, item: int) -> str:
        """Why a map could not be computed, in a sentence."""
        return self._asked.get(map_file(gallery, item)) or ""

    def ask(self, gallery: Gallery, item: int) -> None:
        """Have a map computed unless it is there or under way.

        Raises InvalidInput when too many are under way, StoreUnavailable when none can be begun.
        """
        wanted = map_file(gallery, item)
        with self._lock:
            under_way = [one for one, trouble in self._asked.items() if trouble is None]
            if wanted in under_way or is_there(wanted):
                return
            if len(under_way) >= MOST_ATTRIBUTIONS:
                raise InvalidInput(OTHERS_FIRST)
            self._asked[wanted] = None
        try:
            threading.Thread(target=self._compute, args=(gallery, item), daemon=True).start()
        except (OSError, RuntimeError) as error:
            with self._lock:
                del self._asked[wanted]
            raise StoreUnavailable(
                "The map cannot be computed now, as memory is short; close something and try again."
            ) from error

    def _compute(self, gallery: Gallery, item: int) -> None:
        trouble = LOST
        try:
            self._await_process()
            self.scoring.attribute(gallery, item)
            trouble = ""
        except RingfenceError as error:
            trouble = str(error)
        except OSError as error:
            trouble = f"The map could not be saved ({error.strerror}); free some space."
        finally:
            with self._lock:
                self._asked[map_file(gallery, item)] = trouble
                if not trouble:
                    del self._asked[map_file(gallery, item)]  # it is there

    def _await_process(self) -> None:
        until = time.monotonic() + START_SECONDS
        while not self.scoring.warm_up():
            if time.monotonic() > until:
                raise ScorerLost(LOST)
            time.sleep(POLL_SECONDS)

    def read(self, gallery: Gallery, item: int) -> Array:
        """The map that is kept, (height, width).

        Raises StoreDamaged where there is none; a damaged one goes, so that it can be asked for.
        """
        path = map_file(gallery, item)
        try:
            return read_map(path)
        except DAMAGE as error:
            with suppress(OSError):
                path.unlink()
            raise StoreDamaged(DAMAGED_MAP) from error


def is_there(file: Path) -> bool:
    """Whether a file can be seen; one that cannot be looked for is not there."""
    try:
        return file.exists()
    except OSError:
        return False


def map_file(gallery: Gallery, item: int) -> Path:
    """Where an item's map of distances by a model version is kept."""
    model = gallery.model
    return gallery.project / MAPS / f"{model.version}-{model.sha256[:8]}" / f"{item}.npz"


def read_map(path: Path) -> Array:
    """Read a map, which its file has a checksum of; raises one of `DAMAGE`."""
    with np.load(path, allow_pickle=False) as file:
        found: Array = file[MAP]
    return found
