"""What a threshold does, in plain sentences that say how sure they are."""

import streamlit as st

from anomaly_core.threshold.intervals import Interval, auroc_interval, average_precision_interval
from anomaly_core.threshold.judged import Figures, Worth, figures_at
from anomaly_core.threshold.objectives import MostRecall
from pages.components.glossary import word
from pages.components.text import literal, percent
from pages.components.tune.board import wanted_threshold
from pages.components.tune.form import by_hand_no_more
from pages.components.tune.points import save_form
from state.quality.tuning import Choice, Evidence, Tuning
from state.session import Session

RANGES = (
    "Exact intervals (Clopper and Pearson) for recall and false alarms; for what follows from "
    "both, 2,000 samples like this one were drawn.\n\n"
) + word("recall", "false alarm", "precision", "interval")

RANKING = word("AUROC", "average precision")
LAPSED = (
    "Threshold no. {0.id} was saved for model {0.model_version}. The scores of two models do not "
    "compare, so model {1.version} goes by the share that the project expects until a threshold is "
    "saved for it."
)


def verdict(tab: Session, tuning: Tuning, evidence: Evidence, choice: Choice, worth: Worth) -> None:
    """Say what the threshold is, what it catches and misses, and how sure that is."""
    if choice.instead:
        st.info(
            f"{literal(choice.instead)} Until then: {literal(choice.sentence)}.",
            icon=":material/info:",
        )
    if (lapsed := tuning.lapsed) is not None:
        st.warning(LAPSED.format(lapsed, tuning.gallery.model), icon=":material/info:")
    by_hand = wanted_threshold() is not None
    found = figures_at(evidence.judged, choice.threshold, worth)
    purpose = origin(tuning, choice.threshold) if by_hand else choice.sentence
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**Threshold {choice.threshold:.4g}**: {literal(purpose)}.")
        st.button(
            "Reset to recommended",
            key="by-objective",
            on_click=by_hand_no_more,
            disabled=not by_hand,  # and not away: nothing beside or below it may jump
        )
        if st.button(
            "Save this threshold",
            icon=":material/bookmark_add:",
            disabled=bool(choice.instead),  # it is not what was asked for
        ):
            save_form(tab, tuning, evidence, choice)
    if note := in_use(tuning, choice.threshold):
        st.markdown(f":orange-badge[Not in use] {note}")
    st.markdown(" ".join(sentences(found, worth)), help=RANGES)
    told = (exceeded(choice, evidence, found), ranked(evidence), warnings(evidence, choice))
    st.caption(" ".join(part for part in told if part), help=RANKING)


def in_use(tuning: Tuning, threshold: float) -> str:
    """Which saved threshold is in use while another one is looked at; empty where none is."""
    rule = tuning.desk.rule
    if rule is None or rule.saved is None or rule.threshold == threshold:
        return ""
    if rule.saved.model_version != tuning.gallery.model.version:
        return ""
    return (
        f"In use is no. {rule.saved.id}, {rule.threshold:.4g}; the one shown here is only looked "
        "at until you save it."
    )


def origin(tuning: Tuning, threshold: float) -> str:
    """Where a threshold that no objective has chosen comes from."""
    version = tuning.gallery.model.version
    for point in tuning.points():
        if (point.threshold, point.model_version) == (threshold, version):
            return f"saved as no. {point.id}, {point.reason.rstrip('.')}"
    return "set by hand"


def exceeded(choice: Choice, evidence: Evidence, found: Figures) -> str:
    """Say by how much new images may exceed the false alarms that were asked for."""
    objective, alarms = choice.objective, found.false_positive_rate
    if not isinstance(objective, MostRecall) or alarms is None:
        return ""
    if alarms.high <= objective.false_positive_rate:
        return ""
    said = f"On new images the false alarms may be up to {percent(alarms.high)}."
    if not objective.can_be_sure(evidence.judged):
        return f"{said} Only more normal images could tell."
    most = percent(objective.false_positive_rate)
    return f"{said} To keep even that below {most}: *Hold on new images too*."


def warnings(evidence: Evidence, choice: Choice) -> str:
    """Say what the ranges do not know."""
    said = ["Ranges hold the truth in 95 of 100 such samples."]
    objective = choice.objective
    if objective is not None and not (isinstance(objective, MostRecall) and objective.sure):
        said.append("The threshold was chosen on the same images, so new ones may do a bit worse.")
    if evidence.warning:
        said.append(literal(evidence.warning))
    return " ".join(said)


def ranked(evidence: Evidence) -> str:
    """Say how well the scores rank, whatever the threshold."""
    known = evidence.judged.y, evidence.judged.scores
    found, precision = auroc_interval(*known), average_precision_interval(*known)
    if found is None or precision is None:
        return "Whatever the threshold: an AUROC takes images of both kinds."
    return (
        f"Whatever the threshold: AUROC **{between(found)}**, average precision "
        f"**{between(precision)}** where {percent(evidence.judged.prevalence, 0)} are "
        "anomalous, as here."
    )


def between(estimate: Interval) -> str:
    """A figure from 0 to 1 with its range."""
    return f"{estimate.value:.3f} (between {estimate.low:.3f} and {estimate.high:.3f})"


def sentences(found: Figures, worth: Worth) -> list[str]:
    """What is caught, missed, alarmed and right, each with its range."""
    at = found.confusion
    said = []
    if found.recall is None:
        said.append("Nothing is known about what it catches: no anomalous image is known here.")
    else:
        said.append(
            f"It catches **{counted(found.recall)}** of the anomalous images (recall): "
            f"{at.true_positive:,} of {at.anomalies:,} here, {at.false_negative:,} are missed."
        )
    if found.false_positive_rate is None:
        said.append("Nothing is known about false alarms: no normal image is known here.")
    else:
        said.append(
            f"It flags **{counted(found.false_positive_rate)}** of the normal ones (false alarms): "
            f"{at.false_positive:,} of {at.normals:,} here."
        )
    if found.precision is not None:
        said.append(
            f"If {percent(worth.prevalence)} of all images are anomalous, "
            f"**{counted(found.precision)}** of what it flags is (precision)."
        )
    return said


def counted(estimate: Interval) -> str:
    """A share with its range, in percent."""
    value, low, high = (100 * one for one in (estimate.value, estimate.low, estimate.high))
    return f"{value:.1f} % (between {low:.1f} and {high:.1f})"
