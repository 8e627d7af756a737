"""The map keeps distances to the center true, and never turns or breaks by chance."""

import numpy as np
import pytest

from anomaly_core.projection import Turn, map_hypersphere, turn_onto


@pytest.fixture
def cloud():
    """Embeddings that spread most along the fourth axis, then along the eighth."""
    spread = np.full(12, 0.2)
    spread[[3, 7]] = 3, 1
    z = np.random.default_rng(0).normal(size=(300, 12)) * spread
    return z.astype(np.float32), np.full(12, 0.3, np.float32)


def test_distance_is_the_true_one(cloud):
    z, c = cloud
    located = map_hypersphere(z, c)
    expected = np.linalg.norm(z - c, axis=1)
    assert np.allclose(located.distance, expected, rtol=1e-5)
    assert np.allclose(np.linalg.norm(located.xy, axis=1), expected, rtol=1e-5)


def test_angle_is_the_direction_along_the_two_widest_axes(cloud):
    z, c = cloud
    direction = (z - c) / np.linalg.norm(z - c, axis=1, keepdims=True)
    direction -= direction.mean(axis=0)
    expected = np.arctan2(direction[:, 7], direction[:, 3])
    apart = map_hypersphere(z, c).angle - expected
    assert np.median(np.abs(np.angle(np.exp(1j * apart)))) < 0.1


def test_xy_is_the_same_place(cloud):
    located = map_hypersphere(*cloud)
    x, y = located.xy.T
    assert np.allclose(np.arctan2(y, x), located.angle, atol=1e-4)


def test_angles_are_reproducible_and_follow_their_items(cloud):
    z, c = cloud
    order = np.random.default_rng(1).permutation(len(z))
    first, again, shuffled = (
        map_hypersphere(z, c),
        map_hypersphere(z, c),
        map_hypersphere(z[order], c),
    )
    assert np.array_equal(first.angle, again.angle)
    assert np.allclose(shuffled.xy, first.xy[order], atol=1e-3)


def test_one_far_point_does_not_turn_the_map(cloud):
    z, c = cloud
    far = z.copy()
    far[0] = c + 1000 * (z[0] - c)
    assert np.allclose(map_hypersphere(far, c).angle, map_hypersphere(z, c).angle, atol=1e-3)


@pytest.mark.parametrize(
    "z",
    [np.ones((5, 4)), np.zeros((5, 4)), np.eye(4)[:2], np.ones((1, 4))],
    ids=["identical", "all at the center", "two points", "one point"],
)
def test_points_that_span_no_plane_get_finite_places(z):
    located = map_hypersphere(z.astype(np.float32), np.zeros(4, np.float32))
    assert np.isfinite(located.xy).all()
    assert np.allclose(located.distance, np.linalg.norm(z, axis=1))


def test_types_are_small(cloud):
    located = map_hypersphere(*cloud)
    assert located.distance.dtype == located.angle.dtype == np.float32


@pytest.mark.parametrize("flip", [1, -1])
def test_a_turn_is_found_again(flip):
    rng = np.random.default_rng(3)
    angle = rng.uniform(-np.pi, np.pi, 500)
    target = flip * angle + 2.1 + rng.normal(0, 0.1, 500)
    turn = turn_onto(angle, target)
    assert turn.flip == flip
    assert np.cos(turn.of(angle) - target).mean() > 0.99


def test_turns_one_after_the_other_are_one_turn():
    angle = np.linspace(-3, 3, 7)
    first, then = Turn(-1, 0.7), Turn(-1, 1.9)
    np.testing.assert_allclose(then.after(first).of(angle), then.of(first.of(angle)))
    np.testing.assert_allclose(Turn().after(first).of(angle), first.of(angle))
