"""What a drawn picture is of."""

from collections import Counter

import numpy as np

from anomaly_core.networks.drawn.pictures import FAMILIES, KINDS, draw, draw_labeled
from anomaly_core.networks.drawn.pictures.scenes import MAKERS, THINGS, named_scene, scene


def test_the_picture_is_that_without_its_kind():
    for seed in range(8):
        picture, kind = draw_labeled((1, seed), 24)
        assert np.array_equal(picture, draw((1, seed), 24))
        assert kind in range(len(KINDS))


def test_kinds_are_families_and_things():
    assert len(set(KINDS)) == len(KINDS) == len(FAMILIES) - 1 + len(MAKERS)
    assert set(KINDS) == (set(FAMILIES) - {"thing"}) | set(THINGS)


def test_things_are_met_more_often_than_any_family():
    met = Counter(KINDS[draw_labeled((2, number), 16)[1]] for number in range(150))
    assert sum(met[name] for name in THINGS) > 30
    assert sum(name in met for name in FAMILIES) > 10


def test_a_scene_says_what_it_shows():
    for seed in range(6):
        picture, name = named_scene(np.random.default_rng(seed), 24)
        assert np.array_equal(picture, scene(np.random.default_rng(seed), 24))
        assert name in THINGS
