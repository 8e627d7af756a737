"""What a threshold is wanted for: plain words on the page, objectives of the engine behind them."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from anomaly_core.errors import InvalidInput
from anomaly_core.threshold.judged import Worth
from anomaly_core.threshold.objectives import (
    AlertsPerDay,
    BestFBeta,
    ByRule,
    ExpectedShare,
    FewestAlarms,
    LeastCost,
    MostRecall,
    Objective,
)
from anomaly_core.threshold.rules import (
    Fixed,
    MeanPlusSigmas,
    PercentileOfNormals,
    TimesTheMean,
    from_radius,
)
from pages.components.estimates import left_out
from pages.components.glossary import word
from pages.components.text import literal
from state.quality.tuning import Basis, Evidence, Tuning

EXPECTED = "Expectations and costs"
BASES = {
    Basis.HELD_OUT: "Held-out images",
    Basis.RANDOM: "Answers to random images",
    Basis.LABELED: "All answers",
}
WHAT_THEY_ARE = {
    Basis.HELD_OUT: "{count} images that no model has learned from, and whose truth is known.",
    Basis.RANDOM: "{count} answers to images drawn at random. The model learns from no such "
    "answer, though from the images, unlabeled.",
    Basis.LABELED: "{count} answers, also those that the model has learned from.",
}


def by_hand_no_more() -> None:
    """Let the objective place the threshold again."""
    st.query_params.pop("threshold", None)


def look_no_more() -> None:
    """Let the objective place the threshold again, and forget the images of other evidence."""
    by_hand_no_more()
    for name in ("look", "flip", "near"):
        st.query_params.pop(name, None)


def evidence_of(tuning: Tuning) -> Evidence:
    """Let a person choose what to judge by."""
    basis = st.segmented_control(
        "Judge by",
        tuning.bases,
        format_func=BASES.__getitem__,
        default=tuning.bases[0],
        required=True,
        key="basis",
        on_change=look_no_more,
        width="content",
        help=word("held-out images", "random answers", "label"),
    )
    evidence = tuning.evidence(basis)
    known = WHAT_THEY_ARE[basis].format(count=f"{len(evidence.items):,}")
    if basis is Basis.RANDOM:
        known += f" {left_out(tuning.random_answers)}"
    st.caption(known, width="stretch")
    return evidence


def worth_of(tuning: Tuning) -> Worth:
    """Let a person say what is expected, and what mistakes cost."""
    about = word("contamination", "precision", "expected cost")
    with st.popover(EXPECTED, icon=":material/balance:", help=about):
        prevalence = number(
            st,
            "Anomalous images expected (%)",
            100 * tuning.contamination,
            "prevalence",
            "Of all images to come. Precision, F and cost depend on it.",
        )
        miss = number(st, "Cost of a miss", 10.0, "miss", "In any unit.")
        alarm = number(st, "Cost of a false alarm", 1.0, "alarm", "In the same unit.")
        beta = number(
            st, "Beta", 1.0, "beta", "How many times as much recall counts as precision, in F."
        )
    try:
        return Worth(prevalence / 100, beta, miss, alarm)
    except InvalidInput as error:
        st.error(literal(str(error)))
        return Worth(tuning.contamination)


def objective_of(tuning: Tuning, worth: Worth) -> Objective:
    """Let a person choose what the threshold is for."""
    left, right = st.container(key="wide-objective").columns([5, 4], vertical_alignment="bottom")
    name = left.selectbox(
        "What the threshold is for",
        list(OBJECTIVES),
        key="objective",
        bind="query-params",
        on_change=by_hand_no_more,
        help=word("threshold"),
    )
    return OBJECTIVES[name](right, tuning, worth)


def number(place: Any, label: str, value: float, key: str, help_: str | None = None) -> float:
    """Draw a field for a number that the address keeps."""
    given: float = place.number_input(
        label,
        value=float(f"{value:.6g}"),
        key=key,
        help=help_,
        bind="query-params",
        on_change=by_hand_no_more,
        format="%g",
    )
    return given


def _most_recall(place: Any, tuning: Tuning, worth: Worth) -> Objective:
    one, other = place.columns([4, 5], vertical_alignment="bottom")
    most = number(one, "False alarms, at most (%)", 5.0, "fpr", "Of 100 normal images.")
    sure = other.checkbox(
        "Hold on new images too",
        key="sure",
        bind="query-params",
        on_change=by_hand_no_more,
        help="Not the share seen here stays below, but the upper end of its range: what new images "
        "may bring in 95 of 100 cases.",
    )
    return MostRecall(most / 100, sure)


def _fewest_alarms(place: Any, tuning: Tuning, worth: Worth) -> Objective:
    least = number(place, "Caught, at least (%)", 90.0, "recall", "Of 100 anomalous images.")
    return FewestAlarms(least / 100)


def _least_cost(place: Any, tuning: Tuning, worth: Worth) -> Objective:
    place.caption(f"Change the costs under *{EXPECTED}*.")
    return LeastCost(worth)


def _best_balance(place: Any, tuning: Tuning, worth: Worth) -> Objective:
    place.caption(f"Change beta under *{EXPECTED}*.")
    return BestFBeta(worth)


def _alerts(place: Any, tuning: Tuning, worth: Worth) -> Objective:
    one, other = place.columns(2)
    return AlertsPerDay(
        number(one, "Alerts a day", 20.0, "alerts"),
        number(other, "Images a day", 1_000.0, "images"),
    )


def _expected(place: Any, tuning: Tuning, worth: Worth) -> Objective:
    return ExpectedShare(
        number(place, "Share to flag (%)", 100 * tuning.contamination, "flagged") / 100
    )


def _normals_pass(place: Any, tuning: Tuning, worth: Worth) -> Objective:
    return ByRule(PercentileOfNormals(number(place, "Percentile", 95.0, "pass")))


def _sigmas(place: Any, tuning: Tuning, worth: Worth) -> Objective:
    return ByRule(MeanPlusSigmas(number(place, "Standard deviations", 3.0, "sigmas")))


def _times_the_mean(place: Any, tuning: Tuning, worth: Worth) -> Objective:
    return ByRule(TimesTheMean(number(place, "Times the mean", 2.0, "times")))


def _surface(place: Any, tuning: Tuning, worth: Worth) -> Objective:
    R = tuning.gallery.R
    return ByRule(Fixed(from_radius(R), f"the surface of the hypersphere, R = {R:.3g}"))


OBJECTIVES: dict[str, Callable[[Any, Tuning, Worth], Objective]] = {
    "Catch the most with few false alarms": _most_recall,
    "Catch at least so many": _fewest_alarms,
    "Best balance of catching and being right (F-beta)": _best_balance,
    "Least cost": _least_cost,
    "As many alerts as we can look at": _alerts,
    "Flag the expected share": _expected,
    "Rule: percentile of the normal scores": _normals_pass,
    "Rule: mean + standard deviations of the normal scores": _sigmas,
    "Rule: times the mean of the normal scores": _times_the_mean,
    "Rule: surface of the hypersphere": _surface,
}
