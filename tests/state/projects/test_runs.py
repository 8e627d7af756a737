"""What a person can do with runs: ask, resume, remove, and what becomes of dead runners."""

import errno
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from at_work import begin, end
from refused import refused
from sleepers import SleeperSpawner
from some import some

from anomaly_core.errors import DatasetMissing, InvalidInput
from anomaly_core.recipes import CONTESTANTS
from anomaly_core.recipes.plan import Plan
from state.errors import StoreUnavailable
from state.files.artifacts import run_folder
from state.projects.runs import OF_ANOTHER_VERSION, Runs, folder_named, plan_of, title_of
from state.store.people import MACHINE
from state.store.schema import JobKind, JobState
from state.store.store import Store
from state.store.work import RUNS
from state.workers.spawn import TRIES

pytestmark = pytest.mark.process

PLAN = Plan(recipe="three-autoencoders")


@pytest.fixture
def runs(store):
    spawner = SleeperSpawner(store, store.settings)
    yield Runs(store, store.settings, spawner)
    spawner.kill()


def test_asking_starts_one_runner(runs):
    asked = runs.ask(PLAN, MACHINE)
    assert runs.ask(PLAN, MACHINE) == asked
    assert runs.tend() == [asked]
    assert len(runs.spawner.started) == 1
    assert plan_of(asked) == PLAN
    assert title_of(asked) == PLAN.title


def test_eight_threads_that_tend_start_one_runner(runs, store):
    runs.queue.ask(JobKind.RUN, PLAN.to_json())
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: runs.tend(), range(8)))
    assert len(runs.spawner.started) == 1


def test_nothing_is_started_while_a_runner_of_another_server_works(runs, store, clock):
    runs.queue.ask(JobKind.RUN, PLAN.to_json())
    begin(runs.queue, "theirs")
    runs.ask(Plan(recipe="three-autoencoders", seed=1), MACHINE)
    assert runs.spawner.started == []
    clock.advance(store.settings.stale_seconds + 0.5)
    assert [one.state for one in runs.tend()] == [JobState.QUEUED]
    assert runs.queue.all()[-1].state is JobState.INTERRUPTED
    assert len(runs.spawner.started) == 1


def test_the_run_of_our_own_dead_runner_is_interrupted_at_once(runs, store):
    asked = runs.ask(PLAN, MACHINE)
    begin(runs.queue, "w1")
    assert [one.id for one in runs.tend()] == [asked.id]
    runs.spawner.kill()
    assert runs.tend() == []
    assert runs.queue.get(asked.id).state is JobState.INTERRUPTED


def test_runners_that_die_before_they_take_a_run_end_it_as_failed(runs, store):
    asked = runs.ask(PLAN, MACHINE)
    for _ in range(TRIES):
        runs.spawner.kill()
        runs.tend()
    failed = runs.queue.get(asked.id)
    assert (failed.state, failed.message) == (JobState.FAILED, RUNS.unstarted)
    assert len(runs.spawner.started) == TRIES
    assert runs.resume(asked.id, MACHINE).state is JobState.QUEUED
    assert len(runs.spawner.started) == TRIES + 1


def test_what_cannot_be_run_is_refused_and_not_stored(runs, store, tmp_path):
    for plan, error in (
        (Plan(recipe="alchemy"), InvalidInput),
        (Plan(contestants=("alchemy",)), InvalidInput),
        (Plan(), InvalidInput),
        (Plan(recipe="three-autoencoders", dataset="alchemy"), InvalidInput),
        (Plan(recipe="three-autoencoders", dataset="idx"), DatasetMissing),
        (Plan(recipe="three-autoencoders", dataset="folder"), DatasetMissing),
        (Plan(recipe="three-autoencoders", dataset="cifar10"), DatasetMissing),
        (Plan(recipe="three-autoencoders", dataset="idx", root=str(tmp_path)), DatasetMissing),
        (Plan(recipe="three-autoencoders", dataset="mnist", root="/nowhere"), DatasetMissing),
    ):
        with pytest.raises(error):
            runs.ask(plan, MACHINE)
    assert runs.queue.all() == []


