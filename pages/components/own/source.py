"""Where a person's own images come from: files that are sent, or a path on this machine."""

import streamlit as st

from anomaly_core.errors import InvalidInput
from pages.components.text import literal
from state.files.imports import ImportFolder
from state.projects.imports import Imports
from state.projects.runs import folder_named
from state.store.people import Annotator

MEGABYTES = 200  # of each file that a browser sends
TYPES = "Images (JPEG, PNG, WebP, TIFF, BMP, GIF), one zip, or one table or array of images"
HOW = (
    "Sub-folders may be labels such as good and crack, and may lie in train and test. A CSV or "
    "Parquet table names files in a column path, with label, split and group if you have them. "
    "Arrays are .npy, .npz, IDX, or a CSV with a row of pixels for each image."
)
MINE = "mine"  # what a person chooses to bring images
OPENED, INTO = "import", "into"  # in the address: an import, and the project it is added to


def source(imports: Imports, who: Annotator) -> ImportFolder | None:
    """Let a person name their images; the import, once one is begun.

    Raises `InvalidInput` for what is none.
    """
    with st.container(border=True):
        files = st.file_uploader(
            TYPES, accept_multiple_files=True, max_upload_size=MEGABYTES, help=HOW
        )
        path = st.text_input(
            "Or a folder or file on the machine that runs Ringfence",
            placeholder="/data/belt/2026-11",
            help="For what no browser should carry. There is no limit of size.",
        ).strip()
        in_place = bool(path) and st.checkbox(
            "Leave the files of that folder where they are",
            help="No file is copied, and each is known again by its SHA-256. Arrays and tables "
            "of pixels are copied all the same.",
        )
        wanted = st.button("Read the images", type="primary")
    resume(imports, who)
    if not wanted:
        return None
    if path and files:
        raise InvalidInput("Send files or name a folder, not both; take one of them away.")
    if path:
        return imports.begin(folder_named(path), who, in_place)
    return imports.upload(((file.name, file) for file in files), who)


def resume(imports: Imports, who: Annotator) -> None:
    """Offer what was read before and no project was made of."""
    waiting = imports.waiting()
    if not waiting:
        return
    st.caption("Read before, and not yet a project:")
    for found in waiting:
        named, opened, removed = st.columns([5, 2, 2], vertical_alignment="center")
        read, total = found.progress
        named.markdown(f"{literal(found.title)} · {read:,} of {total:,} images read")
        if opened.button("Open", key=f"open-{found.name}", width="stretch"):
            st.query_params[OPENED] = found.name
            st.rerun()
        if removed.button("Discard", key=f"discard-{found.name}", width="stretch"):
            imports.remove(found, who)
            st.rerun()
