"""Replaying a history means the same in whatever order its events are handed in."""

import numpy as np
import replay
from hypothesis import given
from hypothesis import strategies as st

from state.store.history import Event
from state.store.schema import Answer, EventKind


def _event(seq: int, item: int, who: int, answer: Answer | None, undoes: str | None) -> Event:
    kind = EventKind.UNDO if undoes else EventKind.ANSWER if answer else EventKind.SKIP
    return Event(
        seq=seq,
        uuid=f"u{seq}",
        project_id=1,
        item=item,
        annotator_id=who,
        revision=seq,
        kind=kind,
        answer=answer,
        undoes=undoes,
        model_version=None,
        round=0,
        strategy=None,
        utility=None,
        shown_at=None,
        pressed_at=0.0,
        received_at=0.0,
    )


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Histories with a few items and people, in which anything stored may later be undone."""
    events: list[Event] = []
    for seq in range(1, draw(st.integers(0, 20)) + 1):
        undone = {event.undoes for event in events}
        open_ones = [e for e in events if e.undoes is None and e.uuid not in undone]
        undoing: bool = draw(st.booleans())
        if open_ones and undoing:
            target = draw(st.sampled_from(open_ones))
            events.append(_event(seq, target.item, target.annotator_id, None, target.uuid))
        else:
            answer = draw(st.sampled_from([*Answer, None]))
            item, who = draw(st.integers(0, 4)), draw(st.integers(1, 3))
            events.append(_event(seq, item, who, answer, None))
    return events


@given(histories(), st.randoms())
def test_order_does_not_matter(history, random):
    shuffled = random.sample(history, len(history))
    assert replay.standing(shuffled) == replay.standing(history)
    ours, theirs = replay.labels(shuffled), replay.labels(history)
    assert np.array_equal(ours.items, theirs.items)
    assert np.array_equal(ours.y, theirs.y)
    assert ours.last_seq == theirs.last_seq
    assert replay.handled_items(shuffled, 1, 2) == replay.handled_items(history, 1, 2)


@given(histories())
def test_an_undone_history_is_an_empty_one(history):
    undone = {event.undoes for event in history}
    rest = [e for e in history if e.undoes is None and e.uuid not in undone]
    ending = [
        _event(len(history) + n, e.item, e.annotator_id, None, e.uuid)
        for n, e in enumerate(rest, 1)
    ]
    assert replay.standing(history + ending) == []
    assert replay.handled_items(history + ending, 1, 1) == set()
    assert replay.labels(history + ending).items.size == 0


@given(histories())
def test_labels_agree_with_the_votes(history):
    items, y, _ = replay.labels(history)
    votes = dict.fromkeys(range(5), 0)
    for answer in replay.standing(history):
        votes[answer.item] += answer.y
    signs = {item: (vote > 0) - (vote < 0) for item, vote in votes.items() if vote}
    assert dict(zip(items.tolist(), y.tolist(), strict=True)) == signs
