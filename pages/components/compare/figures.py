"""The figures of a comparison as tables, and each contestant's confusion matrix."""

import html

import streamlit as st

from pages.components.glossary import word
from pages.components.table import NUMBER, TYPED, table
from pages.components.text import percent
from state.quality.comparison import Comparison, Entrant, OfType

FIGURES = {
    "Detector": TYPED,
    "AUROC": NUMBER,
    "Average precision": NUMBER,
    "F1": NUMBER,
    "Precision": NUMBER,
    "Recall": NUMBER,
    "Threshold": NUMBER,
    "Training": NUMBER,
    "Parameters": NUMBER,
    "Rule of the threshold": TYPED,
}
RATE, AUROC = "Share flagged", "AUROC against clean images"
CELLS = (  # of a confusion matrix: the count, what it means, right or wrong
    ("true_negative", "passed", "47,116,208"),
    ("false_positive", "false alarms", "224,112,10"),
    ("false_negative", "missed", "224,112,10"),
    ("true_positive", "caught", "47,116,208"),
)


def share(value: float | None) -> str:
    """Format a share with its unit, or say that it is undefined."""
    return "undefined" if value is None else percent(value)


def number(value: float | None) -> str:
    """Format a figure between 0 and 1, or say that it is undefined."""
    return "undefined" if value is None else f"{value:.3f}"


def table_of_figures(comparison: Comparison) -> None:
    """One row a contestant, the best first."""
    table("Figures", FIGURES, [figures(one) for one in comparison.entrants])
    st.caption(
        "F1, precision and recall hold at the threshold, which no image judged here had a part in.",
        help=word("AUROC", "average precision", "F1", "precision", "recall"),
    )


def figures(one: Entrant) -> tuple[str, ...]:
    """A contestant's figures as text."""
    return (
        one.title,
        *map(number, (one.auroc, one.average_precision, one.f1, one.precision, one.recall)),
        f"{one.threshold:.4g}",
        f"{one.seconds:,.1f} s",
        f"{one.parameters:,}",
        one.rule,
    )


def table_of_types(comparison: Comparison) -> None:
    """How each contestant did on each type of anomaly."""
    names = comparison.anomaly_types
    if not names:
        return
    st.subheader("By type of anomaly")
    shown = st.segmented_control(
        "Show", [RATE, AUROC], default=RATE, required=True, label_visibility="collapsed"
    )
    columns = {"Detector": TYPED, "clean: false alarms": NUMBER}
    columns |= {heading(comparison, name): NUMBER for name in names}
    rows = [
        (
            one.title,
            share(one.confusion.false_positive_rate),
            *(cell(one.types.get(name), shown) for name in names),
        )
        for one in comparison.entrants
    ]
    table("By type of anomaly", columns, rows)


def heading(comparison: Comparison, name: str) -> str:
    """A type of anomaly with how many there are."""
    most = max(one.types[name].images for one in comparison.entrants if name in one.types)
    return f"{name} ({most:,})"


def cell(of: OfType | None, shown: str) -> str:
    """What a contestant reached on a type."""
    if of is None:
        return "undefined"
    return share(of.rate) if shown == RATE else number(of.auroc)


def confusions(comparison: Comparison) -> str:
    """Return the HTML of a small confusion matrix for each contestant."""
    inner = "".join(confusion(one) for one in comparison.entrants)
    return f'<div style="display:flex;flex-wrap:wrap;gap:18px">{inner}</div>'


def confusion(one: Entrant) -> str:
    """Return the HTML of one confusion matrix; rightly judged is blue and a solid frame."""
    counts = vars(one.confusion)
    largest = max(*counts.values(), 1)
    normal, anomalous = (
        "".join(
            part(counts[name], words, rgb, largest) for name, words, rgb in CELLS[row : row + 2]
        )
        for row in (0, 2)
    )
    return (
        f'<table style="border-collapse:separate;border-spacing:3px;font-size:0.85rem;width:17rem;'
        f'table-layout:fixed"><caption style="caption-side:top;text-align:left;font-weight:600;'
        f'padding:0 3px 3px;color:inherit">{html.escape(one.title)}</caption>'
        f'<tr><th scope="row" style="{ROW}">normal</th>{normal}</tr>'
        f'<tr><th scope="row" style="{ROW}">anomalous</th>{anomalous}</tr></table>'
    )


ROW = "width:5.2rem;text-align:left;font-weight:400"


def part(count: int, words: str, rgb: str, largest: int) -> str:
    """Return one cell, the darker the larger its count."""
    style = "solid" if words in ("passed", "caught") else "dashed"
    return (
        f'<td style="text-align:center;padding:5px 2px;line-height:1.25;border-radius:6px;'
        f"border:1px {style} rgba({rgb},0.7);"
        f'background:rgba({rgb},{0.06 + 0.3 * count / largest:.2f})">'
        f"<b>{count:,}</b><br>{words}</td>"
    )
