"""What to run: a recipe, or detectors of one's own choice on one evaluation set."""

from dataclasses import replace

import streamlit as st

from anomaly_core.datasets import NAMED
from anomaly_core.datasets.scenario import parse_classes
from anomaly_core.errors import RingfenceError
from anomaly_core.recipes import CONTESTANTS, EVALUATIONS, RECIPES
from anomaly_core.recipes.plan import Plan, contestants_of
from pages.components import files
from pages.components.compare.runs import open_run
from pages.components.text import in_a_sentence, literal
from state.session import Session

RECIPE, DETECTORS = "A recipe", "Detectors of my choice"
OUTPUT = "comparison"  # the folder that the command line shown writes


@in_a_sentence
def form(tab: Session) -> None:
    """Draw the fields, the command line that does the same, and the button that starts it."""
    way = st.segmented_control(
        "Run", [RECIPE, DETECTORS], default=RECIPE, required=True, key="compare-way"
    )
    plan = conditions(recipe() if way == RECIPE else detectors())
    command = st.container()
    start = st.button(
        "Start",
        type="primary",
        key="start-run",
        disabled=not chosen(plan) or not tab.annotator().may_manage,
    )
    if not chosen(plan):
        command.caption("Choose at least one detector; two or more can be compared.")
        return
    try:
        words = tab.projects.runs.planned(plan).command(OUTPUT)
        command.caption("The command line that does the same:")
        command.code(words, language=None, wrap_lines=True)
        if start:
            open_run(tab.projects.runs.ask(plan, tab.annotator()).id)
            st.rerun()
    except RingfenceError as error:
        command.error(literal(str(error)), icon=":material/error:")


def chosen(plan: Plan) -> bool:
    """Whether there is anything to run."""
    return bool(plan.recipe or plan.contestants)


def recipe() -> Plan:
    """Let a person pick a recipe."""
    name = st.radio(
        "Recipe",
        list(RECIPES),
        format_func=lambda key: RECIPES[key].title,
        captions=[one.summary for one in RECIPES.values()],
        key="recipe",
    )
    return Plan(recipe=name)


def detectors() -> Plan:
    """Let a person pick detectors and what to judge them on."""
    names = st.multiselect(
        "Detectors",
        [*CONTESTANTS, *RECIPES],
        format_func=name_of,
        placeholder="Choose two or more",
        key="contestants",
    )
    evaluation = st.selectbox(
        "Judged on",
        list(EVALUATIONS),
        format_func=lambda key: EVALUATIONS[key].title,
        key="evaluation",
    )
    return Plan(contestants=contestants_of(names), evaluation=evaluation)


def name_of(key: str) -> str:
    """What a detector is called, or all those of a recipe."""
    return CONTESTANTS[key].title if key in CONTESTANTS else f"All of: {RECIPES[key].title}"


def conditions(plan: Plan) -> Plan:
    """Let a person say on which images, for how long and from which seed."""
    left, middle, right = st.container(key="wide-conditions").columns([4, 2, 2])
    dataset = files.dataset(left, "compare-images")
    epochs = middle.number_input(
        "Epochs",
        value=None,
        step=1,
        placeholder="each its own",
        help="How often a detector sees every image in training; leave empty for its own number.",
        key="compare-epochs",
    )
    seed = right.number_input("Seed", value=0, step=1, key="compare-seed")
    given = replace(plan, dataset=dataset, epochs=epochs, seed=seed)
    return given if dataset == "mnist-5k" else of_files(given)


def of_files(plan: Plan) -> Plan:
    """Let a person say where files are, how they are read and what is normal on them."""
    root = st.text_input(
        "Folder or zip archive of the images",
        help="A path on the computer that runs Ringfence; mnist is downloaded if it is left empty.",
        key="compare-root",
    ).strip()
    if plan.dataset == "folder":
        size, pattern = files.reading(*st.columns(2), key="compare-")
        plan = replace(plan, size=size, files=pattern)
    normal = st.text_input(
        "Normal classes",
        placeholder="such as good" if plan.dataset in NAMED else "its own",
        help="By number or name, such as 3 or good, or all. Left empty, digits take those that the "
        "recipe or the set of images names.",
        key="compare-normal",
    ).strip()
    pooled = st.checkbox(
        "Put training and test images together before they are split",
        help="So that all 70,000 images of MNIST can be drawn from.",
        key="compare-pooled",
    )
    normal_classes = parse_classes(normal) if normal else None
    return replace(plan, root=root or None, pooled=pooled, normal=normal_classes)
