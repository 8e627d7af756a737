"""The map keeps distances to the center true, and never turns or breaks by chance."""

import numpy as np
import pytest

from anomaly_core.projection import (
    AT_EDGE,
    AT_R,
    RadialScale,
    like_before,
    map_hypersphere,
    turn_onto,
)


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


def test_a_map_is_turned_like_the_one_before_and_its_distances_stay():
    rng = np.random.default_rng(5)
    before = np.stack([rng.uniform(0, 4, 400), rng.uniform(-np.pi, np.pi, 400)], axis=1)
    after = np.stack([rng.uniform(0, 4, 420), rng.uniform(-np.pi, np.pi, 420)], axis=1)
    after[:400, 1] = -before[:, 1] + 1.9 + rng.normal(0, 0.1, 400)  # mirrored by chance
    after[7], before[9] = np.nan, np.nan  # taken back, and not there yet
    turned = like_before(after.astype(np.float32), before.astype(np.float32))
    assert np.nanmean(np.cos(turned[:400, 1] - before[:, 1])) > 0.99
    np.testing.assert_array_equal(turned[:, 0], after[:, 0].astype(np.float32))
    assert turned.dtype == np.float32
    assert np.nanmax(np.abs(turned[:, 1])) <= np.float32(np.pi)
    assert np.isnan(turned[7]).all()


def test_maps_with_no_item_in_common_are_left_alone():
    located = np.array([[1.0, 0.5], [np.nan, np.nan]])
    np.testing.assert_allclose(like_before(located, np.empty((0, 2))), located)
    np.testing.assert_allclose(like_before(located, np.full((2, 2), np.nan)), located)


# -- how far from the middle; tests/javascript/sphere.test.js says the same -----------------------

DRAWN = [0.0, 0.225, 0.45, 0.7231, 0.8592, 0.96]  # of 0, half R, R, 5 R, 20 R and 60 R of 60


def test_the_radius_is_at_its_place_and_the_farthest_item_just_inside_the_frame():
    scale = RadialScale(R=2.0, reach=120.0)
    drawn = scale.at(2.0 * np.array([0, 0.5, 1, 5, 20, 60]))
    np.testing.assert_allclose(drawn, DRAWN, atol=1e-4)


def test_distances_beyond_the_radius_rise_without_a_kink():
    scale = RadialScale(R=1.0, reach=40.0)
    drawn = scale.at(np.linspace(0, 40, 4001))
    slope = np.diff(drawn) / 0.01
    assert (slope > 0).all()
    np.testing.assert_allclose(slope[:100], AT_R)
    assert slope[100] == pytest.approx(AT_R, rel=0.05)
    assert (np.diff(slope[100:]) < 0).all()


@pytest.mark.parametrize("reach", [1.0, 1.7, 2.1])
def test_where_all_is_near_every_distance_is_true(reach):
    scale = RadialScale(R=1.0, reach=reach)
    np.testing.assert_allclose(scale.at(np.array([0.3, reach])), [AT_R * 0.3, AT_R * reach])


def test_a_sphere_that_has_collapsed_is_drawn_all_the_same():
    assert RadialScale(R=0.0, reach=0.0).at(0.0) == 0
    assert RadialScale(R=0.0, reach=2.0).at(2.0) == pytest.approx(AT_EDGE)
    assert RadialScale(R=0.0, reach=2.0).rings == []


def test_rings_are_in_sight_and_apart():
    assert RadialScale(R=1.0, reach=1.9).rings == []
    assert RadialScale(R=0.5, reach=1.1).rings == [2]
    assert RadialScale(R=1.0, reach=60.0).rings == [2, 5, 10, 20, 50]