def test_mnist_is_looked_for_in_the_data_directory_and_may_be_downloaded_there(runs, store):
    asked = runs.ask(Plan(recipe="three-autoencoders", dataset="mnist"), MACHINE)
    root = str(store.settings.data_dir / "datasets")
    assert asked.plan["root"] == root
    assert root in some(plan_of(asked)).command("out")


def test_a_folder_of_ones_own_is_kept_in_full(runs, store, idx_folder):
    asked = runs.ask(
        Plan(recipe="three-autoencoders", dataset="idx", root=str(idx_folder)), MACHINE
    )
    assert asked.plan["root"] == str(idx_folder)


def test_removing_takes_the_folder_along(runs, store):
    asked = runs.ask(PLAN, MACHINE)
    folder = run_folder(store.settings.data_dir, asked.id)
    (folder / "models").mkdir(parents=True)
    with pytest.raises(InvalidInput):
        runs.remove(asked.id, MACHINE)
    assert folder.exists()
    end(runs.queue, JobState.DONE)
    runs.remove(asked.id, MACHINE)
    assert not folder.exists()
    assert runs.queue.all() == []
    runs.remove(asked.id, MACHINE)  # in another tab


def test_a_folder_that_something_else_uses_is_told(runs, store, monkeypatch):
    def busy(path, ignore_errors=False):
        if not ignore_errors:
            raise PermissionError(errno.EACCES, "Permission denied")

    asked = runs.ask(PLAN, MACHINE)
    end(runs.queue, JobState.DONE)
    monkeypatch.setattr("state.projects.runs.shutil.rmtree", busy)
    with refused(StoreUnavailable, rf"run {asked.id} could not be removed \(Permission denied\)"):
        runs.remove(asked.id, MACHINE)
    assert runs.queue.all() == []


def test_the_home_of_nobody_is_no_folder():
    assert folder_named("~/digits") == Path.home() / "digits"
    with refused(InvalidInput, "has no such user's home; give its path"):
        folder_named("~nobody-of-this-name/digits")


def test_many_detectors_are_counted_in_the_title(runs):
    asked = runs.ask(Plan(contestants=tuple(CONTESTANTS)[:4], evaluation="letters"), MACHINE)
    assert title_of(asked).startswith("4 detectors on letters")


def test_a_run_without_a_folder_tells_nothing_and_can_be_removed(runs, store):
    runs.ask(PLAN, MACHINE)
    ended = end(runs.queue, JobState.FAILED)
    assert runs.images(ended) is None
    assert runs.report(ended) is None
    runs.remove(ended.id, MACHINE)
    assert runs.queue.all() == []


def test_a_report_is_found_once_it_is_there(runs, store):
    asked = runs.ask(PLAN, MACHINE)
    folder = run_folder(store.settings.data_dir, asked.id)
    folder.mkdir(parents=True)
    (folder / "report.html").write_text("<p>")
    assert runs.report(asked) == Path(folder / "report.html")


def test_a_plan_of_another_version_is_listed_all_the_same(runs, store):
    for plan in ({"color": "green"}, {"recipe": "alchemy"}):
        asked = runs.queue.ask(JobKind.RUN, plan)
        assert plan_of(asked) is None
        assert title_of(asked) == OF_ANOTHER_VERSION


def test_two_servers_asking_at_once_get_one_run(settings):
    def ask(_):
        with Store.open(settings) as store:
            spawner = SleeperSpawner(store, settings)
            try:
                return Runs(store, settings, spawner).ask(PLAN, MACHINE).id
            finally:
                spawner.kill()

    with ThreadPoolExecutor(4) as servers:
        assert len(set(servers.map(ask, range(4)))) == 1
