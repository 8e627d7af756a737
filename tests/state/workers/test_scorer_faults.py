"""What the scoring process and its client say when something is wrong. See also test_scorer.py."""

import errno
import json
import socket
import subprocess
from multiprocessing.connection import Connection

import numpy as np
import pytest
from refused import assert_plain_sentence, refused

from state.errors import StoreDamaged, StoreUnavailable
from state.files.versions import damage
from state.workers import scorer
from state.workers.scorer_client import (
    MAPS,
    Attributions,
    Scoring,
    ScoringProcess,
    Stage,
    map_file,
    of_item,
    of_version,
)


@pytest.mark.parametrize(
    ("folder", "item", "sentence"),
    [
        (None, 350, "There is no item 350; choose another one."),
        (None, -1, "There is no item -1; choose another one."),
        ("projects/1/models/7-gone", 3, damage(1)),
        (None, 3, "It cannot be saved (Not a directory); free some space and try again."),
    ],
)
def test_an_attribution_that_cannot_be_had_is_answered_with_a_sentence(
    workshop, folder, item, sentence
):
    (workshop.folder / MAPS).write_bytes(b"no folder")
    gallery = workshop.desk().gallery
    asked = of_version(gallery) | of_item(gallery, item)
    asked["model"] = folder or asked["model"]
    said = json.loads(scorer.reply(workshop.settings.data_dir, json.dumps(asked).encode()))
    assert said == {"error": sentence}
    assert_plain_sentence(said["error"])


@pytest.mark.parametrize("flipped", [100, 300])  # within what the numbers are, within the numbers
def test_a_damaged_map_is_said_so_and_computed_anew(workshop, flipped):
    gallery, kept = workshop.desk().gallery, Attributions(Scoring(workshop.settings))
    asked = json.dumps(of_version(gallery) | of_item(gallery, 7)).encode()
    assert scorer.reply(workshop.settings.data_dir, asked) == b"{}"
    before, path = kept.read(gallery, 7), map_file(gallery, 7)
    torn = bytearray(path.read_bytes())
    torn[flipped] ^= 1
    path.write_bytes(torn)
    with refused(StoreDamaged, "ask for it again"):
        kept.read(gallery, 7)
    assert kept.stage(gallery, 7) is Stage.MISSING
    assert scorer.reply(workshop.settings.data_dir, asked) == b"{}"
    np.testing.assert_array_equal(kept.read(gallery, 7), before)


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
