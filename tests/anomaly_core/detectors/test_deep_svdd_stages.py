"""The stages of training: each is seeded, reported, paced on its own, and can be cancelled."""

import numpy as np
import pytest
import torch
from quick_fit import equal, quick, weights

from anomaly_core.detectors.base import TrainingObjective
from anomaly_core.detectors.deep_svdd import DeepSVDD
from anomaly_core.errors import Cancelled
from anomaly_core.networks import NETWORKS
from anomaly_core.progress import StepReport

pytestmark = pytest.mark.trains


def test_each_stage_has_its_own_learning_rate(few):
    still = quick(few, fit_learning_rate=0.0)
    first = weights(still.encoder_)
    assert equal(first, weights(quick(few, fit_steps=0).encoder_))
    still.update(few, np.repeat([1, -1], [100, 20]))
    assert not equal(weights(still.encoder_), first)
    moved = quick(few, learning_rate=0.0)
    assert not equal(weights(moved.encoder_), first)
    before = weights(moved.encoder_)
    assert equal(weights(moved.update(few, np.repeat([1, -1], [100, 20])).encoder_), before)


def test_first_weights_are_drawn_from_the_seed(few):
    first, again, other = (
        weights(quick(few, seed=seed, pretrain_learning_rate=0.0, fit_steps=0).autoencoder_)
        for seed in (1, 1, 2)
    )
    assert equal(first, again)
    assert not torch.equal(first["encoder.1.weight"], other["encoder.1.weight"])


@pytest.mark.parametrize("objective", TrainingObjective)
@pytest.mark.parametrize("network", NETWORKS)
def test_seed_decides_every_bit(few, network, objective):
    few = few[:, ::2, ::2]
    y = np.zeros(40, np.int64)
    y[:10], y[10:15] = 1, -1
    scores = []
    for noise, seed in ((1, 0), (2, 0), (3, 1)):
        torch.manual_seed(noise)  # what else a program drew must not matter
        detector = quick(few[:40], network, seed=seed, objective=objective)
        scores.append([detector.decision_function(few)])
        scores[-1].append(detector.update(few[:40], y).decision_function(few))
    first, again, other = scores
    assert all(np.array_equal(one, two) for one, two in zip(first, again, strict=True))
    assert not any(np.allclose(one, two) for one, two in zip(first, other, strict=True))


def test_the_global_generator_is_left_alone(few):
    before = torch.get_rng_state()
    quick(few)
    assert torch.equal(torch.get_rng_state(), before)


def test_stages_are_reported_in_order(few):
    reports: list[StepReport] = []
    detector = DeepSVDD(network="mlp", pretrain_steps=20, fit_steps=10, update_steps=10)
    detector.fit(few, [reports.append]).update(few, np.repeat([1, -1], [100, 20]), [reports.append])
    assert [(report.stage, report.step) for report in reports] == [
        ("pretraining", 10),
        ("pretraining", 20),
        ("fitting", 10),
        ("updating", 10),
    ]


@pytest.mark.parametrize("stage", ["pretraining", "fitting", "updating"])
def test_a_callback_cancels_any_stage(few, stage):
    def stop(report) -> None:
        if report.stage == stage:
            raise Cancelled("Stopped.")

    detector = DeepSVDD(network="mlp", pretrain_steps=10, fit_steps=10, update_steps=10)
    with pytest.raises(Cancelled):
        detector.fit(few, [stop]).update(few, np.repeat([1, -1], [100, 20]), [stop])
