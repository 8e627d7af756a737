"""The flip list: images on which two contestants disagree, and one of them in full."""

import streamlit as st

from pages.components import images
from pages.components.compare.figures import share
from pages.components.component import said
from pages.components.table import NUMBER, SHORT, TYPED, table
from pages.components.text import in_a_sentence
from pages.components.thumbnails.thumbnails import thumbnails
from state.heard import counted, perhaps, whole
from state.quality.comparison import Comparison, Entrant, Opinion
from state.session import address

PAGE = 48  # thumbnails at a time
LARGE, SMALL = 252, 112  # CSS pixels: 9 and 4 times 28
OPINIONS = {
    "Detector": TYPED,
    "Verdict": SHORT,
    "Score": NUMBER,
    "Threshold": NUMBER,
    "Scores higher than": NUMBER,
}
FIRST, SECOND = "first", "second"


@st.fragment
@in_a_sentence
def flips(comparison: Comparison, run_id: int) -> None:
    """Let a person choose two contestants and go through what they disagree about."""
    if len(comparison.entrants) < 2:
        st.caption("It takes two detectors to disagree.")
        return
    first, second = pair(comparison, run_id)
    found = comparison.flips(first.name, second.name)
    sides = {FIRST: found.first, SECOND: found.second}
    labels = {
        FIRST: f"Only {first.title} flags · {len(found.first):,}",
        SECOND: f"Only {second.title} flags · {len(found.second):,}",
    }
    st.markdown(
        f"They disagree about **{len(found):,}** of {len(comparison):,} images "
        f"({share(len(found) / len(comparison))}), each at its own threshold."
    )
    between = f"{run_id}-{first.name}-{second.name}"
    side = st.radio(
        "Direction",
        list(sides),
        index=0 if len(found.first) or not len(found.second) else 1,
        format_func=labels.__getitem__,
        horizontal=True,
        label_visibility="collapsed",
        key=f"side-{between}",
    )
    if len(sides[side]):
        browse(comparison, sides[side].tolist(), labels[side], f"{between}-{side}")
    else:
        st.caption("There is no such image.")
    case(comparison)


def pair(comparison: Comparison, run_id: int) -> tuple[Entrant, Entrant]:
    """Let a person choose two contestants; the address wins, then the best two."""
    known = {one.name: one for one in comparison.entrants}
    names, chosen = list(known), []
    columns = st.columns(2)
    for place, (column, name) in enumerate(zip(columns, (FIRST, SECOND), strict=True)):
        asked = address(name, str)
        chosen.append(
            column.selectbox(
                ("One detector", "Another detector")[place],
                names,
                index=names.index(asked) if asked in names else place,
                format_func=lambda key: known[key].title,
                key=f"{name}-{run_id}",
                on_change=remember,
                args=(name, run_id),
            )
        )
    return known[chosen[0]], known[chosen[1]]


def remember(name: str, run_id: int) -> None:
    """Put a chosen contestant into the address, unless it names another run by now."""
    if address("run", counted) == run_id:
        st.query_params[name] = st.session_state[f"{name}-{run_id}"]


def browse(comparison: Comparison, items: list[int], name: str, key: str) -> None:
    """Show the images a page at a time."""
    pages = -(-len(items) // PAGE)
    page = st.pagination(pages, key=f"page-{key}") if pages > 1 else 1
    shown = items[(page - 1) * PAGE : page * PAGE]
    thumbnails(
        name,
        f"thumbnails-{key}",
        {item: f"Test image {item:,}: {comparison.truth(item)}" for item in shown},
        comparison.images,
        opened(comparison),
        lambda: turn_to(f"thumbnails-{key}"),
    )
    st.caption("The clearest cases come first. Click an image, or walk with the arrow keys.")


def opened(comparison: Comparison) -> int | None:
    """The item that the address names."""
    item = address("flip", counted)
    return item if item is not None and item < len(comparison) else None


def turn_to(key: str) -> None:
    """Put the image that was opened into the address."""
    item = perhaps(whole, said(key, "opened"))
    if item is not None:
        st.query_params["flip"] = str(item)


def case(comparison: Comparison) -> None:
    """Show the opened image, what it is, and what every contestant says about it."""
    item = opened(comparison)
    if item is None:
        return
    left, right = st.container(key="wide-flip").columns([2, 5], gap="large")
    with left:
        caption, truth = f"Test image {item:,}", comparison.truth(item)
        st.html(
            images.figure(comparison.images[item], LARGE, caption, f"{caption}, {truth}", truth)
        )
    with right:
        said = [comparison.opinion(one.name, item) for one in comparison.entrants]
        table(f"Opinions about test image {item:,}", OPINIONS, [line(one) for one in said])
        if made := reconstructed(comparison, item):
            st.caption("Reconstructed by")
            st.html(images.row(made))


def line(said: Opinion) -> tuple[str, ...]:
    """What a contestant says about an image as a row of a table."""
    return (
        said.entrant.title,
        "flagged" if said.flagged else "passed",
        f"{said.score:.4g}",
        f"{said.entrant.threshold:.4g}",
        f"{share(said.above)} of the images",
    )


def reconstructed(comparison: Comparison, item: int) -> list[str]:
    """What contestants make of the image, as far as that was kept."""
    made = ((one.title, comparison.reconstruction(one.name, item)) for one in comparison.entrants)
    return [
        images.figure(pixels, SMALL, title, f"Test image {item:,} as reconstructed by {title}")
        for title, pixels in made
        if pixels is not None
    ]
