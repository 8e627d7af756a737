"""Training curves of every stage that led to a model."""

import streamlit as st

from pages.components import theme
from pages.components.explore import figures
from state.explore.inspector import losses
from state.files.gallery import Gallery

STAGES = {
    "pretraining": (
        "Pretraining of the autoencoder",
        "progress, in twentieths",
        "Error of the reconstruction, with a contrastive term. It is done once.",
    ),
    "fitting": (
        "Fitting the sphere",
        "progress, in twentieths",
        "Pull of what is normal to the center, without labels.",
    ),
    "updating": (
        "Updates by answers",
        "update",
        "Pull of the unlabeled and push of the anomalous together: one point an update.",
    ),
}


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
                st.caption("Not gone through by this model.")
                continue
            whole = 1 if len(of_stage) < 8 else None  # no half an update between two
            figure = figures.losses(of_stage).update_xaxes(title=unit, dtick=whole)
            st.plotly_chart(
                figure,
                key=f"losses-{stage}",
                config=theme.CONFIG,
                width="stretch",
                alt=f"{title}: the loss, by {unit}. {meaning}",
            )
            st.caption(meaning)
