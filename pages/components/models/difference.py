"""Two versions side by side: what flips, what moved, and which answers were learned in between."""

from collections.abc import Sequence

import streamlit as st

from pages.components import images
from pages.components.models import drift as drift_chart
from pages.components.text import in_a_sentence, percent
from state.files.artifacts import Array
from state.files.pictures import Pictures
from state.heard import counted
from state.session import address
from state.versions.differences import Change, Drift
from state.versions.lineage import Lineage

MOST, MOVED = 24, 12  # pictures at a time
SIZE = 84  # CSS pixels: 3 times 28
FIRST, SECOND = "first", "second"
LABELS = {1: "normal", -1: "anomalous"}


@st.fragment
@in_a_sentence
def difference(lineage: Lineage) -> None:
    """Let a person choose two versions and see what is different."""
    if len(lineage.models) < 2:
        st.caption("There is one version so far; a comparison needs two.")
        return
    first, second = pair(lineage)
    if first == second:
        st.caption("These are the same version; choose another one.")
        return
    drift, changed = lineage.drift(first, second), lineage.changes(first, second)
    pool = lineage.gallery(lineage.models[0]).pictures
    figures(drift, changed)
    st.caption(
        f"Each version flags the {percent(drift.contamination)} of the pool that it scores "
        "highest, which is the share of anomalies expected there. Scores of two versions are not "
        "comparable, so below each image stands its percentile: the share of the pool that scores "
        f"lower, by model {first} and by model {second}."
    )
    drift_chart.drawn(lineage, drift, first, second)
    flips = drift.flips
    flipped(f"Flagged by model {second}, passed by model {first}", flips.second, drift, pool)
    flipped(f"Flagged by model {first}, passed by model {second}", flips.first, drift, pool)
    st.markdown("**Moved most in rank**")
    st.html(images.row([moved(drift, pool, item) for item in drift.moved(MOVED).tolist()], 12))
    learned(changed, pool, first, second)


def pair(lineage: Lineage) -> tuple[int, int]:
    """Let a person choose two versions; the address wins, then the serving one and its parent."""
    versions = [model.version for model in reversed(lineage.models)]
    columns, chosen = st.columns(2), []
    labels = ("Compare model", "with model")
    for column, name, label, usual in zip(
        columns, (FIRST, SECOND), labels, lineage.pair, strict=True
    ):
        wanted = address(name, counted)
        chosen.append(
            column.selectbox(
                label,
                versions,
                index=versions.index(wanted if wanted in versions else usual),
                key=f"{name}-{lineage.project.id}",
                on_change=remember,
                args=(lineage.project.id,),
            )
        )
    return chosen[0], chosen[1]


def remember(project_id: int) -> None:
    """Put both chosen versions into the address."""
    for name in (FIRST, SECOND):
        st.query_params[name] = str(st.session_state[f"{name}-{project_id}"])


def figures(drift: Drift, changed: Sequence[Change]) -> None:
    """Show how far the two versions differ in three numbers."""
    count = len(drift.flips)
    row = st.container(horizontal=True, gap="medium")
    row.metric(
        "Verdicts that flip",
        f"{count:,} of {len(drift.first):,}",
        help="Images of the pool that one version flags and the other passes.",
        width="content",
    )
    row.metric(
        "Rank correlation",
        "undefined" if drift.correlation is None else f"{drift.correlation:.3f}",
        help="Spearman's: 1 where both versions put the pool in the same order, 0 where one order "
        "tells nothing about the other.",
        width="content",
    )
    row.metric(
        "New or changed answers",
        f"{len(changed):,}",
        help="Answers that only one of the two versions was trained on, or that were changed in "
        "between.",
        width="content",
    )


def flipped(title: str, items: Array, drift: Drift, pool: Pictures) -> None:
    """Show the clearest of the images whose verdict flips one way."""
    shown = items[:MOST].tolist()
    st.markdown(f"**{title} · {len(items):,}**{rest(len(items), MOST)}")
    if shown:
        st.html(images.row([moved(drift, pool, item) for item in shown], 12))
    else:
        st.caption("There is no such image.")


def rest(count: int, most: int) -> str:
    """Say that not everything is shown."""
    return f" :gray[(the first {most} are shown)]" if count > most else ""


def moved(drift: Drift, pool: Pictures, item: int) -> str:
    """An image with its percentile in both versions."""
    first, second = (percentiles[item] for percentiles in drift.percentiles)
    note = f"{percent(first, 0)} → {percent(second, 0)}"
    alt = f"Item {item}, percentile {percent(first, 0)}, then {percent(second, 0)}"
    return images.figure(pool[item], SIZE, f"Item {item:,}", alt, note)


def learned(changed: Sequence[Change], pool: Pictures, first: int, second: int) -> None:
    """Show the answers that one of the two versions was trained with and the other was not."""
    title = f"**New or changed answers, from model {first} to model {second} · {len(changed):,}**"
    st.markdown(title + rest(len(changed), MOST))
    if not changed:
        st.caption("Both were trained on the same answers.")
        return
    st.html(images.row([known(change, pool) for change in changed[:MOST]], 12))
    st.caption(
        f"“Was” is the answer that model {first} was trained on, “now” that of model {second}."
    )


def known(change: Change, pool: Pictures) -> str:
    """An image with what the two versions were told that it is."""
    told = ((change.first, "was"), (change.second, "now"))
    note = ", ".join(f"{word} {LABELS[y]}" for y, word in told if y)
    alt = f"Item {change.item}, {note}"
    return images.figure(pool[change.item], SIZE, f"Item {change.item:,}", alt, note)
