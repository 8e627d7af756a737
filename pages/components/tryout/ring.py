"""Where an image falls: the sphere with the pool around its center, as one picture."""

import base64
import html

import numpy as np
from numpy.typing import NDArray

from anomaly_core.projection import RadialScale, to_plane
from pages.components import theme
from state.explore.tried import Trial, ring
from state.files.gallery import Gallery

SIDE = 280  # CSS pixels
TALL = 16  # CSS pixels that a name takes above its circle
ROOM = 10  # beyond the frame, for the mark and the letters
WAYS = ((1, 0), (0, 1), (-1, 0), (0, -1))


def ring_figure(gallery: Gallery, limit: float, alt: str, trial: Trial | None = None) -> str:
    """Return the HTML of the picture; distances are drawn as on every map.

    Beyond the distance `limit`, images are flagged.
    """
    located = ring(gallery)
    tried = (trial.distance,) if trial else ()
    reach = max(gallery.R, limit, float(located[:, 0].max()), *tried)
    scale = RadialScale(gallery.R, reach)
    flagged, sphere = pixels(scale, limit), pixels(scale, gallery.R)
    within = 0 <= flagged - sphere < TALL  # where there is no room above
    parts = [
        dots(located, scale),
        circle(sphere, "") + name("R", 13 - sphere if within else -sphere - 4),
        circle(flagged, 'stroke-dasharray="6 4"')
        + name("flagged beyond", max(flagged, sphere) + 12),
    ]
    if trial is not None:
        parts.append(mark(trial, scale))
    half = SIDE / 2 + ROOM
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-half} {-half} {2 * half} {2 * half}">'
        f'<path d="M-5 0h10M0 -5v10" stroke="{theme.ink()}" stroke-width="1.5"/>'
        f"{''.join(parts)}</svg>"
    )
    source = base64.b64encode(drawing.encode()).decode()
    return (
        f'<img src="data:image/svg+xml;base64,{source}" alt="{html.escape(alt, quote=True)}" '
        f'style="width:{SIDE}px;max-width:100%;aspect-ratio:1;display:block">'
    )


def pixels(scale: RadialScale, distance: float) -> float:
    """How far from the middle a distance is drawn."""
    return float(scale.at(distance)) * SIDE / 2


def dots(located: NDArray[np.float32], scale: RadialScale) -> str:
    """The items, as one path of points."""
    places = scale.places(located) * (SIDE / 2, -SIDE / 2)
    path = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in places)
    return (
        f'<path d="{path}" fill="none" stroke="{theme.UNLABELED}" stroke-opacity="0.75" '
        'stroke-width="3" stroke-linecap="round"/>'
    )


def circle(radius: float, dash: str) -> str:
    """A circle around the center."""
    look = f'fill="none" stroke="{theme.ink()}" stroke-width="1.8" {dash}'
    return f'<circle r="{radius:.1f}" {look}/>'


def name(words: str, y: float) -> str:
    """What a circle is called, above or below the center."""
    return (
        f'<text y="{y:.1f}" text-anchor="middle" font-size="12" '
        f'font-family="sans-serif" fill="{theme.ink()}">{words}</text>'
    )


def mark(trial: Trial, scale: RadialScale) -> str:
    """The image that was tried: a cross where it is odd, else a disc; strokes point at it."""
    x, y = to_plane(pixels(scale, trial.distance), trial.angle) * (1, -1)
    halo = "stroke-linecap='round' fill='none'"
    strokes = "".join(
        f"M{x + 13 * right:.1f} {y + 13 * down:.1f}l{8 * right} {8 * down}" for right, down in WAYS
    )
    pointer = f'<path d="{strokes}" stroke="{theme.ink()}" stroke-width="2.5" {halo}/>'
    if not trial.odd:
        return pointer + (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="7.5" fill="{theme.NORMAL}" '
            'stroke="#fff" stroke-width="2"/>'
        )
    path = f"M{x - 6:.1f} {y - 6:.1f}l12 12m0 -12l-12 12"
    return pointer + (
        f'<path d="{path}" stroke="#fff" stroke-width="7" {halo}/>'
        f'<path d="{path}" stroke="{theme.ANOMALOUS}" stroke-width="4" {halo}/>'
    )
