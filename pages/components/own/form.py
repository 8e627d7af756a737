"""What a project of a person's own images is to be like."""

from dataclasses import replace

import streamlit as st

from anomaly_core.datasets.scenario import Scenario
from anomaly_core.importing.fitting import Choices, Fit
from pages.components import backbone
from pages.components.own.report import CREATE
from pages.components.project import examples, parts
from state.files.imports import ImportFolder
from state.projects.examples import marked
from state.projects.projects import OWN, ProjectForm
from state.projects.report import Report
from state.session import Session
from state.workers.own.images import OwnImages

FITS = {
    Fit.STRETCH: "stretch to a square",
    Fit.CROP: "cut to a square",
    Fit.PAD: "fill up to a square",
}
IGNORED, TRUTH, ANSWERS = "Leave them out", "Use them to measure quality", "Take them as answers"
ABOUT_LABELS = (
    "To measure quality, the model never learns from them and annotators do not see them: they "
    "only tell you how good it is. As answers, the model learns from them and nobody is asked "
    "again; where they came from stays with them, and the budget is for answers beside them."
)
SIZES = (32, 48, 64, 96, 128, 160, 192, 224, 256)


def view(tab: Session, found: ImportFolder) -> None:
    """Let a person choose how the model sees the images; the sample follows at once."""
    now = found.plan.choices
    assert now is not None
    left, middle, right = st.columns(3)
    sizes = sorted({*SIZES, now.side})
    side = left.selectbox("Pixels a side", sizes, sizes.index(now.side), help=ABOUT_SIZE)
    fit = middle.selectbox(
        "Images that are no squares",
        list(FITS),
        list(FITS).index(now.fit),
        format_func=FITS.__getitem__,
    )
    colour = right.selectbox("Colours", ["grey", "colour"], int(now.colour)) == "colour"
    tab.projects.imports.see(found, Choices(side, fit, colour), tab.annotator())


ABOUT_SIZE = "More shows smaller defects and takes longer: four times for twice as many."


def form(tab: Session, found: ImportFolder, told: Report) -> ProjectForm | None:
    """Draw the form; return what was filled in once a project is to be created.

    Raises `InvalidInput` for values that no project can have.
    """
    own = labels(found, told)
    with st.expander("Examples from elsewhere"):
        sent = examples.fields()
        examples.preview(sent)
    with st.container(border=True):
        left, right = st.columns(2)
        name = left.text_input("Name of the project", found.title, max_chars=255)
        share = right.number_input("Anomalies that you expect (%)", value=10.0, step=1.0)
        budget = left.number_input(
            "Budget (labels)", value=min(100, told.images // 2 or 1), step=10
        )
        batch = right.number_input("Labels per round", value=min(10, told.images // 2 or 1), step=1)
        guidelines = st.text_area(
            "What is normal, what is not",
            placeholder="Normal: a clean surface. Anomalous: a scratch, a hole, a stain.",
            help="Annotators see it beside each image.",
            max_chars=10_000,
        )
        with st.expander("Advanced"):
            family = parts.family()
            network = backbone.fields(family)
            team = parts.teamwork()
        wanted = st.button("Create project", type="primary", key=CREATE)
    backbone.fetch(network, tab)
    if not wanted:
        return None
    choices = found.plan.choices
    assert choices is not None
    return ProjectForm(
        name=name,
        scenario=Scenario(OWN, (), share / 100, size=choices.side),
        images=own,
        family=family,
        backbone=backbone.chosen(network),
        budget=budget,
        batch_size=batch,
        guidelines=guidelines,
        examples=marked(found) + sent.taken(),
        **vars(team),
    )


def labels(found: ImportFolder, told: Report) -> OwnImages:
    """Ask what the labels are that came with the images, if any did."""
    own = OwnImages(found.name)
    if len(told.labels) < 2:
        return own
    counted = ", ".join(f"{name} ({count:,})" for name, count in told.labels.items())
    use = st.radio(
        f"Labels came with the images: {counted}",
        [IGNORED, TRUTH, ANSWERS],
        horizontal=True,
        help=ABOUT_LABELS,
    )
    if use == IGNORED:
        return own
    normal = st.multiselect("Which of them are normal?", list(told.labels), told.likely_normal)
    if use == ANSWERS:
        return replace(own, answers=True, normal=tuple(normal))
    test = st.checkbox("Set some of them aside as a test", value=True, help=ABOUT_TEST)
    return replace(own, truth=True, normal=tuple(normal), test=test)


ABOUT_TEST = "Those in a folder or split named test, else 30 of 100 of each label."
