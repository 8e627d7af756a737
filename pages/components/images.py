"""Images as crisp pixels: inline pictures and grids, without files on the server.

Inline data keeps `st.image` out of loops, whose file cache grows with every picture shown.
"""

import html
from collections.abc import Sequence

from state.files.pictures import Picture, data_uri

BY_WHOM = "by the pretraining autoencoder"  # reconstructions
WITHOUT = "This model learns no reconstruction."


def figure(picture: Picture, size: int, caption: str, alt: str, note: str = "") -> str:
    """Return the HTML of one image, `size` CSS pixels wide, with a caption below, if any."""
    said = (
        f'<figcaption style="font-size:0.85rem;line-height:1.35;padding-top:6px">'
        f"{html.escape(caption)}"
        f'<br><span style="opacity:0.7">{html.escape(note)}</span></figcaption>'
    )
    scaling = "auto" if isinstance(picture, bytes) else "pixelated"
    return (
        f'<figure style="margin:0;width:{size}px;max-width:100%">'
        f'<img src="{data_uri(picture)}" alt="{html.escape(alt, quote=True)}" '
        f'style="width:100%;aspect-ratio:1;object-fit:contain;image-rendering:{scaling};'
        f'background:#000;border-radius:8px;display:block">'
        f"{said if caption or note else ''}</figure>"
    )


def row(figures: Sequence[str], gap: int = 20) -> str:
    """Lay figures out side by side, wrapping where the page is narrow."""
    inner = "".join(figures)
    return (
        f'<div style="display:flex;flex-wrap:wrap;gap:{gap}px;align-items:flex-start">{inner}</div>'
    )
