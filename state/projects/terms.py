"""What a project may be made with and changed to: what does not fit together is refused."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import fields

from anomaly_core.errors import InvalidInput
from state.store.history import Event
from state.store.projects import ProjectTerms


def check_rounds(batch_size: int, budget: int) -> None:
    """Refuse rounds that the budget cannot pay."""
    if batch_size > budget:
        raise InvalidInput(
            f"A round of {batch_size:,} labels is more than the budget of {budget:,}; make the "
            "rounds smaller."
        )


def check_overlap(overlap: int, standing: Iterable[Event]) -> None:
    """Refuse fewer labels per image than some image has by now."""
    labels = Counter(one.item for one in standing if one.y)
    if (most := max(labels.values(), default=0)) > overlap:
        raise InvalidInput(f"Some images have {most:,} labels already; ask for no fewer of each.")


def what_changed(before: ProjectTerms, after: ProjectTerms) -> str:
    """Say in a few words what was changed."""
    old, new = vars(before), vars(after)
    said = []
    for name in (one.name for one in fields(ProjectTerms) if old[one.name] != new[one.name]):
        values = "" if name == "guidelines" else f" {old[name]} → {new[name]}"
        said.append(name.replace("_", " ") + values)
    return ", ".join(said)
