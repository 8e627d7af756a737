"""A file that Label Studio has exported, read without trust."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from anomaly_core.errors import InvalidInput
from state.heard import mapping, perhaps, storable, whole
from state.store.drafts import LATEST
from state.store.schema import LONGEST_NAME, Answer

NO_EXPORT = "{} is no export of Label Studio; choose JSON there, neither JSON-MIN nor CSV."
NOBODY = "Label Studio"  # who has said what names nobody
UPLOADED = re.compile(r"[0-9a-f]{8}-")  # what it puts in front of the names of files sent to it


@dataclass(frozen=True)
class Annotation:
    """What somebody said of one image; `answer` is `None` where they skipped it.

    `at` is when, in epoch seconds; `None` where that is not told. `name` tells it from others.
    """

    person: str
    answer: Answer | None
    at: float | None
    name: str
    ground_truth: bool


@dataclass(frozen=True)
class Task:
    """One image by its item number or the names that its file may have, and what was said."""

    item: int | None
    names: tuple[str, ...]
    annotations: tuple[Annotation, ...]


def read_tasks(path: Path) -> list[Task]:
    """Read a file; raises InvalidInput where it is none of Label Studio, or damaged."""
    try:
        told = json.loads(path.read_bytes())
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be read ({error.strerror}); give another file."
        ) from error
    except (ValueError, RecursionError) as error:
        raise InvalidInput(NO_EXPORT.format(path.name)) from error
    if not isinstance(told, list):
        raise InvalidInput(NO_EXPORT.format(path.name))
    tasks = []
    for number, one in enumerate(told, 1):
        try:
            tasks.append(task_of(one))
        except (AttributeError, TypeError, ValueError, LookupError) as error:
            raise InvalidInput(NO_EXPORT.format(path.name)) from error
        except InvalidInput as error:
            raise InvalidInput(f"Task {number} of {path.name} cannot be used: {error}") from error
    return tasks


def task_of(told: Mapping[str, Any]) -> Task:
    """One task; raises InvalidInput, or what Python does for what is none."""
    data, said = told["data"], told.get("annotations") or []
    return Task(
        perhaps(whole, data.get("item")),
        names_of(str(data.get("image") or "")),
        tuple(one for entry in said if (one := annotation_of(entry)) is not None),
    )


def names_of(image: str) -> tuple[str, ...]:
    """The paths that a file may have been given by, for the address that stands for it."""
    address = urlsplit(image)
    path = parse_qs(address.query).get("d", [unquote(address.path)])[0]  # d of local files
    if not path:
        return ()
    name = path.rpartition("/")[2]
    sent = [name[9:]] if UPLOADED.match(name) and "/upload/" in path else []
    return tuple(dict.fromkeys([image, path, *sent]))


def annotation_of(told: Mapping[str, Any]) -> Annotation | None:
    """What somebody said; `None` for an annotation that says nothing."""
    skipped = bool(told.get("was_cancelled"))
    answer = None if skipped else answer_in(told["result"])
    if answer is None and not skipped:
        return None
    return Annotation(
        person_of(told.get("completed_by")),
        answer,
        moment(told.get("created_at")),
        str(told.get("unique_id") or told.get("id") or ""),
        bool(told.get("ground_truth")),
    )


def answer_in(result: list[Mapping[str, Any]]) -> Answer | None:
    """The answer among the choices of a result; raises InvalidInput for one unknown here."""
    chosen = list(choices_in(result))
    if not chosen:
        return None
    if len(set(chosen)) > 1 or chosen[0] not in list(Answer):
        raise InvalidInput(
            f"its choice is {', '.join(chosen)}, but must be normal, anomalous or unsure."
        )
    return Answer(chosen[0])


def choices_in(result: list[Mapping[str, Any]]) -> Iterator[str]:
    """Every choice, in small letters."""
    for one in result:
        if one["type"] == "choices":
            yield from (choice.strip().lower() for choice in one["value"]["choices"])


def person_of(told: Any) -> str:
    """What somebody is called, who is told by number or by what is known of them."""
    known = mapping(told)
    full = " ".join(str(known.get(part) or "") for part in ("first_name", "last_name")).strip()
    number = known.get("id", None if known else told)
    name = known.get("email") or full or (NOBODY if number is None else f"{NOBODY} {number}")
    name = str(name).strip()
    if not 0 < len(name) <= LONGEST_NAME or not storable(name):
        raise InvalidInput("the name of who has answered is too long, or no text.")
    return name


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
