"""What a person can do with images of their own before a project is made of them.

Nothing here reads an image; `tend` sees to it that an importer does.
"""

import shutil
import subprocess
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import IO

from anomaly_core.datasets.image_folder import check_size
from anomaly_core.datasets.scenario import ANOMALOUS, NORMAL
from anomaly_core.errors import InvalidInput
from anomaly_core.importing.fitting import Choices
from anomaly_core.importing.sources.opening import holds_pixels
from anomaly_core.machine.locks import is_taken
from state.errors import StoreUnavailable
from state.files.imports import ImportFolder, ImportPlan, import_named, imports_folder, new_import
from state.files.unfinished import Kind, marked, removing
from state.projects.examples import mark
from state.settings import Settings
from state.store.audit_log import Deed
from state.store.batches import ImageBatch, taken_back
from state.store.database import together
from state.store.people import Annotator
from state.store.schema import Role
from state.store.store import Store
from state.workers.own.images import Known, OwnImages, known_of
from state.workers.spawn import TRIES, popen

IMPORTER = "state.workers.own.importer"
ABANDONED = "The import failed repeatedly; the log has the details."
TABLES = (".zip", ".csv", ".tsv", ".parquet", ".npy", ".npz", ".gz")  # that hold many images
NOT_THERE = "These images are no longer there; import them again."
ONLY_OWNERS = "Only an owner may bring in images or discard them; ask one of those on Team."


@dataclass(frozen=True)
class Reading:
    """How far an import is: images read, of how many, and why it cannot go on, if so."""

    read: int
    total: int
    done: bool
    trouble: str = ""

    @property
    def under_way(self) -> bool:
        """Whether there is something to wait for."""
        return not self.done and not self.trouble


