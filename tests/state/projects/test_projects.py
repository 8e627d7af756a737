"""Projects: what is refused, when training is due, and when it waits for a person."""

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from answering import answer, undo
from at_work import begin
from workshop import NoWorkers, write_idx

from anomaly_core.datasets.scenario import Scenario
from anomaly_core.detectors.base import Family
from anomaly_core.errors import DatasetDamaged, DatasetMissing, InvalidInput, InvalidScenario
from state.errors import DuplicateProject
from state.projects.projects import ProjectForm, Projects
from state.settings import Settings
from state.store.people import MACHINE
from state.store.schema import Answer, JobKind, JobState
from state.store.store import Store

DONE, FAILED = JobState.DONE, JobState.FAILED
CANCELLED, INTERRUPTED = JobState.CANCELLED, JobState.INTERRUPTED


@pytest.fixture
def projects(scratch):
    """Of a store that has none yet."""
    settings = Settings(_env_file=None, data_dir=scratch / "data", database_url=None)
    with Store.open(settings) as store:
        yield Projects(store, settings, NoWorkers(store, settings))


def changed(form, scenario=None, **changes):
    return replace(form, scenario=replace(form.scenario, **scenario or {}), **changes)


def test_first_project_is_the_default_one_made_once(projects):
    first = projects.first()
    form = ProjectForm()
    assert (first.name, first.budget, first.batch_size) == (form.name, form.budget, form.batch_size)
    assert first.scenario == form.scenario.to_json()
    assert first.pool_size >= first.budget
    assert projects.first() == first
    assert projects.store.projects.all() == [first]
    assert [job.kind for job in projects.store.work.training(first.id).all()] == [JobKind.PREPARE]
    assert projects.spawner.wanted == [first.id]


def test_first_project_is_the_oldest(projects, tiny):
    older = projects.create(tiny, MACHINE)
    projects.create(replace(tiny, name="newer"), MACHINE)
    assert projects.first() == older


def test_two_tabs_that_open_at_once_get_one_project(projects):
    start = threading.Barrier(2)

    def open_tab():
        start.wait()
        return projects.first().id

    with ThreadPoolExecutor(2) as tabs:
        found = {tab.result() for tab in [tabs.submit(open_tab) for _ in range(2)]}
    assert found == {projects.store.projects.all()[0].id}
    assert len(projects.store.projects.all()) == 1


def test_created_project_is_as_the_form_says(projects, tiny):
    project = projects.create(tiny, MACHINE)
    assert Scenario.from_json(project.scenario) == tiny.scenario
    assert project.detector == {
        "family": "deep-svdd",
        "objective": "one-class",
        "backbone": "drawn",
        "weights": None,
        "audit_share": 0.1,
        "root": str(tiny.root),
    }
    assert (project.strategy, project.guidelines) == ("auto", tiny.guidelines)
    assert (project.budget, project.batch_size, project.pool_size) == (20, 5, 100)


REFUSED: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "unknown dataset": ({"scenario": {"dataset": "letters"}}, InvalidInput, "no dataset 'letters'"),
    "unknown class": ({"scenario": {"normal": (0, 7)}}, InvalidScenario, "has no class 7"),
    "every class": ({"scenario": {"normal": (0, 1, 2)}}, InvalidScenario, "Every class is normal"),
    "all classes": ({"scenario": {"normal": ()}}, InvalidScenario, "Every class is normal"),
    "contamination 0": ({"scenario": {"contamination": 0.0}}, InvalidScenario, "contamination"),
    "contamination 0.6": ({"scenario": {"contamination": 0.6}}, InvalidScenario, "contamination"),
    "negative seed": ({"scenario": {"seed": -1}}, InvalidScenario, "seed -1"),
    "budget larger than the pool": ({"budget": 101}, InvalidInput, "budget of 101 .* give 1 to"),
    "no budget": ({"budget": 0, "batch_size": 0}, InvalidInput, "budget of 0"),
    "round larger than budget": ({"batch_size": 21}, InvalidInput, "round of 21 labels is more"),
    "empty round": ({"batch_size": 0}, InvalidInput, "batch size must be at least 1"),
    "unknown strategy": ({"strategy": "clever"}, InvalidInput, "no strategy 'clever'"),
    "blank name": ({"name": "  "}, InvalidInput, "needs a name"),
    "a size that idx files have": ({"scenario": {"size": 32}}, InvalidInput, "leave both out"),
    "endless name": ({"name": "x" * 256}, InvalidInput, "needs a name"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_form_is_refused_with_nothing_stored(projects, tiny, case):
    changes, error, sentence = REFUSED[case]
    with pytest.raises(error, match=sentence):
        projects.create(changed(tiny, **changes), MACHINE)
    assert_nothing_stored(projects)


def assert_nothing_stored(projects):
    assert projects.store.projects.all() == []
    assert projects.spawner.wanted == []
    assert list(projects.settings.projects_dir.iterdir()) == []


def test_name_that_is_taken_is_refused(projects, tiny):
    project = projects.create(tiny, MACHINE)
    with pytest.raises(DuplicateProject, match="called rows"):
        projects.create(replace(tiny, name=" rows ", budget=30), MACHINE)
    assert projects.store.projects.all() == [project]
    assert projects.spawner.wanted == [project.id]


def test_images_too_small_for_the_model_of_places_are_refused(projects, tiny, tmp_path):
    rows = np.repeat(np.arange(3, dtype=np.uint8), 60)
    for stem in ("train", "t10k"):
        write_idx(tmp_path / f"{stem}-images-idx3-ubyte", np.zeros((180, 7, 9), np.uint8))
        write_idx(tmp_path / f"{stem}-labels-idx1-ubyte", rows)
    form = replace(tiny, root=tmp_path)
    with pytest.raises(InvalidInput, match="7 x 9 pixels are too small"):
        projects.create(replace(form, family=Family.FCDD), MACHINE)
    assert projects.store.projects.all() == []
    assert projects.create(form, MACHINE).detector["family"] == "deep-svdd"


@pytest.mark.parametrize("root", ["nowhere", "empty"])
def test_missing_idx_folder_is_refused(projects, tiny, tmp_path, root):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetMissing):
        projects.create(replace(tiny, root=tmp_path / root), MACHINE)
    assert_nothing_stored(projects)


