"""Every version that led to the one that serves, with how good it is."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.components.estimates import auroc
from state.versions.lineage import Entry

FORMATS = {"AUROC": "%.4f", "average precision": "%.4f", "training (s)": "%.2f"}


def versions(entries: Sequence[Entry]) -> None:
    """List the versions, newest first."""
    told = table(entries)
    if all(entry.model.untold for entry in entries):
        told = told.drop(columns=["AUROC", "average precision"])
    st.dataframe(
        told,
        hide_index=True,
        column_config={
            name: st.column_config.NumberColumn(format=kind) for name, kind in FORMATS.items()
        },
    )


def table(entries: Sequence[Entry]) -> pd.DataFrame:
    """Return the versions as a table, newest first."""
    return pd.DataFrame(
        {
            "model": [entry.version for entry in entries],
            "answers trained on": [entry.model.label_count for entry in entries],
            "AUROC": [entry.auroc for entry in entries],
            "average precision": [entry.average_precision for entry in entries],
            "AUROC by random answers (95% interval)": [auroc(entry.estimate) for entry in entries],
            "training (s)": [entry.model.metrics.get("seconds") for entry in entries],
        }
    ).iloc[::-1]
