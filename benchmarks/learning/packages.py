"""Writes sets of images that ordinary packages ship, one folder a class, for `--dataset folder`.

    python -m benchmarks.learning.packages FOLDER

`faces`: 100 faces and 100 other cut-outs, 25 x 25, grey; `textures`: brick, grass and gravel, cut
into 32 x 32 that nowhere overlap, grey (both scikit-image); `digits`: 8 x 8 (scikit-learn).
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from anomaly_core.datasets.base import Images

CUT = 32  # pixels a side of a piece of a texture
FACES = 100  # the first of the images that scikit-image ships


def faces() -> Iterator[tuple[str, Images]]:
    """Faces, then what is none, (100, 25, 25) each."""
    from skimage import data

    pixels = (data.lfw_subset() * 255).round().astype(np.uint8)  # type: ignore[no-untyped-call]
    yield "face", pixels[:FACES]
    yield "other", pixels[FACES:]


def textures() -> Iterator[tuple[str, Images]]:
    """Pieces of three photographs of 512 x 512 each, (256, 32, 32)."""
    from skimage import data

    for name in ("brick", "grass", "gravel"):
        photograph = getattr(data, name)()
        rows = [np.hsplit(row, row.shape[1] // CUT) for row in np.vsplit(photograph, 512 // CUT)]
        yield name, np.concatenate([np.stack(row) for row in rows])


def digits() -> Iterator[tuple[str, Images]]:
    """Handwritten digits of 8 x 8."""
    from sklearn.datasets import load_digits

    found = load_digits()
    pixels = (found.images * (255 / 16)).round().astype(np.uint8)
    for digit in range(10):
        yield str(digit), pixels[found.target == digit]


def main() -> int:
    """Write every set into the folder that is named."""
    for make in (faces, textures, digits):
        for name, images in make():
            folder = Path(sys.argv[1]) / make.__name__ / name
            folder.mkdir(parents=True, exist_ok=True)
            for number, image in enumerate(images):
                Image.fromarray(image).save(folder / f"{number:04}.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
