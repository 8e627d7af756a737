"""A saved detector comes back the very same, or not at all."""

import json
import pickle

import numpy as np
import pytest
from refused import refused

from anomaly_core.checkpoint import DESCRIPTION, WEIGHTS, load_detector, save_detector
from anomaly_core.detectors.augmentation import AffineJitter
from anomaly_core.detectors.base import TrainingObjective
from anomaly_core.detectors.deep_svdd import PARAMETERS, DeepSVDD
from anomaly_core.detectors.reconstruction import AutoencoderDetector
from anomaly_core.errors import CheckpointError, NotFitted
from anomaly_core.networks import NETWORKS

pytestmark = pytest.mark.trains

IMAGES = np.random.default_rng(0).integers(0, 256, (40, 9, 7), dtype=np.uint8)
Y = np.repeat([0, 1, -1, 0], 10)


def trained(**parameters) -> DeepSVDD:
    steps = {"pretrain_steps": 10, "fit_steps": 5, "update_steps": 5}
    return DeepSVDD(**{**steps, **parameters}).fit(IMAGES).update(IMAGES, Y)


@pytest.fixture(scope="module")
def saved_once(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model-7")
    save_detector(trained(network="mlp"), folder)
    return {name: (folder / name).read_bytes() for name in (WEIGHTS, DESCRIPTION)}


@pytest.fixture
def folder(tmp_path, saved_once):
    """A checkpoint to damage."""
    for name, data in saved_once.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


@pytest.mark.parametrize(
    "parameters",
    [
        {"network": "mlp"},
        {"network": "conv"},
        {"network": "mlp", "objective": TrainingObjective.SOFT_BOUNDARY, "nu": 0.3, "seed": 5},
        {"network": "mlp", "augmentation": None},
        {"network": "mlp", "augmentation": AffineJitter(1.0, 0.2, 0.3)},
    ],
    ids=str,
)
def test_a_detector_comes_back_the_same_and_goes_on_the_same(tmp_path, parameters):
    assert set(NETWORKS) == {"mlp", "conv", "mlp-64"}
    detector = trained(**parameters)
    save_detector(detector, tmp_path)
    loaded = load_detector(tmp_path, DeepSVDD)
    for name in PARAMETERS:
        assert getattr(loaded, name) == getattr(detector, name), name
    assert isinstance(loaded.objective, TrainingObjective)
    assert (loaded.rounds_, loaded.R_) == (1, detector.R_)
    for _ in range(2):
        for use in ("decision_function", "embed", "reconstruct"):
            assert np.array_equal(getattr(loaded, use)(IMAGES), getattr(detector, use)(IMAGES))
        detector.update(IMAGES, Y)
        loaded.update(IMAGES, Y)


def test_two_files_are_written_and_neither_is_a_pickle(folder):
    assert sorted(path.name for path in folder.iterdir()) == ["model.json", "model.safetensors"]
    weights = (folder / WEIGHTS).read_bytes()
    header = json.loads(weights[8 : 8 + int.from_bytes(weights[:8], "little")])
    assert "c" in header
    assert json.loads((folder / DESCRIPTION).read_text())["format"] == 1


def test_a_detector_that_knows_nothing_is_not_saved(tmp_path):
    with refused(NotFitted, "has not been fitted yet"):
        save_detector(DeepSVDD(), tmp_path)
    assert list(tmp_path.iterdir()) == []


class Trap:
    """Runs code when it is unpickled."""

    sprung = False

    def __reduce__(self):
        return setattr, (Trap, "sprung", True)


def test_a_pickle_is_never_opened(folder):
    (folder / WEIGHTS).write_bytes(pickle.dumps(Trap()))
    with refused(CheckpointError, "is damaged"):
        load_detector(folder)
    assert not Trap.sprung


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: data[: len(data) // 2],
        lambda data: data[:5],
        lambda data: b"",
        lambda data: b"\xff" * 8 + data[8:],
        lambda data: data.replace(b'"c"', b'"d"', 1),
        lambda data: data.replace(b"encoder", b"encodes"),
    ],
    ids=["one byte short", "half", "no header", "empty", "huge header", "no center", "renamed"],
)
def test_damaged_weights_are_one_sentence(folder, damage):
    path = folder / WEIGHTS
    path.write_bytes(damage(path.read_bytes()))
    with refused(CheckpointError, f"The saved model {folder.name} is damaged; go back to another"):
        load_detector(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "3", "\udcff"])
def test_a_damaged_description_is_one_sentence(folder, text):
    (folder / DESCRIPTION).write_bytes(text.encode(errors="surrogateescape"))
    with refused(CheckpointError, f"The saved model {folder.name} is .*"):
        load_detector(folder)


@pytest.mark.parametrize(
    "change",
    [
        {"parameters": None},
        {"parameters": {}},
        {"parameters": {"objective": "best", "augmentation": None}},
        {"parameters": {"objective": "one-class", "augmentation": {"spin": 3}}},
        {"parameters": {"objective": "one-class", "augmentation": None, "unheard": 1}},
        {"image_shape": [9]},
        {"image_shape": None},
        {"image_shape": ["9", "7"]},
        {"image_shape": [9, 8]},
        {"rounds": "many"},
        {"R": None},
    ],
    ids=str,
)
def test_a_description_that_fits_no_detector_is_one_sentence(folder, change):
    rewrite(folder, change)
    with refused(CheckpointError, "is damaged; go back to another version"):
        load_detector(folder)


@pytest.mark.parametrize("missing", ["parameters", "image_shape", "rounds", "R"])
def test_a_description_without_one_of_its_parts_is_one_sentence(folder, missing):
    rewrite(folder, {missing: ...})
    with refused(CheckpointError, "is damaged; go back to another version"):
        load_detector(folder)


@pytest.mark.parametrize("number", [0, 2, None, ...])
def test_another_format_is_one_sentence(folder, number):
    rewrite(folder, {"format": number})
    with refused(CheckpointError, "is of another format; train it anew"):
        load_detector(folder)


@pytest.mark.parametrize("name", [WEIGHTS, DESCRIPTION])
def test_a_missing_file_is_one_sentence(folder, name):
    (folder / name).unlink()
    with refused(CheckpointError, "damaged; go back to another version"):
        load_detector(folder)


def rewrite(folder, change) -> None:
    """Change values of the description; `...` takes one out."""
    values = json.loads((folder / DESCRIPTION).read_text()) | change
    kept = {name: value for name, value in values.items() if value is not ...}
    (folder / DESCRIPTION).write_text(json.dumps(kept))


def test_a_model_saved_before_there_was_a_history_still_loads(folder):
    scores = load_detector(folder).decision_function(IMAGES)
    rewrite(folder, {"history": ..., "detector": "deep-svdd"})
    loaded = load_detector(folder, DeepSVDD)
    assert loaded.history_ == []
    assert np.array_equal(loaded.decision_function(IMAGES), scores)


@pytest.mark.parametrize("kind", ["unheard of", "", None, ...])
def test_a_detector_of_no_known_kind_is_one_sentence(folder, kind):
    rewrite(folder, {"detector": kind})
    with refused(CheckpointError, "is of another kind; choose a model that fits here"):
        load_detector(folder)


def test_a_detector_of_another_family_than_asked_for_is_one_sentence(folder):
    with refused(CheckpointError, "is of another kind"):
        load_detector(folder, AutoencoderDetector)
