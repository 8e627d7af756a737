"""Patches: closed outlines with a colour, a roundness and a material, drawn one over another.

All of them are painted at once: each pixel knows the number of its patch and looks up the rest.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from anomaly_core.networks.drawn.pictures.fields import Field, Picture, grid

Contour = NDArray[np.float64]  # (corners, 2): x and y, between 0 and 1 within the image
FINER = 2  # times as fine as the image outlines are drawn
ROUND = np.linspace(0, 2 * np.pi, 11)[:-1]
CIRCLE = np.stack([np.cos(ROUND), np.sin(ROUND)], 1)  # (10, 2), about 0


@dataclass(frozen=True)
class Patch:
    """One outline and what it is made of.

    `turn` is the direction of its length in radians; `round_along` and `round_across` say how far
    it bulges, from 0 (flat) to 1 (a cylinder, or a ball where both are 1); `rough` is how much of
    the material's texture shows.
    """

    outline: Contour
    color: NDArray[np.float32]  # (3,)
    turn: float = 0.0
    round_along: float = 0.0
    round_across: float = 0.0
    rough: float = 0.0


@dataclass(frozen=True)
class Light:
    """Where light comes from, and how much shines back as a highlight."""

    direction: NDArray[np.float32]  # (3,), of length 1
    ambient: float
    gloss: float


def light(rng: np.random.Generator) -> Light:
    """Draw a light from above in front, mostly soft and seldom shining."""
    direction = np.array([rng.normal(0, 0.5), rng.normal(-0.5, 0.4), 1.0])
    direction /= np.linalg.norm(direction)
    gloss = rng.uniform(0.1, 0.8) if rng.random() < 0.4 else 0.0
    return Light(direction.astype(np.float32), rng.uniform(0.3, 0.8), gloss)


def _frames(patches: list[Patch], lamp: Light) -> NDArray[np.float32]:
    """What shading looks up of each patch: (10, count + 1), the first column of no patch.

    Rows: the middle along and across (in half extents), the two axes (by half extents), the two
    bulges, the light along and across.
    """
    lengths = [len(patch.outline) for patch in patches]
    corners = np.concatenate([patch.outline for patch in patches]).T  # (2, all corners)
    turns = np.array([patch.turn for patch in patches])
    bulges = np.array([(patch.round_along, patch.round_across) for patch in patches]).T
    c, s = np.cos(turns), np.sin(turns)
    cs, ss = np.repeat(c, lengths), np.repeat(s, lengths)
    own = np.stack([cs * corners[0] + ss * corners[1], cs * corners[1] - ss * corners[0]])
    starts = np.cumsum([0, *lengths[:-1]])
    low, high = np.minimum.reduceat(own, starts, 1), np.maximum.reduceat(own, starts, 1)
    half = np.maximum((high - low) / 2, 1e-3)
    lx, ly, _ = lamp.direction
    frames = np.zeros((10, len(patches) + 1), np.float32)
    frames[:2, 1:] = (low + high) / 2 / half
    frames[2:6, 1:] = c / half[0], s / half[0], -s / half[1], c / half[1]
    frames[6:, 1:] = *bulges, c * lx + s * ly, c * ly - s * lx
    return frames


def numbered(patches: list[Patch], side: int) -> NDArray[np.int32]:
    """The number of the uppermost patch, from 1, at every place of a (side, side) sheet."""
    sheet = Image.new("I", (side, side), 0)
    pen = ImageDraw.Draw(sheet)
    for number, patch in enumerate(patches, 1):
        pen.polygon((patch.outline * side).ravel().tolist(), fill=number)
    return np.asarray(sheet)


def _shade(numbers: NDArray[np.int32], patches: list[Patch], lamp: Light) -> tuple[Field, Field]:
    """How bright each place is, about 1, and how much it shines, 0 to 1."""
    x, y = grid(len(numbers))
    rows = _frames(patches, lamp)
    mu, mv, ux, uy, vx, vy, along, across, lu, lv = (row.take(numbers) for row in rows)
    lz = lamp.direction[2]
    nu = np.clip(ux * x + uy * y - mu, -1, 1) * along
    nv = np.clip(vx * x + vy * y - mv, -1, 1) * across
    nz = np.sqrt(np.maximum(1 - nu * nu - nv * nv, np.float32(0.02)))
    lit = np.maximum(nu * lu + nv * lv + nz * lz, 0)
    bright: Field = np.float32(lamp.ambient) + np.float32((1 - lamp.ambient) / lz) * lit
    if not lamp.gloss:
        return bright, np.zeros_like(bright)
    fourth = lit * lit * lit * lit
    shine: Field = np.float32(lamp.gloss) * fourth * fourth * ((along + across) > 0)
    return bright, shine


def paint(
    patches: list[Patch], ground: Picture, lamp: Light | None, texture: Field | None = None
) -> Picture:
    """Paint patches, the last uppermost, over a ground (side, side, 3).

    Without a lamp all is flat. `texture` (side, side), about 0, darkens and lightens what is rough.
    """
    side = len(ground)
    if not patches:
        return ground
    numbers = numbered(patches, FINER * side)
    ink, cover = _inked(numbers, patches)
    coarse = numbers[::FINER, ::FINER]  # light changes slowly: it is enough to know it here
    if lamp is not None:
        bright, shine = _shade(coarse, patches, lamp)
        ink = ink * bright[..., None] + (shine * cover)[..., None]
    if texture is not None:
        rough = np.array([0.0, *(patch.rough for patch in patches)], np.float32)
        ink = ink * (1 + rough.take(coarse) * texture)[..., None]
    painted: Picture = np.clip(ink + (1 - cover)[..., None] * ground, 0, 1)
    return painted


def _inked(numbers: NDArray[np.int32], patches: list[Patch]) -> tuple[Picture, Field]:
    """The colours, black where there is no patch, and how much is covered, at the image's size."""
    own = np.zeros((len(patches) + 1, 4), np.uint8)
    own[1:, :3] = np.clip([patch.color for patch in patches], 0, 1) * np.float32(255)
    own[1:, 3] = 255
    fine = own.view(np.uint32)[:, 0].take(numbers)  # four bytes at once
    image = Image.frombuffer("RGBX", fine.shape, fine.tobytes(), "raw", "RGBX", 0, 1)
    mean = np.asarray(image.reduce(FINER), np.float32) * np.float32(1 / 255)
    return mean[..., :3], mean[..., 3]


def stroke(points: Contour, widths: NDArray[np.float64]) -> list[Contour]:
    """Outlines that together are a stroke through points (n, 2) of varying width (n,)."""
    step = np.gradient(points, axis=0)
    step /= np.hypot(step[:, :1], step[:, 1:]) + 1e-9
    normal = np.stack([-step[:, 1], step[:, 0]], 1) * widths[:, None] / 2
    ends = [points[end] + CIRCLE * widths[end] / 2 for end in (0, -1)]
    return [np.concatenate([points + normal, (points - normal)[::-1]]), *ends]
