"""What files of other programs say of images, in the one form in which it is stored."""

import csv
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from anomaly_core.errors import InvalidInput
from state.heard import perhaps, storable, whole
from state.store.drafts import LATEST
from state.store.schema import LONGEST_NAME, Answer

T = TypeVar("T")
STRANGE = (
    *(AttributeError, TypeError, ValueError, LookupError, ArithmeticError, RuntimeError),
    *(EOFError, csv.Error, zlib.error),
)
"""What Python raises at files that are damaged, or of another form than a reader expects."""


@dataclass(frozen=True)
class Annotation:
    """What somebody said of one image; `answer` is `None` where they skipped it.

    `at` is when, and `shown_at` since when they saw it, in epoch seconds; `None` where that is not
    told. `name` tells it from others.
    """

    person: str
    answer: Answer | None
    at: float | None
    name: str = ""
    ground_truth: bool = False
    shown_at: float | None = None
    note: str | None = None


@dataclass(frozen=True)
class Task:
    """One image by its item number or the names that its file may have, and what was said."""

    item: int | None
    names: tuple[str, ...]
    annotations: tuple[Annotation, ...]


def read_all(
    path: Path,
    entries: Callable[[Path], Iterable[T]],
    task_of: Callable[[T], Task | None],
    complaint: str,
    entry: str = "Task",
) -> list[Task]:
    """Read the tasks in a file, without those that say nothing.

    Raises InvalidInput: `complaint` of the file's name where it has another form, or what is wrong
    with which `entry`.
    """
    tasks = []
    try:
        for number, one in enumerate(entries(path), 1):
            try:
                task = task_of(one)
            except InvalidInput as error:
                raise InvalidInput(
                    f"{entry} {number} of {path.name} cannot be used: {error}"
                ) from error
            if task is not None:
                tasks.append(task)
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be read ({error.strerror}); give another file."
        ) from error
    except STRANGE as error:
        raise InvalidInput(complaint.format(path.name)) from error
    return tasks


def answer_of(chosen: Sequence[str]) -> Answer:
    """The answer that all of what was chosen means; raises InvalidInput for one unknown here."""
    meant = {str(one).strip().lower() for one in chosen}
    if len(meant) != 1 or not meant <= {*Answer}:
        raise InvalidInput(
            f"its choice is {', '.join(sorted(meant))}, but must be normal, anomalous or unsure."
        )
    return Answer(meant.pop())


def person_called(name: str) -> str:
    """The name of somebody as it can be stored; raises InvalidInput where it cannot."""
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not storable(name):
        raise InvalidInput("the name of who has answered is too long, or no text.")
    return name


def item_of(told: Any) -> int | None:
    """The number of an item; raises ValueError for what is no whole number."""
    if told is None:
        return None
    if isinstance(told, bool) or (isinstance(told, float) and not told.is_integer()):
        raise ValueError(told)
    return perhaps(whole, int(told))


def moment(told: Any) -> float | None:
    """A time in epoch seconds; UTC where it tells no other zone."""
    if told is None:
        return None
    try:
        at = datetime.fromisoformat(told)
        seconds = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidInput("a time in it cannot be read.") from error
    if not 0 <= seconds < LATEST:
        raise InvalidInput("a time in it is none of these days.")
    return seconds
