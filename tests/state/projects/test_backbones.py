"""Another network for a project's features: what is refused, and what its process says."""

import hashlib
import json
import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from made_weights import made_weights, published, saved
from refused import assert_plain_sentence, refused
from waiting import wait_until
from workshop import NoWorkers

from anomaly_core.detectors.base import Family
from anomaly_core.errors import Cancelled, InvalidInput
from anomaly_core.networks.backbones.sources import WeightsSource
from anomaly_core.progress import silent
from state.errors import StoreUnavailable
from state.projects import weights as client
from state.projects.backbones import BROKEN, DRAWN, Backbones, Card, Download, NetworkChoice
from state.projects.projects import Projects
from state.settings import Settings
from state.store.people import MACHINE
from state.store.store import Store
from state.workers import weights

NAME = "mobilenet_v3_small"
CARD = Card(NAME, "file mine.pth", "mine.pth", "5a" * 32)


class Reads:
    """Reads the card of any weights, or says why there are none."""

    def __init__(self, sentence: str = "") -> None:
        self.sentence = sentence
        self.asked: list[tuple[NetworkChoice, bool]] = []

    def __call__(self, chosen, download, progress):
        self.asked.append((chosen, download))
        if self.sentence:
            raise InvalidInput(self.sentence)
        return CARD


@pytest.fixture
def settings(scratch):
    return Settings(_env_file=None, data_dir=scratch / "data", database_url=None)


@pytest.fixture
def projects(settings):
    """Of a store that has none yet."""
    with Store.open(settings) as store:
        yield Projects(store, settings, NoWorkers(store, settings))


# -- what a project is given ------------------------------------------------------------------


def test_the_drawn_one_is_there_without_a_look():
    reads = Reads("must not be asked")
    for family in Family:
        Backbones(reads).check(family, NetworkChoice())
    assert reads.asked == []


def test_the_network_is_kept_with_the_project(projects, tiny, tmp_path):
    projects.backbones = Backbones(reads := Reads())
    chosen = NetworkChoice(NAME, tmp_path / "mine.pth")
    made = projects.create(replace(tiny, family=Family.JOINT, backbone=chosen), MACHINE)
    assert made.detector["backbone"] == NAME
    assert made.detector["weights"] == str(tmp_path / "mine.pth")
    assert reads.asked == [(chosen, False)]


def test_without_its_weights_nothing_is_created(projects, tiny):
    projects.backbones = Backbones(Reads("The weights are not there."))
    with refused(InvalidInput, "The weights are not there."):
        projects.create(
            replace(tiny, family=Family.JOINT, backbone=NetworkChoice("resnet18")), MACHINE
        )
    assert projects.store.projects.all() == []


@pytest.mark.parametrize("family", [Family.DEEP_SVDD, Family.FCDD])
def test_a_model_without_features_is_given_no_network(family):
    with refused(InvalidInput, "takes no features of another network; choose Automatic"):
        Backbones(Reads()).check(family, NetworkChoice("resnet18"))


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        (NetworkChoice(DRAWN), "are part of Ringfence"),
        (NetworkChoice("resnet18", Path("mine.pth")), "leave that field empty"),
    ],
)
def test_what_needs_no_download_is_not_downloaded(chosen, sentence):
    reads = Reads()
    with refused(InvalidInput, sentence):
        Backbones(reads).download(chosen)
    assert reads.asked == []


def ended(backbones, name="resnet18"):
    """The download, once there is nothing more to wait for."""
    wait_until(lambda: backbones.downloaded(name).over, 60)
    return backbones.downloaded(name)


def test_a_download_is_asked_for_in_so_many_words():
    backbones = Backbones(reads := Reads())
    assert backbones.downloaded("resnet18") is None
    backbones.download(NetworkChoice("resnet18"))
    assert ended(backbones) == Download(card=CARD)
    assert reads.asked == [(NetworkChoice("resnet18"), True)]