@pytest.mark.parametrize("kind", ["images-idx3", "labels-idx1"])
def test_damaged_idx_file_is_refused(projects, tiny, tmp_path, kind):
    shutil.copytree(tiny.root, tmp_path / "cut")
    path = tmp_path / "cut" / f"t10k-{kind}-ubyte"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DatasetDamaged, match="should hold"):
        projects.create(replace(tiny, root=tmp_path / "cut"), MACHINE)
    assert_nothing_stored(projects)


def test_digits_yet_to_be_downloaded_are_left_to_the_trainer(projects):
    project = projects.create(ProjectForm(scenario=Scenario(dataset="mnist")), MACHINE)
    assert project.pool_size is None
    assert projects.spawner.wanted == [project.id]


def test_digits_missing_from_a_named_folder_are_refused(projects, tmp_path):
    form = ProjectForm(scenario=Scenario(dataset="mnist"), root=tmp_path)
    with pytest.raises(DatasetMissing, match="MNIST is not in"):
        projects.create(form, MACHINE)
    assert_nothing_stored(projects)


@pytest.mark.trains
def test_what_is_due_from_the_first_model_to_the_last_label(open_workshop, tiny):
    workshop = open_workshop(replace(tiny, budget=13))
    due = lambda: workshop.projects.due(workshop.id)  # noqa: E731
    assert due() is JobKind.PREPARE
    rounds = workshop.rounds()
    workshop.prepare(rounds)
    assert due() is None
    workshop.answer(4)
    assert due() is None
    workshop.answer(1)
    assert due() is JobKind.UPDATE
    rounds.update([])
    assert due() is None
    workshop.answer(7)
    assert due() is JobKind.UPDATE
    rounds.update([])
    workshop.answer(1)  # the budget ends within a round
    assert workshop.store.projects.get(workshop.id).remaining == 0
    assert due() is JobKind.UPDATE
    rounds.update([])
    assert due() is None


def test_unsure_skipped_and_withdrawn_answers_make_no_round(workshop):
    desk = workshop.desk()
    for item in desk.queue[:12].tolist():
        answer(desk, item, Answer.UNSURE)
    for item in desk.queue[12:24].tolist():
        answer(desk, item, None)
    workshop.answer(10)
    assert workshop.projects.due(workshop.id) is JobKind.UPDATE
    undo(workshop.desk())
    assert workshop.projects.due(workshop.id) is None


def test_tending_asks_once_for_what_is_due_and_for_a_trainer_each_time(workshop):
    tend = lambda: workshop.projects.tend(workshop.id)  # noqa: E731
    assert tend() is None
    assert workshop.trainers.wanted == []
    workshop.answer(10)
    job = tend()
    assert (job.kind, job.state) == (JobKind.UPDATE, JobState.QUEUED)
    assert tend() == job
    assert workshop.trainers.wanted == [workshop.id] * 2
    assert workshop.trainers.buried == [workshop.id] * 3
    workshop.work()
    assert tend() is None
    assert workshop.model.version == 2


