"""What a person should know of images before a project is made of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from anomaly_core.datasets.base import Images
from anomaly_core.importing.findings import Trait
from anomaly_core.importing.fitting import Choices
from state.files.imports import ImportFolder, ImportPlan
from state.projects.examples import images_at

MEGABYTE = 1e6
FEATURES = 900  # bytes of features an image
SECONDS_A_PIXEL, SECONDS_AT_LEAST = 2.4e-7, 3.0  # on two cores
MEMORY, MEMORY_AN_IMAGE = 0.8, 4e-6  # gigabytes, as measured for few and for 200,000 images
USUAL_NAMES = ("good", "ok", "normal", "free", "mt_free", "clean", "pass")  # of what is normal


@dataclass(frozen=True)
class Report:
    """Figures for the head, sentences to read, rows (path, what, detail) for a table."""

    images: int
    figures: tuple[tuple[str, str], ...]
    sentences: tuple[str, ...]
    rows: tuple[tuple[str, str, str], ...]
    labels: dict[str, int]

    @property
    def likely_normal(self) -> list[str]:
        """The labels that a person will most likely call normal."""
        named = [name for name in self.labels if name.lower() in USUAL_NAMES]
        return named or sorted(self.labels, key=lambda name: -self.labels[name])[:1]


def begun(found: ImportFolder) -> Report:
    """What is known while images are still being read, and a project can be made already."""
    _, images = found.progress
    return Report(images, (), (costs(images, found.plan),), (), {})


def report_of(found: ImportFolder) -> Report:
    """What was found, put together once for each way to see the images; raises `StoreDamaged`."""
    path = found.folder / "findings.json"
    return put_together(found.folder, found.plan, path.stat().st_mtime_ns if path.exists() else 0)


@lru_cache(maxsize=4)
def put_together(folder: Path, plan: ImportPlan, written: int) -> Report:
    """Put together what was found, once for each time it was written."""
    found = ImportFolder(folder)
    findings = found.findings
    images, (width, height) = findings["read"], findings["usual"]
    return Report(
        images=images,
        figures=(
            ("Images", f"{images:,}"),
            ("Refused", f"{findings['refused']:,}"),
            ("Duplicates", f"{copies(findings):,}"),
            ("Usual size", f"{width:,} x {height:,} px"),
        ),
        sentences=(
            *found.notes,
            *(one["sentence"] for one in findings["found"]),
            *refused(findings["refused"]),
            costs(images, plan),
        ),
        rows=tuple((path, what, detail) for path, what, detail in findings["rows"]),
        labels=findings["labels"],
    )


def copies(findings: Mapping[str, Any]) -> int:
    """How many images are exact copies of another."""
    groups = [one["groups"] for one in findings["found"] if one["trait"] == Trait.COPIES]
    return sum(len(group) - 1 for found in groups for group in found)


def refused(count: int) -> list[str]:
    """Say where to read why files were refused."""
    if not count:
        return []
    files = "1 file was" if count == 1 else f"{count:,} files were"
    return [f"{files} refused; the report says why for each."]


def costs(images: int, plan: ImportPlan) -> str:
    """Say what the project will take, in time, memory and disk."""
    choices = plan.choices
    assert choices is not None
    side = choices.side * choices.side * (3 if choices.colour else 1)
    disk = images * (side + FEATURES) / MEGABYTE
    seconds = images * side * SECONDS_A_PIXEL + SECONDS_AT_LEAST
    return (
        f"The first model takes about {waiting(seconds)}, {disk:,.0f} MB of disk and "
        f"{MEMORY + images * MEMORY_AN_IMAGE:.1f} GB of memory."
    )


def waiting(seconds: float) -> str:
    """A time in words."""
    return f"{seconds:,.0f} seconds" if seconds < 90 else f"{seconds / 60:,.0f} minutes"


def as_the_model_sees(found: ImportFolder, places: Iterable[int]) -> tuple[Images, ...]:
    """Some images, by their place, as the plan has the model see them; decoded once."""
    choices = found.plan.choices
    assert choices is not None
    return seen(found.folder, choices, tuple(places))


@lru_cache(maxsize=16)
def seen(folder: Path, choices: Choices, places: tuple[int, ...]) -> tuple[Images, ...]:
    """Some images of an import, as a choice has the model see them."""
    found = ImportFolder(folder)
    with found.stayed() as source:
        files = [block.original(record, source) for _, block, record in images_at(found, places)]
    return tuple(choices.seen_in(data) for data in files)
