"""What the scoring process and its client say when something is wrong. See also test_scorer.py."""

import errno
import json
import socket
import subprocess
from multiprocessing.connection import Connection

import pytest
from refused import assert_plain_sentence, refused

from state.errors import StoreUnavailable
from state.workers import scorer
from state.workers.scorer_client import MAPS, Scoring, ScoringProcess


@pytest.mark.parametrize(
    ("version", "item", "sentence"),
    [
        (1, 350, "There is no item 350; choose another one."),
        (1, -1, "There is no item -1; choose another one."),
        (7, 3, "The saved model 7 is missing or damaged; go back to another version."),
        (1, 3, "It cannot be saved (File exists); free some space and try again."),
    ],
)
def test_an_attribution_that_cannot_be_had_is_answered_with_a_sentence(
    workshop, version, item, sentence
):
    (workshop.version_folder(1) / MAPS).write_bytes(b"no folder")
    folder = workshop.version_folder(version).relative_to(workshop.settings.data_dir)
    asked = json.dumps({"model": str(folder), "item": item}).encode()
    said = json.loads(scorer.reply(workshop.settings.data_dir, asked))
    assert said == {"error": sentence}
    assert_plain_sentence(said["error"])


@pytest.mark.process
def test_a_process_that_has_ended_is_not_waited_for():
    ours, theirs = socket.socketpair()
    theirs.close()
    ended = ScoringProcess(subprocess.Popen(["true"]), Connection(ours.detach()))
    assert not ended.hear_ready()
    assert not ended.lives
    assert ended.line.closed


def test_a_process_that_cannot_be_started_is_told_in_a_sentence(sqlite_settings, monkeypatch):
    def full(*_, stdin):
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    monkeypatch.setattr("state.workers.scorer_client.popen", full)
    scoring = Scoring(sqlite_settings)
    with refused(StoreUnavailable, r"Images cannot be scored \(Cannot allocate memory\)"):
        scoring.warm_up()
    assert not scoring.ready
