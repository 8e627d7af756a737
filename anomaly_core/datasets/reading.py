"""Image files read the same way everywhere: upright, in one range, resized by one filter."""

import io
from typing import IO, TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps

from anomaly_core.datasets.base import Images

if TYPE_CHECKING:
    from torch import Tensor

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp")
DEEP = {"I;16", "I;16B", "I;16L", "I;16N", "I"}  # Pillow's modes of 16 bits
BAND = 4_000_000  # pixels that are copied at once
BACKGROUND = 0  # black, behind what is transparent
ORIENTATION = 0x0112  # the tag of EXIF that says how the camera was held, 1 upright
UPRIGHT = 1
TELLING = {"exif", "xmp"}  # what in a JPEG file may say it


def read_image(file: IO[bytes], size: tuple[int, int]) -> Images:
    """Read the first frame of an image file as (height, width, 3) uint8 of `size`.

    Turned as its EXIF says; 16 bits are mapped from their whole range, so that images of one
    camera stay comparable. Raises OSError or ValueError for what is no image.
    """
    with Image.open(file) as image:
        made, _ = upright(image)
    return resize(in_colour(values_of(made)), size)


def upright(image: Image.Image) -> tuple[Image.Image, tuple[str, ...]]:
    """Return an opened file as "L", where it is grey, or "RGB", and what was done to get that.

    It is turned as a person would see it. What is transparent lies on black; print colours go
    through the file's own profile where it has a sound one. Raises whatever Pillow raises for a
    file that is damaged.
    """
    if image.format == "JPEG" and image.mode in ("L", "RGB") and not TELLING & image.info.keys():
        image.load()  # nearly all
        return image, ()
    notes = []
    if image.mode in DEEP or any(";16" in str(tile) for tile in getattr(image, "tile", ())):
        notes.append("16 bits, made 8")
    if orientation_of(image) in range(2, 9):
        image = ImageOps.exif_transpose(image)
        notes.append("turned upright")
    if image.mode in DEEP:
        return Image.fromarray(high_byte(np.asarray(image))), tuple(notes)
    if image.has_transparency_data:
        layers = image.convert("RGBA")
        if np.asarray(layers.getchannel("A")).min() < 255:
            notes.append("transparent parts lie on black")
        behind = Image.new("RGBA", layers.size, (BACKGROUND,) * 3 + (255,))
        image = Image.alpha_composite(behind, layers)
    elif image.mode == "CMYK":
        image = from_print(image)
        notes.append("converted from CMYK")
    image.load()
    mode = "L" if image.mode in ("1", "L") else "RGB"
    return image if image.mode == mode else image.convert(mode), tuple(notes)


def orientation_of(image: Image.Image) -> int:
    """How the camera was held, 1 to 8, as EXIF counts."""
    if image.format == "JPEG" and not TELLING & image.info.keys():  # nearly all
        return UPRIGHT
    return int(image.getexif().get(ORIENTATION, UPRIGHT))


def values_of(image: Image.Image) -> Images:
    """The values of an image of 8 bits a channel; a large one is copied in bands, to hold less."""
    width, height = image.size
    if width * height <= BAND:
        return np.asarray(image)
    values = np.empty((height, width, *([3] if image.mode == "RGB" else [])), np.uint8)
    step = max(1, BAND // width)
    for top in range(0, height, step):
        bottom = min(top + step, height)
        values[top:bottom] = np.asarray(image.crop((0, top, width, bottom)))
    return values


def high_byte(deep: NDArray[np.generic]) -> Images:
    """Return the upper 8 of 16 bits: one range for all, so that images stay comparable."""
    return (deep.astype(np.int64).clip(0, 65_535) >> 8).astype(np.uint8)


def from_print(image: Image.Image) -> Image.Image:
    """Turn cyan, magenta, yellow and black into red, green and blue, by the profile if any."""
    profile = image.info.get("icc_profile")
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            made = ImageCms.profileToProfile(
                image, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            return made or image.convert("RGB")
        except (ImageCms.PyCMSError, OSError):  # a profile that is damaged, or of other colours
            pass
    return image.convert("RGB")


def in_colour(pixels: Images) -> Images:
    """Return (height, width, 3), whether there were colours or not."""
    return pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)


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
