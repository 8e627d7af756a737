"""Losses against numbers worked out by hand from the papers' equations."""

import numpy as np
import pytest
import torch
from some import some
from torch import tensor

from anomaly_core import losses

D = tensor([0.0, 1.0, 4.0, 9.0])


def test_squared_distance_is_one_number_for_each_embedding():
    z, c = tensor([[1.0, 2.0], [4.0, 6.0]]), tensor([1.0, 2.0])
    assert losses.squared_distance(z, c).tolist() == [0, 25]


def test_the_nearest_of_several_centers_counts():
    z = tensor([[0.0, 0.0], [9.0, 0.0]])
    c = tensor([[1.0, 0.0], [10.0, 2.0]])
    assert losses.squared_distance(z, c).tolist() == [1, 5]


def test_loe_pulls_all_and_pushes_the_largest_share():
    expected = (0 + 1 + 4 + 9 / 2 + 1 / 9 / 2) / 4
    assert losses.loe(D, 0.25).item() == pytest.approx(expected, abs=1e-5)
    assert losses.loe(D, 0.0).item() == losses.one_class(D).item()


def test_nce_contrasts_each_normal_with_all_anomalies():
    d, y = tensor([1.0, 2.0, 3.0, 4.0]), tensor([1, 1, -1, -1])
    away = np.exp(-3) + np.exp(-4)
    expected = -np.mean([np.log(np.exp(-n) / (np.exp(-n) + away)) for n in (1, 2)])
    assert losses.nce(d, y).item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("side", [1, -1])
def test_nce_needs_both_sides(side):
    d = D.clone().requires_grad_()
    losses.nce(d, torch.full((4,), side)).backward()
    assert some(d.grad).tolist() == [0, 0, 0, 0]


def test_nt_xent_is_the_cross_entropy_of_picking_the_other_view():
    z1, z2 = tensor([[1.0, 0.0], [0.0, 2.0]]), tensor([[3.0, 0.0], [0.0, 1.0]])
    # each view has similarity 1 to its twin and 0 to the two others
    expected = -np.log(np.exp(2) / (np.exp(2) + 2))
    assert losses.nt_xent(z1, z2, temperature=0.5).item() == pytest.approx(expected, rel=1e-5)


def test_nt_xent_rises_when_views_are_mixed_up():
    z = torch.eye(4)
    assert losses.nt_xent(z, z.roll(1, 0), 0.5) > losses.nt_xent(z, z, 0.5) + 1


def test_reconstruction_is_the_mean_over_all_pixels():
    x, x_hat = torch.zeros(2, 2, 2), torch.zeros(2, 2, 2)
    x_hat[0, 0, 0], x_hat[1, 1, 1] = 2, -2
    assert losses.reconstruction(x, x_hat).item() == 1  # (4 + 4) / 8


def test_one_class_is_the_mean_distance():
    assert losses.one_class(D).item() == 3.5


@pytest.mark.parametrize(
    ("R", "nu", "expected"),
    [
        (0.0, 1.0, 3.5),  # no sphere: the mean distance
        (2.0, 0.5, 4 + 5 / 4 / 0.5),  # only 9 lies outside, by 5
        (1.0, 0.1, 1 + (3 + 8) / 4 / 0.1),
        (3.0, 0.1, 9.0),  # nothing outside: the sphere alone
    ],
)
def test_soft_boundary_pays_for_the_sphere_and_what_lies_outside(R, nu, expected):
    assert losses.soft_boundary(D, R, nu).item() == pytest.approx(expected)


def test_soft_boundary_pulls_only_what_lies_outside():
    d = D.clone().requires_grad_()
    losses.soft_boundary(d, R=1.5, nu=0.5).backward()
    assert some(d.grad).tolist() == [0, 0, 0.5, 0.5]  # 1 / (nu n)


@pytest.mark.parametrize("nu", [0.05, 0.1, 0.5, 1.0])
def test_radius_is_the_quantile_of_the_distances(nu):
    d = np.random.default_rng(0).gamma(2.0, size=101)
    expected = np.quantile(np.sqrt(d), 1 - nu)
    assert losses.radius(torch.from_numpy(d), nu).item() == pytest.approx(expected)


def test_radius_is_a_distance_and_not_its_square():
    assert losses.radius(D, nu=1e-9).item() == pytest.approx(3, abs=1e-6)


def test_radius_minimises_the_soft_boundary():
    d = torch.from_numpy(np.random.default_rng(0).gamma(2.0, size=1000))
    best = losses.radius(d, nu=0.2).item()
    at_best = losses.soft_boundary(d, best, 0.2)
    assert all(losses.soft_boundary(d, best + step, 0.2) > at_best for step in (-0.05, 0.05))


def test_deep_sad_is_the_distance_of_normals_and_its_inverse_of_anomalies():
    d = tensor([2.0, 4.0, 0.5, 5.0])
    assert losses.deep_sad(d, tensor([1, 1, 1, 1])).item() == pytest.approx(11.5 / 4)
    assert losses.deep_sad(d, tensor([-1, -1, -1, -1])).item() == pytest.approx(2.95 / 4, rel=1e-5)
    assert losses.deep_sad(d, tensor([1, -1, -1, 1])).item() == pytest.approx(9.25 / 4, rel=1e-5)


def test_deep_sad_pulls_normals_and_pushes_anomalies():
    d = tensor([2.0, 2.0], requires_grad=True)
    losses.deep_sad(d, tensor([1, -1])).backward()
    assert some(d.grad)[0] > 0 > some(d.grad)[1]


def test_deep_sad_is_finite_for_an_anomaly_at_the_center():
    d = tensor([0.0, 0.0], requires_grad=True)
    loss = losses.deep_sad(d, tensor([1, -1]))
    loss.backward()
    assert loss.isfinite()
    assert some(d.grad).isfinite().all()


@pytest.mark.parametrize(
    ("contamination", "kept"), [(0.0, 10), (0.09, 10), (0.1, 9), (0.25, 8), (0.5, 5), (0.99, 1)]
)
def test_trimmed_drops_the_largest_share(contamination, kept):
    d = torch.randperm(10, generator=torch.Generator().manual_seed(0)).float()
    assert sorted(losses.trimmed(d, contamination).tolist()) == list(range(kept))


def test_trimmed_lets_gradients_through_to_what_it_keeps():
    d = tensor([5.0, 1.0, 9.0, 2.0], requires_grad=True)
    losses.trimmed(d, 0.25).sum().backward()
    assert some(d.grad).tolist() == [1, 1, 0, 1]
