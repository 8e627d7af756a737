"""What each contestant makes of the same images: one sprite a contestant."""

import html

import numpy as np
import streamlit as st

from anomaly_core.datasets.base import Images
from state.files.pictures import data_uri
from state.quality.comparison import Comparison

GAP = 1  # pixels of the images between two
WIDEST = 900  # CSS pixels of a row


def reconstructions(comparison: Comparison) -> None:
    """Show the originals, and below them what each contestant makes of them."""
    shown, made = comparison.shown, [
        (one.title, comparison.reconstructions(one.name)) for one in comparison.entrants
    ]  # fmt: skip
    rows = [row("Originals", np.asarray(comparison.images[shown]))]
    rows += [row(title, images) for title, images in made if images is not None]
    if len(rows) == 1:
        st.caption("None of these detectors reconstructs images.")
        return
    st.html(f'<div style="display:grid;gap:10px;max-width:{WIDEST}px">{"".join(rows)}</div>')
    without = [title for title, images in made if images is None]
    if without:
        st.caption(f"No reconstructions come from: {', '.join(without)}.")


def row(title: str, images: Images) -> str:
    """Return the HTML of images (n, height, width[, 3]) side by side as one picture."""
    return (
        f'<figure style="margin:0"><figcaption style="font-size:0.85rem;padding-bottom:3px">'
        f"{html.escape(title)}</figcaption>"
        f'<img src="{data_uri(sprite(images))}" alt="{html.escape(title, quote=True)}: '
        f'{len(images)} images" style="width:100%;display:block;image-rendering:pixelated;'
        f'border-radius:6px;background:#000"></figure>'
    )


def sprite(images: Images) -> Images:
    """Put images (n, height, width[, 3]) side by side with a gap between them."""
    gaps = [(0, 0), (0, 0), (0, GAP), (0, 0)]
    padded = np.pad(images, gaps[: images.ndim], constant_values=96)
    joined: Images = np.concatenate(list(padded), axis=1)[:, :-GAP]
    return joined
