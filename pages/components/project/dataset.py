"""The form of a project on a dataset whose truth is known, to try Ringfence or to measure it."""

import streamlit as st

from anomaly_core.datasets.scenario import Scenario, parse_classes, parse_noise
from anomaly_core.detectors.base import TrainingObjective
from anomaly_core.query import STRATEGIES
from pages.components import backbone, files
from pages.components.project import examples, parts
from state.projects.projects import ProjectForm
from state.projects.runs import folder_named
from state.session import Session

DIGIT = "3"  # that is normal where nobody says otherwise
OBJECTIVES = list(TrainingObjective)
ABOUT_ROOT = (
    "A path on the computer that runs Ringfence. Leave it empty for mnist-5k, and for mnist, which "
    "is then downloaded."
)
ABOUT_NORMAL = (
    "By number or name, one or several: 3 or 0,2,4 or good; or all. Only for digits it may be left "
    "empty."
)


def form(tab: Session) -> ProjectForm | None:
    """Draw the form; return what was filled in once a project is to be created.

    Raises `InvalidInput` for values that no project can have.
    """
    with st.form("new-project", border=True, enter_to_submit=False):  # it has two buttons
        name = st.text_input("Name", "My project")
        left, right = st.columns(2)
        dataset = files.dataset(left)
        root = right.text_input("Folder or zip archive of the images", help=ABOUT_ROOT).strip()
        normal = left.text_input(
            "Normal classes", placeholder=f"{DIGIT}, if they are digits", help=ABOUT_NORMAL
        ).strip()
        contamination = right.number_input("Share of anomalies in the pool (%)", value=10.0)
        sources = parts.sources()
        family = parts.family()
        budget = left.number_input("Budget (labels)", value=100, step=10)
        batch = right.number_input("Labels per round", value=10, step=1)
        guidelines = st.text_area("Guidelines for annotators", max_chars=10_000)
        with st.expander("Examples for annotators"):
            sent = examples.fields()
        with st.expander("Advanced"):
            strategy = st.selectbox("Query strategy", list(STRATEGIES))
            objective = st.selectbox("Objective", OBJECTIVES, help="Of a model of whole images.")
            seed = st.number_input("Seed", value=0, step=1)
            size, pattern = files.reading(st.container(), st.container())
            distortions = parts.distortions()
            network = backbone.fields()
            team = parts.teamwork()
        wanted = st.form_submit_button("Create project", type="primary")
    backbone.fetch(network, tab)
    if not wanted:
        return None
    return ProjectForm(
        name=name,
        scenario=Scenario(
            dataset,
            parse_classes(normal or DIGIT),
            contamination / 100,
            sources,
            parse_noise(distortions.noise),
            distortions.rotation,
            size=size,
            files=pattern,
            seed=seed,
        ),
        normal_said=bool(normal),
        family=family,
        objective=TrainingObjective(objective),
        backbone=network.chosen,
        strategy=strategy,
        budget=budget,
        batch_size=batch,
        root=folder_named(root) if root else None,
        guidelines=guidelines,
        examples=sent.taken(),
        **vars(team),
    )
