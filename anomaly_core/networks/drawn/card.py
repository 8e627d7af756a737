"""The model card of drawn weights: how they were made, from what, and what they are for."""

from collections.abc import Mapping
from textwrap import fill

from anomaly_core.networks.drawn.network import SCALES, WIDTHS
from anomaly_core.networks.drawn.pictures import KINDS

TOLD = (
    *("pictures", "views", "seconds", "batch", "bank", "seed", "loss", "accuracy"),
    *("device", "torch"),
)
TEXT = """\
# The drawn backbone

A residual network of 2.7 million weights that gives feature maps of {widths} channels,
at {scales} pixels a place. It has never seen a photograph: all it was trained on was
drawn by a program.

| | |
|---|---|
| weights | `weights.safetensors`, float16, SHA-256 `{sha256}` |
| trained on | {pictures} drawn pictures of 96x96 pixels, {views} views of them |
| time | {seconds} s, on {device}, torch {torch} |
| batch, bank, seed | {batch}, {bank}, {seed} |
| at the end | loss {loss}; {accuracy} of the views' kinds told, of {kinds} |
| licence | that of Ringfence; no other data, and nobody's pictures, went into it |

**Pictures.** They show one of
{names}.
They are blurred, lit, compressed and made noisy as a camera does; the program that draws them is
`anomaly_core/networks/drawn/pictures`.

**Objective.** To tell which two views are of one picture (SimCLR, Chen et al. 2020), from the last
stage and the one before, and what was drawn on it (as in FractalDB, Kataoka et al. 2020).

**Use.** Features from which what is unusual among images can be told at once, and with few labels.
It knows no names of things and tells nobody who is on an image.

**Make it again.** `python -m anomaly_core.networks.drawn train --output FOLDER`; its `--help`
tells the options. Weights come out alike, not equal: drawing and training go on side by side.
"""


def card_of(about: Mapping[str, str], sha256: str) -> str:
    """Return the card of weights in Markdown; `about` is what their file says of itself."""
    unknown = dict.fromkeys(TOLD, "unknown")
    told = {key: f"{int(text):,}" if text.isdigit() else text for key, text in about.items()}
    return TEXT.format_map(
        {
            **unknown,
            **told,
            "sha256": sha256,
            "widths": ", ".join(map(str, WIDTHS)),
            "scales": ", ".join(map(str, SCALES)),
            "kinds": len(KINDS),
            "names": fill(", ".join(KINDS), 98),
        }
    )
