"""The form of a project on a dataset whose truth is known, to try Ringfence or to measure it."""

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from anomaly_core.datasets import NAMED
from anomaly_core.datasets.image_folder import SIZE
from anomaly_core.datasets.scenario import Scenario, parse_classes, parse_noise
from anomaly_core.detectors.base import Family, TrainingObjective
from anomaly_core.query import STRATEGIES
from pages.components import backbone, files
from pages.components.glossary import word
from pages.components.project import examples, parts
from state.projects.projects import ProjectForm
from state.projects.runs import folder_named
from state.session import Session

DIGIT = "3"  # that is normal where nobody says otherwise
OBJECTIVES = list(TrainingObjective)
ABOUT_ROOT = "A path on the computer that runs Ringfence."
DOWNLOADED = " Leave it empty, and the digits are downloaded."
ABOUT_NORMAL = (
    "By number or name, one or several: 3 or 0,2,4 or good; or all. Only for digits it may be left "
    "empty."
)
TAUGHT_BY_THE_POOL = (Family.JOINT, Family.DEEP_SVDD)  # by an objective


def form(tab: Session) -> ProjectForm | None:
    """Draw the form; return what was filled in once a project is to be created.

    Raises `InvalidInput` for values that no project can have.
    """
    with st.container(border=True):
        name = st.text_input("Name", "My project")
        left, right = st.columns(2)
        dataset = files.dataset(left)
        root = folder_of(right, dataset)
        normal = left.text_input(
            "Normal classes",
            placeholder="such as good" if dataset in NAMED else DIGIT,
            help=ABOUT_NORMAL,
        ).strip()
        contamination = right.number_input(
            "Share of anomalies in the pool (%)", value=10.0, help=word("contamination")
        )
        sources = parts.sources()
        distortions = parts.distortions(sources)
        family = parts.family()
        left, right = st.columns(2)
        about = word("budget", "label")
        budget = left.number_input("Budget (labels)", value=100, step=10, help=about)
        batch = right.number_input("Labels per round", value=10, step=1, help=word("round"))
        guidelines = st.text_area("Guidelines for annotators", max_chars=10_000)
        with st.expander("Examples for annotators"):
            sent = examples.fields()
        more = advanced(dataset, family)
        wanted = st.button("Create project", type="primary")
    backbone.fetch(more.network, tab)
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
            size=more.size,
            files=more.pattern,
            seed=more.seed,
        ),
        normal_said=bool(normal),
        family=family,
        objective=more.objective,
        backbone=backbone.chosen(more.network),
        strategy=more.strategy,
        budget=budget,
        batch_size=batch,
        root=folder_named(root) if root else None,
        guidelines=guidelines,
        examples=sent.taken(),
        **vars(more.team),
    )


@dataclass(frozen=True)
class Advanced:
    """What few people change; `size` and `pattern` say how the images of a folder are read."""

    strategy: str
    objective: TrainingObjective
    seed: int
    size: int
    pattern: str
    network: backbone.Typed | None
    team: parts.Teamwork


def advanced(dataset: str, family: Family) -> Advanced:
    """Draw the fields that stay folded away."""
    with st.expander("Advanced"):
        strategy = st.selectbox("Query strategy", list(STRATEGIES), help=word("query strategy"))
        st.caption(STRATEGIES[strategy].purpose)
        objective = objective_of(family)
        seed = st.number_input("Seed", value=0, step=1, help=word("seed"))
        reads = dataset == "folder"
        size, pattern = files.reading(*st.columns(2)) if reads else (SIZE, "*")
        network, team = backbone.fields(family), parts.teamwork()
    return Advanced(strategy, objective, seed, size, pattern, network, team)


def objective_of(family: Family) -> TrainingObjective:
    """What the pool teaches, where it does and that can be chosen."""
    if family not in TAUGHT_BY_THE_POOL:
        return TrainingObjective.ONE_CLASS
    return TrainingObjective(st.selectbox("Objective", OBJECTIVES, help=word("objective")))


def folder_of(place: DeltaGenerator, dataset: str) -> str:
    """Ask for the folder of the images, unless they are part of Ringfence."""
    if dataset == "mnist-5k":
        return ""
    about = ABOUT_ROOT + (DOWNLOADED if dataset == "mnist" else "")
    return place.text_input("Folder or zip archive of the images", help=about).strip()
