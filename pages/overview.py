"""Overview: where the project stands, and what to do next."""

import pandas as pd
import streamlit as st

from pages.components import charts, estimates, status
from pages.components.theme import CONFIG
from state import session
from state.advice import next_step
from state.desk import Gallery
from state.models import Model
from state.quality import Quality
from state.session import Session


def numbers(tab: Session, models: list[Model]) -> None:
    """Show the project's four numbers."""
    project, first, last = tab.project(), models[0], models[-1]
    auroc, start = last.metrics.get("auroc"), first.metrics.get("auroc")
    gained = auroc - start if auroc is not None and start is not None else None
    row = st.container(horizontal=True, gap="medium")  # wraps where there is no room
    row.metric("Labels bought", f"{project.spent:,} of {project.budget:,}", width="content")
    found = sum(answer.y < 0 for answer in tab.projects.store.standing(project.id))
    row.metric("Anomalies found", f"{found:,}", width="content")
    row.metric(
        "AUROC on held-out images",
        "undefined" if auroc is None else f"{auroc:.3f}",
        None if gained is None or first is last else f"{gained:+.3f} since the start",
        help="The chance that an anomalous image scores higher than a normal one. "
        "Known here because the scenario knows the truth.",
        width="content",
    )
    row.metric("Model version", f"{last.version}", width="content")


def versions(models: list[Model]) -> pd.DataFrame:
    """List the model versions, newest first."""
    return pd.DataFrame(
        {
            "model": [model.version for model in models],
            "labels": [model.label_count for model in models],
            "AUROC": [model.metrics.get("auroc") for model in models],
            "average precision": [model.metrics.get("average_precision") for model in models],
            "training (s)": [model.metrics.get("seconds") for model in models],
        }
    ).iloc[::-1]


tab = session.current()
st.title("Overview")
status.training(tab)
status.trouble(tab)
project = tab.project()
store = tab.projects.store
models = store.line(project.id)
advice = next_step(
    project,
    tab.projects.model(project.id),
    store.live_job(project.id),
    tab.projects.fresh(project.id),
)
with st.container(border=True, horizontal=True, vertical_alignment="center"):
    st.markdown(f"**Next:** {advice.sentence}")
    if advice.label:
        st.page_link("pages/label.py", label="Go on labeling", icon=":material/arrow_forward:")
if models:
    numbers(tab, models)
    quality = Quality(
        store, project, Gallery(tab.projects.settings.data_dir, project.id, models[-1])
    )
    if project.remaining and project.spent:
        st.markdown(f"**When to stop:** {quality.advice.sentence()}")
    st.subheader("Quality over labels bought")
    st.plotly_chart(charts.learning_curve(models), key="curve", config=CONFIG, width="stretch")
    if len(quality.gallery.audit):
        estimates.audit(quality, models[-1].metrics.get("auroc"))
    with st.expander("Model versions"):
        st.dataframe(
            versions(models),
            hide_index=True,
            column_config={
                name: st.column_config.NumberColumn(format=format_)
                for name, format_ in (
                    ("AUROC", "%.4f"),
                    ("average precision", "%.4f"),
                    ("training (s)", "%.2f"),
                )
            },
        )
