"""Many small pictures as one, of which a browser shows a part at a time."""

import base64
import io
from collections.abc import Iterable

from PIL import Image, ImageOps

from state.files.pictures import Pictures, pixels_of

SIDE = 48  # pixels of a tile
ACROSS = 20  # tiles in a row


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
