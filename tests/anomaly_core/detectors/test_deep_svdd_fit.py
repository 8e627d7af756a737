"""Fitting: a pretrained encoder, a center away from zero, a sphere round what is normal."""

import numpy as np
import pytest
import torch
from quick_fit import equal, quick, weights
from some import some

from anomaly_core.detectors.base import TrainingObjective
from anomaly_core.detectors.deep_svdd import CENTER_FLOOR, DeepSVDD, keep_from_zero
from anomaly_core.evaluation import auroc
from anomaly_core.networks import NETWORKS

pytestmark = pytest.mark.trains


@pytest.mark.parametrize("network", NETWORKS)
def test_encoder_starts_as_a_copy_of_the_pretrained_one_but_for_the_whitening(few, network):
    detector = quick(few[:40, ::2, ::2], network, fit_steps=0)
    pretrained, encoder = weights(detector.autoencoder_.encoder), weights(detector.encoder_)
    *_, last = (name for name in encoder if name.endswith("weight"))
    assert not torch.equal(encoder.pop(last), pretrained.pop(last))
    assert equal(encoder, pretrained)
    pointers = {t.data_ptr() for t in detector.autoencoder_.encoder.state_dict().values()}
    assert not pointers & {t.data_ptr() for t in detector.encoder_.state_dict().values()}


def test_fitting_changes_the_encoder_and_leaves_the_autoencoder(few):
    before, after = quick(few, fit_steps=0), quick(few, fit_steps=10)
    assert equal(weights(before.autoencoder_), weights(after.autoencoder_))
    assert torch.equal(before.c_, after.c_)
    assert not equal(weights(before.encoder_), weights(after.encoder_))


def test_fitting_draws_the_images_to_the_center(few):
    before, after = quick(few, fit_steps=0), quick(few, fit_steps=20)
    assert after.decision_function(few).mean() < 0.9 * before.decision_function(few).mean()


def test_the_most_distant_are_left_out_of_the_pull(few):
    def farthest(contamination: float) -> float:
        detector = quick(few, fit_steps=40, contamination=contamination)
        scores = np.sort(detector.decision_function(few))
        return scores[-12:].mean() / np.median(scores)

    assert farthest(0.0) < 0.5 * farthest(0.3)


def test_batch_norm_statistics_are_those_of_pretraining(few):
    detector = quick(few)
    pretrained = dict(detector.autoencoder_.encoder.named_buffers())
    assert pretrained
    assert equal(dict(detector.encoder_.named_buffers()), pretrained)
    assert all(buffer.any() for name, buffer in pretrained.items() if "mean" in name)


def test_normal_images_lie_at_distance_one_from_the_center_on_average(few):
    detector = quick(few, fit_steps=0, contamination=0.05)
    scores = np.sort(detector.decision_function(few))
    assert 0.6 < scores[: int(0.925 * len(few))].mean() < 1.3


def test_no_entry_of_a_center_is_zero(few):
    detector = quick(few, fit_steps=0)
    assert np.abs(detector.c_.numpy()).min() >= CENTER_FLOOR - 1e-6


def test_center_and_radius_of_a_large_pool_come_from_a_sample_of_it(few, monkeypatch):
    whole = quick(few)
    for name in ("CENTER_SAMPLE", "RADIUS_SAMPLE"):
        monkeypatch.setattr(f"anomaly_core.detectors.deep_svdd.{name}", 100)
    sampled, again = quick(few), quick(few)
    assert not torch.equal(sampled.c_, whole.c_)
    assert torch.equal(sampled.c_, again.c_)
    assert sampled.R_ == again.R_
    outside = np.mean(np.sqrt(sampled.decision_function(few)) > sampled.R_)
    assert outside == pytest.approx(sampled.nu, abs=0.05)


def test_center_entries_near_zero_are_pushed_out_on_their_own_side():
    c = np.array([0.01, -0.01, 0.0, 0.5, -2.0])
    assert keep_from_zero(c).tolist() == [0.02, -0.02, 0.02, 0.5, -2.0]


def test_several_centers_measure_the_distance_to_the_nearest(few):
    detector = quick(few, fit_steps=0, centers=3)
    assert detector.c_.shape == (3, 32)
    offsets = detector.embed(few)[:, None] - detector.c_.numpy()
    expected = (offsets**2).sum(axis=2).min(axis=1)
    assert np.allclose(detector.decision_function(few), expected, rtol=1e-4)


def test_scores_are_squared_distances_to_the_center(detector, threes):
    scores = detector.decision_function(threes.pool)
    assert scores.shape == (350,)
    assert scores.dtype == np.float32
    offsets = detector.embed(threes.pool) - detector.c_.numpy()
    assert np.allclose(scores, (offsets**2).sum(axis=1), rtol=1e-4)


def test_scores_follow_their_images_when_these_are_shuffled(detector, threes):
    order = np.random.default_rng(0).permutation(len(threes.pool))
    for function in (detector.decision_function, detector.embed, detector.reconstruct):
        shuffled, plain = function(threes.pool[order]), function(threes.pool)
        assert np.allclose(shuffled, plain[order], rtol=1e-3, atol=1e-5)
        assert not np.allclose(shuffled, plain, rtol=1e-3, atol=1e-5)


def test_anomalies_score_higher_before_any_label(detector, threes):
    assert some(auroc(threes.truth, detector.decision_function(threes.pool))) > 0.7


def test_reconstructions_look_like_their_images(detector, threes):
    x, x_hat = threes.pool / 255, detector.reconstruct(threes.pool)
    assert x_hat.shape == x.shape
    assert 0 <= x_hat.min() <= x_hat.max() <= 1
    assert ((x - x_hat) ** 2).mean() < 0.7 * x.var(axis=0).mean()


@pytest.mark.parametrize("objective", TrainingObjective)
@pytest.mark.parametrize("nu", [0.05, 0.3])
def test_radius_leaves_a_share_nu_of_the_pool_outside(few, objective, nu):
    detector = quick(few, objective=objective, nu=nu)
    distances = np.sqrt(detector.decision_function(few))
    assert pytest.approx(np.quantile(distances, 1 - nu), rel=1e-5) == detector.R_


def radii_while_fitting(images, objective: TrainingObjective) -> list[float]:
    radii: list[float] = []

    def note(report) -> None:
        if report.stage == "fitting":
            radii.append(some(detector.R_))

    detector = DeepSVDD(network="mlp", objective=objective, pretrain_steps=20, fit_steps=50)
    detector.fit(images, [note])
    return radii


def test_soft_boundary_learns_its_radius_while_it_trains(few):
    radii = radii_while_fitting(few, TrainingObjective.SOFT_BOUNDARY)
    assert len(radii) == len(set(radii)) == 5
    assert 0 < radii[-1] < radii[0]
    assert radii_while_fitting(few, TrainingObjective.ONE_CLASS) == [0] * 5


def test_objectives_give_different_spheres(few):
    one_class, soft, loe = (quick(few, objective=objective) for objective in TrainingObjective)
    assert not equal(weights(one_class.encoder_), weights(soft.encoder_))
    assert not equal(weights(one_class.encoder_), weights(loe.encoder_))
    assert equal(weights(one_class.autoencoder_), weights(soft.autoencoder_))
