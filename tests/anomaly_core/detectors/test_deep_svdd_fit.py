"""Fitting: a pretrained encoder, a center away from zero, a sphere round what is normal."""

import numpy as np
import pytest
import torch

from anomaly_core.detectors.base import Objective
from anomaly_core.detectors.deep_svdd import CENTER_FLOOR, DeepSVDD, place_center
from anomaly_core.errors import Cancelled
from anomaly_core.evaluation import auroc
from anomaly_core.networks import NETWORKS


def quick(images, network: str = "mlp", **parameters) -> DeepSVDD:
    """A detector fitted in a few steps to a few images."""
    values = {"pretrain_steps": 20, "fit_steps": 10, "update_steps": 10} | parameters
    return DeepSVDD(network=network, **values).fit(images)


@pytest.fixture(scope="module")
def few(threes):
    """120 real digits."""
    return threes.pool[:120]


def weights(network) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


def equal(first: dict, second: dict) -> bool:
    return first.keys() == second.keys() and all(torch.equal(first[k], second[k]) for k in first)


@pytest.mark.parametrize("network", NETWORKS)
def test_encoder_starts_as_a_copy_of_the_pretrained_one(few, network):
    detector = quick(few[:40, ::2, ::2], network, fit_steps=0)
    pretrained = detector.autoencoder_.encoder
    assert equal(weights(detector.encoder_), weights(pretrained))
    pointers = {tensor.data_ptr() for tensor in pretrained.state_dict().values()}
    assert not pointers & {t.data_ptr() for t in detector.encoder_.state_dict().values()}


def test_fitting_changes_the_encoder_and_leaves_the_autoencoder(few):
    before, after = quick(few, fit_steps=0), quick(few, fit_steps=10)
    assert equal(weights(before.autoencoder_), weights(after.autoencoder_))
    assert torch.equal(before.c_, after.c_)
    assert not equal(weights(before.encoder_), weights(after.encoder_))


def test_fitting_draws_the_images_to_the_center(few):
    before, after = quick(few, fit_steps=0), quick(few, fit_steps=20)
    assert after.decision_function(few).mean() < 0.9 * before.decision_function(few).mean()


def test_batch_norm_statistics_are_those_of_pretraining(few):
    detector = quick(few)
    pretrained = dict(detector.autoencoder_.encoder.named_buffers())
    assert pretrained
    assert equal(dict(detector.encoder_.named_buffers()), pretrained)
    assert all(buffer.any() for name, buffer in pretrained.items() if "mean" in name)


def test_center_is_the_mean_embedding_kept_away_from_zero(few):
    detector = quick(few, fit_steps=0)
    mean = detector.embed(few).mean(axis=0)
    c = detector.c_.numpy()
    far = np.abs(mean) >= CENTER_FLOOR
    assert far.any()
    assert np.allclose(c[far], mean[far], atol=1e-5)
    assert np.abs(c).min() >= CENTER_FLOOR


def test_center_entries_near_zero_are_pushed_out_on_their_own_side():
    z = torch.tensor([[0.05, -0.05, 0.0, 0.5, -2.0], [0.03, -0.01, 0.0, 0.7, -2.0]])
    assert torch.allclose(place_center(z), torch.tensor([0.1, -0.1, 0.1, 0.6, -2.0]))
    assert CENTER_FLOOR == 0.1


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
    assert auroc(threes.truth, detector.decision_function(threes.pool)) > 0.75


def test_reconstructions_look_like_their_images(detector, threes):
    x, x_hat = threes.pool / 255, detector.reconstruct(threes.pool)
    assert x_hat.shape == x.shape
    assert 0 <= x_hat.min() <= x_hat.max() <= 1
    assert ((x - x_hat) ** 2).mean() < 0.6 * x.var(axis=0).mean()


@pytest.mark.parametrize("objective", Objective)
@pytest.mark.parametrize("nu", [0.05, 0.3])
def test_radius_leaves_a_share_nu_of_the_pool_outside(few, objective, nu):
    detector = quick(few, objective=objective, nu=nu)
    distances = np.sqrt(detector.decision_function(few))
    assert pytest.approx(np.quantile(distances, 1 - nu), rel=1e-5) == detector.R_


def radii_while_fitting(images, objective: Objective) -> list[float]:
    radii: list[float] = []

    def note(report) -> None:
        if report.stage == "fitting":
            radii.append(detector.R_)

    detector = DeepSVDD(network="mlp", objective=objective, pretrain_steps=20, fit_steps=50)
    detector.fit(images, [note])
    return radii


def test_soft_boundary_learns_its_radius_while_it_trains(few):
    radii = radii_while_fitting(few, Objective.SOFT_BOUNDARY)
    assert len(radii) == len(set(radii)) == 5
    assert 0 < radii[-1] < radii[0]
    assert radii_while_fitting(few, Objective.ONE_CLASS) == [0] * 5


def test_soft_boundary_and_one_class_give_different_spheres(few):
    one_class, soft = (quick(few, objective=objective) for objective in Objective)
    assert not equal(weights(one_class.encoder_), weights(soft.encoder_))
    assert equal(weights(one_class.autoencoder_), weights(soft.autoencoder_))


@pytest.mark.parametrize("objective", Objective)
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
    reports = []
    detector = DeepSVDD(network="mlp", pretrain_steps=20, fit_steps=10, update_steps=10)
    detector.fit(few, [reports.append]).update(few, np.ones(120, np.int64), [reports.append])
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
        detector.fit(few, [stop]).update(few, np.ones(120, np.int64), [stop])
