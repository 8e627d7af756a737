"""The migrated database is the one that the schema describes."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import CheckConstraint, Engine, inspect, text
from sqlalchemy.exc import IntegrityError

import state.store.migrations
from state.errors import StoreDamaged, StoreUnavailable
from state.store.database import connect, parse_url, reading, restructuring, writing
from state.store.drafts import AnswerDraft
from state.store.migrations import upgrade
from state.store.schema import Answer, JobKind, metadata
from state.store.store import Store

OPEN = """
data_dir, url = arguments
with Store.open(Settings(_env_file=None, data_dir=data_dir, database_url=url)) as store:
    print("open" if store.projects.all() == [] else "strange", flush=True)
"""


def _differences(engine: Engine) -> list[object]:
    with reading(engine) as connection:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))


def test_migrations_lead_to_the_schema(store):
    assert _differences(store.engine) == []


def test_migrations_create_every_check(store):
    inspector = inspect(store.engine)
    for table in metadata.sorted_tables:
        declared = {check.name for check in table.constraints if isinstance(check, CheckConstraint)}
        migrated = {check["name"] for check in inspector.get_check_constraints(table.name)}
        assert migrated == declared


def test_upgrading_again_changes_nothing(store, desk):
    desk.answer(1)
    upgrade(store.engine)
    upgrade(store.engine)
    assert desk.spent == 1
    assert _differences(store.engine) == []


def test_store_of_a_newer_version_is_refused_and_kept(store, settings):
    with writing(store.engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreUnavailable, match="newer version"):
        Store.open(settings)
    with writing(store.engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))


def test_processes_may_start_together(new_settings, workers):
    for _ in range(5):
        settings = new_settings()
        for worker in workers:
            worker.start(OPEN, settings)
        assert [worker.lines() for worker in workers] == [["open"]] * len(workers)
    with Store.open(settings) as store:
        assert _differences(store.engine) == []
    assert not list(settings.data_dir.glob(".*.new"))


def test_threads_may_start_together(new_settings):
    def open_and_close(settings):
        Store.open(settings).close()

    with ThreadPoolExecutor(8) as pool:
        started = [pool.submit(open_and_close, new_settings()) for _ in range(8)]
        for one in started:
            one.result()


# A project whose budget of three is spent but for one: item 1 was answered, taken back and
# answered again, item 2 twice, item 3 skipped, item 4 flagged, item 5 unsure.
FIRST_ROWS = [
    "INSERT INTO annotator (id, name, role, active) VALUES (7, 'ada', 'owner', true)",
    "INSERT INTO annotator (id, name, role, active) VALUES (9, 'bob', 'viewer', false)",
    "INSERT INTO project (id, name, scenario, detector, strategy, budget, spent, batch_size,"
    " overlap, guidelines, pool_size, created_at)"
    " VALUES (4, 'digits', '{\"normal\"\\: [3]}', '{}', 'margin', 3, 2, 5, 1, 'look', 100, 5.5)",
    *(
        "INSERT INTO event (uuid, project_id, item, annotator_id, revision, kind, answer, undoes,"
        " model_version, round, strategy, utility, shown_at, pressed_at, received_at)"
        f" VALUES ('{uuid}', 4, {item}, {who}, {revision}, '{kind}', {answer}, {undoes},"
        " 2, 1, 'margin', 0.25, 1.5, 2.5, 3.5)"
        for uuid, item, who, revision, kind, answer, undoes in [
            ("a", 1, 7, 1, "answer", "'normal'", "NULL"),
            ("b", 1, 7, 2, "undo", "NULL", "'a'"),
            ("c", 1, 7, 3, "answer", "'anomalous'", "NULL"),
            ("d", 2, 9, 1, "answer", "'normal'", "NULL"),
            ("e", 3, 7, 1, "skip", "NULL", "NULL"),
            ("f", 4, 7, 1, "flag", "NULL", "NULL"),
            ("g", 5, 7, 1, "answer", "'unsure'", "NULL"),
        ]
    ),
    "INSERT INTO model (id, project_id, version, directory, sha256, metrics, round, last_seq,"
    " label_count, active, created_at) VALUES (1, 4, 1, 'm', 'x', '{}', 0, 0, 0, true, 5.5)",
    "INSERT INTO operating_point (id, project_id, model_version, threshold, author, reason,"
    " created_at) VALUES (1, 4, 1, 0.5, 'ada', 'enough', 5.5)",
]


def _connect(settings):
    given = settings.database_url
    return connect(parse_url(given) if given else settings.default_database)


@pytest.fixture
def old(settings):
    """The settings of a store as the first version left it."""
    return _first_version(settings)


@pytest.fixture
def sqlite_old(sqlite_settings):
    return _first_version(sqlite_settings)


def _first_version(settings, revision="0001", more=()):
    settings.prepare()
    engine = _connect(settings)
    config = Config()
    config.set_main_option("script_location", str(Path(state.store.migrations.__file__).parent))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for statement in FIRST_ROWS:
            connection.execute(text(statement))
    with restructuring(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        for statement in more:
            connection.execute(text(statement))
    engine.dispose()
    return settings


def _rows(settings, table):
    engine = _connect(settings)
    with reading(engine) as connection:
        query = text(f"SELECT * FROM {table} ORDER BY 1")
        rows = [dict(row) for row in connection.execute(query).mappings()]
    engine.dispose()
    return rows


def test_what_an_older_version_stored_is_kept(old):
    tables = ("annotator", "project", "event", "model", "operating_point")
    before = {table: _rows(old, table) for table in tables}
    Store.open(old).close()
    after = {table: _rows(old, table) for table in tables}
    for table, rows in before.items():
        assert len(rows) == len(after[table])
        for was, is_now in zip(rows, after[table], strict=True):
            assert was == {name: is_now[name] for name in was}


def test_an_older_store_goes_on_where_it_was(old):
    with Store.open(old) as store:
        assert _differences(store.engine) == []
        assert store.integrity_problems() == []
        one = store.projects.get(4)
        assert (one.spent, one.budget, one.repeat_share) == (2, 3, 0.0)
        history = store.events.since(4)
        assert [(e.seq, e.uuid, e.undoes) for e in history[:3]] == [
            (1, "a", None),
            (2, "b", "a"),
            (3, "c", None),
        ]
        assert not any(e.prediction_shown or e.note or e.batch for e in history)
        receipt = store.events.accept(SIXTH)
        assert receipt.event.seq == history[-1].seq + 1
        assert store.events.accept(SIXTH).repeated


SIXTH = AnswerDraft(
    uuid="h", project_id=4, item=6, annotator_id=7, answer=Answer.NORMAL, pressed_at=1.0
)


def test_a_number_of_an_older_store_is_never_given_again(old):
    with Store.open(old) as store:
        with writing(store.engine) as connection:
            connection.execute(text("DELETE FROM event WHERE uuid = 'g'"))  # the newest, number 7
        assert store.events.accept(SIXTH).event.seq == 8


def test_references_are_kept_by_the_upgrade(old):
    with Store.open(old) as store:
        for table in ("annotator", "project"):
            with pytest.raises(IntegrityError), writing(store.engine) as connection:
                connection.execute(text(f"DELETE FROM {table}"))


def test_an_older_store_with_a_loose_end_is_refused_and_kept(sqlite_old):
    path = sqlite_old.data_dir / "ringfence.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE event SET annotator_id = 99 WHERE seq = 1")
        connection.commit()
    before = _rows(sqlite_old, "event")
    with pytest.raises(StoreDamaged, match="backup"):
        Store.open(sqlite_old)
    assert _rows(sqlite_old, "event") == before
    assert _rows(sqlite_old, "alembic_version") == [{"version_num": "0001"}]


def test_a_store_without_runs_gets_them_and_keeps_what_it_has(settings):
    second = _first_version(settings, "0002")
    tables = ("annotator", "project", "event", "model", "operating_point")
    before = {table: _rows(second, table) for table in tables}
    with Store.open(second) as store:
        assert _differences(store.engine) == []
        added = dict.fromkeys(("purpose", "basis", "data_hash"))
        before["operating_point"] = [row | added for row in before["operating_point"]]
        shelved = dict.fromkeys(("archived_at", "removed_at"))
        before["project"] = [row | shelved for row in before["project"]]
        before["model"] = [row | {"files": None} for row in before["model"]]
        assert {table: _rows(second, table) for table in tables} == before
        assert store.work.runs.all() == []
        asked = store.work.runs.ask(JobKind.RUN, {"recipe": "any"})
        assert (asked.id, asked.plan) == (1, {"recipe": "any"})


# Of project 4: a job done, one that a trainer was at, one that waits. Two runs, of which the first
# was being done; a third one, the newest, was removed.
FORMER_WORK = [
    "INSERT INTO trainer (project_id, worker, host, pid, heartbeat) VALUES (4, 'w1', 'h', 11, 9.5)",
    *(
        "INSERT INTO job (id, project_id, kind, state, progress, message, cancel_requested, worker,"
        " heartbeat, created_at, started_at, finished_at)"
        f" VALUES ({number}, 4, '{kind}', '{state}', {progress}, 'said', false, {worker}, {beat},"
        f" 6.5, {begun}, {ended})"
        for number, kind, state, progress, worker, beat, begun, ended in [
            (1, "prepare", "done", 1, "'w1'", 7.5, 7, 8),
            (2, "update", "running", 0.5, "'w1'", 9.5, 9, "NULL"),
            (5, "update", "queued", 0, "NULL", "NULL", "NULL", "NULL"),
        ]
    ),
    *(
        "INSERT INTO run (plan, state, progress, message, cancel_requested, worker, host,"
        " pid, heartbeat, created_at, started_at, finished_at)"
        f" VALUES ('{{\"recipe\"\\: \"{recipe}\"}}', '{state}', 0.5, 'said', false, 'r1', 'h', 12,"
        f" 3.5, 1.5, 2.5, {ended})"
        for recipe, state, ended in [
            ("a", "running", "NULL"),
            ("b", "failed", 4.5),
            ("c", "done", 4.5),
        ]
    ),
    "DELETE FROM run WHERE id = 3",
]


@pytest.fixture
def at_work(settings):
    """The settings of a store as the sixth version left it, with work under way."""
    return _first_version(settings, "0006", FORMER_WORK)


def test_jobs_and_runs_keep_their_numbers_and_what_was_under_way_is_interrupted(at_work):
    with Store.open(at_work) as store:
        assert _differences(store.engine) == []
        jobs, runs = store.work.training(4), store.work.runs
        waiting, stopped, done = jobs.all()
        assert (done.id, done.kind, done.state, done.message) == (1, "prepare", "done", "said")
        assert (done.worker, done.created_at, done.started_at, done.finished_at) == (
            "w1",
            6.5,
            7.0,
            8.0,
        )
        assert (stopped.id, stopped.state, stopped.finished_at) == (2, "interrupted", 9.5)
        assert stopped.message == jobs.scope.interrupted
        assert (waiting.id, waiting.state, waiting.progress) == (5, "queued", 0.0)
        assert jobs.live() == [waiting]
        failed, begun = runs.all()
        assert (failed.id, failed.plan, failed.message) == (2, {"recipe": "b"}, "said")
        assert (begun.id, begun.plan, begun.message) == (1, {"recipe": "a"}, runs.scope.interrupted)
        assert begun.resumable


def test_numbers_go_on_after_the_last_that_was_given(at_work):
    with Store.open(at_work) as store:
        assert store.work.training(4).ask(JobKind.PREPARE).id == 6
        assert store.work.runs.ask(JobKind.RUN, {"recipe": "d"}).id == 4  # 3 was given and removed
        assert store.work.training(4).lease() is None
