"""Published files are there whole or not at all, and a damaged one is one plain sentence."""

from contextlib import contextmanager

import numpy as np
import pytest

from anomaly_core.machine.publishing import flush
from state.errors import Overtaken, StoreDamaged
from state.files import artifacts


def write_two(folder):
    artifacts.write_arrays(folder, {"a": np.arange(5), "truth/b": np.ones(3)})


def write_half(folder):
    (folder / "half").write_text("half")
    raise RuntimeError("the disk is full")


def names(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def folder(scratch):
    return scratch / "models" / "1"


def test_published_folder_holds_what_was_written_for_everybody_to_read(folder):
    artifacts.publish(folder, write_two)
    assert names(folder) == {"a.npy", "truth/b.npy"}
    assert artifacts.read_array(folder / "a.npy").tolist() == [0, 1, 2, 3, 4]
    assert folder.stat().st_mode & 0o777 == 0o755
    assert list(folder.parent.iterdir()) == [folder]


def test_failed_write_leaves_nothing(folder):
    with pytest.raises(RuntimeError):
        artifacts.publish(folder, write_half)
    assert list(folder.parent.iterdir()) == []


def test_failed_write_leaves_what_was_there(folder):
    artifacts.publish(folder, write_two)
    with pytest.raises(RuntimeError):
        artifacts.publish(folder, write_half)
    assert list(folder.parent.iterdir()) == [folder]
    assert names(folder) == {"a.npy", "truth/b.npy"}


# Dies with one of its files written.
KILLED = """
import signal
from pathlib import Path
from state.files import artifacts

def write(folder):
    (folder / "half").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)

artifacts.publish(Path(arguments[2]), write)
print("survived", flush=True)
"""


@pytest.mark.parametrize("before", [False, True])
def test_killed_write_changes_nothing_and_the_next_one_works(
    folder, sqlite_settings, workers, before
):
    if before:
        artifacts.publish(folder, write_two)
    workers[0].start(KILLED, sqlite_settings, str(folder))
    assert workers[0].lines() == []
    assert folder.exists() == before
    assert not before or names(folder) == {"a.npy", "truth/b.npy"}
    artifacts.publish(folder, write_two)
    assert names(folder) == {"a.npy", "truth/b.npy"}


def test_leftovers_are_replaced_and_what_was_read_of_them_is_forgotten(folder):
    def write_leftovers(place):
        artifacts.write_arrays(place, {"a": np.zeros(5), "old": np.zeros(1)})

    artifacts.publish(folder, write_leftovers)
    assert artifacts.read_array(folder / "a.npy").sum() == 0
    artifacts.publish(folder, write_two)
    assert names(folder) == {"a.npy", "truth/b.npy"}
    assert artifacts.read_array(folder / "a.npy").sum() == 10


def test_every_file_is_on_the_disk_before_the_folder_gets_its_name(folder, monkeypatch):
    flushed = []

    def watched(path):
        flushed.append((path.name, folder.exists()))
        flush(path)

    monkeypatch.setattr("state.files.artifacts.flush", watched)
    artifacts.publish(folder, write_two)
    assert {name for name, published in flushed if not published} >= {"a.npy", "b.npy", "truth"}
    assert flushed[-1] == ("models", True)


def test_objects_are_not_written(folder):
    with pytest.raises(ValueError, match="allow_pickle"):
        artifacts.publish(folder, lambda to: artifacts.write_arrays(to, {"a": np.array([{}])}))
    assert not folder.exists()


def test_array_is_opened_once_and_cannot_be_changed(folder):
    artifacts.publish(folder, write_two)
    array = artifacts.read_array(folder / "a.npy")
    assert array is artifacts.read_array(folder / "a.npy")
    assert isinstance(array, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1


def test_empty_array_can_be_read(folder):
    artifacts.publish(folder, lambda to: artifacts.write_arrays(to, {"none": np.empty(0, int)}))
    assert len(artifacts.read_array(folder / "none.npy")) == 0


def npy(path):
    np.save(path, np.arange(1000))
    return path.read_bytes()


DAMAGE = {
    "missing": lambda path: None,
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("not an array"),
    "cut in the header": lambda path: path.write_bytes(npy(path)[:60]),
    "cut in the data": lambda path: path.write_bytes(npy(path)[:-8]),
    "mangled header": lambda path: path.write_bytes(npy(path).replace(b"{'descr'", b"{(descr'")),
    "zip": lambda path: path.write_bytes(b"PK\x03\x04 and so on"),
    "pickle": lambda path: np.save(path, np.array([{}]), allow_pickle=True),
    "folder": lambda path: path.mkdir(),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_array_is_one_sentence_without_a_path(scratch, damage):
    DAMAGE[damage](scratch / "scores.npy")
    with pytest.raises(StoreDamaged) as caught:
        artifacts.read_array(scratch / "scores.npy")
    assert str(caught.value).startswith("The file scores.npy of this project is missing or damaged")
    assert str(scratch) not in str(caught.value)


def test_damage_is_not_remembered(scratch):
    with pytest.raises(StoreDamaged):
        artifacts.read_array(scratch / "scores.npy")
    np.save(scratch / "scores.npy", np.arange(3))
    assert len(artifacts.read_array(scratch / "scores.npy")) == 3


class Lease:
    """A lease that is lost once it was asked for so often; notes how much is written in it."""

    def __init__(self, path, lasting=10**6):
        self.path, self.lasting = path, lasting
        self.written = []

    def _bytes(self):
        return np.fromfile(self.path, np.uint8)

    @contextmanager
    def held(self):
        if len(self.written) == self.lasting:
            raise Overtaken("Another trainer has taken over.")
        before = self._bytes()
        yield
        after = self._bytes()
        self.written.append(len(after) - np.count_nonzero(before == after[: len(before)]))


def rows_of(path, count):
    np.save(path, np.zeros((2, 100, 100), np.uint8))
    return np.full((count, 100, 100), 7, np.uint8)


def test_rows_are_put_in_by_pieces_so_that_nobody_waits_long(scratch):
    path = scratch / "pool.npy"
    rows, lease = rows_of(path, 350), Lease(path)
    artifacts.put_rows(path, 2, rows, lease.held)
    assert np.array_equal(np.load(path)[2:], rows)
    assert sum(lease.written) >= rows.nbytes
    assert max(lease.written) <= artifacts.PIECE
    assert len(lease.written) == 5  # four of the rows, one of the header


@pytest.mark.parametrize("lasting", range(5))
def test_whoever_was_overtaken_puts_in_no_more_rows(scratch, lasting):
    path = scratch / "pool.npy"
    rows, lease = rows_of(path, 350), Lease(path, lasting)
    with pytest.raises(Overtaken):
        artifacts.put_rows(path, 2, rows, lease.held)
    assert len(np.load(path)) == 2
    assert len(lease.written) == lasting
