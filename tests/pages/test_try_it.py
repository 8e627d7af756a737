"""Try it yourself on Present: what it says while it waits, when it knows, and when it cannot."""

import base64
import re
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from some import some

from anomaly_core.checkpoint import load_detector
from pages.components.tryout.answer import how_far, pictures, place, spoken
from pages.components.tryout.ring import SIDE, ring_figure
from state.errors import ScorerLost
from state.explore.tried import Trial
from state.files.gallery import Gallery
from state.presentation import opening_of, presentation_of
from state.presentation.page import told
from state.workers.scorer_client import LOST, Scored, Scoring


@pytest.fixture
def warm(shop, monkeypatch):
    """Scores from this process, as the one of its own gives them."""

    def score(self, gallery, image):
        detector = load_detector(gallery.version)
        scores, z = detector.score(image[None])
        made = (detector.reconstruct(image[None])[0] * 255).astype(np.uint8)
        return Scored(float(scores[0]), z[0], made)

    monkeypatch.setattr(Scoring, "warm_up", lambda self: True)
    monkeypatch.setattr(Scoring, "ready", True)
    monkeypatch.setattr(Scoring, "score", score)
    return shop


def html(tab):
    """All that stands outside Markdown."""
    return "\n".join(element.proto.body for element in tab.get("html"))


def take_one(tab):
    """Take an image of the pool; returns its item number."""
    tab.segmented_control(key="tried").set_value("pool").run()
    assert not tab.exception
    return tab.session_state["tried-item"]


def test_before_the_first_model_there_is_nothing_to_try_either(empty, open_page):
    tab = open_page("present")
    assert "there is nothing to present yet" in "\n".join(info.value for info in tab.info)


def test_while_the_process_starts_it_says_so(shop, open_page):
    tab = open_page("present")
    assert any("Warming up" in info.value for info in tab.info)
    assert "Nothing tried yet" in html(tab)


def test_the_verdict_of_an_item_is_its_own(warm, open_page):
    warm.answer(20)
    tab = open_page("present", caution="2")
    item = take_one(tab)
    presentation = presentation_of(opening_of(warm.desk()))
    threshold = presentation.at(2).threshold
    scores, said = warm.array("models/1/scores"), html(tab)
    distance = np.sqrt(scores[item])
    shares = [100 * np.mean(scores < scores[item] * near) for near in (1 - 1e-4, 1 + 1e-4)]
    assert f"Its distance is {distance:.3f}" in said
    share = float(said.split("of what is normal than <b>")[1].split(" %")[0])
    assert shares[0] - 0.06 < share < shares[1] + 0.06  # an image scored alone, rounded otherwise
    assert f"the threshold lies at {np.sqrt(threshold):.3f}" in said
    assert ("Flagged: beyond the threshold" in said) == (scores[item] > threshold)
    assert ("Passed: within the threshold" in said) == (scores[item] <= threshold)
    assert "by the pretraining autoencoder" in said
    assert said.count(", labeled normal") == 3
    assert not tab.info


def test_it_says_that_nothing_is_kept(warm, open_page):
    tab = open_page("present")
    captions = "\n".join(caption.value for caption in tab.caption)
    assert "What you draw is not saved" in captions
    assert "Centered and scaled like the images of the pool" in captions


def test_a_lost_process_is_one_sentence_and_the_rest_goes_on(warm, open_page, monkeypatch):
    def lose(*_):
        raise ScorerLost(LOST)

    monkeypatch.setattr(Scoring, "score", lose)
    tab = open_page("present")
    take_one(tab)
    assert [error.value.replace("\\", "") for error in tab.error] == [LOST]
    assert any(button.label == "Take another" for button in tab.button)


def tried(R, distances, score, threshold, reconstructed=True):
    """An image that was tried on a model with that radius and those distances of the pool."""
    arrays = {
        "map": np.array([(distance, 0) for distance in distances], np.float32),
        "scores": np.square(distances),
    }
    gallery = SimpleNamespace(
        R=R,
        of_model=arrays.get,
        items=np.arange(len(distances)),
        scores=arrays["scores"],
        embeddings=None,
        model=SimpleNamespace(version=1),
    )
    made = np.zeros((2, 2), np.uint8) if reconstructed else None
    scored = Scored(score, np.zeros(2, np.float32), made)
    return Trial(cast(Gallery, gallery), np.zeros((2, 2), np.uint8), scored, threshold)


def svg(trial):
    """The picture of where it falls."""
    return drawing(ring_figure(trial.gallery, trial.limit, "", trial))


def drawing(picture):
    """What an embedded picture is drawn of."""
    return base64.b64decode(some(re.search(r"base64,([^\"]+)", picture))[1]).decode()


def test_the_circle_of_a_far_threshold_stays_in_the_picture():
    radii = [float(r) for r in re.findall(r' r="([\d.]+)"', svg(tried(1.0, [0.5, 2.0], 1.0, 25.0)))]
    assert max(radii) <= SIDE / 2
    assert min(r for r in radii if r != 7.5) == pytest.approx(0.45 * SIDE / 2, abs=0.1)  # R


def test_what_a_model_does_not_reconstruct_is_shown_alone():
    assert pictures(tried(1.0, [0.5], 1.0, 2.0)).count("<img") == 3
    alone = pictures(tried(1.0, [0.5], 1.0, 2.0, reconstructed=False))
    assert alone.count("<img") == 1
    assert "What the model sees" in alone


def test_the_threshold_is_drawn_before_anything_is_tried():
    trial = tried(1.0, [0.5, 2.0], 1.0, 1.44)
    drawn = drawing(ring_figure(trial.gallery, trial.limit, ""))
    assert "flagged beyond" in drawn
    assert drawn.count("<circle") == 2


def test_an_image_of_the_presentation_is_explained_in_place(warm, open_page):
    presentation = presentation_of(opening_of(warm.desk()))
    item = presentation.at(0).story[0].item
    tab = open_page("present", look=str(item))
    assert not tab.exception
    distance = np.sqrt(warm.array("models/1/test-scores")[item])
    assert f"Its distance is {distance:.3f}" in html(tab)
    assert "Flagged: beyond the threshold" in html(tab)
    assert tab.query_params["look"] == str(item)
    hidden = next(row for row in range(1_500) if row not in told(presentation)["images"])
    assert "Its distance" not in html(open_page("present", look=str(hidden)))


def test_a_test_image_is_explained_on_tune(warm, open_page):
    tab = open_page("tune", look="7", threshold="1000")
    distance = np.sqrt(warm.array("models/1/test-scores")[7])
    assert f"Its distance is {distance:.3f}" in html(tab)
    assert "Passed: within the threshold" in html(tab)


def test_a_collapsed_model_is_drawn_and_told_without_its_radius():
    trial = tried(0.0, [0.0, 0.0], 0.0, 0.0)
    assert "nan" not in svg(trial)
    assert "Its distance is 0.000, the threshold lies at 0.000" in spoken(trial)
    assert "inside the sphere" in place(trial)


@pytest.mark.parametrize(
    ("distance", "words"),
    [(0.4, "well inside"), (0.8, "inside"), (0.99, "just inside"), (1.05, "just outside")],
)
def test_a_distance_is_told_in_words(distance, words):
    assert how_far(2 * distance, 2.0) == words
    assert how_far(3.0, 2.0) == "outside"
    assert how_far(9.0, 2.0) == "far outside"
