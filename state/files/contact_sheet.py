"""Many small pictures as one, of which a browser shows a part at a time."""

import base64
import io
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from state.files.gallery import PoolFiles
from state.files.pictures import Pictures, pixels_of

SIDE = 48  # pixels of a tile
ACROSS = 20  # tiles in a row
MOST = 400  # tiles of a sheet


def contact_sheet(pictures: Pictures, items: Iterable[int]) -> str:
    """The pictures of some items, each fit into a black tile, as a data URI; none is ""."""
    tiles = [
        ImageOps.pad(Image.fromarray(pixels_of(pictures[item])).convert("RGB"), (SIDE, SIDE))
        for item in items
    ]
    if not tiles:
        return ""
    rows = -(-len(tiles) // ACROSS)
    whole = Image.new("RGB", (ACROSS * SIDE, rows * SIDE))
    for place, one in enumerate(tiles):
        whole.paste(one, (place % ACROSS * SIDE, place // ACROSS * SIDE))
    buffer = io.BytesIO()
    whole.save(buffer, format="WEBP", quality=80)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def seen(count: int) -> NDArray[np.int64]:
    """The places of a list that get a picture: all, or the first and some evenly from all of it."""
    if count <= MOST:
        return np.arange(count)
    evenly = np.linspace(0, count - 1, MOST // 2).round().astype(np.int64)
    return np.union1d(np.arange(MOST // 2), evenly)


@lru_cache(maxsize=8)
def sheet_of_pool(data_dir: Path, project_id: int, items: tuple[int, ...]) -> str:
    """The pictures of some items of a pool, as `contact_sheet`; an item never gets another one."""
    return contact_sheet(PoolFiles(data_dir, project_id).pictures, items)


def by_place(sheet: str, places: Sequence[int]) -> dict[str, Any]:
    """What a browser needs to show the pictures of a sheet, each at a place of a list."""
    return {"pictured": list(places), "sheet": sheet, "side": SIDE, "across": ACROSS}
