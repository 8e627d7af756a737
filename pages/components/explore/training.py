"""Training curves of every stage that led to a model."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.components import theme
from pages.components.explore import figures
from pages.components.table import NUMBER, values
from state.explore.inspector import losses
from state.files.gallery import Gallery

STAGES = {
    "pretraining": (
        "Pretraining of the autoencoder",
        "progress",
        "How badly images are redrawn, with a contrastive term. It is done once, before the first "
        "model.",
    ),
    "fitting": (
        "Fitting the sphere",
        "progress",
        "How far from the center images still lie while they are pulled to it; no answer is used.",
    ),
    "updating": (
        "Updates by answers",
        "update",
        "How far unlabeled images still lie from the center, and how near to it anomalous ones, in "
        "one number; one point for each update.",
    ),
}
TWENTIETHS = {  # of a stage, at each of which a loss is recorded
    "tickvals": [0, 5, 10, 15, 20],
    "ticktext": ["0 %", "25 %", "50 %", "75 %", "100 %"],
}
LOSSES = {"At": NUMBER, "Training": NUMBER, "Validation": NUMBER}


def curves(gallery: Gallery) -> None:
    """Draw one figure a stage; a stage that was left out says so."""
    rows = losses(gallery)
    if not rows:
        st.caption("This model recorded no losses.")
        return
    columns = st.container(key="wide-curves").columns(len(STAGES), gap="medium")
    for column, (stage, (title, unit, meaning)) in zip(columns, STAGES.items(), strict=True):
        with column:
            st.markdown(f"**{title}**")
            of_stage = [row for row in rows if row.get("stage") == stage]
            if not of_stage:
                st.caption("This model was made without this step.")
                continue
            figure = figures.losses(of_stage).update_xaxes(title=unit)
            if stage == "updating":
                theme.whole_numbers(figure, sorted({row["epoch"] for row in of_stage}))
            else:
                figure.update_xaxes(**TWENTIETHS)
            st.plotly_chart(
                figure,
                key=f"losses-{stage}",
                config=theme.CONFIG,
                width="stretch",
                alt=f"{title}: the loss, by {unit}. {meaning}",
            )
            st.caption(meaning)
            values(title.lower(), LOSSES, [told(row, stage) for row in of_stage])


def told(row: Mapping[str, Any], stage: str) -> tuple[str, str, str]:
    """The losses at one moment as a row of a table."""
    at = f"update {row['epoch']}" if stage == "updating" else f"{5 * row['epoch']} %"
    losses = (row.get(key) for key in ("training", "validation"))
    training, validation = ("" if loss is None else f"{loss:.4g}" for loss in losses)
    return at, training, validation
