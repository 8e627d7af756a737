"""Images are scored as the published model does, whatever becomes of the process that does it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from multiprocessing.connection import Connection

import numpy as np
import pytest
from waiting import wait_until
from workshop import Workshop

from anomaly_core.checkpoint import load_detector
from anomaly_core.detectors.deep_svdd import DeepSVDD
from anomaly_core.errors import InvalidInput
from state.errors import ScorerLost
from state.explore.tried import Trial, try_image
from state.files.gallery import Gallery
from state.workers import scorer
from state.workers.scorer_client import (
    LOST,
    MAPS,
    READY,
    Attributions,
    Scoring,
    Stage,
    map_file,
    of_version,
)

pytestmark = pytest.mark.process

PATIENCE = 60  # seconds


@pytest.fixture(scope="module")
def shop(prepared, tmp_path_factory):
    """A project with two model versions that nobody changes."""
    data_dir = tmp_path_factory.mktemp("scored") / "data"
    shutil.copytree(prepared, data_dir)
    with Workshop(data_dir) as opened:
        opened.answer(20)
        opened.rounds().update([])
        yield opened


@pytest.fixture(scope="module")
def opened(shop):
    """A real process, or none yet."""
    opened = Scoring(shop.settings)
    yield opened
    opened.close()


@pytest.fixture
def scoring(opened):
    """A real process that is ready; a test may end it."""
    wait_until(opened.warm_up, PATIENCE)
    return opened


@pytest.fixture
def scripted(shop, monkeypatch):
    """Scorings whose processes run a line of Python instead, with the line as `line`."""
    opened = []

    def build(code):
        start = "from multiprocessing.connection import Connection; line = Connection(0)\n"
        command = [sys.executable, "-c", start + code]
        monkeypatch.setattr(
            "state.workers.scorer_client.popen",
            lambda *_, stdin: subprocess.Popen(command, stdin=stdin),
        )
        opened.append(Scoring(shop.settings))
        return opened[-1]

    yield build
    for one in opened:
        one.close()


def of(shop, version):
    """What a version published."""
    return Gallery(shop.settings.data_dir, shop.id, shop.store.models.version(shop.id, version))


def doodle(seed=0):
    """An image that is in no pool."""
    return np.random.default_rng(seed).integers(0, 256, (28, 28), np.uint8)


# -- what is scored --------------------------------------------------------------------------


@pytest.mark.parametrize("version", [1, 2])
def test_a_score_is_that_of_the_published_model(shop, scoring, version):
    image = doodle()
    found = scoring.score(of(shop, version), image)
    detector = load_detector(shop.version_folder(version))
    scores, z = detector.score(image[None])
    assert found.score == pytest.approx(float(detector.decision_function(image[None])[0]), rel=1e-5)
    assert found.score == pytest.approx(float(scores[0]), rel=1e-5)
    np.testing.assert_allclose(found.embedding, z[0], rtol=1e-4, atol=1e-5)
    pixels = detector.reconstruct(image[None])[0] * 255
    np.testing.assert_allclose(found.reconstruction, pixels, atol=0.51)


def test_an_item_of_the_pool_gets_its_own_score_and_reconstruction(shop, scoring):
    for item in (0, 17):
        found = scoring.score(of(shop, 2), shop.array("pool")[item])
        assert found.score == pytest.approx(shop.array("models/2/scores")[item], rel=1e-4)
        published = shop.array("reconstructions")[item].astype(int)
        np.testing.assert_allclose(found.reconstruction, published, atol=1)


def test_several_at_once_each_get_their_own(shop, scoring):
    doodles = np.stack([doodle(n) for n in range(6)])
    expected = load_detector(shop.version_folder(2)).decision_function(doodles)
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda n: scoring.score(of(shop, 2), doodle(n)).score, range(6)))
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_what_cannot_be_scored_is_a_sentence_and_the_process_goes_on(shop, scoring):
    scoring.score(of(shop, 2), doodle())
    worker = scoring._worker
    gone = of(shop, 1)
    gone.model = replace(gone.model, directory="gone")
    with pytest.raises(InvalidInput, match="choose another version on Models"):
        scoring.score(gone, doodle())
    with pytest.raises(InvalidInput, match="28"):
        scoring.score(of(shop, 2), np.zeros((5, 5), np.uint8))
    scoring.score(of(shop, 2), doodle())
    assert scoring._worker is worker


# -- what becomes of the process -------------------------------------------------------------


def test_a_killed_process_is_replaced(shop, scoring):
    expected = scoring.score(of(shop, 2), doodle()).score
    first = scoring._worker.process
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert not scoring.ready
    with pytest.raises(ScorerLost, match="starts anew"):
        scoring.score(of(shop, 2), doodle())
    wait_until(scoring.warm_up, PATIENCE)
    assert scoring.score(of(shop, 2), doodle()).score == expected
    assert scoring.ready
    assert scoring._worker.process.pid != first.pid


def test_a_process_killed_in_the_middle_is_one_sentence(shop, scripted):
    asked = scripted("line.send_bytes(b'ready'); line.recv_bytes(); raise SystemExit(9)")
    for _ in range(2):  # the second by another process
        wait_until(asked.warm_up, PATIENCE)
        with pytest.raises(ScorerLost, match="starts anew"):
            asked.score(of(shop, 1), doodle())


def test_a_process_that_takes_too_long_is_ended(shop, scripted, monkeypatch):
    monkeypatch.setattr("state.workers.scorer_client.LIMIT_SECONDS", 0.2)
    asked = scripted("line.send_bytes(b'ready'); import time; time.sleep(60)")
    wait_until(asked.warm_up, PATIENCE)
    with pytest.raises(ScorerLost, match="starts anew"):
        asked.score(of(shop, 1), doodle())
    assert asked._worker.process.returncode is not None


def test_one_that_cannot_be_started_is_not_tried_again_at_once(shop, scripted, monkeypatch):
    asked = scripted("raise SystemExit(1)")
    assert not asked.warm_up()
    asked._worker.process.wait()
    pid = asked._worker.process.pid
    with pytest.raises(ScorerLost, match=r"scorer\.log"):
        asked.warm_up()
    with pytest.raises(ScorerLost):
        asked.score(of(shop, 1), doodle())
    assert asked._worker.process.pid == pid
    monkeypatch.setattr("state.workers.scorer_client.PAUSE_SECONDS", 0)
    assert not asked.warm_up()
    assert asked._worker.process.pid != pid


def test_warming_up_does_not_wait(scripted):
    asked = scripted("import time; time.sleep(0.5); line.send_bytes(b'ready'); line.recv_bytes()")
    started = time.monotonic()
    assert not asked.warm_up()
    assert time.monotonic() - started < 0.4
    worker = asked._worker
    wait_until(asked.warm_up, PATIENCE)
    assert asked.ready
    assert asked._worker is worker


def test_an_image_does_not_wait_for_a_process_that_starts(shop, scripted):
    asked = scripted("import time; time.sleep(60)")
    assert not asked.warm_up()
    started = time.monotonic()
    with pytest.raises(ScorerLost):
        asked.score(of(shop, 1), doodle())
    assert time.monotonic() - started < 5


def test_warming_up_does_not_wait_for_who_else_is_at_it(scripted):
    asked = scripted("import time; time.sleep(60)")
    assert not asked.warm_up()
    with ThreadPoolExecutor(1) as other, asked._lock:
        assert other.submit(asked.warm_up).result(PATIENCE) is False


def test_one_that_never_gets_ready_gives_way_to_another(scripted, monkeypatch):
    asked = scripted("import time; time.sleep(60)")
    assert not asked.warm_up()
    first = asked._worker.process
    monkeypatch.setattr("state.workers.scorer_client.START_SECONDS", 0)
    monkeypatch.setattr("state.workers.scorer_client.PAUSE_SECONDS", 0)
    assert not asked.warm_up()
    assert first.returncode is not None
    assert asked._worker.process is not first


def test_too_many_at_once_are_asked_to_come_back(shop, scripted, monkeypatch):
    monkeypatch.setattr("state.workers.scorer_client.MOST", 1)
    asked = scripted("import time; line.send_bytes(b'ready'); line.recv_bytes(); time.sleep(60)")

    def wait_in_vain():
        with pytest.raises(ScorerLost):
            asked.score(of(shop, 1), doodle())

    wait_until(asked.warm_up, PATIENCE)
    waits = threading.Thread(target=wait_in_vain)
    waits.start()
    wait_until(asked._lock.locked, PATIENCE)
    with pytest.raises(InvalidInput, match="try again in a few seconds"):
        asked.score(of(shop, 1), doodle())
    asked._worker.process.kill()
    waits.join(PATIENCE)
    assert not waits.is_alive()


def test_the_process_ends_when_its_server_is_gone(scoring, shop):
    scoring.score(of(shop, 2), doodle())
    process = scoring._worker.process
    scoring._worker.line.close()  # as when the server is killed
    assert process.wait(PATIENCE) == 0


@pytest.fixture
def line(shop):
    """The inside of the process, in a thread that ends when it does; our end of the line to it."""
    ours, theirs = (Connection(end.detach()) for end in socket.socketpair())
    arguments = (theirs, shop.settings.data_dir, 0.3)
    thread = threading.Thread(target=scorer.serve, args=arguments)
    thread.start()
    assert ours.recv_bytes() == READY
    yield ours, thread
    thread.join(PATIENCE)
    assert not thread.is_alive()
    ours.close()
    theirs.close()


def test_the_process_ends_when_nobody_asks(line):
    _, thread = line
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_only_two_models_are_kept_in_memory_and_a_new_one_is_read(shop):
    scorer.loaded.cache_clear()
    asked = shop.settings.data_dir, of_version(of(shop, 1))
    first = scorer.detector_in(*asked)
    assert scorer.detector_in(*asked) is first
    weights = shop.version_folder(1) / "model.safetensors"
    for second in (1, 2):
        os.utime(weights, (second, second))  # as if written anew
        assert scorer.detector_in(*asked) is not first
    assert scorer.loaded.cache_info().currsize == scorer.KEPT


# -- attributions ----------------------------------------------------------------------------


@pytest.fixture
def gallery(shop):
    """What model 1 published, without maps."""
    folder = shop.folder / MAPS
    shutil.rmtree(folder, ignore_errors=True)
    yield of(shop, 1)
    shutil.rmtree(folder, ignore_errors=True)


def test_an_attribution_is_the_map_kept_beside_the_model(shop, scoring, gallery):
    asked = Attributions(scoring)
    assert asked.stage(gallery, 7) is Stage.MISSING
    asked.ask(gallery, 7)
    asked.ask(gallery, 7)  # a second press
    wait_until(lambda: asked.stage(gallery, 7) is not Stage.COMPUTING, PATIENCE)
    assert asked.stage(gallery, 7) is Stage.READY
    assert map_file(gallery, 7).exists()
    image = shop.array("pool")[7:8]
    expected = load_detector(shop.version_folder(1), DeepSVDD).explain(image)[0]
    np.testing.assert_allclose(asked.read(gallery, 7), expected, rtol=1e-3, atol=1e-5)
    assert Attributions(scoring).stage(gallery, 7) is Stage.READY  # in another server


def test_a_gradient_that_an_older_version_kept_is_left_aside(shop, scoring, gallery):
    folder = shop.version_folder(1) / "attributions"
    folder.mkdir()
    np.save(folder / "7.npy", np.zeros((28, 28)))
    assert Attributions(scoring).stage(gallery, 7) is Stage.MISSING
    shutil.rmtree(folder)


def test_one_that_cannot_be_computed_says_why_and_may_be_asked_for_again(scoring, gallery):
    asked = Attributions(scoring)
    for _ in range(2):
        asked.ask(gallery, 350)
        wait_until(lambda: asked.stage(gallery, 350) is Stage.FAILED, PATIENCE)
        assert asked.trouble(gallery, 350) == "There is no item 350; choose another one."


def test_one_that_cannot_be_saved_says_why_and_the_process_goes_on(shop, scoring, gallery):
    (shop.folder / MAPS).write_bytes(b"no folder")
    asked = Attributions(scoring)
    asked.ask(gallery, 7)
    wait_until(lambda: asked.stage(gallery, 7) is Stage.FAILED, PATIENCE)
    assert "It cannot be saved" in asked.trouble(gallery, 7)
    assert scoring.ready


def test_asking_does_not_wait_for_a_process_that_starts(scripted, gallery):
    asked = Attributions(scripted("import time; time.sleep(60)"))
    started = time.monotonic()
    asked.ask(gallery, 7)
    assert asked.stage(gallery, 7) is Stage.COMPUTING
    assert time.monotonic() - started < 5


def test_a_process_killed_over_an_attribution_is_one_sentence(scripted, gallery):
    asked = Attributions(
        scripted("line.send_bytes(b'ready'); line.recv_bytes(); raise SystemExit(9)")
    )
    asked.ask(gallery, 7)
    wait_until(lambda: asked.stage(gallery, 7) is Stage.FAILED, PATIENCE)
    assert asked.trouble(gallery, 7) == LOST


def test_one_whose_process_never_gets_ready_fails(scripted, gallery, monkeypatch):
    monkeypatch.setattr("state.workers.scorer_client.START_SECONDS", 0)
    asked = Attributions(scripted("import time; time.sleep(60)"))
    asked.ask(gallery, 7)
    wait_until(lambda: asked.stage(gallery, 7) is Stage.FAILED, PATIENCE)


def test_only_a_few_are_computed_at_a_time(scripted, gallery, monkeypatch):
    monkeypatch.setattr("state.workers.scorer_client.MOST_ATTRIBUTIONS", 2)
    scoring = scripted("line.send_bytes(b'ready'); line.recv_bytes(); import time; time.sleep(60)")
    asked = Attributions(scoring)
    asked.ask(gallery, 1)
    asked.ask(gallery, 2)
    with pytest.raises(InvalidInput, match="try again"):
        asked.ask(gallery, 3)
    assert asked.stage(gallery, 3) is Stage.MISSING


def test_a_verdict_counts_the_pool(shop, scoring):
    gallery, scores = shop.desk().gallery, shop.array("models/2/scores")
    item = int(np.argsort(scores)[300])
    trial = try_image(scoring, gallery, shop.array("pool")[item], gallery.R**2)
    assert trial.percentile == pytest.approx(100 * 300 / 350, abs=0.3)
    assert trial.distance == pytest.approx(np.sqrt(scores[item]), rel=1e-4)
    assert trial.odd == (np.sqrt(scores[item]) > gallery.R)
    assert trial.limit == pytest.approx(gallery.R)
    assert trial.angle == pytest.approx(shop.array("models/2/map")[item, 1], abs=1e-6)
    labels = shop.desk().labels
    expected = [i for i in labels.items.tolist() if labels.y[labels.items == i] > 0]
    z = shop.array("models/2/embeddings").astype(np.float32)
    expected.sort(key=lambda other: np.sum((z[other] - trial.scored.embedding) ** 2))
    assert trial.neighbors(labels)[0] == expected[:3]


def test_what_scores_above_the_threshold_is_odd(shop, scoring):
    gallery = shop.desk().gallery
    scored = scoring.score(gallery, doodle())
    for threshold, odd in ((scored.score, False), (float(np.nextafter(scored.score, 0)), True)):
        trial = Trial(gallery, doodle(), scored, threshold)
        assert trial.odd is odd
        assert trial.limit == pytest.approx(np.sqrt(threshold))
