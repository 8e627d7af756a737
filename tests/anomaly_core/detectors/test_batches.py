"""Batches: unlabeled images on one side, labeled ones in balance on the other."""

import numpy as np
import pytest
import torch

from anomaly_core.detectors.augmentation import AffineJitter
from anomaly_core.detectors.batches import Batches

N = 200
IMAGES = np.tile(np.arange(N, dtype=np.uint8)[:, None, None], (1, 3, 3))  # image i has shade i


def labels(normal=(), anomalous=(), default: int = 0) -> np.ndarray:
    y = np.full(N, default)
    y[list(normal)], y[list(anomalous)] = 1, -1
    return y


def batches(y, augmentation=None, seed: int = 0, size: int = 32, labeled_size: int = 16) -> Batches:
    return Batches(
        IMAGES, y, size=size, labeled_size=labeled_size, augmentation=augmentation, seed=seed
    )


def items_of(x: torch.Tensor) -> list[int]:
    """The item that each image shows."""
    return (x[:, 0, 0] * 255).round().int().tolist()


def draw_many(source: Batches, times: int = 60):
    """The unlabeled items, the labeled items and the labels of many batches."""
    drawn = [source.draw() for _ in range(times)]
    return [[part for batch in drawn for part in items_of(batch[side])] for side in (0, 1)], [
        label for batch in drawn for label in batch[2].tolist()
    ]


def test_labeled_half_is_balanced_however_few_one_side_has():
    y = labels(normal=range(50), anomalous=[199])
    _, labeled, batch_y = batches(y).draw()
    assert len(labeled) == len(batch_y) == 16
    assert sorted(batch_y.tolist()) == [-1] * 8 + [1] * 8
    assert items_of(labeled).count(199) == 8


def test_labels_belong_to_their_images():
    y = labels(normal=[3, 5, 8], anomalous=[100, 150])
    (_, labeled), batch_y = draw_many(batches(y))
    assert batch_y == [y[item] for item in labeled]
    assert set(labeled) == {3, 5, 8, 100, 150}


def test_unlabeled_half_holds_the_unlabeled_and_reaches_them_all():
    y = labels(normal=range(50), anomalous=range(150, 200))
    (unlabeled, labeled), _ = draw_many(batches(y))
    assert set(unlabeled) == set(range(50, 150))
    assert set(labeled) == set(range(50)) | set(range(150, 200))


@pytest.mark.parametrize("side", [1, -1])
def test_one_side_alone_fills_the_labeled_half(side):
    y = labels()
    y[[4, 9]] = side
    _, labeled, batch_y = batches(y).draw()
    assert set(items_of(labeled)) == {4, 9}
    assert batch_y.tolist() == [side] * 16


def test_without_labels_the_labeled_half_is_empty():
    unlabeled, labeled, batch_y = batches(labels()).draw()
    assert (unlabeled.shape, labeled.shape, len(batch_y)) == ((32, 3, 3), (0, 3, 3), 0)


@pytest.mark.parametrize("jitter", [None, AffineJitter()])
def test_without_unlabeled_that_half_is_empty(jitter):
    unlabeled, labeled, batch_y = batches(labels(normal=[7], default=-1), jitter).draw()
    assert (len(unlabeled), len(labeled), len(batch_y)) == (0, 16, 16)


def test_pixels_are_scaled_to_between_0_and_1():
    unlabeled, _, _ = batches(labels()).draw()
    assert unlabeled.dtype == torch.float32
    assert 0 <= unlabeled.min() <= unlabeled.max() <= 199 / 255


class Darken(AffineJitter):
    """An augmentation that leaves a mark."""

    def __call__(self, x, generator):
        return x * 0 - 1


def test_only_labeled_images_are_augmented():
    unlabeled, labeled, _ = batches(labels(normal=[3], anomalous=[9]), Darken()).draw()
    assert unlabeled.min() >= 0
    assert (labeled == -1).all()


def test_each_draw_differs_and_the_seed_repeats_them():
    y = labels(normal=range(50), anomalous=range(150, 200))
    first, again, other = (draw_many(batches(y, seed=seed), 2) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    (unlabeled, _), _ = first
    assert unlabeled[:32] != unlabeled[32:]
