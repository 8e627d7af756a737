"""F1: a trainer that was stopped and overtaken publishes nothing, and removes nothing of anybody's.

It is stopped by SIGSTOP at each of its steps; another takes over once it was silent for too long.
"""

import os
import signal

import pytest
from faults import StoppingRounds, ended, forked, hidden, stopped, torn_versions, visible
from waiting import wait_until
from workshop import Workshop

from state.store.schema import JobKind, JobState
from state.workers.baseline.rounds import RandomRounds

pytestmark = [pytest.mark.trains, pytest.mark.process]

STALE = 0.5  # seconds of silence after which another takes over
PREPARING = ["files are written", "trained", "version is written", "version is in place"]
UPDATING = ["trained", "version is written", "version is in place", "published"]
ROUNDS = {"first file": 1, "curve": 2, "clearing up": 3}  # the calls that ask for the lease


# A process that is stopped in the middle of one would leave the database locked.
WITHOUT_A_BEAT = {"heartbeat_seconds": 600.0}


@pytest.fixture
def two(tiny_workshop):
    """The data directory of a project, opened by somebody who waits only a moment for a trainer."""
    with Workshop(tiny_workshop.settings.data_dir, stale_seconds=STALE) as opened:
        yield opened


def begin(two, point):
    """Have a trainer do what waits, and be stopped at a point; returns its process."""

    def serve():
        with Workshop(two.settings.data_dir, stale_seconds=STALE) as own:
            trainer = own.trainer("slow", StoppingRounds(own, "slow", point))
            trainer.settings = own.settings.model_copy(update=WITHOUT_A_BEAT)
            trainer.serve()

    pid = forked(serve)
    assert stopped(pid)
    return pid


def take_over(two, kind):
    """Have another trainer do the work, once the first was silent for too long."""
    wait_until(lambda: not two.queue.lease().alive, 30)
    assert [job.state for job in two.queue.interrupt_stale()] == [JobState.INTERRUPTED]
    two.queue.ask(kind)
    two.trainer("quick").serve()


def published(two):
    """Every file that the rows tell of, and what lies beside the versions."""
    of_rows = {one.directory.rpartition("/")[2] for one in two.store.models.all(two.id)}
    return {
        name: held
        for name, held in visible(two.folder).items()
        if not name.startswith("models/") or name.split("/")[1] in of_rows
    }


def nothing_changes(two, pid):
    """Let the first trainer go on, and compare what is there afterwards with what was before."""
    known, before = two.store.models.all(two.id), published(two)
    os.kill(pid, signal.SIGCONT)
    assert ended(pid) == 0
    assert two.store.models.all(two.id) == known
    assert torn_versions(two) == []
    assert published(two) == before
    assert visible(two.folder) == before  # and it has left nothing
    assert hidden(two.folder) == []


@pytest.mark.parametrize("point", PREPARING)
def test_f1_an_overtaken_prepare_changes_nothing(two, point):
    two.queue.ask(JobKind.PREPARE)
    pid = begin(two, point)
    take_over(two, JobKind.PREPARE)
    assert [one.version for one in two.store.models.all(two.id)] == [1]
    nothing_changes(two, pid)


@pytest.fixture
def labeled(two):
    """The same with a model, answers to learn from, and somebody who wants that."""
    two.prepare()
    two.queue.release_lease("w1")
    two.answer(5)
    two.queue.ask(JobKind.UPDATE)
    return two


@pytest.mark.parametrize("point", UPDATING)
def test_f1_an_overtaken_update_changes_nothing(labeled, point):
    pid = begin(labeled, point)
    labeled.answer(5)
    take_over(labeled, JobKind.UPDATE)
    assert labeled.model.version == (3 if point == "published" else 2)
    nothing_changes(labeled, pid)


class StoppingRandom(RandomRounds):
    """Random rounds whose process stops before it asks for the lease for the n-th time."""

    def stop_before(self, number):
        ask, asked = self.held, iter(range(1, 1000))

        def held():
            if next(asked) == number:
                os.kill(os.getpid(), signal.SIGSTOP)
            return ask()

        self.held = held


@pytest.mark.parametrize("point", ROUNDS)
def test_f1_overtaken_random_rounds_change_nothing(labeled, point):
    def serve():
        with Workshop(labeled.settings.data_dir, stale_seconds=STALE) as own:
            trainer = own.trainer("slow")
            project = own.store.projects.get(own.id)
            trainer.random_rounds = StoppingRandom(
                own.store, own.settings.data_dir, project, "slow", trainer.rounds.teaching
            )
            trainer.random_rounds.stop_before(ROUNDS[point])
            trainer.serve()

    pid = forked(serve)
    assert stopped(pid)
    wait_until(lambda: not labeled.queue.lease().alive, 30)
    labeled.answer(5)
    labeled.queue.ask(JobKind.UPDATE)
    labeled.trainer("quick").serve()
    there = {path.name for path in (labeled.folder / "random").iterdir()}
    assert there >= {"2", "curve.npy"}
    nothing_changes(labeled, pid)
