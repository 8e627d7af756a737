"""F8: outboxes of two projects in opposite order; neither waits for the other in vain."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

from label_desk import Desk

from state.store.drafts import Refusal

TIMES = 40


def test_two_outboxes_in_opposite_order_lose_nothing(store):
    desks = [Desk(store, name=name, budget=1000, pool_size=1000) for name in ("one", "two")]
    people = [store.people.ensure(name).id for name in ("ada", "bob")]
    at_once = Barrier(2, timeout=20)

    def send(me, order):
        stored = 0
        for number in range(TIMES):
            drafts = [
                desk.draft(2 * number + me, annotator_id=people[me], uuid=str(uuid4()))
                for desk in order
            ]
            at_once.wait()
            outcomes = store.events.submit(drafts)
            stored += sum(not isinstance(one, Refusal) for one in outcomes)
        return stored

    with ThreadPoolExecutor(2) as threads:
        sent = [threads.submit(send, 0, desks), threads.submit(send, 1, desks[::-1])]
        assert [one.result() for one in sent] == [2 * TIMES, 2 * TIMES]
    assert [desk.spent for desk in desks] == [2 * TIMES, 2 * TIMES]
