"""Whoever may write cards into a data directory cannot have others' processes ended by them."""

import fcntl
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from state.workers.processes.ending import end_processes
from state.workers.processes.presence import FOLDER, ProcessCard, ProcessKind, living, seen

SLEEP = "import time; time.sleep(60)"


@contextmanager
def stranger(*words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of somebody else's, with these words in its command line."""
    process = subprocess.Popen([sys.executable, "-c", SLEEP, *words])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def planted(
    data_dir: Path, card: ProcessCard, name: str = "planted", **told: Any
) -> Iterator[None]:
    """A card that lies there and is held, though not by the process that it names."""
    path = data_dir / FOLDER / f"{card.kind}-{name}.json"
    path.parent.mkdir(exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(json.dumps(asdict(card) | told))
        file.flush()
        yield


def card_of(kind: ProcessKind, pid: int, worker: str = "") -> ProcessCard:
    return replace(ProcessCard.mine(kind, worker), pid=pid)


@pytest.mark.process
class TestPlantedCards:
    @pytest.mark.parametrize(
        ("kind", "words"),
        [
            (ProcessKind.TRAINER, ("gunicorn", "--workers=4")),
            (ProcessKind.SERVER, ("streamlit", "run", "other.py")),
            (ProcessKind.SCORER, ("-m", "state.workers.scorer")),  # of another data directory
        ],
    )
    def test_a_stranger_that_looks_alike_lives_on(self, tmp_path: Path, kind, words):
        with stranger(*words) as other, planted(tmp_path, card_of(kind, other.pid)):
            time.sleep(0.1)  # until its command line is what it is
            told = end_processes(tmp_path, servers=True, patience=0.1)
            assert other.poll() is None
        assert told.ended == []
        assert [one.pid for one in told.left] == [other.pid]

    def test_a_card_that_vanishes_while_it_is_looked_at_ends_nobody(self, tmp_path: Path):
        with stranger("streamlit", "run", "app.py") as other:
            with planted(tmp_path, card_of(ProcessKind.RUNNER, other.pid)):
                (found,) = seen(tmp_path)
            found.path.unlink()
            assert not found.is_ours

    def test_a_card_of_nested_lists_is_one_that_cannot_be_read(self, tmp_path: Path):
        (tmp_path / FOLDER).mkdir()
        (tmp_path / FOLDER / "server-x.json").write_text("[" * 9_000)
        (found,) = seen(tmp_path)
        assert found.card is None

    def test_a_copy_of_a_card_keeps_nobody_from_ending(self, tmp_path: Path):
        script = (
            "import sys, time; from pathlib import Path\n"
            "from state.workers.processes.presence import Presence, ProcessCard, ProcessKind\n"
            "p = Presence(Path(sys.argv[1]), ProcessCard.mine(ProcessKind.TRAINER, 'w'))\n"
            "time.sleep(60)"
        )
        (tmp_path / FOLDER).mkdir()
        words = ["-c", script, str(tmp_path), "--worker", "w"]
        process = subprocess.Popen([sys.executable, *words])
        while not living(tmp_path):
            time.sleep(0.05)
        with planted(tmp_path, living(tmp_path)[0]):
            told = end_processes(tmp_path, patience=0.2)
        assert process.wait(10) != 0
        assert {one.pid for one in told.left} | {one.card.pid for one in told.ended} == {
            process.pid
        }

    @pytest.mark.parametrize(
        "told",
        [
            {"pid": "self"},
            {"pid": "1\0"},
            {"pid": [1]},
            {"pid": -1},
            {"pid": 0},
            {"pid": 2**70},
            {"pid": True},
            {"since": "x"},
            {"since": None},
            {"since": 1e300},
            {"host": [1]},
            {"host": "\x1b[31mevil\n"},
            {"worker": ["w"]},
        ],
        ids=str,
    )
    def test_a_card_of_another_form_is_none(self, tmp_path: Path, told):
        with planted(tmp_path, card_of(ProcessKind.SCORER, 1), **told):
            assert [one.card for one in seen(tmp_path)] == [None]
            assert end_processes(tmp_path).left == []
