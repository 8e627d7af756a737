"""The board of the Tune page: a threshold that is dragged, and all that follows it at once.

The browser gets sorted scores once and computes every count itself; the server is told where the
threshold came to rest.
"""

import base64
import hashlib
from typing import Any

import numpy as np
import streamlit as st

from anomaly_core.threshold.judged import (
    Curve,
    Figures,
    Judged,
    Worth,
    bands,
    figures_at,
    shares_by_place,
)
from pages.components.component import component, said
from pages.components.glossary import word
from state.heard import measured, number, perhaps
from state.quality.tuning import Cell, Choice, Evidence, Tuning
from state.session import address

KEY = "board"
BANDS = 120  # thresholds at which the bands are computed
TENTHS = 10
BOARD = component(KEY, __file__)
MEANINGS = {
    "Recall": word("recall"),
    "False alarms": word("false alarm"),
    "Precision": word("precision"),
    "F1": word("F1"),
    "Expected cost": word("expected cost"),
    "Alerts in the pool": word("alert"),
    "Score": word("score"),
}


def board(tuning: Tuning, evidence: Evidence, choice: Choice, worth: Worth) -> None:
    """Draw the board.

    A drag ends in `?threshold=`, a click on the matrix in `?cell=`, a look at a score in `?near=`.
    """
    BOARD(
        key=KEY,
        data=data(tuning, evidence, choice, worth),
        on_threshold_change=keep_threshold,
        on_cell_change=keep_cell,
        on_near_change=keep_near,
    )


def keep_threshold() -> None:
    """Put the threshold that the line was dragged to into the address."""
    keep("threshold")


def keep_cell() -> None:
    """Put the cell of the matrix that was clicked into the address, or take it out."""
    cell = said(KEY, "cell")
    if cell not in list(Cell):
        return
    for name in ("look", "flip"):  # an image of the cell before
        st.query_params.pop(name, None)
    if wanted_cell() == cell:
        st.query_params.pop("cell", None)
    else:
        st.query_params["cell"] = cell


def keep_near() -> None:
    """Put the score that was looked at into the address."""
    keep("near")


def keep(name: str) -> None:
    """Put a score that the board names into the address."""
    value = perhaps(number, said(KEY, name))
    if value is not None:
        st.query_params[name] = repr(value)


def wanted_threshold() -> float | None:
    """The threshold that the address names."""
    return address("threshold", measured)


def wanted_near() -> float | None:
    """The score that the address names, to see images like it."""
    return address("near", measured)


def wanted_cell() -> Cell | None:
    """The cell of the matrix that the address names."""
    return address("cell", Cell)


def data(tuning: Tuning, evidence: Evidence, choice: Choice, worth: Worth) -> dict[str, Any]:
    """What the browser gets; the key changes with everything but the threshold and the cell."""
    judged = evidence.judged
    by_hand = wanted_threshold() is not None
    return {
        "key": f"{tuning.gallery.model.version}-{evidence.data_hash}-{pool_of(judged)}-{worth}",
        "moved": "by hand" if by_hand else choice.sentence,
        "threshold": choice.threshold,
        "cell": wanted_cell(),
        "worth": {
            "prevalence": worth.prevalence,
            "beta": worth.beta,
            "miss": worth.miss,
            "falseAlarm": worth.false_alarm,
        },
        "scores": {
            "normal": packed(judged.normal_scores),
            "anomalous": packed(judged.anomalous_scores),
            "pool": packed(judged.pool_scores),
        },
        "bands": known_bands(judged, worth),
        "calibration": calibration(judged, worth),
        "terms": MEANINGS,
        "ranges": ranges(figures_at(judged, choice.threshold, worth)),
    }


def pool_of(judged: Judged) -> str:
    """What tells the scores of this pool from others; a large one is rescored little by little."""
    return hashlib.sha256(judged.pool_scores.tobytes()).hexdigest()


def packed(scores: Curve) -> str:
    """Encode scores as base64 of little-endian 32-bit floats, as they were computed."""
    return base64.b64encode(scores.astype("<f4").tobytes()).decode()


def known_bands(judged: Judged, worth: Worth) -> dict[str, Any]:
    """How sure the curves are, at thresholds evenly spread over the scores; None is undefined."""
    every = np.concatenate([judged.normal_scores, judged.anomalous_scores])
    threshold = np.unique(np.quantile(every, np.linspace(0, 1, BANDS))) if len(every) else every
    found = bands(judged, threshold, worth)
    return {
        "threshold": threshold.tolist(),
        "recall": [plain(limit) for limit in found.recall],
        "alarms": [plain(limit) for limit in found.false_positive_rate],
        "precision": [plain(limit) for limit in found.precision],
    }


def plain(curve: Curve) -> list[float | None]:
    """A list in which what is undefined is None."""
    return [None if np.isnan(value) else value for value in curve.tolist()]


def calibration(judged: Judged, worth: Worth) -> list[dict[str, float]]:
    """The share of anomalous in each tenth of the pool, with its interval."""
    found = enumerate(shares_by_place(judged, worth, TENTHS))
    return [
        {"place": (tenth + 0.5) / TENTHS, "share": part.value, "low": part.low, "high": part.high}
        for tenth, part in found
        if part
    ]


def ranges(found: Figures) -> dict[str, list[float] | None]:
    """The interval of each figure at the threshold that stands; `None` is undefined."""
    known = {
        "recall": found.recall,
        "falsePositiveRate": found.false_positive_rate,
        "precision": found.precision,
        "fBeta": found.f_beta,
        "cost": found.cost,
    }
    return {name: [one.low, one.high] if one else None for name, one in known.items()}
