"""An item that is before somebody is not handed to somebody else, for as long as that lasts."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from label_desk import new_project
from sqlalchemy import select

from state.errors import UnknownProject
from state.store.database import reading
from state.store.leases import LEASE_SECONDS
from state.store.schema import item_lease

ONCE = dict.fromkeys(range(10), 1)  # ten items that lack one label each
TWICE = dict.fromkeys(range(10), 2)


@pytest.fixture
def ada(store):
    return store.people.ensure("ada").id


@pytest.fixture
def bob(store):
    return store.people.ensure("bob").id


@pytest.fixture
def lease(store, desk):
    """Lease in the one project; a tab is named after its annotator unless it is given."""

    def ask(annotator_id, wanted=ONCE, count=3, *, tab=None):
        client = tab or f"tab-{annotator_id}"
        take = store.leases.take
        return take(desk.project.id, annotator_id, client, list(wanted), wanted.get, count)

    return ask


def _rows(store):
    with reading(store.engine) as connection:
        query = select(item_lease).order_by(item_lease.c.client, item_lease.c.item)
        return [row._asdict() for row in connection.execute(query)]


def test_two_people_never_have_the_same_item(lease, ada, bob):
    assert lease(ada) == [0, 1, 2]
    assert lease(bob) == [3, 4, 5]


def test_two_tabs_of_one_person_never_have_the_same_item(lease, ada):
    assert lease(ada, tab="left") == [0, 1, 2]
    assert lease(ada, tab="right") == [3, 4, 5]


def test_the_candidates_that_come_first_are_leased_first(lease, ada, bob):
    wanted = {7: 1, 2: 1, 9: 1}
    assert lease(ada, wanted, 2) == [7, 2]
    assert lease(bob, wanted, 2) == [9]


def test_an_item_that_needs_two_labels_goes_to_two_people(store, lease, ada, bob):
    assert lease(ada, TWICE) == lease(bob, TWICE) == [0, 1, 2]
    assert lease(store.people.ensure("cy").id, TWICE) == [3, 4, 5]


def test_an_item_that_needs_two_labels_never_goes_to_two_tabs_of_one(lease, ada, bob):
    assert lease(ada, TWICE, tab="left") == [0, 1, 2]
    assert lease(ada, TWICE, tab="right") == [3, 4, 5]
    assert lease(bob, TWICE) == [0, 1, 2]


def test_an_item_may_need_more_labels_than_another(lease, ada, bob):
    wanted = {0: 2, 1: 1, 2: 2}
    assert lease(ada, wanted, 3) == [0, 1, 2]
    assert lease(bob, wanted, 3) == [0, 2]


def test_leases_expire_by_the_clock(lease, clock, ada, bob):
    lease(ada)
    clock.advance(LEASE_SECONDS - 1)
    assert lease(bob, count=1) == [3]
    clock.advance(1)
    assert lease(bob, count=1) == [0]


def test_asking_again_in_time_makes_leases_last(lease, clock, ada, bob):
    for _ in range(5):
        assert lease(ada) == [0, 1, 2]
        clock.advance(LEASE_SECONDS * 0.6)
    assert lease(bob, count=1) == [3]


def test_what_a_tab_had_before_is_free(lease, ada, bob):
    assert lease(ada, count=4) == [0, 1, 2, 3]
    elsewhere = {1: 1, 6: 1, 7: 1}
    assert lease(ada, elsewhere, 3) == [1, 6, 7]
    assert lease(bob, count=9) == [0, 2, 3, 4, 5, 8, 9]


def test_what_a_tab_no_longer_wants_is_free_at_once(lease, clock, ada, bob):
    lease(ada)
    clock.advance(LEASE_SECONDS * 0.8)
    assert lease(ada, {}) == []
    assert lease(bob) == [0, 1, 2]


def test_a_tab_is_given_others_when_it_has_few_left_or_something_comes_before_them(
    store, lease, ada
):
    many = dict.fromkeys(range(30), 1)
    assert lease(ada, many, 20) == list(range(20))
    before = _rows(store)
    assert lease(ada, many, 24) == list(range(20))
    assert _rows(store) == before
    first = {29: 1, **many}
    assert lease(ada, first, 24) == [29, *range(23)]
    assert lease(ada, many, 30) == list(range(30))


def test_a_tab_that_changes_hands_leases_for_its_new_person(lease, ada, bob):
    lease(ada, TWICE, tab="shared")
    assert lease(bob, TWICE, tab="shared") == [0, 1, 2]
    assert lease(ada, TWICE, tab="new") == [0, 1, 2]


def test_asking_again_soon_writes_nothing(store, lease, clock, ada):
    lease(ada)
    before = _rows(store)
    assert [row["item"] for row in before] == [0, 1, 2]
    clock.advance(LEASE_SECONDS / 3)
    assert lease(ada) == [0, 1, 2]
    assert _rows(store) == before
    clock.advance(LEASE_SECONDS / 3)
    lease(ada)
    assert {row["expires_at"] for row in _rows(store)} == {clock.now + LEASE_SECONDS}


def test_expired_leases_are_cleared_away(store, lease, clock, ada, bob):
    lease(ada)
    clock.advance(LEASE_SECONDS)
    lease(bob)
    assert {row["annotator_id"] for row in _rows(store)} == {bob}


def test_projects_lease_apart(store, desk, lease, ada, bob):
    other = store.projects.create(new_project("other")).id
    assert lease(ada) == store.leases.take(other, bob, "tab", list(ONCE), ONCE.get, 3) == [0, 1, 2]


def test_an_unknown_project_leases_nothing(store, ada):
    with pytest.raises(UnknownProject):
        store.leases.take(99, ada, "tab", list(ONCE), ONCE.get, 3)


def test_eight_tabs_at_once_get_eight_shares(store, desk):
    people = [store.people.ensure(f"a{n}").id for n in range(8)]
    start = threading.Barrier(len(people))
    wanted = dict.fromkeys(range(100), 1)

    def ask(annotator_id):
        start.wait()
        tab = f"tab-{annotator_id}"
        take = store.leases.take
        return take(desk.project.id, annotator_id, tab, list(wanted), wanted.get, 10)

    with ThreadPoolExecutor(len(people)) as pool:
        shares = list(pool.map(ask, people))
    assert sorted(item for share in shares for item in share) == list(range(80))


def test_who_has_answered_gives_the_item_back(store, desk, lease, ada, bob):
    assert lease(ada, {4: 1})  # the first of the two labels it needs is on its way
    assert lease(bob, {4: 1}) == []
    desk.answer(4, annotator_id=ada)
    assert lease(bob, {4: 1}) == [4]
