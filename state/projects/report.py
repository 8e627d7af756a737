"""What a person should know of images before a project is made of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from anomaly_core.datasets.base import Images
from anomaly_core.importing.examining import decode
from state.files.imports import Block, ImportFolder, Record

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


def report_of(found: ImportFolder) -> Report:
    """Put together what was found; raises `StoreDamaged`."""
    findings, refusals = found.findings, found.refusals
    read, _ = found.progress
    images = sum(map(len, found.blocks))
    return Report(
        images=images,
        figures=(
            ("Images", f"{images:,}"),
            ("Refused", f"{len(refusals):,}"),
            ("Labels", f"{len(findings['labels']):,}"),
            ("Pixels a side", ""),
        ),
        sentences=tuple(found.notes),
        rows=tuple((one.path, "refused", one.reason) for one in refusals),
        labels=findings["labels"],
    )


def as_the_model_sees(found: ImportFolder, some: Sequence[tuple[Block, Record]]) -> list[Images]:
    """Some images as the plan has the model see them."""
    choices = found.plan.choices
    assert choices is not None
    with found.stayed() as source:
        files = [block.original(record, source) for block, record in some]
    return [choices.seen(decode(data).pixels) for data in files]
