"""Quality on held-out images is what the engine finds from their scores."""

import pytest

from anomaly_core.threshold.intervals import auroc_interval
from state.files.gallery import Gallery
from state.quality.held_out import held_out_quality


def gallery(workshop):
    return Gallery(workshop.settings.data_dir, workshop.id, workshop.model)


def test_it_is_the_interval_of_the_scores(workshop):
    found = held_out_quality(gallery(workshop))
    scores = workshop.array("models/1/test-scores")
    assert vars(found) == pytest.approx(vars(auroc_interval(workshop.array("truth/test"), scores)))


def test_there_is_none_without_truth_or_before_it_is_measured(workshop):
    before = workshop.model.metrics
    workshop.remeasure(1, {"R": 1.0})
    assert held_out_quality(gallery(workshop)) is None
    workshop.remeasure(1, before)
    workshop.put("truth/test", workshop.array("truth/test")[:0])
    assert held_out_quality(gallery(workshop)) is None
