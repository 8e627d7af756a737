"""Image files in folders and archives."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

Tree = Mapping[str, bytes]  # by relative path


def png(pixels: Any, mode: str | None = None, **options: Any) -> bytes:
    """The bytes of a PNG, or of the `format` that the options name."""
    image = Image.fromarray(np.asarray(pixels))
    file = io.BytesIO()
    (image.convert(mode) if mode else image).save(file, **{"format": "PNG", **options})
    return file.getvalue()


def tree_of(arrays: Sequence[Any], names: Sequence[str]) -> Tree:
    """Files of images, labels, test images and test labels, by split and class."""
    tree = {}
    for split, images, labels in (("train/", *arrays[:2]), ("test/", *arrays[2:])):
        for row, label in enumerate([] if labels is None else labels):
            above = "" if arrays[2] is None else split
            tree[f"{above}{names[label]}/{row:04}.png"] = png(images[row])
    return tree


def write_tree(root: Path, tree: Tree) -> Path:
    """Write the files below a folder."""
    for path, content in tree.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    return root


def write_zip(path: Path, tree: Tree) -> Path:
    """Write the files to an archive."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in tree.items():
            archive.writestr(name, content)
    return path