class Imports:
    """Begins imports and keeps them going; safe to share between threads."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.settings = settings
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._started: Counter[str] = Counter()
        self._lock = threading.Lock()

    def begin(self, source: Path, who: Annotator, in_place: bool = False) -> ImportFolder:
        """Have the images at a path of this machine read; raises `InvalidInput` if there is none.

        With `in_place` the files stay where they are, and must stay there; arrays and tables of
        pixels, which have no file for each image, are copied all the same. Raises `NotAllowed` for
        whoever is no owner.
        """
        self._require_right(who)
        try:
            there = source.exists()
        except OSError:  # a name that no file can have, or a folder that may not be opened
            there = False
        if not there:
            raise InvalidInput(f"{source} does not exist; give the path of a folder or file.")
        found = new_import(self.settings.data_dir)
        self._record(who, Deed.IMPORTED, found)
        with saving(found):
            stays = in_place and not holds_pixels(source)
            found.set_plan(ImportPlan(str(source.absolute()), stays))
        self.tend(found)
        return found

    def upload(self, files: Iterable[tuple[str, IO[bytes]]], who: Annotator) -> ImportFolder:
        """Have files that a person sent read: one archive or table, or any number of images."""
        self._require_right(who)
        given = list(files)
        if not given:
            raise InvalidInput(
                "No file was given; choose an archive or some images, or type a path."
            )
        found = new_import(self.settings.data_dir)
        folder = found.folder / "upload"
        self._record(who, Deed.IMPORTED, found)
        with saving(found):
            folder.mkdir(parents=True)
            for number, (name, content) in enumerate(given):
                with (folder / safe(name, number, folder)).open("wb") as file:
                    shutil.copyfileobj(content, file)
            saved = sorted(folder.iterdir())
            alone = len(saved) == 1 and is_a_source(saved[0].name)
            found.set_plan(ImportPlan(str(saved[0] if alone else folder)))
        self.tend(found)
        return found

    def named(self, name: str) -> ImportFolder | None:
        """The import of a name, `None` where there is none."""
        return import_named(self.settings.data_dir, name)

    def tend(self, found: ImportFolder) -> Reading:
        """Keep an import going, and say how far it is. Cheap when there is nothing to do."""
        read, total = found.progress
        reading = Reading(read, total, found.done, found.trouble)
        if not reading.under_way or busy(found):
            return reading
        with self._lock:
            child = self._children.get(found.name)
            if child is not None and child.poll() is None:
                return reading
            if self._started[found.name] >= TRIES:
                return replace(reading, trouble=ABANDONED)
            self._started[found.name] += 1
            self._children[found.name] = self._start(found)
        return reading

    def _start(self, found: ImportFolder) -> subprocess.Popen[bytes]:
        try:
            return popen(self.settings, "importer", [IMPORTER, "--import", found.name])
        except OSError as error:
            raise StoreUnavailable(
                f"The import cannot be started ({error.strerror}); free memory or disk space."
            ) from error

    def retry(self, found: ImportFolder, who: Annotator) -> None:
        """Let an import go on that could not."""
        self._record(who, Deed.IMPORTED, found)
        (found.folder / "trouble.json").unlink(missing_ok=True)
        self._started[found.name] = 0
        self.tend(found)

    def see(self, found: ImportFolder, choices: Choices, who: Annotator) -> None:
        """Change how the model will see the images; raises `InvalidInput` for a size too large."""
        check_size(choices.side)
        if found.plan.choices != choices:
            self._record(who, Deed.CHANGED_IMPORT, found)
            found.set_plan(replace(found.plan, choices=choices))

    def mark(self, found: ImportFolder, place: int, kind: str | None, who: Annotator) -> None:
        """Mark an image as an example, for an owner; see `examples.mark`."""
        self._record(who, Deed.CHANGED_IMPORT, found)
        mark(found, place, kind)

    def tend_all(self, project_id: int) -> bool:
        """Keep what is still coming into a project going; whether its pool is to change."""
        batches = self.store.batches.of(project_id)
        model = self.store.models.active(project_id) if batches else None
        coming = self.coming(batches)
        if coming is not None:
            self.tend(coming)
        if model is None:
            return False  # a job is to make the first one
        return coming is not None or taken_back(batches) != model.metrics.get("without", [])

    def coming(self, batches: Sequence[ImageBatch]) -> ImportFolder | None:
        """The import whose images are still to come into a pool, if any are."""
        names = (one.import_name for one in batches if one.stands and not one.complete)
        name = next(names, None)
        return self.named(name) if name else None

    def ready(self, found: ImportFolder) -> bool:
        """Whether a project can be made already, though not everything is read."""
        return found.listed and found.plan.choices is not None and found.there(0)

    def taken(self, own: OwnImages, seed: int) -> tuple[OwnImages, int]:
        """What a project is made of, once it may be, and how many images its pool will have.

        That is before everything is read, unless labels measure the models. Raises `InvalidInput`
        where it must wait, or for labels that tell nothing.
        """
        found = self.named(own.name)
        if found is None:
            raise InvalidInput(NOT_THERE)
        if found.trouble:
            raise InvalidInput(found.trouble)
        if not found.done and own.early and self.ready(found):
            return replace(own, choices=found.plan.choices, read=False), found.progress[1]
        if not found.done:
            raise InvalidInput("The images are still being read; wait until all are.")
        known = known_of(found.blocks, own, seed)
        if own.truth or own.answers:
            check_labels(known)
        chosen = replace(own, whole=own.truth and known.complete, choices=found.plan.choices)
        return chosen, int((~known.in_test).sum())

    def remove(self, found: ImportFolder, who: Annotator) -> None:
        """Stop an import that no project was made of, and remove what it has copied.

        Raises `InvalidInput` where a project uses it, also one that was deleted within a day.
        """
        self._require_right(who)
        with ExitStack() as stack:
            with together(self.store.engine):
                self.store.projects.take_turn()
                if found.name in self.used():
                    raise InvalidInput(
                        "A project was made of these images; delete the project instead."
                    )
                self._record(who, Deed.REMOVED_IMPORT, found)
                stack.enter_context(removing(found.folder))
                found.unplan()
            with self._lock:
                child = self._children.pop(found.name, None)
            if child is not None:
                child.kill()
                child.wait()
            shutil.rmtree(found.folder, ignore_errors=True)

    def hold(self, name: str) -> None:
        """Have an import stay until the end of the transaction; raises `InvalidInput` without it.

        Whoever makes something of its images and whoever discards them take turns.
        """
        self.store.projects.take_turn()
        found = self.named(name)
        if found is None or not found.planned:
            raise InvalidInput(NOT_THERE)

    def _require_right(self, who: Annotator) -> None:
        """Refuse whoever is no owner; raises `NotAllowed`."""
        self.store.audit_log.require(who, Role.OWNER, ONLY_OWNERS)

    def _record(self, who: Annotator, what: Deed, found: ImportFolder) -> None:
        """Leave the row of what is done next to the files of an import; raises `NotAllowed`."""
        self.store.audit_log.record(who, what, found.name, refusal=ONLY_OWNERS)

    def waiting(self) -> list[ImportFolder]:
        """Imports that no project was made of, the newest first."""
        used = self.used()
        return [found for found in reversed(self.all()) if found.name not in used]

    def used(self) -> set[str]:
        """The names of imports that a project was made of, deleted ones that may come back too."""
        return {one.import_name for one in self.store.batches.all()}

    def all(self) -> list[ImportFolder]:
        """Every import, the newest last."""
        folder = imports_folder(self.settings.data_dir)
        names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
        found = [one for name in names if (one := self.named(name)) is not None and one.planned]
        return sorted(found, key=lambda one: one.folder.stat().st_ctime)


def check_labels(known: Known) -> None:
    """Refuse labels that leave nothing normal or nothing anomalous."""
    missing = [
        word
        for word, y in (("normal", NORMAL), ("anomalous", ANOMALOUS))
        if not (known.y == y).any()
    ]
    if missing and (known.classes < 0).all():
        raise InvalidInput("No labels came along with these images; leave the labels out.")
    if missing:
        raise InvalidInput(
            f"By these labels no image is {missing[0]}; choose which labels are normal anew, or "
            "leave the labels out."
        )


@contextmanager
def saving(found: ImportFolder) -> Iterator[None]:
    """Leave nothing of an import whose files cannot be written."""
    try:
        with marked(found.folder, Kind.CLAIM):
            try:
                yield
            except BaseException:
                shutil.rmtree(found.folder, ignore_errors=True)
                raise
    except OSError as error:
        raise StoreUnavailable(
            f"The files could not be saved ({error.strerror}); free some space, then try again."
        ) from error


def is_a_source(name: str) -> bool:
    """Whether a single file that was sent holds many images."""
    return name.lower().endswith(TABLES) or "idx" in name.lower()


def busy(found: ImportFolder) -> bool:
    """Whether an importer is at it, also one of another process."""
    try:
        with (found.folder / "lock").open("a+") as lock:
            return is_taken(lock)
    except OSError:
        return False  # it is gone, or nobody can write there


def safe(name: str, number: int, folder: Path) -> str:
    """A name for a file that a person sent, which no other in the folder has."""
    plain = PurePosixPath(name.replace("\\", "/").replace("\0", "")).name
    usable = plain not in ("", ".", "..") and len(plain.encode()) <= 255
    chosen = plain if usable else f"{number:06}{PurePosixPath(plain).suffix[:10]}"
    return f"{number:06}-{chosen}"[:200] if (folder / chosen).exists() else chosen
