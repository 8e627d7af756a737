"""What is tried: a drawing, an upload or an image of the pool, as the model gets to see it."""

from collections.abc import Callable
from enum import StrEnum
from functools import partial

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pages.components.tryout.sketch import sketch
from state.explore.drawing import (
    MEGABYTES,
    Look,
    Picture,
    another,
    centered,
    evened,
    inverted,
    look_at,
    looks_inverted,
    padded,
    read_drawing,
    read_upload,
    seen_as_own,
)
from state.files.gallery import Gallery

SUFFIXES = ["jpg", "jpeg", "png", "webp", "tif", "tiff", "bmp", "gif"]
ITEM = "tried-item"
READ = "tried-picture"  # the newest upload: the id of its file, and the picture


class Source(StrEnum):
    """Where the image comes from."""

    DRAWING = "draw"
    UPLOAD = "upload"
    POOL = "pool"


NAMES = {
    Source.DRAWING: "Draw",
    Source.UPLOAD: "Upload",
    Source.POOL: "From the pool",
}


def image_to_try(gallery: Gallery) -> Picture | None:
    """Let a person make or choose an image; `None` while there is none.

    Raises InvalidInput for a file that cannot be used.
    """
    own = gallery.own is not None
    look = None if own else look_at(gallery.project)
    sources = [Source.UPLOAD, Source.POOL] if own else list(Source)
    source = st.segmented_control(
        "What to try",
        sources,
        default=sources[0],
        required=True,
        format_func=NAMES.__getitem__,
        key="tried",
        label_visibility="collapsed",
    )
    if source is Source.POOL:
        return of_the_pool(gallery)
    if look is None:
        return one_more_of_ones_own(gallery)
    return uploaded(look) if source is Source.UPLOAD else drawn(look)


def one_more_of_ones_own(gallery: Gallery) -> Picture | None:
    """Let a person upload an image, which is seen as those of the pool are."""
    file = st.file_uploader(
        f"An image, up to {MEGABYTES} MB",
        type=SUFFIXES,
        max_upload_size=MEGABYTES,
        key="tried-file",
    )
    st.caption("Fitted as the images of the pool are. What you upload is not saved.")
    return None if file is None else read_once(file, partial(seen_as_own, gallery.project))


def drawn(look: Look) -> Picture | None:
    """Let a person draw."""
    sent = sketch(look)
    st.caption("Centered and scaled like the images of the pool. What you draw is not saved.")
    return centered(read_drawing(sent, look), look) if sent else None


def uploaded(look: Look) -> Picture | None:
    """Let a person upload an image, and say how it is to be read."""
    file = st.file_uploader(
        f"PNG, JPEG, BMP or WebP, up to {MEGABYTES} MB",
        type=["png", "jpg", "jpeg", "bmp", "webp"],
        max_upload_size=MEGABYTES,
        key="tried-file",
    )
    st.caption("Shown in grey, at the size of the pool's images. What you upload is not saved.")
    if file is None:
        return None
    picture = read_once(file, read_upload)
    background = "dark" if look.background < 128 else "light"
    if st.toggle(
        "Swap black and white",
        value=looks_inverted(picture, look),
        key=f"tried-swap-{file.file_id}",
        help=f"The images of the pool have a {background} background.",
    ):
        picture = inverted(picture)
    to_center = st.toggle(
        "Center and scale like the images of the pool",
        value=picture.shape != look.shape,
        key=f"tried-center-{file.file_id}",
        help="Paper and ink are brought to those of the pool, too. Off, the whole picture is made "
        "to fit as it is, with background beside it.",
    )
    return centered(evened(picture, look), look) if to_center else padded(picture, look)


def read_once(file: UploadedFile, read: Callable[[bytes], Picture]) -> Picture:
    """Read an upload, once for all the times that it is drawn."""
    known, before = st.session_state.get(READ, (None, None))
    picture: Picture = before if known == file.file_id else read(file.getvalue())
    st.session_state[READ] = file.file_id, picture
    return picture


def of_the_pool(gallery: Gallery) -> Picture:
    """Take an image of the pool by chance."""
    pool = gallery.of_project("pool")
    again = st.button("Take another", key="tried-again", icon=":material/casino:")
    item: int | None = st.session_state.get(ITEM)
    if again or item is None or item >= len(pool):
        item = st.session_state[ITEM] = another(item, len(pool))
    st.caption(f"Item {item:,} of the pool, drawn at random.")
    picture: Picture = pool[item]
    return picture
