"""The commands that do what a page does, for those who script it."""

import shlex

import streamlit as st

COMMANDS: dict[str, tuple[tuple[str, str], ...]] = {  # by the title of a page
    "Label": (
        ("Take answers from a file", "import-labels answers.csv --project {project} --format csv"),
        ("Let an oracle answer, on a dataset whose truth is known", "simulate --budget 100"),
    ),
    "Batch": (
        ("Take answers from a file", "import-labels answers.csv --project {project} --format csv"),
    ),
    "Review": (
        (
            "Write who said what and when",
            "export labels --project {project} --format csv --output history.csv",
        ),
    ),
    "Overview": (
        ("Write these figures as a page", "present --project {project} --output presentation"),
    ),
    "Explore": (
        (
            "Write score, verdict and label of every image",
            "export scores --project {project} --output scores.parquet",
        ),
    ),
    "Tune": (
        (
            "Score other images by the threshold that was saved last",
            "score images --model model.zip --threshold saved --output scores.parquet",
        ),
        (
            "Write every verdict by the threshold in use",
            "export scores --project {project} --output scores.parquet",
        ),
    ),
    "Models": (
        (
            "Take a version away",
            "export model --project {project} --format onnx --output model.onnx",
        ),
        (
            "Score images by it, without the app",
            "score images --model model.onnx --output scores.parquet",
        ),
    ),
    "Present": (("Write this page", "present --project {project} --output presentation"),),
    "Compare": (
        ("Compare detectors", "compare deep-svdd autoencoder --output comparison"),
        ("List recipes and detectors", "recipes"),
    ),
    "Data & project": (
        ("Make a project of a folder of images", "import images --project Belt"),
        (
            "Write labels for another program",
            "export labels --project {project} --format imagefolder --output labels",
        ),
    ),
    "Team": (
        ("Save database and files", "backup ringfence.zip"),
        ("Say what is wrong, and what to do", "doctor"),
        ("End all workers", "stop"),
    ),
    "User guide": (("List all commands", "--help"),),
}


def line(command: str, project: str) -> str:
    """A command as it is typed, for the project of that name."""
    return f"ringfence {command.format(project=shlex.quote(project))}"


def command_line(title: str, project: str) -> None:
    """Offer the commands for what the page of this title does."""
    with st.popover("Command line", type="tertiary", icon=":material/terminal:"):
        for about, command in COMMANDS[title]:
            st.caption(about)
            st.code(line(command, project), language="bash", wrap_lines=True)
        st.caption(
            "`ringfence --help` lists all commands. In a checkout it is .venv/bin/ringfence."
        )
