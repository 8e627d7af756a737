"""A database is born whole wherever it can be, and what keeps it from that is one sentence."""

import errno
import os
from pathlib import Path

import pytest
from refused import refused

from state.errors import StoreUnavailable
from state.store.store import Store


def no_links(*_):
    raise PermissionError(errno.EPERM, "Operation not permitted")


@pytest.fixture
def without_links(monkeypatch):
    """As on a file system that has no hard links."""
    monkeypatch.setattr(os, "link", no_links)


def test_a_file_system_without_hard_links_will_do(sqlite_settings, without_links):
    for _ in range(2):
        with Store.open(sqlite_settings) as store:
            assert store.people.ensure("ada").id == 1
    assert [path.name for path in sqlite_settings.data_dir.glob("*.new")] == []


def test_a_database_that_cannot_be_put_in_place_leaves_nothing(
    sqlite_settings, without_links, monkeypatch
):
    monkeypatch.setattr(Path, "rename", no_links)
    with refused(StoreUnavailable, "ringfence.db cannot be created; choose a data directory"):
        Store.open(sqlite_settings)
    assert not list(sqlite_settings.data_dir.rglob("*ringfence.db*"))


def test_a_folder_in_the_place_of_the_database_is_no_damage(sqlite_settings):
    sqlite_settings.prepare()
    (sqlite_settings.data_dir / "ringfence.db").mkdir()
    with refused(StoreUnavailable, "cannot be used just now"):
        Store.open(sqlite_settings)
