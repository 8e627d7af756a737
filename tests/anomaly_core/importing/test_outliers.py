"""Images stand out by light, sharpness, size or shape, measured by the others."""

from dataclasses import replace

import numpy as np
import pytest
from image_files import png
from PIL import Image
from sklearn.datasets import load_sample_images

from anomaly_core.importing.examining import Examined, decode, examine
from anomaly_core.importing.outliers import ENOUGH, outliers

USUAL = Examined(100, 100, False, "", 0, 0.4, 0.2, 100.0)


def standing_out(*odd: Examined, usual: Examined = USUAL, count: int = 20) -> dict[str, list[int]]:
    """Which of the odd ones stand out among usual ones, by what for."""
    crowd = [replace(usual, sharpness=usual.sharpness * 2 ** (n % 3 - 1)) for n in range(count)]
    marks = outliers([*odd, *crowd])
    assert not any(mark[len(odd) :].any() for mark in marks.values())
    return {name: np.flatnonzero(mark).tolist() for name, mark in marks.items() if mark.any()}


def test_usual_images_do_not_stand_out():
    assert standing_out() == {}


def test_constant_images_are_that_and_nothing_else():
    black = Examined(9, 900, False, "", 0, 0.0, 0.0, 0.0)
    assert standing_out(black) == {"constant": [0]}
    assert standing_out(black, black, count=2) == {"constant": [0, 1]}
    many = [black] * 30  # are not in the medians
    assert standing_out(*many, replace(USUAL, width=500, height=500)) == {
        "constant": list(range(30)),
        "unusual size": [30],
    }


@pytest.mark.parametrize(
    ("brightness", "usual", "trait"),
    [
        (0.049, 0.4, "dark"),
        (0.051, 0.4, None),
        (0.049, 0.146, None),
        (0.049, 0.148, "dark"),
        (0.951, 0.6, "bright"),
        (0.949, 0.6, None),
        (0.951, 0.86, None),
        (0.951, 0.85, "bright"),
    ],
)
def test_light_stands_out_where_it_is_unusual_too(brightness, usual, trait):
    odd = replace(USUAL, brightness=brightness)
    found = standing_out(odd, usual=replace(USUAL, brightness=usual))
    assert found == ({trait: [0]} if trait else {})


@pytest.mark.parametrize(("sharpness", "blurred"), [(1.0, True), (11.0, False), (900.0, False)])
def test_blurred_is_what_is_far_less_sharp_than_the_others(sharpness, blurred):
    odd = replace(USUAL, sharpness=sharpness)
    assert standing_out(odd) == ({"blurred": [0]} if blurred else {})


def test_where_sharpness_differs_widely_nothing_is_blurred():
    wide = [replace(USUAL, sharpness=10.0**n) for n in range(-5, 6)]
    assert not outliers(wide)["blurred"].any()
    assert not outliers([replace(USUAL, sharpness=0.0)] * 20)["blurred"].any()


def test_a_photograph_out_of_focus_is_blurred():
    china = load_sample_images().images[0]
    pieces = [
        china[top : top + 128, left : left + 128]
        for top in (228, 299)
        for left in range(0, 512, 64)  # houses and trees
    ]
    soft = [
        np.asarray(Image.fromarray(pieces[9]).resize((n, n)).resize((128, 128))) for n in (16, 64)
    ]
    files = [png(piece) for piece in [*pieces, *soft]]
    marks = outliers([examine(decode(file), file) for file in files])
    assert np.flatnonzero(marks["blurred"]).tolist() == [16, 17]


@pytest.mark.parametrize(
    ("size", "traits"),
    [
        ((399, 399), set()),
        ((401, 401), {"unusual size"}),
        ((24, 24), {"unusual size"}),
        ((26, 26), set()),
        ((199, 100), set()),
        ((201, 100), {"unusual shape"}),
        ((100, 201), {"unusual shape"}),
        ((1000, 100), {"unusual shape"}),
        ((1700, 100), {"unusual size", "unusual shape"}),
    ],
)
def test_sizes_and_shapes_stand_out_by_times(size, traits):
    odd = replace(USUAL, width=size[0], height=size[1])
    assert set(standing_out(odd)) == traits


def test_a_few_images_have_no_usual_look():
    odd = replace(USUAL, brightness=0.01)
    assert standing_out(odd, count=ENOUGH - 2) == {}
    assert standing_out(odd, count=ENOUGH - 1) == {"dark": [0]}
    assert outliers([])["constant"].tolist() == []
