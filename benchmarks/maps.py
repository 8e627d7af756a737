"""How well maps of distances hit defects: AUROC by pixel, and maxima that lie in the mask.

`python -m benchmarks.maps --root tiles.zip --normal MT_Free --images "*.jpg" --masks .png` takes a
folder of images with a mask of the same name beside each that is defective. Models are fitted to
normal images alone, without any label.
"""

import argparse
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from anomaly_core.datasets.base import Images
from anomaly_core.datasets.reading import read_image
from anomaly_core.detectors.deep_svdd import DeepSVDD
from anomaly_core.detectors.fcdd.detector import FCDD
from anomaly_core.detectors.pretrained.detector import FeatureSVDD

Maps = np.ndarray  # (n, height, width)


def read(archive: zipfile.ZipFile, name: str, size: int) -> Images:
    """Read an image of an archive as grey, (size, size) uint8."""
    with archive.open(name) as file:
        grey: Images = read_image(file, (size, size)).mean(axis=2).round().astype(np.uint8)
    return grey


def occluded(images: Images, odd: Images, seed: int) -> Maps:
    """How much nearer Deep SVDD, taught by the pool, finds an image without each place of it."""
    return DeepSVDD(seed=seed).fit(images).explain(odd)


def unlike_reconstructions(images: Images, odd: Images, seed: int) -> Maps:
    """What its autoencoder does not give back, which tells nothing of the distance."""
    return np.abs(odd / 255 - DeepSVDD(seed=seed).fit(images).reconstruct(odd))


def on_features(images: Images, odd: Images, seed: int) -> Maps:
    """Distances of the surroundings of each pixel, on the drawn backbone."""
    return FeatureSVDD(seed=seed).fit(images).explain(odd)


def fully_convolutional(images: Images, odd: Images, seed: int) -> Maps:
    """The distances of FCDD."""
    return FCDD(seed=seed).fit(images).explain(odd)


WAYS: dict[str, Callable[[Images, Images, int], Maps]] = {
    "occlusion, Deep SVDD": occluded,
    "image - reconstruction": unlike_reconstructions,
    "places, drawn features": on_features,
    "places, FCDD": fully_convolutional,
}


def main() -> None:
    """Fit each way's model, and print how well its maps hit the masks."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.maps", description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="zip archive")
    parser.add_argument("--normal", required=True, help="folder of the normal images")
    parser.add_argument("--images", default=".jpg", help="ending of the images")
    parser.add_argument("--masks", default=".png", help="ending of the masks")
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with zipfile.ZipFile(options.root) as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(options.images))
        normal = [name for name in names if f"{options.normal}/" in name]
        odd = [name for name in names if name not in set(normal)]
        pool, images = (
            np.stack([read(archive, name, options.size) for name in part]) for part in (normal, odd)
        )
        masks = np.stack(
            [
                read(archive, name.removesuffix(options.images) + options.masks, options.size)
                for name in odd
            ]
        )
    marked = masks > 127
    print(f"{len(pool)} normal images, {len(images)} with a mask, seed {options.seed}")
    for name, way in WAYS.items():
        began = time.perf_counter()
        maps = way(pool, images, options.seed)
        seconds = time.perf_counter() - began
        by_pixel = roc_auc_score(marked.ravel(), maps.ravel())
        first = maps.reshape(len(maps), -1).argmax(axis=1)
        hit = marked.reshape(len(maps), -1)[np.arange(len(maps)), first].mean()
        chance = marked.mean()
        print(
            f"{name:<24} AUROC by pixel {by_pixel:.3f}  maxima in the mask {hit:.1%} "
            f"(by chance {chance:.1%})  {seconds:.0f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
