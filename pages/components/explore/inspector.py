"""The inspector: one item, what the model makes of it, and what happened to it."""

import streamlit as st

from anomaly_core.datasets.base import Images
from anomaly_core.errors import RingfenceError
from pages.components import images, review, theme
from pages.components.explore import figures
from pages.components.explore.truth import truth
from pages.components.glossary import word
from pages.components.heatmap.heatmap import above_zero, signed
from pages.components.table import NUMBER, SHORT, values
from pages.components.text import in_a_sentence, literal
from state.explore.inspector import Inspection, Placement
from state.files.artifacts import Array
from state.labeling.desk import Desk
from state.labeling.second_look.review import Review
from state.session import Session
from state.workers.scorer_client import Stage

LARGE, SMALL = 168, 64  # CSS pixels
POLL_SECONDS = 0.7
ASKED = "inspect-item"
DIFFERENCE = "Map of the pixels: how much brighter each is in the image than in the reconstruction."
DISTANCES = "Over the image: how little each place of it looks like what is normal."
BY_KEY = "Point at a place, or use the arrow keys, to see its value."
PLACES = {"Model": NUMBER, "Score lower": NUMBER, "From the top": NUMBER, "Distance": NUMBER,
          "Sphere": SHORT}  # fmt: skip
PLACEMENTS = "The percentile of the item's score in each model version."


@in_a_sentence
def inspector(tab: Session, desk: Desk) -> None:
    """Show the item that the address names, or how to name one."""
    st.subheader("Inspector")
    item = review.wanted_item()
    st.session_state[ASKED] = item
    st.number_input(
        "Item",
        min_value=0,
        max_value=(desk.project.pool_size or 1) - 1,
        value=None,  # the smallest number, which it would be else, is an item
        key=ASKED,
        placeholder="its number",
        on_change=turn_to,
        width=260,
    )
    if item is None:
        st.info("Click an item on the map or in a gallery, or type its number.")
        return
    one = Inspection(desk, item)
    pictures(one)
    facts(one)
    truth(tab, one)
    likenesses(one)


def turn_to() -> None:
    """Put the item of the field into the address."""
    if st.session_state[ASKED] is None:
        st.query_params.pop("item", None)
    else:
        st.query_params["item"] = str(st.session_state[ASKED])


def pictures(one: Inspection) -> None:
    """Show the image beside its reconstruction, if there is one."""
    alt = f"Item {one.item} of the pool"
    shown = [images.figure(one.picture, LARGE, f"Item {one.item:,}", alt, note=one.file)]
    if one.reconstruction is not None:
        shown.append(
            images.figure(
                one.reconstruction,
                LARGE,
                "Reconstruction",
                f"Reconstruction of item {one.item}",
                note=images.BY_WHOM,
            )
        )
    st.html(images.row(shown))
    if one.reconstruction is None:
        st.caption(images.WITHOUT)


def facts(one: Inspection) -> None:
    """Say where it lies."""
    now, rule = one.now, one.rule
    verdict = "looks anomalous" if rule.flags(now.score) else "looks normal"
    st.markdown(
        f"**{verdict.capitalize()}** to model {now.version}: **{now.distance / now.R:.3g} R** from "
        f"the center (score {now.score:.4g}), flagged beyond {rule.distance / now.R:.3g} R. "
        f"**{now.percentile:.1f} %** of the pool score lower; "
        f"it is number **{now.rank:,}** from the top.",
        help=f"{rule.origin} {word('score', 'R', 'percentile')}",
    )


def likenesses(one: Inspection) -> None:
    """Show the labeled items most like it."""
    pool = one.gallery.pictures
    for kind, items in zip(("normal", "anomalous"), one.neighbors, strict=True):
        if items:
            st.caption(f"Nearest labeled {kind}")
            shown = [
                images.figure(pool[item], SMALL, f"{item:,}", f"Item {item}, labeled {kind}")
                for item in items
            ]
            st.html(images.row(shown, gap=10))
    if not any(one.neighbors):
        st.caption("No label is there yet to compare it with.")


@in_a_sentence
def details(tab: Session, desk: Desk) -> None:
    """Below the map: where it differs, where its distance comes from, its way, its history."""
    item = review.wanted_item()
    if item is None:
        return
    one = Inspection(desk, item)
    shown = [explanation, placement]
    if one.difference is not None:
        shown.insert(0, difference)
    columns = st.container(key="wide-details").columns(len(shown), gap="medium")
    for column, show in zip(columns, shown, strict=True):
        with column:
            show(tab, one)
    review.history(Review(desk), item)


def difference(tab: Session, one: Inspection) -> None:
    """Show how the image differs from its reconstruction, which there is."""
    assert one.difference is not None
    st.markdown("**Image minus reconstruction**")
    signed("difference", DIFFERENCE, one.difference, 1.0, ("brighter by", "darker by"))
    st.caption(
        "Orange: the image is brighter than its reconstruction; blue: darker. 1 is from black to "
        f"white. {BY_KEY}"
    )


def explanation(tab: Session, one: Inspection) -> None:
    """Show where the distance comes from, and look again while that is computed."""
    st.markdown("**Where the distance comes from**")
    stage = tab.projects.attributions.stage(one.gallery, one.item)
    every = POLL_SECONDS if stage is Stage.COMPUTING else None
    st.fragment(attribution, run_every=every)(tab, one)


def placement(tab: Session, one: Inspection) -> None:
    """Show where every model version puts it."""
    st.markdown("**Its place in every model version**")
    figure = figures.placements(one.placements)
    st.plotly_chart(figure, key="standings", config=theme.CONFIG, width="stretch", alt=PLACEMENTS)
    st.caption("Distances of different versions are not comparable; percentiles are.")
    values("its place", PLACES, [placed(one) for one in reversed(one.placements)])


def placed(one: Placement) -> tuple[str, ...]:
    """Where a model version puts it, as a row of a table."""
    side, far = figures.SIDES[one.outside], f"{one.distance / one.R:.2f} R" if one.R else ""
    return f"{one.version}", f"{one.percentile:.1f} %", f"{one.rank:,}", far, side


def attribution(tab: Session, one: Inspection) -> None:
    """Show where the distance comes from, or how to get it."""
    attributions = tab.projects.attributions
    stage = attributions.stage(one.gallery, one.item)
    if stage is Stage.READY:
        distances(attributions.read(one.gallery, one.item), one.image)
        return
    if stage is Stage.COMPUTING:
        st.info("Being computed in a process of its own; that takes some seconds ...")
        return
    if stage is Stage.FAILED:
        trouble = attributions.trouble(one.gallery, one.item)
        st.warning(literal(f"It could not be computed. {trouble}"))
    word = "Try again" if stage is Stage.FAILED else "Compute it"
    if st.button(word, key="attribute", help="For this image, by the model in use."):
        try:
            attributions.ask(one.gallery, one.item)
        except RingfenceError as error:
            st.warning(literal(str(error)))
            return
        st.rerun()


def distances(values: Array, image: Images) -> None:
    """Show a map of distances over its image."""
    above_zero("distances", DISTANCES, values, image, "this place")
    st.caption(
        "The stronger the colour, the less a place looks like what is normal. The numbers are "
        "those of single places and cannot be compared with the distance of the whole image. "
        f"{BY_KEY}"
    )
