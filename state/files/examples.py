"""Pictures that go with the guidelines of a project: examples of what is normal and what is not.

examples/<name>/
    normal-1.jpg, ..., anomalous-1.jpg, ...    small copies; the row of a project names the folder
"""

import shutil
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from anomaly_core.errors import InvalidInput, Refused
from anomaly_core.importing.examining import decode, thumbnail
from state.errors import StoreDamaged, StoreUnavailable
from state.files import artifacts
from state.files.unfinished import Kind, marked

_ONE_AT_A_TIME = threading.Lock()  # is unpacked, however many people send some
MOST = 6  # of each kind
KINDS = NORMAL, ANOMALOUS = ("normal", "anomalous")
TOO_MANY = f"A project takes {MOST} examples of each kind; take one away first."


@dataclass(frozen=True)
class Examples:
    """JPEG files of what is normal and of what is not."""

    normal: tuple[bytes, ...] = ()
    anomalous: tuple[bytes, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.normal or self.anomalous)

    def __add__(self, other: Self) -> "Examples":
        return Examples(self.normal + other.normal, self.anomalous + other.anomalous)

    def check(self) -> None:
        """Raise `InvalidInput` for more than a guide has room for."""
        if max(len(self.normal), len(self.anomalous)) > MOST:
            raise InvalidInput(TOO_MANY)


@dataclass(frozen=True)
class KeptExamples:
    """The examples of a project as its row tells of them: their folder, how many of each kind."""

    name: str
    normal: int
    anomalous: int

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "KeptExamples | None":
        """What a project's settings say; `None` where it has no examples."""
        given = settings.get("examples")
        return cls(**given) if given else None

    @property
    def places(self) -> dict[str, list[str]]:
        """What the files of each kind are called, without their ending."""
        counts = ((NORMAL, self.normal), (ANOMALOUS, self.anomalous))
        return {kind: [f"{kind}-{at + 1}" for at in range(count)] for kind, count in counts}

    def read(self, data_dir: Path, place: str) -> bytes | None:
        """One of the files, `None` for a place that has none; raises `StoreDamaged`."""
        if place not in self.places[NORMAL] + self.places[ANOMALOUS]:
            return None
        path = folder_of(data_dir, self.name) / f"{place}.jpg"
        try:
            return path.read_bytes()
        except OSError as error:
            raise StoreDamaged(
                "An example of this project is missing; restore a backup with ringfence restore."
            ) from error

    def all(self, data_dir: Path) -> Examples:
        """All the files; raises `StoreDamaged`."""
        files = {
            kind: tuple(self.read(data_dir, place) or b"" for place in places)
            for kind, places in self.places.items()
        }
        return Examples(**files)

    def remove(self, data_dir: Path) -> None:
        """Remove the files."""
        shutil.rmtree(folder_of(data_dir, self.name), ignore_errors=True)


@contextmanager
def keeping(data_dir: Path, examples: Examples) -> Iterator[KeptExamples | None]:
    """Publish examples under a name of their own, for the block to point a row at; `None` for none.

    They are gone where the block fails. Raises `InvalidInput` for too many of them,
    `StoreUnavailable` where they cannot be written.
    """
    examples.check()
    if not examples:
        yield None
        return
    kept = KeptExamples(uuid.uuid4().hex, len(examples.normal), len(examples.anomalous))
    given = ((kept.places[NORMAL], examples.normal), (kept.places[ANOMALOUS], examples.anomalous))

    def write(folder: Path) -> None:
        for places, files in given:
            for place, file in zip(places, files, strict=True):
                (folder / f"{place}.jpg").write_bytes(file)

    folder = folder_of(data_dir, kept.name)
    with ExitStack() as stack:
        try:
            temporary = stack.enter_context(marked(folder, Kind.CLAIM))
            write(temporary)
            artifacts.settle(temporary, folder)
        except OSError as error:
            raise StoreUnavailable(
                f"The examples could not be saved ({error.strerror}); free some space, then try "
                "again."
            ) from error
        try:
            yield kept
        except BaseException:
            kept.remove(data_dir)
            raise


def example_of(data: bytes, name: str) -> bytes:
    """The example that a file from anybody makes; raises `InvalidInput` for what is no image."""
    try:
        with _ONE_AT_A_TIME:
            return thumbnail(decode(data).image)
    except Refused as refusal:
        raise InvalidInput(f"{name} cannot be an example. {refusal}") from refusal


def examples_of(files: Sequence[tuple[str, bytes]]) -> tuple[bytes, ...]:
    """The examples that several files make, by name; raises `InvalidInput`."""
    return tuple(example_of(data, name) for name, data in files)


def folder_of(data_dir: Path, name: str) -> Path:
    """The folder of a project's examples."""
    return data_dir / "examples" / name
