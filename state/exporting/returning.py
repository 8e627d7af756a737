"""Labels come back: answers that people gave in another program are stored as theirs."""

import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from uuid import NAMESPACE_OID, uuid5

from propcache import cached_property

from anomaly_core.errors import InvalidInput
from state.errors import BudgetExhausted
from state.exporting.formats.cvat import read_cvat
from state.exporting.formats.fiftyone import read_fiftyone
from state.exporting.formats.label_studio_file import read_label_studio
from state.exporting.formats.statements import Annotation, Task
from state.exporting.formats.tables_back import read_csv, read_jsonl, read_parquet
from state.exporting.labels import ProjectLabels
from state.store.audit_log import Deed
from state.store.drafts import AnswerDraft, Receipt
from state.store.people import Annotator
from state.store.projects import Project
from state.store.schema import EventKind, Role
from state.store.store import Store
from state.workers.own.answers import IMPORTED

ONLY_OWNERS = "Only an owner may bring labels in; ask one of those on Team."
READERS: dict[str, Callable[[Path], list[Task]]] = {
    "csv": read_csv,
    "jsonl": read_jsonl,
    "parquet": read_parquet,
    "label-studio": read_label_studio,
    "fiftyone": read_fiftyone,
    "cvat": read_cvat,
}


@dataclass(frozen=True)
class Brought:
    """What became of the answers in a file: stored, there before, or not wanted any more."""

    stored: int
    known: int
    left_out: int


class Statement(NamedTuple):
    """What somebody said of an item, and the kind of event that it becomes."""

    item: int
    said: Annotation
    kind: EventKind


class ItemNames:
    """Finds the items of a project by number or by what their files are called."""

    def __init__(self, labels: ProjectLabels) -> None:
        self.labels = labels
        self.items = set(labels.items)

    @cached_property
    def _called(self) -> dict[str, list[int]]:
        """The items by the whole path of their file, by its name alone, and without its ending."""
        found = defaultdict[str, list[int]](list)
        for item in self.labels.items:
            path = PurePosixPath(self.labels.path(item) or f"{item:06}.png")
            for name in {str(path), path.name, path.stem}:
                found[name].append(item)
        return found

    def find(self, task: Task) -> int:
        """The item of a task; raises InvalidInput where there is none, or more than one.

        By the whole path, or else by its number where the file may be called so, or else by the
        name of the file alone.
        """
        by_path = [self._called.get(name, []) for name in task.names if "/" in name]
        by_name = [self._called.get(PurePosixPath(name).name, []) for name in task.names]
        for there in (*by_path, self._numbered(task), *by_name):
            if len(there) == 1:
                return there[0]
        number = "A task without a file" if task.item is None else f"Item {task.item}"
        called = task.names[0][:200] if task.names else number
        raise InvalidInput(f"{called} is no image of this project, or the name of several.")

    def _numbered(self, task: Task) -> list[int]:
        """The item of a task's number, unless its file is known to be called otherwise."""
        if task.item is None or task.item not in self.items:
            return []
        own, names = self.labels.own, {PurePosixPath(name).name for name in task.names}
        agrees = own is None or not names or own.name(task.item) in names
        return [task.item] if agrees else []


def import_labels(store: Store, project: Project, who: Annotator, name: str, file: Path) -> Brought:
    """Store the answers in a file of the format of that name, for owners: all or none.

    They cost what answers cost. Reading a file again changes nothing. Raises InvalidInput for what
    cannot be read, BudgetExhausted where the budget does not suffice, and NotAllowed for others.
    """
    log, labels = store.audit_log, ProjectLabels(store, project, who)
    log.require(who, Role.OWNER, ONLY_OWNERS)
    names = ItemNames(labels)
    said = said_by_item((names.find(task), task.annotations) for task in READERS[name](file))
    new = [one for one in said if not stands(labels, one)]
    with log.doing(who, Deed.IMPORTED_LABELS, refusal=ONLY_OWNERS, project_id=project.id) as row:
        try:
            outcomes = store.events.bring_in(list(drafts(store, project, new)))
        except BudgetExhausted as error:
            raise BudgetExhausted(
                f"{file.name} has more new labels than the {project.remaining:,} that the budget "
                "still pays for; raise the budget first."
            ) from error
        stored = [one for one in outcomes if isinstance(one, Receipt)]
        fresh = sum(not one.repeated for one in stored)
        row.nothing, row.subject = not fresh, f"{name}, {fresh:,} answers"
    left_out = len(outcomes) - len(stored)
    return Brought(fresh, len(said) - fresh - left_out, left_out)


def stands(labels: ProjectLabels, one: Statement) -> bool:
    """Whether somebody of that name has said the same of the item, and stands by it."""
    told = (one.said.person, one.kind, one.said.answer)
    return any(
        (labels.people[event.annotator_id], event.kind, event.answer) == told
        for event in labels.history.of(one.item).current
    )


def said_by_item(said: Iterable[tuple[int, Sequence[Annotation]]]) -> list[Statement]:
    """What each person said last of each item, in the order of time.

    What is called ground truth settles an item that others have labeled, and is an answer else.
    """
    by_item, found = defaultdict[int, list[Annotation]](list), list[Statement]()
    for item, annotations in said:
        by_item[item].extend(annotations)
    for item, annotations in by_item.items():
        annotations.sort(key=lambda one: (one.answer is not None, when(one)))  # above any skip
        labeled = any(one.answer and one.answer.y for one in annotations if not one.ground_truth)
        last = {(one.person, labeled and one.ground_truth): one for one in annotations}
        found += [Statement(item, one, kind_of(one, verdict)) for (_, verdict), one in last.items()]
    return sorted(found, key=lambda one: (one.kind is EventKind.ADJUDICATION, when(one.said)))


def when(said: Annotation) -> float:
    """The time of an annotation, to sort by; what tells none comes last."""
    return math.inf if said.at is None else said.at


def kind_of(said: Annotation, verdict: bool) -> EventKind:
    """What kind of event an annotation becomes."""
    if said.answer is None:
        return EventKind.SKIP
    return EventKind.ADJUDICATION if verdict else EventKind.ANSWER


def drafts(store: Store, project: Project, said: Sequence[Statement]) -> Iterator[AnswerDraft]:
    """The events to store, under the names of those who said it; nobody new can act by theirs."""
    people = {name: store.people.source(name) for name in {one.said.person for one in said}}
    for item, one, kind in said:
        here = (project.id, project.created_at, item, kind)
        told = (*here, one.person, one.answer, one.name, one.at)
        yield AnswerDraft(
            uuid=str(uuid5(NAMESPACE_OID, json.dumps(told))),
            project_id=project.id,
            item=item,
            annotator_id=people[one.person],
            kind=kind,
            answer=one.answer,
            strategy=IMPORTED,
            shown_at=one.shown_at,
            pressed_at=store.clock() if one.at is None else one.at,
            note=one.note,
        )
