"""What Explore shows of a model agrees with its published scores, also in odd cases."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from state.exploration import BINS, Exploration, next_step
from state.schema import JobKind


class Arrays:
    """A gallery of arrays made up for a test."""

    def __init__(self, scores, test_scores=(), truth=()):
        self.arrays = {
            "scores": np.array(scores, np.float32),
            "test-scores": np.array(test_scores, np.float32),
            "truth/test": np.array(truth, np.int64),
        }

    def of_model(self, name):
        return self.arrays[name]

    def of_project(self, name):
        return self.arrays[name]


@pytest.fixture
def exploration(workshop):
    return Exploration(workshop.desk().gallery)


def test_histogram_counts_every_test_image_on_its_side(workshop, exploration):
    truth = workshop.array("truth/test")
    histogram = exploration.histogram()
    assert histogram.edges.shape == (BINS + 1,)
    assert (np.diff(histogram.edges) > 0).all()
    assert histogram.counts["normal"].sum() == (truth == 1).sum() > 0
    assert histogram.counts["anomalous"].sum() == (truth == -1).sum() > 0
    scores = workshop.array("models/1/test-scores")
    low, high = histogram.edges[10], histogram.edges[30]
    inside = (scores >= low) & (scores < high) & (truth == -1)
    assert histogram.counts["anomalous"][10:30].sum() == pytest.approx(inside.sum(), abs=1)


@pytest.mark.parametrize("scores", [[2, 2, 2], [0, 0, 0], [0, 1e-12, 1e6], [5, 5, 5.0001]])
def test_histogram_loses_no_odd_score(scores):
    histogram = Exploration(Arrays([], scores, [1, -1, -1])).histogram()
    assert (np.diff(histogram.edges) > 0).all()
    assert histogram.counts["normal"].sum() == 1
    assert histogram.counts["anomalous"].sum() == 2


@pytest.mark.parametrize("quantile", [0.0, 0.3, 0.9, 1.0])
def test_confusion_is_that_of_scikit_learn(workshop, exploration, quantile):
    scores, truth = workshop.array("models/1/test-scores"), workshop.array("truth/test")
    threshold = float(np.quantile(scores, quantile))
    confusion = exploration.confusion(threshold)
    expected = confusion_matrix(truth, np.where(scores > threshold, -1, 1), labels=[1, -1])
    assert [
        [confusion.true_negative, confusion.false_positive],
        [confusion.false_negative, confusion.true_positive],
    ] == expected.tolist()


@pytest.mark.parametrize("share", [0.005, 0.1, 0.25, 0.6])
def test_threshold_flags_the_asked_share_of_the_pool(workshop, exploration, share):
    scores = workshop.array("models/1/scores")
    flagged = np.count_nonzero(scores > exploration.threshold(share))
    assert flagged == pytest.approx(share * len(scores), abs=1)


def test_most_anomalous_come_highest_first_and_ties_by_item():
    assert Exploration(Arrays([1, 5, 3, 5, 0])).most_anomalous(4).tolist() == [1, 3, 2, 0]
    assert Exploration(Arrays([1, 5])).most_anomalous(10).tolist() == [1, 0]


def test_most_anomalous_of_the_project(workshop, exploration):
    scores = workshop.array("models/1/scores")
    top = exploration.most_anomalous(8)
    assert scores[top].tolist() == np.sort(scores)[::-1][:8].tolist()


def test_next_step_fits_the_situation(workshop):
    project, model = workshop.store.project(workshop.id), workshop.model
    job = workshop.store.enqueue(workshop.id, JobKind.UPDATE)

    def advice(spent, model=model, job=None):
        return next_step(replace(project, budget=100, batch_size=10, spent=spent), model, job)

    assert "first model is being prepared" in advice(0, model=None, job=job).sentence
    assert not advice(0, model=None).label
    assert "Label the first round" in advice(0).sentence
    assert "Label the first round" in advice(0, job=job).sentence
    assert "learning from your answers" in advice(10, job=job).sentence
    assert "Label 10 more" in advice(10).sentence
    assert "Label 3 more" in advice(97).sentence
    assert "budget is used up" in advice(100, job=job).sentence
    assert not advice(100).label
    assert all(advice(spent, job=job).label for spent in (0, 10, 97))
