"""What changed since the last model, in a few words and five images."""

import streamlit as st

from pages.components import images
from pages.components.text import counted, in_a_sentence, percent
from state.files.pictures import Pictures
from state.versions.latest import News, news
from state.versions.lineage import Lineage

MOVED = 5
SIZE = 112  # CSS pixels: 4 times 28


@in_a_sentence
def changes(lineage: Lineage) -> None:
    """Tell what the serving model learned, what it gained, and what moved."""
    known = news(lineage)
    if known is None:
        st.caption("This is the first model; the next one will be compared with it here.")
        return
    said = learned(known), quality(known), verdicts(known)
    st.markdown(" ".join(filter(None, said)))
    st.caption(
        "The five images that moved the most in rank; below each the share of the pool that "
        f"scores lower, by model {known.before.version} and by model {known.after.version}."
    )
    pool = lineage.gallery(known.after).pictures
    row = st.container(horizontal=True, gap="medium")
    for item in known.drift.moved(MOVED).tolist():
        moved(row.container(width=SIZE + 24, gap="small"), known, pool, item)
    st.page_link(
        "pages/models.py",
        label="Compare the two models",
        icon=":material/account_tree:",
        query_params={"first": str(known.before.version), "second": str(known.after.version)},
    )


def learned(known: News) -> str:
    """Say which labels the model learned."""
    normal, anomalous = known.learned(1), known.learned(-1)
    new = normal + anomalous
    labels = "1 new answer" if new == 1 else f"{new:,} new answers"
    which = f" ({normal:,} normal, {anomalous:,} anomalous)" if new else ""
    revised = (
        f"; {counted(known.revised, 'older one')} changed or taken back" if known.revised else ""
    )
    return f"**Model {known.after.version}** learned from {labels}{which}{revised}."


def quality(known: News) -> str:
    """Say what became of the AUROC."""
    if known.after.untold:
        return ""
    if known.gained is None:
        return "Its AUROC on held-out images is not known."
    auroc = known.after.metrics["auroc"]
    if abs(known.gained) < 0.0005:
        return f"Its AUROC on held-out images stayed at {auroc:.3f}."
    went = "rose" if known.gained > 0 else "fell"
    return f"Its AUROC on held-out images {went} by {abs(known.gained):.3f} to {auroc:.3f}."


def verdicts(known: News) -> str:
    """Say how many verdicts changed."""
    pool = len(known.drift.first)
    return f"{known.flipped:,} of {pool:,} verdicts changed ({percent(known.flipped / pool)})."


def moved(place: st.delta_generator.DeltaGenerator, known: News, pool: Pictures, item: int) -> None:
    """Show an image with its percentile in both models and the way to it on Explore."""
    first, second = (percentiles[item] for percentiles in known.drift.percentiles)
    note = f"{percent(first, 0)} → {percent(second, 0)}"
    alt = f"Item {item}, percentile {percent(first, 0)}, then {percent(second, 0)}"
    place.html(images.figure(pool[item], SIZE, note, alt))
    place.page_link(
        "pages/explore.py",
        label=f"Item {item:,}",
        icon=":material/search:",
        query_params={"item": str(item)},
    )
