"""A small project with an annotator at it, so that tests say only what they are about."""

from itertools import count
from typing import Any

from state.store.drafts import AnswerDraft, Receipt, UndoDraft
from state.store.history import Event
from state.store.incremental.closed import ClosedItems
from state.store.models import Model, NewModel
from state.store.projects import NewProject
from state.store.schema import Answer
from state.store.store import Store


def new_project(name: str = "digits", **changes: Any) -> NewProject:
    """A small project to create."""
    values: dict[str, Any] = {
        "name": name,
        "scenario": {"dataset": "mnist", "normal": [3]},
        "detector": {"family": "svdd"},
        "strategy": "margin",
        "budget": 10,
        "batch_size": 5,
        "pool_size": 100,
    }
    return NewProject(**(values | changes))


def new_model(project_id: int, version: int, **changes: Any) -> NewModel:
    """A version to publish, trained on from the one before."""
    values: dict[str, Any] = {
        "project_id": project_id,
        "version": version,
        "parent": version - 1 or None,
        "directory": f"projects/{project_id}/models/{version}",
        "sha256": "0" * 64,
        "metrics": {"auroc": 0.95},
        "round": version,
        "last_seq": 0,
        "label_count": 0,
    }
    return NewModel(**(values | changes))


def publish(store: Store, new: NewModel) -> Model:
    """Publish it as a trainer that has the lease."""
    try:
        store.work.training(new.project_id).take_lease("w1", "here", 1)
        return store.models.publish(new, "w1")
    finally:
        store.work.training(new.project_id).release_lease("w1")


class Desk:
    """A project with one annotator at it: says what is answered and leaves the rest out."""

    def __init__(self, store: Store, **changes: Any) -> None:
        self.store = store
        self.project = store.projects.create(new_project(**changes))
        self.me = store.people.ensure("you").id
        self._uuids = (f"uuid-{number}" for number in count())

    def uuid(self) -> str:
        return next(self._uuids)

    def draft(
        self, item: int, answer: Answer | None = Answer.NORMAL, **changes: Any
    ) -> AnswerDraft:
        values: dict[str, Any] = {
            "uuid": self.uuid(),
            "project_id": self.project.id,
            "item": item,
            "annotator_id": self.me,
            "answer": answer,
            "pressed_at": 1_000_001.0,
        }
        return AnswerDraft(**(values | changes))

    def answer(self, item: int, answer: Answer | None = Answer.NORMAL, **changes: Any) -> Receipt:
        return self.store.events.accept(self.draft(item, answer, **changes))

    def undo(self, annotator_id: int | None = None, **changes: Any) -> Receipt:
        values: dict[str, Any] = {"uuid": self.uuid(), "pressed_at": 1_000_002.0}
        return self.store.events.undo(
            project_id=self.project.id,
            annotator_id=annotator_id or self.me,
            **(values | changes),
        )

    def undo_draft(self, **changes: Any) -> UndoDraft:
        values: dict[str, Any] = {
            "uuid": self.uuid(),
            "project_id": self.project.id,
            "annotator_id": self.me,
            "pressed_at": 1_000_002.0,
        }
        return UndoDraft(**(values | changes))

    def undone(self, undo: Event) -> Event:
        """What an undo took back."""
        events = self.store.events.since(self.project.id)
        return next(event for event in events if event.uuid == undo.undoes)

    @property
    def spent(self) -> int:
        return self.store.projects.get(self.project.id).spent

    @property
    def standing(self) -> dict[int, Answer | None]:
        return {event.item: event.answer for event in self.store.events.standing(self.project.id)}

    @property
    def labels(self) -> dict[int, int]:
        items, y, _ = self.store.events.labels(self.project.id)
        return dict(zip(items.tolist(), y.tolist(), strict=True))

    def closed_to(self, annotator_id: int) -> set[int]:
        """Items that are not to be proposed to an annotator."""
        history = self.store.events.history(self.project.id)
        return set(ClosedItems(history, annotator_id, self.project.overlap).array.tolist())
