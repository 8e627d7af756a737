"""The history that is kept: brought up to date, one state to each reader, read anew in doubt."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import replay
from hypothesis import given
from hypothesis import strategies as st
from label_desk import Desk
from replayed import asked, replayed
from sqlalchemy import delete, update

from state.store.events import EventLog
from state.store.incremental import history as kept
from state.store.incremental.history import History
from state.store.incremental.indices import bought, bought_from, item_of, labeled, newest
from state.store.incremental.persistent import PIECE, SortedKeys, Table
from state.store.schema import Answer, EventKind, event, project

NORMAL, ANOMALOUS, UNSURE = Answer


class Watched(EventLog):
    """Notes from where on its events are read."""

    def __init__(self, *parts) -> None:
        super().__init__(*parts)
        self.read: list[int] = []

    def since(self, project_id, after_seq=0):
        self.read.append(after_seq)
        return super().since(project_id, after_seq)


@pytest.fixture
def desk(store):
    desk = Desk(store, budget=90, overlap=2)
    for item in range(12):
        desk.answer(item, (NORMAL, ANOMALOUS, UNSURE)[item % 3])
    desk.undo()
    desk.answer(3, None, kind=EventKind.FLAG)
    return desk


def agrees(desk, history) -> bool:
    events = [event for event in desk.store.events.since(1) if event.seq <= history.last_seq]
    return asked(history, [desk.me], 2) == replayed(events, [desk.me], 2)


def test_only_what_is_new_is_read(desk):
    log = Watched(desk.store.engine, desk.store.settings, desk.store.clock)
    first = log.history(1)
    desk.answer(50)
    second = log.history(1)
    assert log.read == [-1, first.last_seq - 1]
    assert second.last_seq == first.last_seq + 1
    assert log.history(1) is second


def test_whoever_holds_a_history_sees_one_state(desk):
    before = desk.store.events.history(1)
    early = asked(before, [desk.me], 2)
    desk.undo()
    desk.answer(50, ANOMALOUS)
    after = desk.store.events.history(1)
    assert asked(before, [desk.me], 2) == early != asked(after, [desk.me], 2)
    assert agrees(desk, before)
    assert agrees(desk, after)


def test_another_database_is_read_from_its_beginning(desk):
    """As after a backup was put back while the server ran."""
    history = desk.store.events.history(1)
    assert len(history.index(bought)) > 3
    put_back(desk, 3, spent=2)
    assert agrees(desk, desk.store.events.history(1))
    assert desk.store.events.history(1).last_seq == 3
    put_back(desk, 0, spent=0)
    assert desk.store.events.history(1).last_seq == 0
    assert len(desk.store.events.history(1).index(bought)) == 0


def put_back(desk, seq, spent) -> None:
    """Let the database be what it was after event number `seq`."""
    with desk.store.engine.begin() as connection:
        connection.execute(delete(event).where(event.c.seq > seq))
        connection.execute(update(project).values(spent=spent))


def test_an_event_with_the_number_of_another_is_no_continuation(desk):
    last = desk.store.events.history(1).last
    with desk.store.engine.begin() as connection:
        renamed = event.update().where(event.c.seq == last.seq).values(uuid="other", item=5)
        connection.execute(renamed)
    desk.answer(60)
    assert agrees(desk, desk.store.events.history(1))


def test_projects_have_histories_of_their_own(desk):
    desk.store.events.history(1)
    other = Desk.__new__(Desk)
    Desk.__init__(other, desk.store, name="another")
    assert desk.store.events.history(other.project.id).last_seq == 0


def test_many_events_at_once_come_to_the_same(desk, monkeypatch):
    events = desk.store.events.since(1)
    together = History().after(events)
    one_by_one = History()
    for one in events:
        asked(one_by_one, [desk.me], 2)
        one_by_one = one_by_one.after([one])
    assert asked(together, [desk.me], 2) == asked(one_by_one, [desk.me], 2)
    monkeypatch.setattr(kept, "MANY", 2)  # from so many on, the indices are made anew
    again = History().after(events[:3])
    asked(again, [desk.me], 2)
    assert asked(again.after(events[3:]), [desk.me], 2) == asked(together, [desk.me], 2)


def test_an_index_that_nobody_asks_for_goes_and_comes_back(desk, monkeypatch):
    monkeypatch.setattr(kept, "FORGOTTEN", 3)
    history, events = History(), desk.store.events.since(1)
    history.of_person(bought_from, desk.me)
    for one in events:
        history.index(labeled)
        history = history.after([one])
    assert [name[0] for name in history._indices] == [labeled]
    mine = [one for one in replay.standing(events) if one.bought and one.annotator_id == desk.me]
    assert list(history.events(history.of_person(bought_from, desk.me))) == mine


def test_readers_and_a_writer_at_the_same_time(desk):
    def read(_):
        return all(agrees(desk, desk.store.events.history(1)) for _ in range(10))

    with ThreadPoolExecutor(5) as pool:
        readers = pool.map(read, range(4))
        for item in range(20, 50):
            desk.answer(item, ANOMALOUS)
            if item % 3 == 0:
                desk.undo()
        assert all(readers)
    assert agrees(desk, desk.store.events.history(1))


def test_the_place_of_an_item_is_known_where_it_has_one(desk):
    items = desk.store.events.history(1).items(newest, -1)
    assert [items.index(item) for item in items] == list(range(len(items))) != []
    for other in (0, 99):
        assert other not in items
        with pytest.raises(ValueError, match=str(other)):
            items.index(other)


def test_labels_changed_since_a_version_however_long_ago(desk):
    seq = desk.store.events.history(1).last_seq
    assert len(desk.store.events.history(1).changed_since(seq)) == 0
    desk.answer(30)
    desk.answer(31, ANOMALOUS)
    desk.answer(32, UNSURE)
    assert set(desk.store.events.history(1).changed_since(seq)) == {30, 31}
    desk.undo()
    desk.undo()
    assert [*desk.store.events.history(1).changed_since(seq)] == [30]
    assert len(desk.store.events.history(1).changed_since(0)) == 9


def test_the_labels_of_chosen_items(desk):
    items = np.array([11, 1, 0, 500, 2, 3])
    assert desk.store.events.history(1).y_of(items).tolist() == [0, -1, 1, 0, 0, 1]
    assert History().y_of(items).tolist() == [0] * 6
    assert desk.store.events.history(1).y_of(np.empty(0, np.int64)).tolist() == []


KEYS = st.integers(0, 3 * PIECE)


@given(st.lists(st.tuples(st.sets(KEYS), st.sets(KEYS)), max_size=6), st.sets(KEYS))
def test_sorted_keys_are_a_sorted_set(changes, first):
    keys, known = SortedKeys.of(first), set(first)
    for gone, new in changes:
        gone, new = gone & known, new - known
        before, seen = keys, sorted(known)
        keys, known = keys.changed(gone, new), (known - gone) | new
        assert list(before) == seen
        check(keys, sorted(known))


def test_many_keys_one_by_one_and_away_again():
    numbers = [7 * number % 4001 for number in range(4001)]
    keys = SortedKeys()
    for number in numbers:
        keys = keys.changed([], [number])
    check(keys, sorted(numbers))
    for number in numbers[:3500]:
        keys = keys.changed([number], [])
    check(keys, sorted(numbers[3500:]))
    check(keys.changed(numbers[3500:], []), [])


def test_many_keys_at_once():
    keys = SortedKeys().changed([], range(4001))
    check(keys, list(range(4001)))
    check(keys.changed(range(3500), range(5000, 5500)), [*range(3500, 4001), *range(5000, 5500)])


def check(keys: SortedKeys, expected: list[int]) -> None:
    assert len(keys) == len(expected)
    assert list(keys) == keys.array.tolist() == expected
    assert list(reversed(keys)) == expected[::-1]
    assert [keys[place] for place in range(len(keys))] == expected
    for wanted in [-1, 0, 5, *expected[::97], 3 * PIECE, 10_000]:
        assert (wanted in keys) == (wanted in expected)
        assert keys.rank(wanted) == sum(key < wanted for key in expected)
        assert list(keys.since(wanted)) == [key for key in expected if key >= wanted]
    for place in (-1, len(keys)):
        with pytest.raises(IndexError):
            keys[place]


@given(st.lists(st.dictionaries(st.sampled_from([0, 1, PIECE - 1, PIECE, 2**31 - 1]), st.text())))
def test_a_table_is_a_dict_that_is_not_changed(changes):
    table, known = Table[str](), dict[int, str]()
    for entries in changes:
        before, seen = table, dict(known)
        table, known = table.changed(entries), known | entries
        assert sorted(before) == sorted(seen.values())
        assert all(table.get(number) == known.get(number) for number in (0, 1, 5, PIECE, 2**31 - 1))


def test_a_key_holds_an_order_and_an_item():
    assert [item_of(key) for key in (2**31 * 7 + 5, 2**31 - 1)] == [5, 2**31 - 1]
