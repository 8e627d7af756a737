"""A presentation in the browser: what the page is sent, and one file that needs nothing else."""

import hashlib
import json
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

import anomaly_core.report
from anomaly_core.projection import to_plane
from anomaly_core.threshold.intervals import Interval
from state.files.contact_sheet import by_place, contact_sheet
from state.files.pictures import data_uri
from state.presentation import words
from state.presentation.values import Presentation, Step
from state.quality.tuning import Basis, Cell
from state.scripts import link

LARGEST = 160  # pixels of the longer side of an image
RIGHT = (Cell.CAUGHT, Cell.PASSED)
HERE = Path(__file__).parent
SOURCES = {kind: (HERE / f"story.{kind}").read_text(encoding="utf-8") for kind in ("html", "css")}
SCRIPT = link(HERE / "story.js")
PAPER = Path(anomaly_core.report.__file__).with_name("report.css").read_text(encoding="utf-8")
# The names by which Streamlit hands its theme to components, in the colours of a report.
THEME = """
:root { --st-font: system-ui, sans-serif; --st-text-color: var(--ink);
  --st-border-color: var(--line); --st-background-color: var(--paper);
  --st-secondary-background-color: var(--card);
  --st-primary-color: #2456d6; }
@media (prefers-color-scheme: dark) { :root { --st-primary-color: #3b6be0; } }
body { max-width: 110rem; padding: clamp(1rem, 4vw, 4rem); }
"""


@lru_cache(maxsize=4)
def told(presentation: Presentation) -> dict[str, Any]:
    """All that the browser needs, once for every step; `caution` says where it opens."""
    data = {
        "title": presentation.project,
        "model": words.model(presentation),
        "owners": words.owners(presentation),
        "worse": words.worse(presentation),
        "source": words.source(presentation),
        "basis": words.evidence(presentation),
        "called": "test image" if presentation.basis == Basis.HELD_OUT else "item",
        "guidelines": presentation.guidelines,
        "fewer": words.FEWER,
        "more": words.MORE,
        "held": words.HELD,
        "known": bool(presentation.known),
        "sample": words.sample(presentation),
        "opens": presentation.opens,
        "steps": [told_of(presentation, step) for step in presentation.steps],
        "places": np.round(to_plane(*presentation.sketch.located.T), 4).tolist(),
        "R": presentation.sketch.R,
        "reach": presentation.sketch.reach,
        "pool": pool_of(presentation),
        "images": {
            item: data_uri(presentation.images[item], LARGEST) for item in items_of(presentation)
        },
    }
    return data | {"key": hashlib.sha256(json.dumps(data).encode()).hexdigest()}


def pool_of(presentation: Presentation) -> dict[str, Any]:
    """The numbers of the items on the map, and small pictures of some, by their places."""
    items, places = presentation.sketch.items, presentation.sketch.pictured
    sheet = contact_sheet(presentation.pool, items[places].tolist())
    return {"items": items.tolist()} | by_place(sheet, places.tolist())


def told_of(presentation: Presentation, step: Step) -> dict[str, Any]:
    """One step in words, figures and items."""
    return {
        "said": [vars(sentence) for sentence in words.sentences(presentation, step)],
        "rows": [vars(row) for row in words.rows(step)],
        "cells": [
            {
                "cell": shown.cell,
                "name": words.CELL_NAMES[shown.cell][0],
                "meaning": words.CELL_NAMES[shown.cell][1],
                "alt": words.CELL_NAMES[shown.cell][1],
                "count": f"{shown.count:,}",
                "share": words.cell_share(shown),
                "items": shown.items,
                "right": shown.cell in RIGHT,
            }
            for shown in step.cells
        ],
        "story": [
            {
                "title": one.title,
                "meaning": one.meaning,
                "alt": words.CELL_NAMES[one.cell][1],
                "item": one.item,
                "right": one.cell in RIGHT,
                "letter": one.letter,
                "place": np.round(to_plane(*one.located), 4).tolist(),
            }
            for one in step.story
        ],
        "letters": words.letters(presentation, step),
        "change": words.change(presentation, step),
        "bars": [bar("before", step.before), bar("now", step.missed)] if step.before else [],
        "notes": words.notes(presentation, step),
        "tried": words.tried(presentation, step),
        "sketch": words.sketch(presentation, step),
        "radius": step.radius,
        "outside": step.outside,
    }


def bar(name: str, share: Interval | None) -> dict[str, Any]:
    """A share that was missed, as a bar with its range."""
    assert share is not None, "what is compared is known"
    return {"name": f"Missed {name}", **vars(share)}


def items_of(presentation: Presentation) -> list[int]:
    """Every image that some step shows."""
    shown = {item for step in presentation.steps for cell in step.cells for item in cell.items}
    shown |= {one.item for step in presentation.steps for one in step.story}
    return sorted(shown)


def to_html(presentation: Presentation, caution: int = 0) -> bytes:
    """One HTML file with everything in it, its slider too, opened at a step."""
    data = json.dumps(told(presentation) | {"caution": caution})
    data = data.replace("<", "\\u003c")  # nothing that was typed ends the script
    said = " ".join(one.text for one in words.sentences(presentation, presentation.at(caution)))
    said += f" {words.evidence(presentation)}"
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width'>"
        f"<title>{escape(presentation.project)}</title>"
        f"<style>{PAPER}{THEME}{SOURCES['css']}</style></head><body>"
        f"<noscript><p>{escape(said)}</p></noscript>{SOURCES['html']}"
        f"<script>{SCRIPT}\nnew Story(document).take({data})</script></body></html>"
    ).encode()
