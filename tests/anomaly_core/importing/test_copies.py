"""Copies of images are found, exact and near ones, also across splits."""

from dataclasses import replace

import numpy as np
import pytest
from image_files import png
from PIL import Image
from sklearn.datasets import load_sample_images

from anomaly_core.importing.base import ImageEntry
from anomaly_core.importing.copies import across_splits, exact_copies, near_copies
from anomaly_core.importing.examining import Examined, decode, examine


def examined(data: bytes) -> Examined:
    return examine(decode(data), data)


@pytest.fixture(scope="module")
def photographs() -> list[Examined]:
    """China, a flower, China as a JPEG, China made smaller, the flower again, China mirrored."""
    china, flower = load_sample_images().images
    small = np.asarray(Image.fromarray(china).resize((320, 214)))
    files = [png(china), png(flower), png(china, format="JPEG"), png(small), png(flower)]
    return [examined(file) for file in [*files, png(china[:, ::-1])]]


def test_equal_files_are_exact_copies(photographs):
    assert exact_copies(photographs) == [[1, 4]]
    assert exact_copies([]) == []


def test_other_files_of_the_same_picture_are_near_copies(photographs):
    assert near_copies(photographs) == [[0, 2, 3]]
    assert near_copies([]) == []


def seen(n: int, **changes) -> Examined:
    return replace(Examined(64, 64, False, str(n), 99, 0.5, 0.2, 100.0), **changes)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, [[0, 1]]),
        ({"perceptual": 98}, [[0, 1]]),
        ({"brightness": 0.54}, [[0, 1]]),
        ({"brightness": 0.56}, []),
        ({"spread": 0.26}, []),
        ({"spread": 0.0}, []),
        ({"width": 90}, []),
        ({"width": 128, "height": 128}, [[0, 1]]),
        ({"width": 31, "height": 31}, []),
        ({"width": 32, "height": 32}, [[0, 1]]),
        ({"sha256": "0"}, []),
    ],
)
def test_near_copies_have_the_same_light_and_shape(changes, found):
    assert near_copies([seen(0), seen(1, **changes)]) == found


def test_rows_are_those_of_all_images_where_some_are_left_out():
    flat = seen(7, spread=0.0)
    assert near_copies([flat, seen(0), flat, seen(0), seen(1)]) == [[1, 4]]


def test_pairs_across_splits_are_named_once_each_two_splits():
    splits = ["train", "train", "test", "test", None, "val"]
    entries = [ImageEntry(f"{n}.png", split=split) for n, split in enumerate(splits)]
    assert across_splits(entries, [[0, 1], [2, 3], [4, 5]]) == []
    assert across_splits(entries, [[2, 5, 4], [0, 1, 2, 3]]) == [[0, 2], [2, 5]]
    assert across_splits(entries, []) == []
