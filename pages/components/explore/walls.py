"""The galleries below the map: items that stand out, each a button that opens the inspector."""

import numpy as np
import streamlit as st

from pages.components.component import said
from pages.components.explore.map import inspect
from pages.components.review import wanted_item
from pages.components.text import in_a_sentence
from pages.components.thumbnails.thumbnails import thumbnails
from state.explore.galleries import Wall, exhibits, walls_of
from state.files.pictures import Picture
from state.labeling.desk import Desk
from state.session import Session

KEY = "wall-opened"
TITLES = {
    Wall.MOST_ANOMALOUS: "Most anomalous",
    Wall.MOST_TYPICAL: "Most typical",
    Wall.WORST_RECONSTRUCTED: "Worst reconstructed",
    Wall.BEST_RECONSTRUCTED: "Best reconstructed",
    Wall.BOUNDARY: "Nearest the boundary",
    Wall.SUSPECTED: "Suspected mistakes",
}
MEANS = {
    Wall.MOST_ANOMALOUS: "Highest score, the squared distance to the center.",
    Wall.MOST_TYPICAL: "Lowest score, the squared distance to the center.",
    Wall.WORST_RECONSTRUCTED: "Largest mean squared error of a pixel (0 black, 1 white).",
    Wall.BEST_RECONSTRUCTED: "Smallest mean squared error of a pixel (0 black, 1 white).",
    Wall.BOUNDARY: "Distance to the center nearest to the radius R; + lies outside.",
    Wall.SUSPECTED: "Labels that the other labels and the sphere contradict; mend them on Review.",
}
PAIRS = "Each image stands above its reconstruction, which comes from the pretraining autoencoder."


@st.fragment
@in_a_sentence
def walls(tab: Session) -> None:
    """Let a person choose a gallery, and draw it."""
    desk = tab.desk()
    assert desk.gallery is not None
    wall = st.segmented_control(
        "Gallery",
        walls_of(desk.gallery),
        default=Wall.MOST_ANOMALOUS,
        required=True,
        format_func=TITLES.__getitem__,
        key="wall",
        label_visibility="collapsed",
        bind="query-params",
    )
    wall = wall or Wall.MOST_ANOMALOUS  # an address can leave it empty
    shown = exhibits(desk, wall)
    pairs = "" if desk.gallery.reconstructions is None else PAIRS
    st.caption(f"{MEANS[wall]} {pairs}")
    if not shown:
        st.info("No label is contradicted by the model and the other labels.")
        return
    thumbnails(
        TITLES[wall],
        KEY,
        {one.item: f"Item {one.item:,}, {one.note}; open it in the inspector" for one in shown},
        {one.item: pair(desk, one.item) for one in shown},
        wanted_item(),
        lambda: inspect(said(KEY, "opened")),
        notes={one.item: one.note for one in shown},
    )
    if st.session_state.pop("inspect-anew", False):
        st.rerun()


def pair(desk: Desk, item: int) -> Picture:
    """An image above its reconstruction, with a line between; alone where there is none."""
    assert desk.gallery is not None
    made = desk.gallery.reconstructions
    if made is None:
        return desk.gallery.pictures[item]
    image = desk.gallery.of_project("pool")[item]
    between = np.full((1, *image.shape[1:]), 96, np.uint8)
    return np.vstack([image, between, made[item]])
