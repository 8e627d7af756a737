"""Examples that go with the guidelines of a project: files that are sent, and what they show."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from anomaly_core.errors import InvalidInput
from pages.components import images
from pages.components.text import literal
from state.files.examples import MOST, Examples, KeptExamples, examples_of
from state.store.projects import Project

SUFFIXES = ["jpg", "jpeg", "png", "webp", "tif", "tiff", "bmp", "gif"]
MEGABYTES = 50  # of each file
WIDE = 84  # pixels
HELP = f"Up to {MOST} of each kind; annotators see small copies beside the guidelines."


@dataclass(frozen=True)
class SentExamples:
    """The files that a person has sent of each kind."""

    normal: Sequence[UploadedFile]
    anomalous: Sequence[UploadedFile]

    def taken(self) -> Examples:
        """The examples that they make; raises `InvalidInput` for what is no image."""
        return Examples(*(made_of(tuple(files)) for files in (self.normal, self.anomalous)))


def made_of(files: Sequence[UploadedFile]) -> tuple[bytes, ...]:
    """The examples that files make; raises `InvalidInput` for what is no image."""
    return examples_of([(file.name, file.getvalue()) for file in files])


def fields() -> SentExamples:
    """Draw the fields for files of examples."""
    st.caption(HELP)
    normal, anomalous = (
        place.file_uploader(
            f"Examples of {kind}", SUFFIXES, accept_multiple_files=True, max_upload_size=MEGABYTES
        )
        for kind, place in zip(("normal", "anomalous"), st.columns(2), strict=True)
    )
    return SentExamples(normal, anomalous)


def preview(sent: SentExamples) -> None:
    """Show what was sent, or say what is no image."""
    try:
        examples = sent.taken()
    except InvalidInput as error:
        st.error(literal(str(error)), icon=":material/error:")
    else:
        show(examples)


def of_project(data_dir: Path, project: Project) -> None:
    """Show the examples that a project has, if any."""
    if kept := KeptExamples.of(project.detector):
        show(kept.all(data_dir))


def show(examples: Examples) -> None:
    """Small pictures of each kind."""
    for kind, files in (("normal", examples.normal), ("anomalous", examples.anomalous)):
        if not files:
            continue
        st.caption(f"Examples of {kind}")
        st.html(
            images.row(
                [
                    images.figure(file, WIDE, "", f"Example {at} of {kind}")
                    for at, file in enumerate(files, 1)
                ],
                gap=8,
            )
        )
