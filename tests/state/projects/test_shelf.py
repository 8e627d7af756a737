"""The list of projects: what it says, and how one is put away, deleted and brought back."""

from dataclasses import replace
from typing import Any

import pytest
from answering import answer
from workshop import NoWorkers

from anomaly_core.errors import InvalidInput
from state.errors import DuplicateProject, NotAllowed, UnknownProject
from state.files.artifacts import project_folder
from state.labeling.desk import Desk
from state.projects.projects import Projects
from state.projects.shelf import SECONDS
from state.settings import Settings
from state.store.people import MACHINE
from state.store.schema import Role
from state.store.store import Store


@pytest.fixture
def projects(scratch, clock):
    """Of a store that has none yet."""
    settings = Settings(_env_file=None, data_dir=scratch / "data", database_url=None)
    with Store.open(settings, clock) as store:
        yield Projects(store, settings, NoWorkers(store, settings))


@pytest.fixture
def owner(projects):
    return projects.store.people.ensure("ada")


def desk(projects, project, person):
    return Desk(projects.store, projects.settings, project.id, person)


def names(projects):
    return [line.project.name for line in projects.shelf.lines()]


def test_the_project_worked_at_last_comes_first(projects, tiny, clock, owner):
    older = projects.create(tiny, MACHINE)
    clock.advance(10)
    projects.create(replace(tiny, name="newer"), MACHINE)
    assert names(projects) == ["newer", older.name]
    clock.advance(10)
    answer(desk(projects, older, owner), 0)
    assert names(projects) == [older.name, "newer"]
    assert projects.shelf.lines()[0].last_activity == clock.now


def test_an_archived_project_is_not_opened_first_but_still_listed(projects, tiny, owner):
    first, second = (
        projects.create(tiny, MACHINE),
        projects.create(replace(tiny, name="second"), MACHINE),
    )
    projects.shelf.archive(first.id, owner)
    assert projects.first() == second
    assert sorted(names(projects)) == sorted([first.name, "second"])
    projects.shelf.archive(first.id, owner, False)
    assert projects.first() == first


@pytest.mark.parametrize("typed", ["", "digit", "DIGITS"])
def test_a_project_goes_only_with_its_name_typed(projects, tiny, owner, typed):
    project = projects.create(tiny, MACHINE)
    with pytest.raises(InvalidInput, match="Type the name"):
        projects.shelf.remove(project.id, typed, owner)
    assert projects.store.projects.all() == [project]


def test_a_deleted_project_comes_back_with_all_that_was_said(projects, tiny, owner):
    project = projects.create(tiny, MACHINE)
    answer(desk(projects, project, owner), 0)
    before = projects.store.projects.get(project.id)
    projects.shelf.remove(project.id, project.name, owner)
    assert projects.store.projects.all() == []
    projects.shelf.restore(project.id, owner)
    assert projects.store.projects.all() == [before]
    assert len(projects.store.events.standing(project.id)) == 1


def test_its_name_is_free_at_once_and_then_it_cannot_come_back(projects, tiny, owner):
    project = projects.create(tiny, MACHINE)
    projects.shelf.remove(project.id, project.name, owner)
    projects.create(tiny, MACHINE)
    with pytest.raises(DuplicateProject, match=project.name):
        projects.shelf.restore(project.id, owner)


def test_a_long_name_can_be_deleted_too(projects, tiny, owner):
    project = projects.create(replace(tiny, name="n" * 255), MACHINE)
    projects.shelf.remove(project.id, project.name, owner)
    assert projects.store.projects.all() == []


def test_after_a_day_it_is_gone_with_its_files(projects, tiny, owner, clock):
    project = projects.create(tiny, MACHINE)
    kept = projects.create(replace(tiny, name="kept"), MACHINE)
    for one in (project, kept):
        answer(desk(projects, one, owner), 0)
    folder = project_folder(projects.settings.data_dir, project.id)
    folder.mkdir(parents=True)
    projects.shelf.remove(project.id, project.name, owner)
    clock.advance(SECONDS - 1)
    projects.shelf.tidy()
    assert folder.is_dir()
    assert projects.store.projects.removed()
    clock.advance(1)
    projects.shelf.tidy()
    assert not folder.exists()
    assert projects.store.projects.removed() == []
    assert projects.store.events.since(project.id) == []
    assert len(projects.store.events.since(kept.id)) == 1
    assert projects.store.integrity_problems() == []
    with pytest.raises(UnknownProject):
        projects.store.projects.get(project.id)


def test_only_a_removed_project_can_be_erased(projects, tiny):
    project = projects.create(tiny, MACHINE)
    with pytest.raises(InvalidInput, match="removed"):
        projects.store.projects.erase(project.id)


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.VIEWER])
def test_only_owners_put_projects_away(projects, tiny, role):
    project, other = projects.create(tiny, MACHINE), projects.store.people.ensure("bob", role)
    for act in (
        lambda: projects.shelf.archive(project.id, other),
        lambda: projects.shelf.remove(project.id, project.name, other),
        lambda: projects.shelf.restore(project.id, other),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert projects.store.projects.all() == [project]


def test_a_project_goes_on_under_other_terms(projects, tiny, owner):
    made = projects.create(tiny, MACHINE)
    answer(desk(projects, made, owner), 0)
    terms = replace(made.terms, name="belt", budget=made.budget + 1, guidelines="Normal: rows.")
    projects.shelf.change(made.id, terms, owner)
    now = projects.store.projects.get(made.id)
    assert now.terms == terms
    assert (now.spent, now.remaining) == (1, made.remaining)
    deed = projects.store.audit_log.newest(1)[0]
    assert (deed.what, deed.who, deed.subject) == ("changed a project", "ada", "belt")
    budget = f"budget {made.budget} → {made.budget + 1}"
    assert deed.reason == f"name rows → belt, {budget}, guidelines"


CONTRADICTED: dict[str, tuple[dict[str, Any], str]] = {
    "fewer labels than were bought": ({"budget": 1, "batch_size": 1}, "2 labels are bought"),
    "more labels than images": ({"budget": 10_000}, "cannot be used with a pool"),
    "rounds that cost more than there is": ({"batch_size": 30}, "more than the budget"),
    "fewer labels of an image than it has": ({"overlap": 1}, "2 labels already"),
    "no name": ({"name": " "}, "needs a name"),
}


@pytest.mark.parametrize("case", CONTRADICTED)
def test_terms_that_contradict_what_is_there_are_refused(projects, tiny, owner, case):
    changes, sentence = CONTRADICTED[case]
    made = projects.create(replace(tiny, overlap=2), MACHINE)
    for name in ("ada", "ben"):
        answer(desk(projects, made, projects.store.people.ensure(name)), 0)
    before, deeds = projects.store.projects.get(made.id), projects.store.audit_log.count()
    with pytest.raises(InvalidInput, match=sentence):
        projects.shelf.change(made.id, replace(made.terms, **changes), owner)
    assert projects.store.projects.get(made.id) == before
    assert projects.store.audit_log.count() == deeds


def test_a_name_that_another_project_has_is_not_taken_from_it(projects, tiny, owner):
    made = projects.create(tiny, MACHINE)
    projects.create(replace(tiny, name="second"), MACHINE)
    with pytest.raises(DuplicateProject, match="called second"):
        projects.shelf.change(made.id, replace(made.terms, name="second"), owner)
