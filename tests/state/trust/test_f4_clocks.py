"""F4: clocks that jump an hour, and servers ten seconds apart; leases go by the database's time."""

import pytest
from at_work import begin
from label_desk import new_project
from sqlalchemy import update

from state.store.database import reading, writing
from state.store.leases import LEASE_SECONDS
from state.store.schema import JobKind, JobState, RoundTrigger, project
from state.store.store import Store
from state.store.work import RUNS, training

HOUR = 3600.0


class Time:
    """Seconds that go on when told to."""

    def __init__(self, now):
        self.now = now

    def __call__(self, _connection=None):
        return self.now


@pytest.fixture
def shared():
    """The clock that leases go by; it counts from the start of the machine."""
    return Time(50_000.0)


@pytest.fixture
def server(settings, shared):
    """Open the store as a server whose own clock is so many seconds wrong."""
    opened = []

    def start(wrong=0.0, leases=None):
        opened.append(Store.open(settings, Time(1_800_000_000.0 + wrong), leases or shared))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


def queues(store, project_id):
    return [store.work.of(training(project_id)), store.work.runs]


@pytest.fixture
def at_work(server):
    """A server with a project, and a job under way in the project's queue and in that of runs."""
    store = server()
    made = store.projects.create(new_project())
    for queue in queues(store, made.id):
        queue.ask(JobKind.UPDATE if queue.scope != RUNS else JobKind.RUN)
        begin(queue)
    return made


@pytest.mark.parametrize("wrong", [-HOUR, HOUR, -10.0, 10.0])
def test_a_server_with_another_time_robs_nobody(at_work, server, wrong):
    for queue in queues(server(wrong), at_work.id):
        assert queue.interrupt_stale() == []
        assert queue.lease().alive
        assert not queue.take_lease("thief", "there", 7)


@pytest.mark.parametrize("wrong", [-HOUR, HOUR])
def test_a_dead_worker_is_noticed_though_the_clock_jumped(at_work, server, shared, wrong):
    after = server(wrong)
    shared.now += after.settings.stale_seconds + 0.1
    for queue in queues(after, at_work.id):
        assert [job.state for job in queue.interrupt_stale()] == [JobState.INTERRUPTED]
        assert not queue.lease().alive
        assert queue.take_lease("next", "here", 7)


@pytest.mark.parametrize("now", [3.0, 50_000.0 - HOUR])
def test_leases_from_before_a_machine_started_anew_are_over(at_work, server, now):
    for queue in queues(server(leases=Time(now)), at_work.id):
        assert not queue.lease().alive
        assert len(queue.interrupt_stale()) == 1


@pytest.mark.parametrize("wrong", [-HOUR, HOUR, -10.0, 10.0])
def test_items_stay_with_whom_they_were_given_to_and_are_freed_in_time(server, shared, wrong):
    store = server()
    made = store.projects.create(new_project())
    ada, bob = store.people.ensure("ada").id, store.people.ensure("bob").id
    lacks = dict.fromkeys(range(3), 1).get
    assert store.leases.take(made.id, ada, "tab-a", [0, 1, 2], lacks, 3) == [0, 1, 2]
    other = server(wrong).leases
    assert other.take(made.id, bob, "tab-b", [0, 1, 2], lacks, 3) == []
    shared.now += LEASE_SECONDS
    assert other.take(made.id, bob, "tab-b", [0, 1, 2], lacks, 3) == [0, 1, 2]


def test_items_leased_before_a_machine_started_anew_are_free(server):
    store = server()
    made = store.projects.create(new_project())
    ada, bob = store.people.ensure("ada").id, store.people.ensure("bob").id
    lacks = dict.fromkeys(range(3), 1).get
    store.leases.take(made.id, ada, "tab-a", [0, 1, 2], lacks, 3)
    anew = server(leases=Time(3.0)).leases
    assert anew.take(made.id, bob, "tab-b", [0, 1, 2], lacks, 3) == [0, 1, 2]


def test_the_time_of_leases_is_the_databases_own(settings):
    """Two servers whose clocks are an hour apart read the same, and it goes on."""
    with (
        Store.open(settings, Time(-HOUR)) as one,
        Store.open(settings, Time(HOUR)) as other,
        reading(one.engine) as first,
        reading(other.engine) as second,
    ):
        read = [
            store.work.lease_clock(connection)
            for store, connection in ((one, first), (other, second), (one, first))
        ]
    assert read[0] < read[1] < read[2] < read[0] + 60


@pytest.mark.trains
def test_a_round_by_time_waits_no_hour_for_a_clock_that_was_set_back(workshop):
    of_project = update(project).where(project.c.id == workshop.id)
    with writing(workshop.store.engine) as connection:
        connection.execute(of_project.values(round_trigger=RoundTrigger.TIME, round_seconds=600))
    workshop.answer(1)
    made = workshop.store.models.active(workshop.id).created_at
    workshop.store.clock = Time(made + 300)
    assert workshop.projects.due(workshop.id) is None
    workshop.store.clock = Time(made - HOUR)
    assert workshop.projects.due(workshop.id) is JobKind.UPDATE
