"""Where two versions put each image of the pool: a chart whose points show their images."""

from typing import Any

import numpy as np

from pages.components.component import component
from state.files.contact_sheet import by_place, sheet_of_pool
from state.versions.differences import Drift
from state.versions.lineage import Lineage

KEY = "drift"
DRIFT = component(KEY, __file__)


def drawn(lineage: Lineage, drift: Drift, first: int, second: int) -> None:
    """Draw the percentile of each image in the one version over that in the other."""
    DRIFT(key=KEY, data=data(lineage, drift, first, second))


def data(lineage: Lineage, drift: Drift, first: int, second: int) -> dict[str, Any]:
    """What the browser gets: what flips, then what moved most, with pictures of some."""
    items, places = drift.shown()
    seen = tuple(items[places].tolist())
    sheet = sheet_of_pool(lineage.data_dir, lineage.project.id, seen)
    shares = np.column_stack(drift.percentiles)[items]
    return {
        "models": [first, second],
        "items": items.tolist(),
        "shares": np.round(shares, 4).tolist(),
        "flips": int(np.isin(items, np.concatenate([drift.flips.first, drift.flips.second])).sum()),
        "of": len(drift.items),
        "passed": 1 - drift.contamination,
    } | by_place(sheet, places.tolist())
