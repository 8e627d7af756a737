"""The map of the whole pool: what is drawn, how it is coloured, and what is chosen on it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from anomaly_core.errors import InvalidInput
from pages.components import theme
from pages.components.component import component, said
from pages.components.explore.choosing import Chosen, choose, chosen, send_to_label
from pages.components.review import wanted_item
from pages.components.text import in_a_sentence
from state.explore.pool_map import PoolMap
from state.files.pictures import data_uri
from state.heard import UNREADABLE, counted, mapping, parameter, perhaps, text, whole
from state.labeling.payload import encode
from state.session import Session

MAP = component("map", __file__)
MOST_PARTS, LONGEST_PART = 100, 100  # that a map asks for at a time; letters of a name
RISING = ("#93a0b4", "#5b8dd0", "#2f74d0", "#a67c00", "#e0700a", "#c23b22")  # by score
RISING_MARKS = ("dot", "circle", "square", "triangle-up", "diamond", "x")
CAPTION = (
    "The circle of radius R is the sphere; beyond the dashed line images are flagged. Up to R "
    "distances from the middle are true; beyond it they are drawn closer together, and the faint "
    "rings say how far it is. *Even scale* draws all distances alike. Items in the same direction "
    "need not look alike. Click an item to inspect it, or draw around items with *Lasso*. The "
    "wheel zooms while the map has the focus; from near, items are shown by their images."
)


@st.fragment
@in_a_sentence
def pool_map(tab: Session) -> None:
    """Draw the map; it asks in `view` for the parts it lacks, and says what was chosen."""
    desk = tab.desk()
    key = f"map-{desk.project.id}"
    pool, picked = PoolMap(desk), chosen(desk.project.id)
    view = mapping(said(key, "view"))
    MAP(
        key=key,
        data={
            **pool.catalogue(),
            "palette": {
                "score": marks(RISING, RISING_MARKS),
                **{
                    name: palette(name, len(colouring.names))
                    for name, (_, colouring) in pool.colourings.items()
                },
            },
            "parts": {name: parts(pool, picked, name) for name in wanted(view)},
            "chosen": {"key": picked.key},
            "current": wanted_item(),
        },
        on_view_change=lambda: None,
        on_chosen_change=lambda: choose(desk.project.id, said(key, "chosen")),
        on_opened_change=lambda: inspect(said(key, "opened")),
    )
    if st.session_state.pop("inspect-anew", False):
        st.rerun()
    st.caption(CAPTION)
    send_to_label(tab, desk, picked)


def inspect(item: Any) -> None:
    """Put the item into the address, so that the inspector shows it."""
    if perhaps(whole, item) is not None:
        st.query_params["item"] = str(item)
        st.session_state["inspect-anew"] = True


def wanted(view: Mapping[str, Any]) -> list[str]:
    """The names of the parts that the map lacks."""
    wants = view.get("wants")
    return [
        one for one in (wants if isinstance(wants, list) else [])[:MOST_PARTS] if perhaps(part, one)
    ]


def part(given: Any) -> str:
    """The name of a part; raises InvalidInput for what is none."""
    if len(text(given)) > LONGEST_PART:
        raise InvalidInput(UNREADABLE)
    return str(given)


def parts(pool: PoolMap, picked: Chosen, name: str) -> dict[str, Any]:
    """A part that the map has asked for; an empty one where there is none."""
    kind, _, number = name.partition("-")
    item = parameter(number, counted) if kind == "image" else None
    if item is not None and item < (pool.desk.project.pool_size or 0):
        images = pool.gallery(pool.models[-1].version).pictures
        return {"picture": data_uri(images[item])}
    if name == picked.key:
        return {"items": encode(np.array(picked.items, "<u4"))}
    return pool.part(name) or {}


def palette(name: str, count: int) -> list[dict[str, Any]]:
    """A colour and a mark for each kind, no two the same in both."""
    if name == "label":
        return [
            *first(),
            mark(theme.NORMAL, theme.SYMBOL_NORMAL, large=True),
            mark(theme.ANOMALOUS, "x-thin", large=True),
        ]
    if name == "round":
        return [*first(), *series(count - 1, large=True)]
    return series(count, large=False)


def first() -> list[dict[str, Any]]:
    """How unlabeled items are marked."""
    return [mark(theme.UNLABELED, "dot", large=False)]


def series(count: int, *, large: bool) -> list[dict[str, Any]]:
    """Marks for so many kinds of equal rank."""
    colours, shapes = theme.SERIES, theme.MARKS
    return [
        mark(colours[at % len(colours)], shapes[(at + at // len(colours)) % len(shapes)], large)
        for at in range(count)
    ]


def marks(colours: Sequence[str], shapes: Sequence[str]) -> list[dict[str, Any]]:
    """Marks of these colours and shapes."""
    return [mark(*pair, large=False) for pair in zip(colours, shapes, strict=True)]


def mark(colour: str, shape: str, large: bool) -> dict[str, Any]:
    """One way to mark items; `large` ones stand out of the crowd."""
    return {"colour": colour, "shape": shape, "large": large}
