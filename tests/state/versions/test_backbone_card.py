"""The card of a version's backbone, from what a trainer has published."""

import hashlib
from dataclasses import replace

import pytest
from answering import answer
from made_weights import made_weights, saved
from workshop import Workshop

from anomaly_core.detectors.base import Family
from state.projects.backbones import Backbones, Card, NetworkChoice
from state.store.people import MACHINE
from state.store.schema import Answer
from state.versions.backbone import card_of
from state.versions.lineage import Lineage

NAME = "mobilenet_v3_small"


@pytest.mark.trains
def test_a_version_says_which_weights_it_is_on(tiny_workshop: Workshop, tiny, tmp_path):
    file = saved(made_weights(NAME), tmp_path / "mine.safetensors")
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    card = Card(NAME, "file mine.safetensors", file.name, sha256)
    shop = tiny_workshop
    shop.projects.backbones = Backbones(lambda *_: card)
    for family in (Family.JOINT, Family.FEATURES):
        form = replace(tiny, name=family, family=family, backbone=NetworkChoice(NAME, file))
        shop.id = shop.projects.create(form, MACHINE).id
        assert shop.prepare().version == 1
        desk = shop.desk()
        for item in desk.queue[:3].tolist():
            answer(desk, item, Answer.ANOMALOUS)
        assert shop.rounds().update([]).version == 2  # by a trainer that has just come up
        lineage = Lineage(shop.projects, shop.store.projects.get(shop.id))
        assert lineage.backbone == card
        assert card_of(shop.version_folder(1)) == card


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"first": {}}', '{"backbone": 3}'])
def test_a_version_without_one_or_damaged_says_nothing(content, tmp_path):
    if content is not None:
        (tmp_path / "model.json").write_text(content)
    assert card_of(tmp_path) is None
