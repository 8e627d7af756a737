"""Take things away: labels, scores, the model, the presentation, and the commands for the same."""

from collections.abc import Callable

import streamlit as st

from pages.components.command_line import line
from pages.components.text import in_a_sentence
from state.exporting.downloads import ENDINGS, labels_download, scores_download
from state.exporting.leaving import FORMATS, TABLES
from state.session import Session
from state.store.projects import Project
from state.versions.lineage import Lineage

FOR = {  # of each format its name, and what it is for
    "csv": ("CSV", "For spreadsheets: every answer, who gave it and when"),
    "jsonl": ("Lines of JSON", "For scripts: the same, one object a line"),
    "parquet": ("Parquet", "For pandas and databases: the same, with types"),
    "imagefolder": ("Folders of images", "For training elsewhere: normal/ and anomalous/"),
    "label-studio": ("Label Studio", "For going on there: tasks, answers and predictions"),
    "fiftyone": ("FiftyOne", "For looking around there: a dataset with its images"),
    "cvat": ("CVAT", "For going on there: a tag for each labeled image"),
    "anomalib": ("anomalib", "For training there: a table of paths, labels and splits"),
}
MODEL_FOR = {
    "safetensors": ("Ringfence", "For scoring with Ringfence: weights, scores, labels, model card"),
    "onnx": ("ONNX", "For onnxruntime alone: takes images of any size; written in half a minute"),
}
ONLY_OWNERS = "Only an owner may take things away; ask one of those on Team."


def button(tab: Session, first: str = "Labels") -> None:
    """Offer to export what the open project has, to owners; `first` is what the choice opens at."""
    may = tab.annotator().may_manage
    if st.button(
        "Export",
        icon=":material/output:",
        disabled=not may,
        help=None if may else ONLY_OWNERS,
    ):
        export(tab, first)


@st.dialog("Export", width="medium")
def export(tab: Session, first: str) -> None:
    """Let a person choose what to take away, and say how the command line does the same."""
    project = tab.project()
    what = st.segmented_control("What", list(PARTS), default=first, required=True)
    in_a_sentence(PARTS[what or first])(tab, project)


def labels(tab: Session, project: Project) -> None:
    """The labels, in a format that another program reads."""
    name = st.radio(
        "Format", FORMATS, format_func=name_of, captions=[FOR[one][1] for one in FORMATS]
    )
    only = name in TABLES and st.checkbox("Only the labels that stand, one row an image")
    store, me = tab.projects.store, tab.annotator()
    given = " --labels-only" if only else ""
    offer(
        f"labels.{ENDINGS[name]}",
        lambda: labels_download(store, project, me, name, only),
        f"export labels --project {{project}} --format {name}{given} --output "
        f"{'labels' if ENDINGS[name] == 'zip' else f'labels.{ENDINGS[name]}'}",
        project,
    )


def name_of(name: str) -> str:
    """What a format is called."""
    return FOR[name][0]


def scores(tab: Session, project: Project) -> None:
    """What the model in use makes of every image."""
    st.caption("Score, percentile, verdict by the threshold in use, and label of every image.")
    name = st.radio("Format", list(TABLES), format_func=name_of)
    if tab.projects.model(project.id) is None:
        st.info("There is no model yet that has scores.")
        return
    store, me = tab.projects.store, tab.annotator()
    offer(
        f"scores.{name}",
        lambda: scores_download(store, project, me, name),
        f"export scores --project {{project}} --output scores.{name}",
        project,
    )


def model(tab: Session, project: Project) -> None:
    """The model in use, to score elsewhere."""
    serving = tab.projects.model(project.id)
    if serving is None:
        st.info("There is no model yet.")
        return
    name = st.radio(
        "Format",
        list(MODEL_FOR),
        format_func=lambda one: MODEL_FOR[one][0],
        captions=[MODEL_FOR[one][1] for one in MODEL_FOR],
    )
    st.caption("Other versions are on Models, under *Use a version*.")
    lineage, me, version = Lineage(tab.projects, project), tab.annotator(), serving.version
    file = f"model-{version}.{'zip' if name == 'safetensors' else name}"
    command = f"export model --project {{project}} --format {name} --output {file}"
    if name == "safetensors":
        offer(file, lambda: lineage.bundle(version, me), command, project)
    elif st.button(f"Write {file}", type="primary", icon=":material/build:"):
        with st.spinner("Writing it, and comparing its scores with those of this model ..."):
            made = lineage.onnx_apart(version, me)
        offer(file, lambda: made, command, project)
    else:
        same(line(command, project.name))


def presentation(_: Session, project: Project) -> None:
    """The page for those who decide."""
    st.caption("What is caught, what is missed, and how sure that is, as one HTML file or a PDF.")
    st.page_link("pages/present.py", label="Choose on Present", icon=":material/co_present:")
    same(line("present --project {project} --output presentation", project.name))


PARTS: dict[str, Callable[[Session, Project], None]] = {
    "Labels": labels,
    "Scores": scores,
    "Model": model,
    "Presentation": presentation,
}


def offer(name: str, make: Callable[[], bytes], command: str, project: Project) -> None:
    """Draw the button that downloads, whose file is written when it is pressed, and the command."""
    file = f"ringfence-{project.id}-{name}"
    st.download_button(
        f"Download {file}",
        make,
        file_name=file,
        key=f"export-{name}",
        on_click="ignore",
        type="primary",
        icon=":material/download:",
    )
    same(line(command, project.name))


def same(command: str) -> None:
    """Show the command that does the same."""
    st.caption("The same from the command line:")
    st.code(command, language="bash", wrap_lines=True)
