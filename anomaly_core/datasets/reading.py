"""Image files read the same way everywhere: upright, in one range, resized by one filter."""

from typing import IO, TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from anomaly_core.datasets.base import Images

if TYPE_CHECKING:
    from torch import Tensor

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp")
DEEP = {"I;16", "I;16B", "I;16L", "I;16N", "I"}  # Pillow's modes of 16 bits
BACKGROUND = 0  # black, behind what is transparent


def read_image(file: IO[bytes], size: tuple[int, int]) -> Images:
    """Read the first frame of an image file as (height, width, 3) uint8 of `size`.

    Turned as its EXIF says; 16 bits are mapped from their whole range, so that images of one
    camera stay comparable. Raises OSError or ValueError for what is no image.
    """
    with Image.open(file) as image:
        upright = ImageOps.exif_transpose(image)
        return resize(to_rgb(upright), size)


def to_rgb(image: Image.Image) -> Images:
    """Return the pixels as (height, width, 3) uint8; what is transparent lies on black."""
    if image.mode in DEEP:
        grey = (np.asarray(image).astype(np.uint32).clip(0, 65_535) >> 8).astype(np.uint8)
        return np.repeat(grey[..., None], 3, axis=2)
    if image.has_transparency_data:
        layers = image.convert("RGBA")
        behind = Image.new("RGBA", layers.size, (BACKGROUND,) * 3 + (255,))
        image = Image.alpha_composite(behind, layers)
    return np.asarray(image.convert("RGB"))


def resize(pixels: Images, size: tuple[int, int]) -> Images:
    """Scale (height, width[, channels]) uint8 to `size` (height, width), bilinear, antialiased."""
    if pixels.shape[:2] == size:
        return pixels
    import torch  # here, for pages only look at the names of files

    planes = np.atleast_3d(pixels).transpose(2, 0, 1)
    x = torch.from_numpy(np.ascontiguousarray(planes))[None].float()
    scaled = resize_tensor(x, size)[0]
    back: NDArray[np.uint8] = scaled.round().clamp(0, 255).byte().permute(1, 2, 0).numpy()
    return back if pixels.ndim == 3 else back[..., 0]


def resize_tensor(x: "Tensor", size: tuple[int, int]) -> "Tensor":
    """Scale (n, channels, height, width) float to `size`, as `resize` does, in any range."""
    from torch.nn import functional as F

    return F.interpolate(x, size, mode="bilinear", antialias=True, align_corners=False)
