"""The migrated database is the one that the schema describes."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import CheckConstraint, Engine, inspect, text

from state.database import reading, writing
from state.errors import StoreUnavailable
from state.migrations import upgrade
from state.schema import metadata
from state.store import Store

OPEN = """
data_dir, url = arguments
with Store.open(Settings(_env_file=None, data_dir=data_dir, database_url=url)) as store:
    print("open" if store.projects() == [] else "strange", flush=True)
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
