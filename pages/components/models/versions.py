"""The lineage: what serves, what is in production, and every version with how good it is."""

from collections.abc import Sequence

import streamlit as st

from anomaly_core.threshold.intervals import Interval
from pages.components import status
from pages.components.models.tree import quality, tree
from pages.components.table import NUMBER, SHORT, TYPED, table, when
from pages.components.text import literal
from pages.components.theme import CONFIG
from state.projects.backbones import DRAWN, Card
from state.store.promotions import Promotion
from state.store.schema import Purpose
from state.versions.lineage import Entry, Lineage

COLUMNS = {
    "Model": NUMBER,
    "Used": SHORT,
    "Trained from": SHORT,
    "When": SHORT,
    "Answers trained on": NUMBER,
    "AUROC on held-out images (95% interval)": NUMBER,
    "Average precision on these": NUMBER,
    "AUROC by random answers (95% interval)": NUMBER,
    "Training (s)": NUMBER,
}
HELD_OUT = ("AUROC on held-out images (95% interval)", "Average precision on these")
HISTORY = {"When": SHORT, "Who": TYPED, "What": SHORT, "Why": TYPED}
DID = {Purpose.DESK: "chose model {} for use", Purpose.PRODUCTION: "named model {} as production"}
MANY = 12  # rows, from which on the table scrolls
TABLE_HEIGHT = 460  # CSS pixels


def standing(lineage: Lineage) -> None:
    """Say which version serves and why it scores as it does, and which one is in production."""
    if lineage.serving is None:
        return
    serving = lineage.serving.version
    st.markdown(
        f"**Model {serving}** is in use, and the next one learns on from it. "
        + in_production(lineage.production)
    )
    status.reason(lineage.serving)
    if lineage.backbone:
        st.caption(features(lineage.backbone))


def features(card: Card) -> str:
    """Say which network the features come from, with which weights."""
    if card.name == DRAWN:
        return (
            "Its features come from a network that is part of Ringfence and was trained on "
            f"pictures drawn by a program ({literal(card.file)}, SHA-256 `{card.sha256}`)."
        )
    return (
        f"Its features come from the network {literal(card.name)} ({literal(card.source)}), "
        f"weights {literal(card.file)}, SHA-256 `{card.sha256}`."
    )


def in_production(named: Promotion | None) -> str:
    """Say which version is in production, by whom and why."""
    if named is None:
        return "None is named as the one in production yet."
    by = f"{literal(named.author)}, {when(named.created_at)}"
    return f"**Model {named.version}** is in production ({by}): “{literal(named.reason)}”"


def listing(lineage: Lineage) -> None:
    """Draw the tree of versions and list them, newest first."""
    entries = lineage.entries
    if any(quality(entry) is not None for entry in entries):
        alt = "AUROC of each model version, joined to the one it came from; figures are below."
        st.plotly_chart(tree(entries), key="tree", config=CONFIG, width="stretch", alt=alt)
        st.caption(
            "Each mark is a version, joined to the one it was trained from; bars are 95% "
            "intervals. Dotted lines lead to versions that were left behind by a roll back; they "
            "stay here and can be used again."
        )
    else:
        st.caption(UNKNOWN)
    with st.container(height=TABLE_HEIGHT if len(entries) > MANY else "content", border=False):
        unknown = "undefined" if lineage.audited_both else "too few answers yet"
        rows = [line(entry, unknown) for entry in reversed(entries)]
        shown = [name for name in COLUMNS if name not in HELD_OUT or not untold(entries)]
        kinds = {name: COLUMNS[name] for name in shown}
        table("Versions", kinds, [[row[name] for name in shown] for row in rows])
    if lineage.promotions:
        with st.expander(f"Who chose which version ({len(lineage.promotions):,})"):
            table("Choices", HISTORY, [chosen(one) for one in reversed(lineage.promotions)])


UNKNOWN = (
    "How good a version is shows here once random answers know both normal and anomalous images."
)


def untold(entries: Sequence[Entry]) -> bool:
    """Whether there are no held-out images that tell how good any version is."""
    return all(entry.model.untold for entry in entries)


def line(entry: Entry, unknown: str) -> dict[str, str]:
    """A version as a row of the table; `unknown` says why it may have no estimate."""
    model = entry.model
    seconds = model.metrics.get("seconds")
    cells = (
        f"{entry.version}",
        used(entry),
        "the start" if model.parent is None else f"model {model.parent}",
        when(model.created_at),
        f"{model.label_count:,}",
        measured(entry),
        figure(entry.average_precision),
        interval(entry.estimate, unknown),
        "unknown" if seconds is None else f"{seconds:.1f}",
    )
    return dict(zip(COLUMNS, cells, strict=True))


def used(entry: Entry) -> str:
    """What a version is used for, in words."""
    uses = (("in use", entry.model.active), ("in production", entry.production))
    said = [word for word, holds in uses if holds]
    return ", ".join(said) or ("" if entry.leads else "left behind")


def measured(entry: Entry) -> str:
    """The AUROC of a version on held-out images, with the range it lies in."""
    sure = entry.held_out
    between = f" ({sure.low:.3f} to {sure.high:.3f})" if sure else ""
    return figure(entry.auroc) + between


def figure(value: float | None) -> str:
    """Format a figure between 0 and 1, or say that it is undefined."""
    return "undefined" if value is None else f"{value:.4f}"


def interval(estimate: Interval | None, unknown: str) -> str:
    """Format an estimate with the range it lies in, or say that it is unknown."""
    if estimate is None:
        return unknown
    return f"{estimate.value:.2f} ({estimate.low:.2f} to {estimate.high:.2f})"


def chosen(one: Promotion) -> tuple[str, str, str, str]:
    """A choice that somebody made as a row of the table."""
    return when(one.created_at), one.author, DID[one.purpose].format(one.version), one.reason