def test_tending_does_not_ask_again_for_what_is_under_way(workshop):
    workshop.answer(10)
    job = workshop.projects.tend(workshop.id)
    begin(workshop.queue)
    workshop.answer(10)
    assert workshop.projects.tend(workshop.id).id == job.id
    assert len([one for one in workshop.queue.all() if one.state.live]) == 1


def test_tending_replaces_a_silent_trainer(workshop, clock):
    workshop.answer(10)
    workshop.store.work.lease_clock = clock
    job = workshop.projects.tend(workshop.id)
    begin(workshop.queue)
    clock.advance(workshop.settings.stale_seconds + 0.5)
    replacement = workshop.projects.tend(workshop.id)
    assert replacement.id != job.id
    assert replacement.state is JobState.QUEUED
    assert workshop.projects.last_finished(workshop.id).id == job.id
    assert workshop.projects.last_finished(workshop.id).state is INTERRUPTED


def history(workshop, *states):
    workshop.answer(10)
    for state in states:
        workshop.end_job(state)


@pytest.mark.parametrize(
    ("states", "stuck"),
    [
        ([], False),
        ([INTERRUPTED], False),
        ([INTERRUPTED] * 2, False),
        ([INTERRUPTED] * 3, True),
        ([INTERRUPTED] * 4, True),
        ([FAILED, INTERRUPTED, INTERRUPTED], False),
        ([INTERRUPTED, INTERRUPTED, FAILED], True),
        ([FAILED], True),
        ([CANCELLED], True),
        ([FAILED, CANCELLED, DONE], False),
    ],
)
def test_automatic_tries_end(workshop, states, stuck):
    history(workshop, *states)
    assert workshop.projects.stuck(workshop.id) == stuck
    assert (workshop.projects.tend(workshop.id) is None) == stuck
    assert bool(workshop.trainers.wanted) == (not stuck)


@pytest.mark.parametrize("state", [FAILED, CANCELLED])
def test_another_full_round_of_answers_is_another_try(workshop, state):
    history(workshop, state)
    workshop.answer(9)
    assert workshop.projects.tend(workshop.id) is None
    workshop.answer(1)
    assert workshop.projects.tend(workshop.id).state is JobState.QUEUED
    workshop.work()
    assert workshop.model.label_count == 20


@pytest.mark.parametrize("states", [[FAILED], [CANCELLED], [INTERRUPTED] * 3])
def test_retry_goes_on_whatever_happened(workshop, states):
    history(workshop, *states)
    workshop.projects.retry(workshop.id, workshop.me)
    assert workshop.queue.next().kind is JobKind.UPDATE
    assert workshop.trainers.wanted == [workshop.id]
    workshop.work()
    assert workshop.model.version == 2


def test_retry_with_nothing_due_asks_for_nothing(workshop):
    workshop.projects.retry(workshop.id, workshop.me)
    assert workshop.queue.next() is None
    assert workshop.trainers.wanted == []


def test_failed_preparation_waits_for_a_person(open_workshop, tiny):
    workshop = open_workshop(tiny)
    workshop.end_job(FAILED, JobKind.PREPARE)
    assert workshop.projects.tend(workshop.id) is None
    workshop.projects.retry(workshop.id, workshop.me)
    assert workshop.queue.next().kind is JobKind.PREPARE


def test_last_finished_is_the_newest_that_ended(workshop):
    assert workshop.projects.last_finished(workshop.id).kind is JobKind.PREPARE
    history(workshop, CANCELLED, FAILED)
    workshop.queue.ask(JobKind.UPDATE)
    assert workshop.projects.last_finished(workshop.id).state is FAILED


def test_nothing_has_finished_at_first(open_workshop, tiny):
    workshop = open_workshop(tiny)
    assert workshop.projects.last_finished(workshop.id) is None
    assert workshop.projects.model(workshop.id) is None
    assert workshop.projects.model(workshop.id) == workshop.store.models.active(workshop.id)


def test_withdrawn_labels_are_news_for_the_model(workshop):
    workshop.answer(10)
    workshop.rounds().update([])
    assert workshop.projects.due(workshop.id) is None
    for _ in range(10):
        undo(workshop.desk())
    assert workshop.projects.due(workshop.id) is JobKind.UPDATE


def test_trainers_that_die_before_they_take_the_job_are_given_up(workshop):
    workshop.answer(10)
    assert workshop.projects.tend(workshop.id).state is JobState.QUEUED
    workshop.trainers.dead = 3
    assert workshop.projects.tend(workshop.id) is None
    failed = workshop.projects.last_finished(workshop.id)
    assert failed.state is JobState.FAILED
    assert failed.message.startswith("The trainer could not be started")
    workshop.projects.retry(workshop.id, workshop.me)
    assert workshop.projects.tend(workshop.id).state is JobState.QUEUED
