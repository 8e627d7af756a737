"""Synthetic defects change an image where their mask says so, and nowhere else."""

import numpy as np
import pytest

from anomaly_core.detectors.fcdd.defects import DEFECTS, VISIBLE, with_defects

SHAPES = [(16, 16, 1), (28, 28, 1), (64, 40, 3), (17, 33, 3)]


def image_of(shape, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(0.3, 0.7, shape).astype(np.float32)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", DEFECTS)
def test_an_image_is_changed_where_its_mask_is(name, shape):
    image, other = image_of(shape), image_of(shape, 1)
    seen = 0
    for seed in range(40):
        before = image.copy()
        made, mask = DEFECTS[name](image, other, np.random.default_rng(seed))
        assert np.array_equal(image, before)
        assert made.shape == shape
        assert made.dtype == np.float32
        assert mask.shape == shape[:2]
        assert set(np.unique(mask)) <= {0, 1}
        assert 0 <= made.min() <= made.max() <= 1
        change = np.abs(made - image).max(axis=2)
        assert change[mask == 0].max(initial=0) <= VISIBLE
        assert change[mask == 1].min(initial=1) > VISIBLE
        seen += bool(mask.any())
    assert seen >= 30  # some lie outside the image, or are too faint


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_leaves_most_of_an_image_alone(name):
    shares = [
        DEFECTS[name](image_of((64, 64, 1)), image_of((64, 64, 1), 1), np.random.default_rng(seed))[
            1
        ].mean()
        for seed in range(40)
    ]
    assert np.median(shares) < 0.5


def test_the_seed_decides_and_every_kind_is_drawn():
    images = np.stack([image_of((32, 32, 1), seed) for seed in range(30)])
    first, second, other = (with_defects(images, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert all(np.array_equal(one, two) for one, two in zip(first, second, strict=True))
    assert not np.array_equal(first[0], other[0])
    assert first[0].shape == images.shape
    assert first[1].shape == images.shape[:3]
