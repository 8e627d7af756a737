"""The pages of a project whose images nobody knows the truth of: nothing empty or undefined."""

import numpy as np
import pytest
from own_pile import jpeg, piece
from page_text import words
from refused import refused

from anomaly_core.errors import InvalidInput
from state.explore.drawing import seen_as_own


@pytest.fixture
def own(open_shop, prepared_own):
    return open_shop(prepared_own)


def test_overview_draws_no_curve_of_a_quality_that_nothing_tells(own, open_page):
    headings = [one.value for one in open_page("overview").subheader]
    assert "Anomalies found by answers" in headings
    assert "Quality by answers trained on" not in headings


def test_models_lists_only_figures_that_can_be_known(own, open_page):
    shown = "\n".join(one.proto.body for one in open_page("models").get("html"))
    assert "AUROC by random answers" in shown
    assert "AUROC on held-out images" not in shown
    assert "undefined" not in shown


def test_nobody_is_asked_to_draw_a_photograph(own, open_page):
    tab = open_page("present")
    assert tab.segmented_control(key="tried").options == ["Upload", "From the pool"]
    assert "Fitted as the images of the pool are" in words(tab)


def test_what_is_tried_is_seen_as_the_images_of_the_pool_are(own):
    gallery = own.desk().gallery
    item = 3
    seen = seen_as_own(gallery.project, gallery.own.original(item))
    np.testing.assert_array_equal(seen, gallery.of_project("pool")[item])
    wide = seen_as_own(gallery.project, jpeg(piece(0, False).resize((300, 100))))
    assert wide.shape == seen.shape
    with refused(InvalidInput, "cannot be tried. It is no image"):
        seen_as_own(gallery.project, b"taken on Tuesday")
