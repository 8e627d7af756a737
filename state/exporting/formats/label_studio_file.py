"""A file that Label Studio has exported, read without trust."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from state.exporting.formats.statements import (
    Annotation,
    Task,
    answer_of,
    moment,
    person_called,
    read_all,
)
from state.heard import mapping, perhaps, whole
from state.store.schema import Answer

NO_EXPORT = "{} is no export of Label Studio; choose JSON there, neither JSON-MIN nor CSV."
NOBODY = "Label Studio"  # who has said what names nobody
UPLOADED = re.compile(r"[0-9a-f]{8}-")  # what it puts in front of the names of files sent to it


def read_label_studio(path: Path) -> list[Task]:
    """Read a file; raises InvalidInput where it is none of Label Studio, or damaged."""
    return read_all(path, entries, task_of, NO_EXPORT)


def entries(path: Path) -> list[Mapping[str, Any]]:
    """The tasks as they are told; raises OSError, or what Python does for other files."""
    told = json.loads(path.read_bytes())
    if not isinstance(told, list):
        raise TypeError(path.name)
    return told


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
    return answer_of(chosen)


def choices_in(result: list[Mapping[str, Any]]) -> Iterator[str]:
    """Every choice that was made."""
    for one in result:
        if one["type"] == "choices":
            yield from one["value"]["choices"]


def person_of(told: Any) -> str:
    """What somebody is called, who is told by number or by what is known of them."""
    known = mapping(told)
    full = " ".join(str(known.get(part) or "") for part in ("first_name", "last_name")).strip()
    number = known.get("id", None if known else told)
    name = known.get("email") or full or (NOBODY if number is None else f"{NOBODY} {number}")
    return person_called(str(name))
