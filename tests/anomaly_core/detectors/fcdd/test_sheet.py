"""The command that writes the picture of synthetic defects for the docs."""

from pathlib import Path

import numpy as np
from PIL import Image

from anomaly_core.detectors.fcdd.defects import DEFECTS
from anomaly_core.detectors.fcdd.sheet import CELL, GAP, MARGIN, main

IN_DOCS = Path(__file__).parents[4] / "docs/pictures/synthetic-defects.png"
LARGEST = 300_000  # bytes


def cells_of(file):
    """The cells of a sheet, (rows, columns, CELL, CELL, 3)."""
    with Image.open(file) as image:
        pixels = np.asarray(image.convert("RGB"))[:, MARGIN:]
    rows, columns = (side // (CELL + GAP) for side in pixels.shape[:2])
    parts = pixels.reshape(rows, CELL + GAP, columns, CELL + GAP, 3).swapaxes(1, 2)
    return parts[:, :, :CELL, :CELL].astype(int)


def test_every_kind_of_defect_can_be_seen_where_its_mask_is(tmp_path, capsys):
    file = tmp_path / "defects.png"
    assert main([str(file)]) == 0
    assert capsys.readouterr().out == f"{file}\n"
    cells = cells_of(file)
    assert len(cells) == 1 + len(DEFECTS)
    images, masks = np.split(cells, 2, axis=1)
    assert not masks[0].any()
    assert np.ptp(images[0], axis=-1).max(axis=(1, 2)).astype(bool).any()  # some are in colour
    for made, mask in zip(images[1:], masks[1:], strict=True):
        assert mask.any(axis=(1, 2, 3)).all()
        change = np.abs(made - images[0]).mean(axis=-1)
        inside = mask.mean(axis=-1) > 127
        assert change[inside].mean() > 2 * change[~inside].mean()


def test_the_picture_in_the_docs_shows_the_kinds_that_there_are():
    assert IN_DOCS.stat().st_size < LARGEST
    assert len(cells_of(IN_DOCS)) == 1 + len(DEFECTS)
