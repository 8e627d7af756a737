"""The answer: verdict, place, and what the model makes of the image."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from anomaly_core.datasets.base import Images
from anomaly_core.threshold.rules import to_radius
from pages.components import images, theme
from pages.components.tryout.ring import ring_figure
from state.explore.tried import Trial
from state.files.gallery import Gallery
from state.store.history import LabeledItems

LARGE, SMALL, GAP = 132, 56, 12  # CSS pixels
ORANGE, BLUE, BLACK = np.array([224, 112, 10]), np.array([47, 116, 208]), np.array([16, 16, 16])

AROUND = "The images of the pool around the center; beyond the dashed line they are flagged."
SIGNS = "orange: the image is brighter; blue: darker"


def waiting_for_an_image(gallery: Gallery, threshold: float) -> None:
    """Show the sphere, the threshold and the pool, before there is an image."""
    st.html(
        verdict("", "Nothing tried yet", "Give an image: where it falls appears here.")
        + ring_figure(gallery, to_radius(threshold), AROUND)
    )


def answer(trial: Trial, labels: LabeledItems) -> None:
    """Say at a glance whether an image is odd, and show why."""
    st.html(
        f'<div role="status">{spoken(trial)}</div>'
        + images.row(
            [ring_figure(trial.gallery, trial.limit, place(trial), trial), pictures(trial)]
        )
    )
    st.caption(
        f"{'✕' if trial.odd else '●'} this image; grey: images of the pool; circle: the sphere "
        "with radius R; dashed: the threshold. How far out it lies is true up to R and drawn "
        "shorter beyond; it lies beside the image that is most like it."
    )
    likest(trial, labels)


def spoken(trial: Trial) -> str:
    """The verdict in words."""
    model = trial.gallery.model
    sentence = (
        f"It is farther from the center of what is normal than <b>{trial.percentile:.1f} %</b> of "
        f'the pool, {how_far(trial.distance, trial.limit)} the threshold.<br><span style="opacity:'
        f'0.8">Its distance is {trial.distance:.3f}, the threshold lies at {trial.limit:.3f}; '
        f"squared, that is a score of {trial.scored.score:.4g} and a threshold of "
        f"{trial.threshold:.4g} (model {model.version}).</span>"
    )
    if trial.odd:
        return verdict("✕", "Flagged: beyond the threshold", sentence, theme.ANOMALOUS)
    return verdict("●", "Passed: within the threshold", sentence, theme.NORMAL)


def how_far(distance: float, limit: float) -> str:
    """Which side of a limit a distance from the center lies on, and whether clearly so."""
    sides = ((0.5, "well inside"), (0.9, "inside"), (1.0, "just inside"))
    beyond = ((1.1, "just outside"), (2.0, "outside"))
    words = (word for most, word in (*sides, *beyond) if distance <= most * limit)
    return next(words, "far outside")


def verdict(sign: str, words: str, sentence: str, colour: str = "inherit") -> str:
    """A few large words and a sentence below."""
    return (
        '<div style="font-size:1.7rem;font-weight:650;line-height:1.25">'
        f'<span aria-hidden="true" style="color:{colour}">{sign}</span> {words}</div>'
        f'<div style="margin:4px 0 14px;line-height:1.5">{sentence}</div>'
    )


def place(trial: Trial) -> str:
    """What the picture of the sphere shows, for who cannot see it."""
    side = how_far(trial.distance, trial.gallery.R)
    return f"This image lies {side} the sphere, with the images of the pool around it."


def pictures(trial: Trial) -> str:
    """The image as the model sees it, and its reconstruction, if any, and where the two differ."""
    shown = [(trial.image, "What the model sees", "The image as the model sees it", "")]
    made, difference = trial.scored.reconstruction, trial.difference
    if made is not None and difference is not None:
        shown += [
            (made, "Reconstruction", "Its reconstruction", images.BY_WHOM),
            (coloured(difference), "Difference", f"Where the two differ, {SIGNS}", SIGNS),
        ]
    inner = [images.figure(pixels, LARGE, name, alt, note) for pixels, name, alt, note in shown]
    return f'<div style="flex:1 1 {2 * LARGE + GAP}px">{images.row(inner, GAP)}</div>'


def coloured(difference: NDArray[np.float64]) -> Images:
    """Colour a difference (height, width) from -1 to 1; returns (height, width, 3)."""
    share = np.abs(difference)[..., None]
    hue = np.where(difference[..., None] > 0, ORANGE, BLUE)
    pixels: Images = (BLACK + share * (hue - BLACK)).round().astype(np.uint8)
    return pixels


def likest(trial: Trial, labels: LabeledItems) -> None:
    """Show the labeled items most like it."""
    pool = trial.gallery.pictures
    found = [
        images.figure(pool[item], SMALL, word, f"Item {item}, labeled {word}")
        for word, items in zip(("normal", "anomalous"), trial.neighbors(labels), strict=True)
        for item in items
    ]
    if found:
        st.caption("The labeled images most like it")
        st.html(images.row(found, gap=22))
