"""What keeps processes apart, and that a file system which cannot is refused."""

import errno
import fcntl
from pathlib import Path

import pytest
from refused import assert_plain_sentence

import anomaly_core
from anomaly_core.errors import InvalidInput
from anomaly_core.machine.locks import is_taken, require_locks, take

ROOT = Path(anomaly_core.__file__).parents[1]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "lock"
    path.touch()
    return path


def none(descriptor, how):
    """As of a file system that has no locks."""
    raise OSError(errno.ENOLCK, "No locks available")


def pretended(descriptor, how):
    """As of one that lets everybody have any lock."""


def test_one_has_it_until_the_file_is_closed(file):
    with file.open("a+") as mine, file.open("a+") as other:
        assert not is_taken(other)
        assert take(mine)
        assert not take(other)
        assert is_taken(other)
        mine.close()
        assert not is_taken(other)
        assert take(other, wait=True)


def test_those_who_look_see_nothing_of_each_other(file):
    with file.open() as mine, file.open() as other:
        fcntl.flock(mine.fileno(), fcntl.LOCK_SH)
        assert not is_taken(other)


@pytest.mark.parametrize("ask", [take, is_taken])
def test_a_file_system_without_locks_is_refused(file, ask):
    with file.open("a+") as opened, pytest.raises(InvalidInput, match="without file locks") as said:
        ask(opened, flock=none)
    assert_plain_sentence(str(said.value))


@pytest.mark.parametrize("flock", [none, pretended])
def test_a_folder_whose_files_cannot_be_locked_is_refused(tmp_path, flock):
    with pytest.raises(InvalidInput, match="on NFS version 4") as said:
        require_locks(tmp_path, flock=flock)
    assert str(tmp_path) not in str(said.value)
    require_locks(tmp_path)
    require_locks(tmp_path)


def test_whatever_else_is_wrong_is_no_lack_of_locks(file):
    def broken(descriptor, how):
        raise OSError(errno.EIO, "Input/output error")

    with file.open("a") as opened, pytest.raises(OSError, match="Input/output"):
        take(opened, flock=broken)


def test_locks_are_taken_in_one_place():
    parts = [path for name in ("anomaly_core", "state", "pages") for path in [ROOT / name]]
    files = [file for part in parts for file in part.rglob("*.py")]
    taking = [file.name for file in files if "fcntl" in file.read_text("utf-8")]
    assert taking == ["locks.py"]
