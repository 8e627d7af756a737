"""What happens to a picture on its way through a camera: light, shadow, blur, noise, JPEG, tone.

Each is a function of a picture (side, side, 3) between 0 and 1 and a generator, and returns
another one; the picture it is given stays as it is.
"""

from collections.abc import Callable
from io import BytesIO

import numpy as np
from PIL import Image, ImageFilter

from anomaly_core.networks.drawn.pictures import shapes
from anomaly_core.networks.drawn.pictures.fields import Picture, cloud, leveled, smooth, turned
from anomaly_core.networks.drawn.pictures.palettes import palette
from anomaly_core.networks.drawn.pictures.patches import Patch, light, paint

Operation = Callable[[Picture, np.random.Generator], Picture]

LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601


def _image(picture: Picture) -> Image.Image:
    return Image.fromarray((np.clip(picture, 0, 1) * np.float32(255)).astype(np.uint8))


def _picture(image: Image.Image) -> Picture:
    return np.asarray(image, np.float32) / np.float32(255)


def blurred(picture: Picture, rng: np.random.Generator) -> Picture:
    """Out of focus by up to a 60th of the side."""
    radius = rng.uniform(0.3, max(0.6, len(picture) / 60))
    return _picture(_image(picture).filter(ImageFilter.GaussianBlur(radius)))


def compressed(picture: Picture, rng: np.random.Generator) -> Picture:
    """Saved as JPEG of a quality between 15 and 90."""
    memory = BytesIO()
    _image(picture).save(memory, "JPEG", quality=int(rng.integers(15, 90)))
    with Image.open(memory) as read:
        return _picture(read.convert("RGB"))


def noisy(picture: Picture, rng: np.random.Generator) -> Picture:
    """The noise of a sensor, of one channel or of all, some of it growing with the light."""
    channels = 3 if rng.random() < 0.5 else 1
    noise = rng.standard_normal((*picture.shape[:2], channels), dtype=np.float32)
    strength = np.float32(min(0.15, rng.exponential(0.03)))
    if rng.random() < 0.5:
        return picture + strength * np.sqrt(np.clip(picture, 0, 1)) * noise
    return picture + strength * noise


def lit(picture: Picture, rng: np.random.Generator) -> Picture:
    """Brighter to one side, or darker towards the corners."""
    u, v = turned(len(picture), rng.uniform(0, 2 * np.pi))
    if rng.random() < 0.6:
        change = np.float32(rng.uniform(0.1, 0.7)) * u
    else:
        change = np.float32(-rng.uniform(0.2, 1.0)) * (u * u + v * v)
    return picture * (1 + change)[..., None]


def shadowed(picture: Picture, rng: np.random.Generator) -> Picture:
    """A shadow with an edge falls on it."""
    side = len(picture)
    u, _ = turned(side, rng.uniform(0, 2 * np.pi))
    edge = u + np.float32(rng.uniform(0, 0.08)) * smooth(rng, side, int(rng.integers(3, 7)))
    hard = np.float32(np.exp(rng.uniform(1, 4)))
    amount = np.clip(hard * (edge - np.float32(rng.uniform(-0.2, 0.3))) + np.float32(0.5), 0, 1)
    dark = np.float32(rng.uniform(0.2, 0.65))
    shaded: Picture = picture * (1 - dark * amount)[..., None]
    return shaded


def occluded(picture: Picture, rng: np.random.Generator) -> Picture:
    """Bars, spots or shapes stand in front of it."""
    patches = []
    for color in palette(rng, int(rng.integers(1, 4))):
        x, y, size = rng.random(), rng.random(), rng.uniform(0.08, 0.4)
        outline = (
            shapes.turned(shapes.box(0, 0, 1.6, size / 3), rng.uniform(0, np.pi))
            + np.array((x, y)),
            shapes.blob(rng, x, y, size, 0.2),
            shapes.box(x, y, size, size * rng.uniform(0.3, 1.5)),
        )[rng.integers(3)]
        patches.append(Patch(outline, color, round_across=rng.choice([0, 0.8])))
    return paint(patches, picture, light(rng))


def toned(picture: Picture, rng: np.random.Generator) -> Picture:
    """Another gamma, contrast and brightness."""
    gamma = np.float32(np.exp(rng.normal(0, 0.3)))
    contrast, shift = np.float32(rng.uniform(0.6, 1.5)), np.float32(rng.normal(0, 0.06))
    lighter = np.clip(picture, 0, 1) ** gamma
    return (lighter - np.float32(0.5)) * contrast + np.float32(0.5) + shift


def inverted(picture: Picture, _: np.random.Generator) -> Picture:
    """The negative."""
    return 1 - picture


def grey(picture: Picture, _: np.random.Generator) -> Picture:
    """The brightness of each place, as all three channels."""
    return np.repeat((picture @ LUMA)[..., None], 3, 2)


def faded(picture: Picture, rng: np.random.Generator) -> Picture:
    """Closer to grey, and tinted by the colour of the light."""
    own = grey(picture, rng)
    tint = np.exp(rng.normal(0, 0.08, 3)).astype(np.float32)
    return (own + np.float32(rng.uniform(0.1, 0.8)) * (picture - own)) * tint


def coarse(picture: Picture, rng: np.random.Generator) -> Picture:
    """Enlarged from fewer pixels, as small photographs are."""
    side = len(picture)
    small = max(8, int(side * rng.uniform(0.25, 0.7)))
    image = _image(picture).resize((small, small), Image.Resampling.BOX)
    kind = Image.Resampling.BILINEAR if rng.random() < 0.5 else Image.Resampling.BICUBIC
    return _picture(image.resize((side, side), kind))


def blended(picture: Picture, other: Picture, rng: np.random.Generator) -> Picture:
    """Two pictures: one shines through the other, or they meet along an uneven border."""
    side = len(picture)
    if rng.random() < 0.4:
        return picture + np.float32(rng.uniform(0.2, 0.5)) * (other - picture)
    hard = rng.uniform(3, 25)
    amount = leveled(cloud(rng, side, rng.uniform(1.5, 3)), contrast=hard)
    return picture + amount[..., None] * (other - picture)


CAMERA: dict[Operation, float] = {  # how likely each is to be drawn, beside the others
    blurred: 1.0,
    compressed: 1.0,
    noisy: 1.5,
    lit: 1.2,
    toned: 1.2,
    faded: 1.0,
    coarse: 0.8,
}
SCENE: dict[Operation, float] = {occluded: 0.7, shadowed: 0.8, inverted: 0.4}
