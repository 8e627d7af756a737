"""What thresholds do to what is known, and what is kept of a decision."""

import numpy as np
import pytest
from some import some

from anomaly_core.errors import InvalidInput
from anomaly_core.threshold.judged import Worth
from anomaly_core.threshold.objectives import BestFBeta, ExpectedShare, MostRecall
from state.quality.tuning import Basis, Cell, Tuning, tuning_of
from state.store.schema import Role


@pytest.fixture
def tuning(workshop) -> Tuning:
    return some(tuning_of(workshop.desk()))


def test_the_cells_hold_what_numpy_says_the_furthest_first(workshop, tuning):
    truth, scores = workshop.array("truth/test"), workshop.array("models/1/test-scores")
    evidence = tuning.evidence(Basis.HELD_OUT)
    threshold = float(np.median(scores))
    expected = {
        Cell.CAUGHT: (truth < 0) & (scores > threshold),
        Cell.MISSED: (truth < 0) & (scores <= threshold),
        Cell.FALSE_ALARM: (truth > 0) & (scores > threshold),
        Cell.PASSED: (truth > 0) & (scores <= threshold),
    }
    for cell, inside in expected.items():
        items = evidence.cell(cell, threshold)
        assert sorted(items.tolist()) == np.flatnonzero(inside).tolist()
        assert (np.diff(abs(scores[items].astype(float) - threshold)) <= 0).all()


def test_the_nearest_to_a_score_are_what_numpy_says(workshop, tuning):
    scores = workshop.array("models/1/test-scores").astype(float)
    at = float(np.quantile(scores, 0.3))
    found = tuning.evidence(Basis.HELD_OUT).nearest(at, 12)
    apart = abs(scores - at)
    assert np.sort(apart)[:12].tolist() == apart[found].tolist()
    assert len(set(found.tolist())) == 12


def test_answers_are_judged_with_the_scores_of_their_items(workshop):
    items = workshop.answer(12, wrong=True)
    tuning = some(tuning_of(workshop.desk()))
    evidence = tuning.evidence(Basis.LABELED)
    assert sorted(evidence.items.tolist()) == sorted(items)
    assert evidence.of_pool
    scores, truth = workshop.array("models/1/scores"), workshop.array("truth/pool")
    assert np.array_equal(evidence.judged.scores, scores[evidence.items])
    assert np.array_equal(evidence.judged.y, -truth[evidence.items])  # all against the truth
    assert Basis.RANDOM not in tuning.bases  # nothing was set aside
    assert "hard to tell" in some(evidence.warning)


def test_random_answers_are_those_to_the_audit_slice(workshop):
    items = workshop.answer(12)
    workshop.set_aside(sorted(items[:5]))
    tuning = some(tuning_of(workshop.desk()))
    assert tuning.bases == [Basis.HELD_OUT, Basis.RANDOM, Basis.LABELED]
    assert sorted(tuning.evidence(Basis.RANDOM).items.tolist()) == sorted(items[:5])


def test_without_known_anomalies_a_stated_rule_flags_the_expected_share(workshop):
    truth = workshop.array("truth/pool")
    workshop.answer(6)
    tuning = some(tuning_of(workshop.desk()))
    evidence = tuning.evidence(Basis.LABELED)
    keep = truth[evidence.items] > 0
    normal = type(evidence)(
        evidence.basis,
        evidence.items[keep],
        type(evidence.judged)(
            evidence.judged.y[keep], evidence.judged.scores[keep], evidence.judged.pool
        ),
        evidence.images,
    )
    choice = tuning.choose(BestFBeta(Worth(0.1)), normal)
    assert "No anomalous image is known" in some(choice.instead)
    assert choice.sentence == ExpectedShare(tuning.contamination).sentence
    flagged = np.mean(workshop.array("models/1/scores") > choice.threshold)
    assert flagged == pytest.approx(tuning.contamination, abs=0.01)


def test_what_cannot_be_wished_for_is_refused_not_replaced(tuning):
    with pytest.raises(InvalidInput, match="less than 100 %"):
        tuning.choose(MostRecall(1.5), tuning.evidence(Basis.HELD_OUT))


def test_a_saved_threshold_keeps_everything_about_it(workshop, tuning):
    evidence = tuning.evidence(Basis.HELD_OUT)
    point = tuning.save(0.5, " Few alarms. ", "by hand", evidence)
    assert tuning.points() == [point]
    assert (point.threshold, point.reason, point.author) == (0.5, "Few alarms.", "you")
    assert (point.model_version, point.purpose, point.basis) == (1, "by hand", "held-out")
    assert point.data_hash == evidence.data_hash
    workshop.answer(5)
    other = some(tuning_of(workshop.desk())).evidence(Basis.LABELED)
    assert other.data_hash != evidence.data_hash


def test_a_threshold_needs_a_reason_and_somebody_who_may(workshop, tuning):
    evidence = tuning.evidence(Basis.HELD_OUT)
    with pytest.raises(InvalidInput, match="few words why"):
        tuning.save(0.5, "  ", "by hand", evidence)
    workshop.store.people.ensure("guest", Role.VIEWER)
    with pytest.raises(InvalidInput, match="Only an owner"):
        some(tuning_of(workshop.desk("guest"))).save(0.5, "Because.", "by hand", evidence)
    assert tuning.points() == []


def test_flips_are_what_two_thresholds_disagree_about(workshop, tuning):
    evidence = tuning.evidence(Basis.HELD_OUT)
    scores = workshop.array("models/1/test-scores").astype(float)
    low, high = np.quantile(scores, [0.3, 0.6]).tolist()
    strict = tuning.save(high, "Few alarms.", "by hand", evidence)
    loose = tuning.save(low, "Miss little.", "by hand", evidence)
    found = tuning.flips(strict, loose, Basis.HELD_OUT)
    assert len(found.first) == 0
    between = np.flatnonzero((scores > low) & (scores <= high))
    assert sorted(found.second.tolist()) == between.tolist()


def test_a_newer_model_does_not_change_what_was_saved_for_an_older_one(workshop, tuning):
    old = tuning.save(0.7, "Then.", "by hand", tuning.evidence(Basis.HELD_OUT))
    workshop.answer(10)
    workshop.projects.tend(workshop.id)
    workshop.work()
    newer = some(tuning_of(workshop.desk()))
    assert newer.gallery.model.version == 2
    seen = newer.seen_by(old, Basis.HELD_OUT)
    assert np.array_equal(seen.judged.scores, workshop.array("models/1/test-scores"))
