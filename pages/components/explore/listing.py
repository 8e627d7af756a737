"""The table of all images: filters, a page of rows that open the inspector, and a download."""

from collections.abc import Mapping
from typing import TypeVar

import streamlit as st

from pages.components.component import component, said
from pages.components.explore.map import inspect
from pages.components.review import wanted_item
from pages.components.text import in_a_sentence
from state.explore.listing import (
    WORDS,
    ImageRow,
    ImageTable,
    LabelWanted,
    Order,
    RowsWanted,
    VerdictWanted,
)
from state.files.pictures import data_uri
from state.session import Session

TABLE = component("listing", __file__)
KEY = "listing"
Wanted = TypeVar("Wanted", LabelWanted, VerdictWanted, Order)
PAGE = 50  # rows at a time
SMALL = 48  # pixels a side, at most, of the pictures that are drawn for a row
LABELS = {
    LabelWanted.ANY: "Any or none",
    LabelWanted.NONE: "None",
    LabelWanted.NORMAL: "Normal",
    LabelWanted.ANOMALOUS: "Anomalous",
}
VERDICTS = {
    VerdictWanted.ANY: "Any",
    VerdictWanted.NORMAL: "Normal",
    VerdictWanted.ANOMALOUS: "Anomalous",
}
ORDERS = {
    Order.HIGHEST: "Highest score first",
    Order.LOWEST: "Lowest score first",
    Order.THRESHOLD: "Nearest to the threshold",
    Order.NUMBER: "By item number",
}
COLUMNS = {
    "Item": "number",
    "File": "typed",
    "Score": "number",
    "Distance": "number",
    "Verdict": "short",
    "Label": "short",
    "Error": "short",
    "Remarks": "typed",
}
ABOUT_ERRORS = "Images whose label and verdict disagree: missed, or a false alarm."
ABOUT_REMARKS = "Images that are flagged or noted, or that somebody is unsure of."
ABOUT_CSV = "Of all rows that the filters leave, by item number. Owners alone; it is recorded."


@st.fragment
@in_a_sentence
def listing(tab: Session) -> None:
    """Let a person choose which images to list, and draw a page of them."""
    desk = tab.desk()
    table, wanted = ImageTable(desk), rows_wanted()
    items = table.items(wanted)
    if not len(items):
        st.info("No image is like that.")
        return
    place, pages = st.container(), -(-len(items) // PAGE)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        page = min(st.pagination(pages, key=f"rows-{wanted}"), pages) if pages > 1 else 1
        start = (page - 1) * PAGE
        shown = items[start : start + PAGE]
        st.caption(f"{start + 1:,} to {start + len(shown):,} of {len(items):,} images")
        st.download_button(
            "Download as CSV",
            lambda: table.export(wanted),
            file_name=f"ringfence-{desk.project.id}-model-{table.gallery.model.version}-images.csv",
            mime="text/csv",
            key="download-rows",
            disabled=not desk.annotator.may_manage,
            on_click="ignore",
            icon=":material/download:",
            help=ABOUT_CSV,
        )
    with place:
        draw(table, table.rows(shown))


def rows_wanted() -> RowsWanted:
    """Let a person say which images to list, and in which order."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        label = choose("Label", LABELS, "listed-label", 150)
        verdict = choose("Verdict", VERDICTS, "listed-verdict", 150)
        order = choose("Order", ORDERS, "listed-order", 250)
        errors = only("Only errors", "listed-errors", ABOUT_ERRORS)
        remarks = only("Only with remarks", "listed-remarks", ABOUT_REMARKS)
    return RowsWanted(label, verdict, errors, remarks, order)


def choose(name: str, choices: Mapping[Wanted, str], key: str, width: int) -> Wanted:
    """Draw a choice, which the address keeps."""
    return st.selectbox(
        name,
        list(choices),
        format_func=choices.__getitem__,
        key=key,
        bind="query-params",
        width=width,
    )


def only(name: str, key: str, about: str) -> bool:
    """Draw a filter that is on or off, which the address keeps."""
    return st.checkbox(name, key=key, help=about, bind="query-params", width="content")


def draw(table: ImageTable, rows: list[ImageRow]) -> None:
    """Draw rows; a click on one opens the inspector."""
    named = any(row.file for row in rows)
    pictures = table.gallery.pictures
    TABLE(
        key=KEY,
        data={
            "name": "All images",
            "columns": [one for one in COLUMNS.items() if named or one[0] != "File"],
            "rows": [
                {
                    "item": row.item,
                    "picture": data_uri(pictures[row.item], SMALL),
                    "cells": cells(row, named=named),
                }
                for row in rows
            ],
            "chosen": wanted_item(),
        },
        on_opened_change=lambda: inspect(said(KEY, "opened")),
    )
    if st.session_state.pop("inspect-anew", False):
        st.rerun()


def cells(row: ImageRow, *, named: bool) -> list[str]:
    """What stands in the columns after the first."""
    return [
        *([row.file] if named else []),
        f"{row.score:.4g}",
        f"{row.distance:.3g} R",
        WORDS[row.verdict],
        label_of(row),
        row.error,
        "; ".join(filter(None, ["unsure" * row.unsure, "flagged" * row.flagged, row.note])),
    ]


def label_of(row: ImageRow) -> str:
    """The label, and what was answered where there are several answers."""
    word = WORDS[row.label]
    if row.normal + row.anomalous < 2:
        return word
    return f"{word} ({row.normal:,} normal, {row.anomalous:,} anomalous)"
