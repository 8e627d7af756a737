"""A project is served by the hypersphere that it names, from the first model to the last page."""

import base64
import json
from dataclasses import replace

import numpy as np
import pytest
from answering import answer
from published import documented, files
from workshop import WORKER

from anomaly_core.checkpoint import load_hypersphere
from anomaly_core.datasets.scenario import Scenario
from anomaly_core.detectors.base import WITHOUT_DECODER, Family, TrainingObjective
from anomaly_core.detectors.deep_svdd import DeepSVDD
from anomaly_core.detectors.fcdd.detector import FCDD
from anomaly_core.detectors.joint.detector import JointSVDD
from anomaly_core.detectors.pretrained.detector import FeatureSVDD
from state.explore.galleries import OF_RECONSTRUCTIONS, Wall, exhibits, walls_of
from state.explore.inspector import Inspection
from state.explore.tried import Trial
from state.files.gallery import Gallery
from state.labeling.payload import Sent, deliver
from state.store.schema import Answer
from state.workers import scorer
from state.workers.baseline.rounds import RandomRounds
from state.workers.families import MAKERS, joint, new_detector, with_features
from state.workers.scorer_client import Attributions, Scoring, Stage, of_item, of_version, scored

SCENARIO = Scenario(contamination=0.2, seed=3)


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        ({}, DeepSVDD),
        ({"family": "deep-svdd"}, DeepSVDD),
        ({"family": "fcdd"}, FCDD),
        ({"family": "feature-svdd"}, FeatureSVDD),
        ({"family": "joint"}, JointSVDD),
    ],
)
def test_settings_name_the_detector(settings, kind):
    detector = new_detector({"objective": "loe", **settings}, SCENARIO)
    assert type(detector) is kind
    assert getattr(detector, "contamination", None) == SCENARIO.contamination
    assert detector.seed == SCENARIO.seed
    assert getattr(detector, "objective", TrainingObjective.LOE) is TrainingObjective.LOE


def test_the_pool_of_a_joint_one_teaches_later_and_as_the_settings_say():
    detector = joint({"objective": "loe"}, SCENARIO)
    assert not detector.at_once
    assert detector.pool == {"objective": "loe"}


NAMED = {"backbone": "resnet18", "weights": "/there/mine.pth"}


@pytest.mark.parametrize(
    ("settings", "given"),
    [({}, {}), ({"backbone": "drawn", "weights": None}, {"backbone": "drawn"}), (NAMED, NAMED)],
)
def test_settings_name_the_network_that_features_come_from(settings, given):
    told = {"objective": "loe", **settings}
    both = new_detector({"family": "joint", **told}, SCENARIO)
    assert isinstance(both, JointSVDD)
    assert both.features == given
    one = new_detector({"family": "feature-svdd", **told}, SCENARIO)
    assert isinstance(one, FeatureSVDD)
    assert (one.backbone, one.weights) == (given.get("backbone", "drawn"), given.get("weights"))


@pytest.mark.parametrize("kind", [JointSVDD, FeatureSVDD])
def test_features_are_kept_in_the_data_directory(kind, tmp_path):
    detector = kind()
    assert detector.cache.folder is None
    with_features(detector, tmp_path)
    assert detector.cache.folder == tmp_path / "features"


def test_one_of_another_version_of_the_program_is_the_usual_one():
    assert type(new_detector({"objective": "loe", "family": "later"}, SCENARIO)) is DeepSVDD


def test_every_family_has_its_maker_and_explains_itself():
    assert set(MAKERS) == set(Family)
    for family in Family:
        detector = new_detector({"objective": "loe", "family": family}, SCENARIO)
        assert detector.kind == family
        assert detector.explains
        assert (type(detector).reconstructs is False) == (family in WITHOUT_DECODER)


# -- a project with the fully convolutional one ----------------------------------------------


@pytest.fixture
def shop(open_workshop, prepared_places):
    return open_workshop(copy_of=prepared_places)


def test_it_goes_through_its_rounds(shop):
    assert files(shop.folder) == documented(1) - {"reconstructions.npy"}
    for version in (2, 3):  # each by a trainer that has just come up
        shop.answer(5)
        desk = shop.desk()
        answer(desk, int(desk.queue[0]), Answer.ANOMALOUS)
        assert shop.rounds().update([]).version == version
    assert files(shop.folder) == documented(1, 2, 3) - {"reconstructions.npy"}
    detector = load_hypersphere(shop.version_folder(3))
    assert (type(detector), detector.rounds_) == (FCDD, 2)
    scores = shop.array("models/3/scores")
    np.testing.assert_allclose(detector.decision_function(shop.array("pool")), scores, rtol=1e-3)
    np.testing.assert_allclose(shop.array("models/3/map")[:, 0] ** 2, scores, rtol=1e-3)
    assert not np.array_equal(scores, shop.array("models/1/scores"))
    assert len(shop.desk().queue) == 350 - 12
    project = shop.store.projects.get(shop.id)
    rounds = RandomRounds(shop.store, shop.settings.data_dir, project, WORKER)
    assert rounds.advance()  # the baseline begins with the first model


def test_its_attribution_is_the_map_of_distances(shop):
    gallery = Gallery(shop.settings.data_dir, shop.id, shop.model)
    attributions = Attributions(Scoring(shop.settings))
    assert attributions.stage(gallery, 7) is Stage.MISSING
    scorer.attribute(shop.settings.data_dir, of_version(gallery) | of_item(gallery, 7))
    assert attributions.stage(gallery, 7) is Stage.READY
    found = attributions.read(gallery, 7)
    expected = load_hypersphere(gallery.version).explain(shop.array("pool")[7:8])[0]
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_an_image_is_scored_without_a_reconstruction(shop):
    image, gallery = shop.array("pool")[3], shop.desk().gallery
    pixels = base64.b64encode(image.tobytes()).decode()
    request = of_version(gallery) | {"shape": image.shape, "pixels": pixels}
    found = scored(json.loads(json.dumps(scorer.score(shop.settings.data_dir, request))), image)
    assert found.reconstruction is None
    assert found.score == pytest.approx(float(shop.array("models/1/scores")[3]), rel=1e-3)
    assert Trial(gallery, image, found, 1.0).difference is None


def test_nothing_speaks_of_reconstructions_that_are_not_there(shop):
    desk = shop.desk()
    one = Inspection(desk, 5)
    assert one.reconstruction is None
    assert one.difference is None
    sent = Sent(view={"client": "tab", "held": None, "images": [], "map": None, "beat": "1"})
    data = deliver(desk, sent)
    assert not data["reconstructs"]
    images = data["images"]
    assert images
    assert all(made is None for _, made in images.values())
    left = walls_of(desk.gallery)
    assert set(left) | set(OF_RECONSTRUCTIONS) == set(Wall)
    assert all(exhibits(desk, wall) for wall in left if wall is not Wall.SUSPECTED)


@pytest.mark.trains
def test_a_project_of_an_earlier_version_names_none(tiny_workshop):
    store = tiny_workshop.store
    project = store.projects.get(tiny_workshop.id)
    assert project.detector["family"] == "deep-svdd"
    older = {name: value for name, value in project.detector.items() if name != "family"}
    rounds = tiny_workshop.rounds()
    rounds.project = replace(project, detector=older)
    assert tiny_workshop.prepare(rounds).version == 1
    assert type(load_hypersphere(tiny_workshop.version_folder(1))) is DeepSVDD
