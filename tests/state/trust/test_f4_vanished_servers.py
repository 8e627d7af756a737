"""F4: whoever vanishes, or stands still within a transaction, lets go of the locks that it held."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from label_desk import new_project
from sqlalchemy import Connection, text

from state.errors import StoreUnavailable
from state.settings import Settings
from state.store.database import ON_POSTGRESQL, lock_project, reading, restructuring, writing
from state.store.store import Store
from state.upkeep.tables import snapshot


@pytest.fixture
def shared(new_settings: Callable[[], Settings]) -> Iterator[Store]:
    """A store on PostgreSQL."""
    settings = new_settings()
    if settings.database_url is None:
        pytest.skip("asks PostgreSQL; set RINGFENCE_TEST_POSTGRES_URL")
    with Store.open(settings) as store:
        yield store


def patience(connection: Connection) -> str:
    """How long this transaction may stand still."""
    said = connection.execute(text("SHOW idle_in_transaction_session_timeout"))
    return str(said.scalar_one())


@contextmanager
def standing_still(store: Store, milliseconds: int) -> Iterator[None]:
    """Hold the lock of a project as a server does that was stopped; in less time than it has."""
    with writing(store.engine) as connection:
        connection.execute(text(f"SET LOCAL idle_in_transaction_session_timeout = {milliseconds}"))
        lock_project(connection, 1)
        yield


class TestF4VanishedServers:
    def test_every_connection_is_asked_whether_it_lives(self, shared: Store):
        with reading(shared.engine) as connection:
            for name, value in ON_POSTGRESQL.items():
                assert connection.execute(text(f"SHOW {name}")).scalar_one() == value
            given: Any = connection.connection.driver_connection
            told = given.info.get_parameters()
        assert told["keepalives_idle"] == "15"
        worst = sum(int(ON_POSTGRESQL[f"tcp_keepalives_{name}"]) for name in ("idle", "interval"))
        assert worst + 3 * int(ON_POSTGRESQL["tcp_keepalives_interval"]) < 60

    def test_who_stands_still_is_sent_away_and_the_lock_goes_to_the_next(self, shared: Store):
        shared.projects.create(new_project())
        freed = threading.Event()

        def archive() -> None:
            shared.projects.archive(1)
            freed.set()

        def stand_still() -> None:
            with standing_still(shared, 500):
                waiting.start()
                assert freed.wait(30), "the lock was not given up"

        waiting = threading.Thread(target=archive)
        with pytest.raises(StoreUnavailable, match="cannot be used just now"):
            stand_still()
        waiting.join()
        assert shared.projects.get(1).archived_at is not None  # on connections that live

    def test_what_takes_its_time_may(self, shared: Store, tmp_path):
        with snapshot(shared.engine, tmp_path / "none") as connection:
            assert patience(connection) == "0"
        with restructuring(shared.engine) as connection:
            assert patience(connection) == "0"
        with writing(shared.engine) as connection:
            assert patience(connection) == "45s"
