"""Fields that say where images are, and how those in files of their own are read."""

from streamlit.delta_generator import DeltaGenerator

from anomaly_core.datasets import DATASETS
from anomaly_core.datasets.image_folder import SIZE


def dataset(place: DeltaGenerator, key: str | None = None) -> str:
    """Draw the choice of the images."""
    chosen: str = place.selectbox(
        "Images", list(DATASETS), format_func=lambda name: f"{name}: {DATASETS[name]}", key=key
    )
    return chosen


def reading(left: DeltaGenerator, right: DeltaGenerator, key: str = "") -> tuple[int, str]:
    """Draw the fields for image files; return the pixels a side, and the pattern of names."""
    size = left.number_input(
        "Pixels a side",
        value=SIZE,
        step=16,
        help="That image files are scaled to.",
        key=f"{key}size" if key else None,
    )
    files = right.text_input(
        "Names of files",
        "*",
        help="A pattern, such as *.jpg.",
        key=f"{key}files" if key else None,
    )
    return size, files.strip() or "*"
