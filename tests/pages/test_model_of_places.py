"""Pages of a project whose model explains by maps, and reconstructs nothing."""

import base64
import json

import numpy as np
import pytest
from workshop import Workshop

from state.workers.scorer import attribute
from state.workers.scorer_client import of_item, of_version

WITHOUT = "This model learns no reconstruction."


def said(tab) -> str:
    """All that the page says in words."""
    kinds = ("markdown", "caption", "info", "warning", "error", "success")
    return "\n".join(element.value for kind in kinds for element in getattr(tab, kind))


def html(tab) -> str:
    """All that stands outside Markdown."""
    return "\n".join(element.proto.body for element in tab.get("html"))


@pytest.fixture
def places(open_shop, prepared_places) -> Workshop:
    return open_shop(prepared_places)


def test_the_inspector_shows_no_empty_place_for_a_reconstruction(places, open_page):
    tab = open_page("explore", item="41")
    assert not tab.error
    assert said(tab).count(WITHOUT) == 1
    assert "Item 41 of the pool" in html(tab)
    assert "Reconstruction" not in html(tab)
    assert "minus reconstruction" not in said(tab)
    assert "pretraining autoencoder" not in said(tab)


def test_a_map_of_distances_is_drawn_over_its_image(places, open_page):
    assert any(one.label == "Compute it" for one in open_page("explore", item="41").button)
    gallery = places.desk().gallery
    attribute(places.settings.data_dir, of_version(gallery) | of_item(gallery, 41))
    tab = open_page("explore", item="41")
    assert not any(one.label == "Compute it" for one in tab.button)
    assert "the less a place looks like what is normal" in said(tab)
    sent = [json.loads(one.proto.json) for one in tab.get("bidi_component")]
    (heat,) = [one for one in sent if "least" in one]
    assert heat["picture"].startswith("data:image/png")
    values = np.frombuffer(base64.b64decode(heat["values"]), "<f4")
    assert len(values) == heat["height"] * heat["width"]
    assert (heat["least"], heat["most"]) == (0, pytest.approx(values.max()))


@pytest.mark.parametrize("wall", ["most-typical", "boundary", "worst-reconstructed"])
def test_galleries_are_those_that_there_are(places, open_page, wall):
    tab = open_page("explore", wall=wall)
    assert not tab.error
    shown = next(one for one in tab.get("segmented_control") if one.key == "wall")
    assert "Most typical" in shown.options
    assert "Worst reconstructed" not in shown.options
    assert "above its reconstruction" not in said(tab)


@pytest.mark.parametrize("page", ["label", "batch", "overview", "present", "tune", "models"])
def test_every_other_page_is_there(places, open_page, page):
    tab = open_page(page)
    assert not tab.error
    assert not tab.exception
