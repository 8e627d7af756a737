"""An image below a map leaves the colours of the map as they are."""

import numpy as np
import pytest

from pages.components.heatmap.heatmap import FAINT, ghost

PAPER, INK = "#11151d", "#e8ecf4"


@pytest.mark.parametrize("channels", [(), (3,)])
@pytest.mark.parametrize("mostly", [0, 255])
def test_what_is_as_bright_as_most_of_the_image_is_the_page(channels, mostly):
    image = np.full((4, 4, *channels), mostly, np.uint8)
    image[1, 2] = 255 - mostly
    drawn = ghost(image, PAPER, INK)
    assert drawn.shape == (4, 4, 3)
    paper, ink = (np.array(list(bytes.fromhex(one[1:]))) for one in (PAPER, INK))
    expected = np.tile(paper, (4, 4, 1)).astype(float)
    expected[1, 2] += FAINT * (ink - paper)
    np.testing.assert_allclose(drawn, expected, atol=0.5)


def test_an_image_of_one_brightness_leaves_the_page_bare():
    drawn = ghost(np.full((3, 3), 90, np.uint8), PAPER, INK)
    assert np.unique(drawn.reshape(-1, 3), axis=0).tolist() == [[0x11, 0x15, 0x1D]]
