"""Whitening: normal embeddings come to lie round their center alike, whatever hides among them."""

import numpy as np
import pytest
import torch
from torch import nn

from anomaly_core.detectors.whitening import apply_whitening, fit_whitening, share_left_out

RNG = np.random.default_rng(0)
SHAPE = np.diag([2.0, 1.0, 0.5]) @ np.linalg.qr(RNG.normal(size=(3, 3)))[0]
NORMAL = (RNG.normal(size=(900, 3)) @ SHAPE + [3, -2, 1]).astype(np.float32)
ANOMALOUS = (RNG.normal(size=(100, 3)) * 4 + 30).astype(np.float32)


def lengths(z, whitening) -> np.ndarray:
    offsets = (z @ whitening.matrix)[:, None] - whitening.centers
    return np.square(offsets).sum(axis=2).min(axis=1)


def test_normal_embeddings_have_unit_mean_squared_length():
    whitening = fit_whitening(NORMAL, 0.0, 1, 0)
    assert lengths(NORMAL, whitening).mean() == pytest.approx(1, rel=0.05)
    covariance = np.cov((NORMAL @ whitening.matrix).T)
    assert np.allclose(covariance, np.eye(3) / 3, atol=0.03)


def test_lengths_are_mahalanobis_distances():
    whitening = fit_whitening(NORMAL, 0.0, 1, 0)
    offsets = NORMAL - NORMAL.mean(axis=0)
    mahalanobis = np.einsum("ij,jk,ik->i", offsets, np.linalg.inv(np.cov(NORMAL.T)), offsets)
    assert np.corrcoef(lengths(NORMAL, whitening), mahalanobis)[0, 1] > 0.99


def test_anomalies_in_the_pool_do_not_widen_it():
    mixed = np.concatenate([NORMAL, ANOMALOUS])
    robust, naive = (fit_whitening(mixed, share, 1, 0) for share in (0.1, 0.0))
    assert np.median(lengths(ANOMALOUS, robust)) > 100
    assert np.median(lengths(ANOMALOUS, naive)) < 20
    assert np.allclose(robust.centers[0], NORMAL.mean(axis=0) @ robust.matrix, atol=0.2)


def test_several_centers_find_several_kinds():
    kinds = np.concatenate([NORMAL, NORMAL + np.float32(60)])
    one, two = (lengths(kinds, fit_whitening(kinds, 0.0, count, 0)) for count in (1, 2))
    between = np.full((1, 3), 30, np.float32) + NORMAL.mean(axis=0)
    assert two.mean() == pytest.approx(1, rel=0.1)
    assert lengths(between, fit_whitening(kinds, 0.0, 2, 0))[0] > 10 * two.mean()
    assert lengths(between, fit_whitening(kinds, 0.0, 1, 0))[0] < 2 * one.mean()


@pytest.mark.parametrize("count", [2, 3, 10])
def test_fewer_embeddings_than_dimensions_can_be_whitened(count):
    z = RNG.normal(size=(count, 32)).astype(np.float32)
    assert np.isfinite(lengths(z, fit_whitening(z, 0.1, 1, 0))).all()


def test_equal_embeddings_stay_finite():
    z = np.full((20, 4), 3.0, np.float32)
    whitening = fit_whitening(z, 0.1, 1, 0)
    assert np.isfinite(whitening.matrix).all()
    assert np.allclose(lengths(z, whitening), 0, atol=1e-6)


def test_the_encoder_gives_whitened_embeddings():
    encoder = nn.Sequential(nn.Linear(5, 4), nn.LeakyReLU(), nn.Linear(4, 3, bias=False))
    x = torch.randn(200, 5)
    with torch.no_grad():
        before = encoder(x).numpy()
        whitening = fit_whitening(before, 0.0, 1, 0)
        apply_whitening(encoder, whitening)
        assert np.allclose(encoder(x).numpy(), before @ whitening.matrix, atol=1e-4)


def test_half_as_many_again_as_expected_are_left_out():
    assert share_left_out(0.0) == 0
    assert share_left_out(0.1) == pytest.approx(0.15)
    assert share_left_out(0.5) == 0.5
