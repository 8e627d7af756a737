"""A simulated project buys its budget and reports every round."""

from itertools import count

import numpy as np
import pytest
from numbered import numbered_dataset
from refused import refused
from spy_detector import SpyDetector

from anomaly_core.datasets.scenario import Scenario, build_scenario
from anomaly_core.errors import InvalidInput
from anomaly_core.loop.oracle import NoisyOracle, PoolOracle
from anomaly_core.loop.simulation import CurvePoint, simulate
from anomaly_core.progress import StepReport


@pytest.fixture
def data():
    """A pool of 90 images, 9 of them anomalous; no image tells its class by its brightness."""
    return build_scenario(Scenario(normal=(0,)), numbered_dataset(90, 90, test=10))


def run(data, detector=None, oracle=None, **options):
    ticks = count()
    return simulate(
        data,
        detector or SpyDetector(),
        oracle or PoolOracle(data.truth),
        clock=lambda: float(next(ticks)),
        **options,
    )


@pytest.mark.parametrize(
    ("budget", "batch", "labels"),
    [
        (30, 10, [0, 10, 20, 30]),
        (25, 10, [0, 10, 20, 25]),
        (1, 10, [0, 1]),
        (90, 50, [0, 50, 90]),
    ],
)
def test_the_curve_has_a_point_for_each_round(data, budget, batch, labels):
    assert [point.labels for point in run(data, budget=budget, batch=batch).curve] == labels


def test_the_whole_pool_brings_every_anomaly(data):
    curve = run(data, budget=len(data.pool)).curve
    found = [point.anomalies_found for point in curve]
    assert found[0] == 0
    assert found == sorted(found)
    assert found[-1] == (data.truth == -1).sum() > 0


def test_every_point_is_told_as_soon_as_it_is_known(data):
    told: list[CurvePoint] = []
    assert run(data, budget=20, on_point=told.append).curve == told
    assert len(told) == 3


def test_seconds_come_from_the_clock(data):
    class Pretrains(SpyDetector):
        def fit(self, images, callbacks=(), **unused):
            for stage, step in (("pretraining", 10), ("pretraining", 20), ("fitting", 10)):
                for callback in callbacks:
                    callback(StepReport(stage, step, 20, 0.0))
            return super().fit(images)

    result = run(data, Pretrains(), budget=20)  # the clock ticks once a look
    assert result.pretrain_seconds == 2
    assert result.first_proposal_seconds == 3
    assert [point.update_seconds for point in result.curve] == [0, 1, 1]
    assert result.total_seconds == 8


def test_quality_is_measured_on_the_test_set(data):
    class KnowsTheTest(SpyDetector):
        def score(self, images):
            scores, z = super().score(images)
            knows = len(images) == len(data.test)
            return (-data.test.y.astype(np.float32) if knows else scores), z

    assert all(
        (point.auroc, point.average_precision) == (1, 1)
        for point in run(data, KnowsTheTest(), budget=20).curve
    )


def test_the_detector_sees_the_pool_and_the_answers_alone(data):
    spy = SpyDetector()
    run(data, spy, budget=30)
    assert len(spy.fitted_on) == 1
    assert np.array_equal(spy.fitted_on[0], data.pool)
    for bought, y in zip((10, 20, 30), spy.taught, strict=True):
        answered = np.flatnonzero(y)
        assert len(answered) == bought
        assert np.array_equal(y[answered], data.truth[answered])


def test_the_answers_are_kept_in_the_order_in_which_they_were_given(data):
    spy = SpyDetector()
    answers = run(data, spy, budget=25).answers
    items, y = map(list, zip(*answers, strict=True))
    assert len(set(items)) == 25
    assert np.array_equal(data.truth[items], y)
    assert set(items[:10]) == set(np.flatnonzero(spy.taught[0]))


def test_a_wrong_oracle_is_believed(data):
    spy = SpyDetector()
    run(data, spy, NoisyOracle(PoolOracle(data.truth), 1.0), budget=10)
    answered = np.flatnonzero(spy.taught[-1])
    assert np.array_equal(spy.taught[-1][answered], -data.truth[answered])


@pytest.mark.parametrize("option", [{"strategy": "top"}, {"seed": 1}])
def test_strategy_and_seed_decide_what_is_asked(data, option):
    spies = [SpyDetector() for _ in range(3)]
    for spy, options in zip(spies, ({}, {}, option), strict=True):
        run(data, spy, budget=20, **{"strategy": "random"} | options)
    assert np.array_equal(spies[0].taught[-1], spies[1].taught[-1])
    assert not np.array_equal(spies[0].taught[-1], spies[2].taught[-1])


def test_json_holds_pool_curve_and_seconds(data):
    values = run(data, budget=10).to_json()
    assert set(values) == {"pool", "curve", "seconds"}
    assert values["pool"] == {"images": 90, "anomalies": 9, "held_out": len(data.test)}
    assert set(values["seconds"]) == {"pretrain", "first_proposal", "total"}
    assert [point["labels"] for point in values["curve"]] == [0, 10]


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"budget": 91}, "A budget of 91 labels cannot be used with a pool of 90"),
        ({"budget": 0}, "A budget of 0 labels"),
        ({"batch": 0}, "A batch of 0 cannot be asked"),
        ({"strategy": "best"}, "There is no strategy 'best'"),
    ],
)
def test_bad_values_are_refused_before_anything_is_fitted(data, options, complaint):
    spy = SpyDetector()
    with refused(InvalidInput, complaint):
        run(data, spy, **{"budget": 20} | options)
    assert spy.fitted_on == []
