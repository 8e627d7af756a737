"""Who may do what, and that every name is kept letter by letter."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from label_desk import Desk, new_project

from anomaly_core.errors import InvalidInput
from state.store.people import MACHINE, Annotator
from state.store.schema import Role

NAMES = [
    '<b onclick="alert(1)">Ada & Bob</b>',
    "![x](https://example.org/x.png) [link](javascript:alert(1)) **bold** `code` $x^2$ :smile:",
    "\u202eעדה\u202c محمد",
    "e\u0301 is not é",
    "👩‍👩‍👧 𝕬𝖉𝖆",
    "'; DROP TABLE event; -- %s %(name)s :name ?",
    "line\nbreak\ttab",
    "x" * 255,
    "ü" * 127 + "!",  # 255 bytes of UTF-8, like the next two
    "字" * 85,
    "👍" * 63 + "...",
    "👍" * 255,
]


@pytest.mark.parametrize("name", NAMES)
def test_names_are_kept_letter_by_letter(store, name):
    made = store.people.ensure(name)
    assert made.name == name
    assert store.people.ensure(name) == made
    assert store.people.all() == [made]
    assert store.projects.create(new_project(name)).name == name
    assert [one.name for one in store.projects.all()] == [name]


@pytest.mark.parametrize("name", ["", " \n ", "x" * 256, "nul\0", "half \ud83d"])
def test_names_that_cannot_be_kept_are_refused(store, name):
    with pytest.raises(InvalidInput, match="name of up to 255"):
        store.people.ensure(name)
    with pytest.raises(InvalidInput, match="name of up to 255"):
        new_project(name)
    assert store.people.all() == []


def test_people_are_told_apart_by_every_letter(store):
    names = ["Ada", "ada", "ADA", "Adà", "Ada\u200f"]
    made = [store.people.ensure(name) for name in names]
    assert store.people.all() == made
    assert len({one.id for one in made}) == len(names)


def test_eight_who_come_at_once_under_one_name_are_one(store):
    start = threading.Barrier(8)

    def come(_):
        start.wait()
        return store.people.ensure("ada")

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda n: come(n).id, range(8)))) == 1


def test_who_comes_a_moment_after_another_under_one_name_is_the_same(store, monkeypatch):
    ada, known = store.people.ensure("ada"), store.people.all
    looks = iter([list[Annotator]])  # at first nobody, as before the other came
    monkeypatch.setattr(store.people, "all", lambda: next(looks, known)())
    assert store.people.ensure("ada", Role.VIEWER) == ada


@pytest.mark.parametrize(
    ("role", "active", "answers"),
    [
        (Role.OWNER, True, True),
        (Role.ANNOTATOR, True, True),
        (Role.VIEWER, True, False),
        (Role.ANNOTATOR, False, False),
    ],
)
def test_roles_say_who_may_answer(desk, role, active, answers):
    bob = desk.store.people.ensure("bob", Role.VIEWER)
    changed = desk.store.people.change(bob.id, role=role, active=active, who=MACHINE)
    assert (changed.id, changed.role, changed.active) == (bob.id, role, active)
    assert changed in desk.store.people.all()
    assert changed.may_answer is answers
    if answers:
        desk.answer(1, annotator_id=bob.id)
    else:
        with pytest.raises(InvalidInput):
            desk.answer(1, annotator_id=bob.id)


@pytest.mark.parametrize(("role", "active"), [(Role.VIEWER, True), (Role.OWNER, False)])
def test_the_last_owner_cannot_go(store, role, active):
    ada, bob = store.people.ensure("ada"), store.people.ensure("bob", Role.ANNOTATOR)
    with pytest.raises(InvalidInput, match="needs an owner"):
        store.people.change(ada.id, role=role, active=active, who=MACHINE)
    assert store.people.all() == [ada, bob]
    store.people.change(bob.id, role=Role.OWNER, active=True, who=MACHINE)
    assert store.people.change(ada.id, role=role, active=active, who=MACHINE).role is role


def test_owners_who_go_at_once_leave_one(store):
    people = [store.people.ensure(f"a{n}") for n in range(6)]
    start = threading.Barrier(len(people))

    def go(one):
        start.wait()
        try:
            return store.people.change(one.id, role=Role.VIEWER, active=True, who=MACHINE)
        except InvalidInput:
            return None

    with ThreadPoolExecutor(len(people)) as pool:
        gone = list(pool.map(go, people))
    assert gone.count(None) == 1
    assert [one.role for one in store.people.all()].count(Role.OWNER) == 1


def test_somebody_unknown_cannot_be_changed(store):
    store.people.ensure("ada")
    with pytest.raises(InvalidInput, match="no such person"):
        store.people.change(99, role=Role.OWNER, active=True, who=MACHINE)


def test_what_is_so_already_leaves_no_row(store):
    ada = store.people.ensure("ada")
    rows = store.audit_log.count()
    assert store.people.change(ada.id, role=Role.OWNER, active=True, who=MACHINE) == ada
    assert store.audit_log.count() == rows


def test_keys_are_kept_for_one_person(store):
    ada, bob = store.people.ensure("ada"), store.people.ensure("bob")
    keys = {"normal": "ArrowLeft", "anomalous": "ö", "undo": "'"}
    store.people.set_keys(ada, keys)
    assert [one.keys for one in store.people.all()] == [keys, None]
    store.people.set_keys(bob, {"skip": "s"})
    empty: dict[str, str] = {}
    for nothing in (None, empty):
        store.people.set_keys(ada, nothing)
        assert store.people.ensure("ada").keys is None
    assert store.people.ensure("bob").keys == {"skip": "s"}


def test_a_change_of_role_keeps_the_keys_and_the_answers(store):
    desk = Desk(store)
    bob = store.people.ensure("bob", Role.ANNOTATOR)
    store.people.set_keys(bob, {"skip": "s"})
    desk.answer(1, annotator_id=bob.id)
    assert store.people.change(bob.id, role=Role.VIEWER, active=False, who=MACHINE).keys == {
        "skip": "s"
    }
    assert desk.standing.keys() == {1}


def test_one_key_cannot_mean_two_things(store):
    ada = store.people.ensure("ada")
    with pytest.raises(InvalidInput, match="two things"):
        store.people.set_keys(ada, {"normal": "j", "skip": "j"})
    assert store.people.ensure("ada").keys is None


def test_a_source_of_answers_is_there_before_anybody_and_is_nobody(store):
    number = store.people.source("Labels of belt")
    assert store.people.source("Labels of belt") == number
    (one,) = store.people.all()
    assert (one.id, one.role, one.active) == (number, Role.VIEWER, False)
