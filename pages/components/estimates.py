"""What random answers tell of a model, with how sure that is."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from anomaly_core.threshold.intervals import Interval
from pages.components import charts
from pages.components.glossary import word
from pages.components.text import counted, percent
from pages.components.theme import CONFIG
from state.quality.audit import Quality
from state.versions.lineage import Entry

WIDE = 0.5  # of an interval from which on its middle says nothing


def interval(estimate: Interval | None, what: str = "too few answers yet") -> str:
    """Format an estimate with the range it lies in; the range alone where that says too little."""
    if estimate is None:
        return what
    if estimate.high - estimate.low > WIDE:
        return f"too few answers yet ({percent(estimate.low, 0)} to {percent(estimate.high, 0)})"
    return f"{percent(estimate.value)} ({percent(estimate.low)} to {percent(estimate.high)})"


def auroc(estimate: Interval | None) -> str:
    """Format an AUROC, which is no share, with the range it lies in."""
    if estimate is None:
        return "needs a normal and an anomalous answer"
    if estimate.high - estimate.low > WIDE:
        return f"too few answers yet ({charts.said(estimate)})"
    return f"{estimate.value:.3f} ({charts.said(estimate)})"


def audit(quality: Quality, entries: Sequence[Entry]) -> None:
    """Show what the random answers tell of the model, with how sure that is."""
    known, truth = quality.estimate, entries[-1].auroc
    st.subheader("Quality by answers to random images", help=word("random answers", "interval"))
    if known.answers == 0:
        st.caption(
            "No random image has been answered yet; some questions are about such images. "
            + left_out(quality)
        )
        return
    rows = {
        "AUROC": auroc(known.auroc),
        "Precision of what is flagged": interval(known.precision, "nothing was flagged"),
        "Recall": interval(known.recall, "no anomaly among them"),
        "Share of anomalies in the pool": interval(known.contamination),
    }
    left, right = st.container(key="wide-audit").columns(2, gap="large")
    left.dataframe(
        pd.DataFrame({"estimate (95% interval)": rows}).rename_axis("by random answers"),
        width="content",
    )
    beside = "" if truth is None else f" On held-out images the AUROC is {truth:.3f}."
    left.caption(
        f"Measured on {counted(known.answers, 'image')} drawn at random, {known.anomalies:,} of "
        "them answered anomalous. No model learns from these answers, so they tell honestly how "
        f"good it is; the more there are, the narrower the ranges. {quality.rule.origin}{beside} "
        f"{left_out(quality)}"
    )
    with right:
        by_version(entries)


def left_out(quality: Quality) -> str:
    """Say how many answers to random images do not count, and why."""
    if not quality.left_out:
        return "Only answers given without seeing what the model thinks count."
    return (
        f"{quality.left_out:,} more do not count: they were given or changed while the model's "
        "opinion was on screen, settled on Review, or given after a look at the truth."
    )


def by_version(entries: Sequence[Entry]) -> None:
    """Draw what the same answers tell of each version."""
    if all(entry.estimate is None for entry in entries):
        st.caption(
            "The AUROC of each version is drawn here once a normal and an anomalous image are "
            "among them."
        )
        return
    st.plotly_chart(
        charts.audited(entries),
        key="audited",
        config=CONFIG,
        width="stretch",
        alt="AUROC of each model version by random answers with its 95% interval; the same "
        "figures are in the table of model versions.",
    )
    st.caption("The same answers on every version; the bars are 95% intervals.")
