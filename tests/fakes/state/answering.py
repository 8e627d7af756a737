"""Answers, skips and undoes at a desk, without the browser that people give them in."""

import time
import uuid
from typing import Any

from state.labeling.desk import Desk
from state.store.drafts import AnswerDraft, Receipt
from state.store.schema import Answer, EventKind


def answer(desk: Desk, item: int, said: Answer | None = Answer.NORMAL, **changes: Any) -> Receipt:
    """Answer an item as the desk proposes it, or skip it with `None`."""
    proposal, model, now = desk.proposal(item), desk.model, time.time()
    values: dict[str, Any] = {
        "uuid": str(uuid.uuid4()),
        "project_id": desk.project.id,
        "item": item,
        "annotator_id": desk.annotator.id,
        "kind": EventKind.ANSWER if said else EventKind.SKIP,
        "answer": said,
        "model_version": model.version if model else None,
        "round": model.round if model else 0,
        "strategy": (proposal.strategy if proposal else None) or desk.project.strategy,
        "utility": proposal.utility if proposal else None,
        "shown_at": now - 1.0,
        "pressed_at": now,
        "prediction_shown": False,
    }
    return desk.store.events.accept(AnswerDraft(**values | changes))


def undo(desk: Desk) -> Receipt:
    """Take back what was answered or skipped last at a desk."""
    return desk.store.events.undo(
        project_id=desk.project.id,
        annotator_id=desk.annotator.id,
        uuid=str(uuid.uuid4()),
        pressed_at=time.time(),
    )
