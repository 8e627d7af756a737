"""Parts of the form of a new project."""

from dataclasses import dataclass

import streamlit as st

from anomaly_core.datasets.scenario import AnomalySource
from anomaly_core.detectors.base import Family
from state.store.schema import RoundTrigger

TRIGGERS = {
    RoundTrigger.COUNT: "after so many labels, as given above",
    RoundTrigger.TIME: "after so many seconds, if there is a new label",
    RoundTrigger.CONTINUOUS: "after any new label, as soon as the model is ready for it",
}

SOURCES = {
    AnomalySource.OTHER_CLASSES: "images of other classes",
    AnomalySource.NOISE: "noise over normal images",
    AnomalySource.ROTATION: "rotated normal images",
    AnomalySource.NOISE_AND_ROTATION: "rotated normal images with noise",
    AnomalySource.LETTERS: "printed letters A to Z",
}


FAMILIES = {
    Family.JOINT: "Automatic",
    Family.FEATURES: "Ready at once (drawn pictures)",
    Family.DEEP_SVDD: "Learned from this pool (Deep SVDD)",
    Family.FCDD: "Every place (fully convolutional)",
}
ABOUT_FAMILIES = (
    "Automatic: asks at once, with what was learned from pictures drawn by a program, and takes in "
    "later what this pool teaches, as much as the answers speak for. Ready at once: the first half "
    "of that alone. Learned from this pool: pretrained on it before the first question. Every "
    "place: compares each place of an image, after minutes of training on painted defects."
)


@dataclass(frozen=True)
class Distortions:
    """How strongly images are distorted; see `Scenario`."""

    noise: str  # as typed, for `parse_noise`
    rotation: float  # degrees


@dataclass(frozen=True)
class Teamwork:
    """How many people answer each image, and when the model learns from them."""

    overlap: int
    round_trigger: RoundTrigger
    round_seconds: float
    repeat_share: float  # 0 to 1


def sources() -> tuple[AnomalySource, ...]:
    """Draw the choice of what is mixed in as anomalies."""
    chosen = st.multiselect(
        "Anomalies mixed in",
        list(SOURCES),
        default=[AnomalySource.OTHER_CLASSES],
        format_func=SOURCES.__getitem__,
        help="Several kinds are mixed in equally. No image is used both clean and distorted.",
    )
    return tuple(source for source in SOURCES if source in chosen)


def family() -> Family:
    """Draw the choice of the model."""
    chosen = st.selectbox(
        "Model", list(FAMILIES), format_func=FAMILIES.__getitem__, help=ABOUT_FAMILIES
    )
    return Family(chosen)


def distortions() -> Distortions:
    """Draw the fields that say how strongly images are distorted."""
    left, right = st.columns(2, vertical_alignment="bottom")
    noise = left.text_input(
        "Strength of noise",
        "0.5",
        help="Standard deviation, where black is 0 and white 1. One or several: 0.5 or 0.2,0.5.",
    )
    rotation = right.number_input("Largest angle (degrees)", value=30.0, step=5.0)
    return Distortions(noise, rotation)


def teamwork() -> Teamwork:
    """Draw the fields that say how people and model work together."""
    trigger = st.selectbox("The model learns", list(TRIGGERS), format_func=TRIGGERS.__getitem__)
    left, middle, right = st.columns(3, vertical_alignment="bottom")
    seconds = left.number_input("Seconds per round", value=30, step=10)
    overlap = middle.number_input(
        "Labels per image", value=1, step=1, help="Each by another person."
    )
    repeats = right.number_input("Asked twice (% of answers)", value=0, step=5)
    st.caption(
        "The budget counts labels, which are answers of normal or anomalous: two labels per image "
        "cost two. Asking somebody twice costs nothing and shows who is consistent."
    )
    return Teamwork(overlap, trigger, float(seconds), repeats / 100)
