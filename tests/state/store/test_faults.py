"""Nothing acknowledged is lost and nothing is overspent, whoever writes or dies meanwhile."""

import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from label_desk import Desk, new_project

from state.errors import AlreadyAnswered, AnsweredByOthers, BudgetExhausted
from state.store.schema import EventKind, JobKind
from state.store.store import Store

KILLS = 15

# Answers items first, first + 1, ... and prints the identity of each once it is acknowledged.
ANNOTATOR = """
data_dir, url, name, project, first, last, undoing = arguments
with Store.open(Settings(_env_file=None, data_dir=data_dir, database_url=url)) as store:
    me = store.people.ensure(name).id
    for item in range(first, last):
        answer = Answer.NORMAL if item % 2 else Answer.ANOMALOUS
        draft = AnswerDraft(uuid=str(uuid4()), project_id=project, item=item, annotator_id=me,
                            answer=answer, pressed_at=1.0)
        try:
            store.events.accept(draft)
        except BudgetExhausted:
            break
        print(draft.uuid, flush=True)
        if undoing and item % 3 == 0:
            again = str(uuid4())
            store.events.undo(project_id=project, annotator_id=me, uuid=again, pressed_at=2.0)
"""


def test_four_processes_share_a_budget_too_small_for_them(store, settings, workers):
    project = store.projects.create(new_project(budget=60, pool_size=1000)).id
    for number, worker in enumerate(workers):
        first = 100 * number
        worker.start(ANNOTATOR, settings, f"a{number}", project, first, first + 100, False)
    printed = [uuid for worker in workers for uuid in worker.lines()]
    assert len(printed) == store.projects.get(project).spent == 60
    assert {event.uuid for event in store.events.standing(project)} == set(printed)


def test_one_label_left_goes_to_one_of_eight(store):
    desk = Desk(store, budget=1)
    drafts = [
        desk.draft(item, annotator_id=store.people.ensure(f"a{item}").id) for item in range(8)
    ]
    assert _outcomes(store, drafts) == {"accepted": 1, BudgetExhausted: 7}
    assert desk.spent == 1


def test_one_item_goes_to_one_of_eight(store):
    desk = Desk(store)
    drafts = [desk.draft(5, annotator_id=store.people.ensure(f"a{n}").id) for n in range(8)]
    assert _outcomes(store, drafts) == {"accepted": 1, AnsweredByOthers: 7}


def test_one_answer_sent_eight_times_at_once_is_one_answer(store):
    desk = Desk(store)
    assert _outcomes(store, [desk.draft(5)] * 8) == {"accepted": 1, "repeated": 7}


def test_eight_requests_for_a_job_make_one(store, desk):
    with ThreadPoolExecutor(8) as pool:
        ask = store.work.training(desk.project.id).ask
        asked = [pool.submit(ask, JobKind.UPDATE) for _ in range(8)]
        assert len({one.result().id for one in asked}) == 1


def _outcomes(store, drafts):
    start = threading.Barrier(len(drafts))

    def send(draft):
        start.wait()
        try:
            return "repeated" if store.events.accept(draft).repeated else "accepted"
        except (BudgetExhausted, AlreadyAnswered) as refusal:
            return type(refusal)

    with ThreadPoolExecutor(len(drafts)) as pool:
        return dict(Counter(pool.map(send, drafts)))


@pytest.mark.parametrize("undoing", [False, True])
def test_killed_while_writing_loses_no_acknowledged_answer(settings, workers, undoing):
    chance = random.Random(undoing)
    with Store.open(settings) as store:
        project = store.projects.create(new_project(budget=10**6, pool_size=10**6)).id
    acknowledged = []
    for kill in range(0, KILLS, 3):
        for first in range(10_000 * kill, 10_000 * (kill + 3), 10_000):
            worker = workers[first // 10_000 % 3]
            worker.start(ANNOTATOR, settings, "ada", project, first, first + 10_000, undoing)
        for worker in workers[:3]:
            worker.kill(after=chance.uniform(0.02, 0.25))
        printed = [uuid for worker in workers[:3] for uuid in worker.lines()]
        acknowledged += [uuid for uuid in printed if len(uuid) == 36]  # whole ones
    with Store.open(settings) as store:
        history = store.events.since(project)
        assert store.integrity_problems() == []
        after = Desk(store, name="after")
        after.answer(1, uuid=str(uuid4()))
        assert after.spent == 1
    answers = Counter(event.uuid for event in history if event.kind is EventKind.ANSWER)
    assert acknowledged
    assert all(answers[uuid] == 1 for uuid in acknowledged)
    assert sum(answers.values()) <= len(acknowledged) + KILLS  # at most one unprinted per kill


# Dies with a part of its transaction already in the database file.
HALF_DONE = """
import signal
from sqlalchemy import insert
from state.store.database import writing
from state.store.schema import annotator

data_dir, url = arguments
store = Store.open(Settings(_env_file=None, data_dir=data_dir, database_url=url))
with writing(store.engine) as connection:
    connection.exec_driver_sql("PRAGMA cache_size = 1")
    people = [{"name": f"{n:0200}", "role": "viewer", "active": True} for n in range(1000)]
    connection.execute(insert(annotator), people)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_half_a_transaction_is_rolled_back(sqlite_settings, workers):
    with Store.open(sqlite_settings) as store:
        desk = Desk(store)
        desk.answer(1)
    database = sqlite_settings.data_dir / "ringfence.db"
    before = database.read_bytes()
    workers[0].start(HALF_DONE, sqlite_settings)
    assert workers[0].lines() == []
    if database.with_name("ringfence.db-journal").exists():  # not in WAL mode
        assert database.read_bytes() != before
    with Store.open(sqlite_settings) as store:
        assert store.integrity_problems() == []
        assert len(store.events.since(desk.project.id)) == 1
        assert store.people.ensure("next").id == desk.me + 1
