"""Parts of the form of a new project."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Self

import streamlit as st

from anomaly_core.datasets.scenario import AnomalySource
from anomaly_core.detectors.base import Family
from pages.components.glossary import word
from state.store.projects import ProjectTerms
from state.store.schema import RoundTrigger

TRIGGERS = {
    RoundTrigger.COUNT: "after so many labels, as given for a round",
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
NOISY = {AnomalySource.NOISE, AnomalySource.NOISE_AND_ROTATION}
ROTATED = {AnomalySource.ROTATION, AnomalySource.NOISE_AND_ROTATION}

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

    overlap: int = 1
    round_trigger: RoundTrigger = RoundTrigger.COUNT
    round_seconds: float = 30.0
    repeat_share: float = 0.0  # to 1

    @classmethod
    def of(cls, terms: ProjectTerms) -> Self:
        """What the terms of a project say of it."""
        return cls(**{one.name: getattr(terms, one.name) for one in fields(cls)})


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


def distortions(sources: Collection[AnomalySource]) -> Distortions:
    """Draw the fields that say how strongly images are distorted, those that any source needs."""
    noise, rotation = "0.5", 30.0
    left, right = st.columns(2, vertical_alignment="bottom")
    if NOISY.intersection(sources):
        noise = left.text_input(
            "Strength of noise",
            noise,
            help="Standard deviation, where black is 0 and white 1. One or several: 0.5 or "
            "0.2,0.5.",
        )
    if ROTATED.intersection(sources):
        rotation = right.number_input("Largest angle (degrees)", value=rotation, step=5.0)
    return Distortions(noise, rotation)


def teamwork(key: str = "new", now: ProjectTerms | None = None) -> Teamwork:
    """Draw the fields that say how people and model work together, as it is `now` at first.

    `key` tells the fields of one form from those of another on the same page.
    """
    known = Teamwork.of(now) if now else Teamwork()
    triggers = list(TRIGGERS)
    trigger = st.selectbox(
        "The model learns",
        triggers,
        triggers.index(known.round_trigger),
        format_func=TRIGGERS.__getitem__,
        key=f"{key}-trigger",
    )
    left, middle, right = st.columns(3, vertical_alignment="bottom")
    overlap = left.number_input(
        "Labels per image",
        value=known.overlap,
        step=1,
        key=f"{key}-overlap",
        help=word("overlap"),
    )
    repeats = middle.number_input(
        "Asked twice (% of answers)",
        value=round(100 * known.repeat_share),
        step=5,
        key=f"{key}-repeats",
    )
    seconds = known.round_seconds
    if trigger is RoundTrigger.TIME:
        seconds = right.number_input(
            "Seconds per round", value=round(seconds), step=10, key=f"{key}-seconds"
        )
    st.caption(
        "The budget counts labels, which are answers of normal or anomalous: two labels per image "
        "cost two. Asking somebody twice costs nothing and shows who is consistent."
    )
    return Teamwork(overlap, RoundTrigger(trigger), float(seconds), repeats / 100)
