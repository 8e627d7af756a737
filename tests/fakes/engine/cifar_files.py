"""CIFAR-10 in the layout that torchvision unpacks, with a few images made in a test."""

import hashlib
import pickle
from pathlib import Path

import numpy as np
import pytest
from torchvision.datasets import CIFAR10

NAMES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


def write_batches(root: Path, count: int, patch: pytest.MonkeyPatch) -> Path:
    """Write `count` images a batch, and have torchvision take them for the published ones."""
    rng, folder = np.random.default_rng(0), root / CIFAR10.base_folder
    folder.mkdir(parents=True)
    for parts in ("train_list", "test_list"):
        written = []
        for name, _ in getattr(CIFAR10, parts):
            labels = rng.permutation(np.arange(count) % len(NAMES))
            images = rng.integers(0, 80, (count, 3, 32, 32), np.uint8)
            images[np.arange(count), labels % 3] += (100 + 10 * labels[:, None, None]).astype("u1")
            batch = {"data": images.reshape(count, -1), "labels": labels.tolist()}
            written.append([name, dumped(folder / name, batch)])
        patch.setattr(CIFAR10, parts, written)
    meta = {
        **CIFAR10.meta,
        "md5": dumped(folder / CIFAR10.meta["filename"], {"label_names": NAMES}),
    }
    patch.setattr(CIFAR10, "meta", meta)
    return root


def dumped(file: Path, content: object) -> str:
    """Write a pickle, and return its MD5, by which torchvision knows it."""
    data = pickle.dumps(content)
    file.write_bytes(data)
    return hashlib.md5(data).hexdigest()
