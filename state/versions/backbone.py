"""Which weights a version of a model has its features from, as its own files say."""

import json
from pathlib import Path

from state.projects.backbones import Card


def card_of(version: Path) -> Card | None:
    """The card of the backbone of a version; `None` for one without, or a damaged one."""
    try:
        described = json.loads((version / "model.json").read_text(encoding="utf-8"))
        return Card.of(described.get("first", described)["backbone"])
    except (OSError, AttributeError, LookupError, TypeError, ValueError):
        return None