def test_a_download_goes_on_while_nobody_looks_and_once_at_a_time():
    begun, go_on, calls = threading.Event(), threading.Event(), []

    def read(chosen, download, progress):
        calls.append(chosen)
        progress(0.5, "Half")
        begun.set()
        go_on.wait(60)
        return CARD

    backbones = Backbones(read)
    backbones.download(NetworkChoice("resnet18"))
    assert begun.wait(60)
    assert backbones.downloaded("resnet18") == Download(0.5, "Half")
    backbones.download(NetworkChoice("resnet18"))
    go_on.set()
    assert ended(backbones).card == CARD
    assert len(calls) == 1


@pytest.mark.parametrize("error", [InvalidInput("Not there."), RuntimeError("a bug")])
def test_a_download_that_fails_says_so_and_can_be_asked_for_again(error):
    def read(*_):
        raise error

    backbones = Backbones(read)
    backbones.download(NetworkChoice("resnet18"))
    said = "Not there." if isinstance(error, InvalidInput) else BROKEN
    assert ended(backbones) == Download(trouble=said)
    backbones.read = Reads()
    backbones.download(NetworkChoice("resnet18"))
    assert ended(backbones).card == CARD


# -- the process that reads -------------------------------------------------------------------


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_it_downloads_from_where_the_weights_are_published(tmp_path, capsys):
    content = saved(made_weights(NAME), tmp_path / "there.pth").read_bytes()
    one = replace(published(content, "made.pth"), url=(tmp_path / "there.pth").as_uri())
    source = WeightsSource(lambda _: [one], tmp_path / "cache")
    assert weights.main([NAME, "--download"], source) == 0
    first, *_, last = said = lines(capsys)
    assert first["share"] == 0.0
    assert said[-2]["share"] == 1.0
    assert Card.of(last["card"]).sha256 == hashlib.sha256(content).hexdigest()
    assert (tmp_path / "cache" / "made.pth").is_file()


def test_without_a_download_it_says_what_to_put_where(tmp_path, capsys):
    source = replace(weights.ON_SCREEN, folder=tmp_path)
    weights.main(["resnet18"], source)
    (said,) = lines(capsys)
    assert_plain_sentence(said["error"])
    assert f"put resnet18-f37072fd.pth into {tmp_path}, give the path" in said["error"]
    assert "--" not in said["error"]


@pytest.mark.process
def test_a_process_reads_a_file(settings, tmp_path):
    settings.prepare()
    file = saved(made_weights(NAME), tmp_path / "mine.safetensors")
    card = client.backbones(settings).read(NetworkChoice(NAME, file), False, silent)
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    assert card == Card(NAME, "file mine.safetensors", "mine.safetensors", sha256)


# -- what the client makes of it --------------------------------------------------------------


def test_progress_is_told_until_the_card_comes():
    told = []
    said = [b'{"share": 0.5, "message": "Half"}', json.dumps({"card": vars(CARD)}).encode()]
    assert client.heard(said, lambda *at: told.append(at)) == CARD
    assert told == [(0.5, "Half")]


def test_its_sentence_is_an_error_and_so_is_silence():
    with refused(InvalidInput, "Not there."):
        client.heard([b'{"error": "Not there."}'], silent)
    with refused(InvalidInput, "could not be read; see logs/weights.log"):
        client.heard([], silent)


@pytest.mark.process
def test_whoever_stops_listening_ends_it(settings, monkeypatch):
    code = 'import time; print(\'{"share": 0, "message": ""}\', flush=True); time.sleep(600)'
    started = []

    def sleeps(*_, stdout):
        started.append(subprocess.Popen([sys.executable, "-c", code], stdout=stdout))
        return started[0]

    def stop(*_):
        raise Cancelled

    monkeypatch.setattr(client, "popen", sleeps)
    with pytest.raises(Cancelled):
        client.read(settings, NetworkChoice("resnet18"), True, stop)
    assert started[0].returncode == -9


def test_one_that_cannot_be_started_is_told_in_a_sentence(settings, monkeypatch):
    def full(*_, stdout):
        raise OSError(12, os.strerror(12))

    monkeypatch.setattr(client, "popen", full)
    with refused(StoreUnavailable, "weights cannot be read .*free memory"):
        client.read(settings, NetworkChoice("resnet18"), False, silent)
