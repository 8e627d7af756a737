"""A model that was taken away says which threshold has which name, and how files become images."""

import json
import shutil
import zipfile

import numpy as np
import pytest
from image_files import png
from refused import refused
from scorable import SIDE, noisy

from anomaly_core.checkpoint import load_detector
from anomaly_core.datasets.image_folder import SMALLEST
from anomaly_core.errors import CheckpointError, InvalidInput, Refused
from anomaly_core.scoring.models import LARGEST, load_scorer, read_card


@pytest.fixture
def folder(scoring_model, tmp_path):
    """A model to change."""
    return shutil.copytree(scoring_model, tmp_path / "model")


def told(folder, **facts):
    path = folder / "metrics.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | facts))
    return read_card(folder)


def test_a_threshold_is_asked_for_by_name_or_number_else_it_is_the_usual_one(scoring_model):
    card = read_card(scoring_model)
    assert card.threshold(None) == card.threshold("Expected") == card.usual
    assert card.threshold("saved-1") == card.thresholds["saved-1"]
    assert card.threshold("12.5") == 12.5
    for word in ("nightly", "nan", "inf"):
        with refused(InvalidInput, f'called {word}; saved for this model: "expected", "saved-1"'):
            card.threshold(word)


def test_a_model_without_figures_is_scored_by_a_number_only(folder):
    (folder / "metrics.json").unlink()
    (folder / "scores.csv").unlink()
    card = read_card(folder)
    with refused(InvalidInput, "knows no threshold; give a number"):
        card.threshold(None)
    assert card.threshold("2") == 2
    assert card.percentiles(np.zeros(1, np.float32)) is None


def test_percentiles_are_the_share_of_the_pool_that_scores_lower(scoring_model):
    card = read_card(scoring_model)
    assert card.pool is not None
    scores = np.array([-1, card.pool[12], card.pool[-1] + 1], np.float32)
    assert card.percentiles(scores) == pytest.approx([0, 12 / 48, 1])


def test_a_zip_file_is_the_same_model_as_its_folder(scoring_model, tmp_path):
    with zipfile.ZipFile(tmp_path / "model.zip", "w") as archive:
        for path in scoring_model.iterdir():
            archive.write(path, f"ringfence-1-model-2/{path.name}")
    packed, plain = read_card(tmp_path / "model.zip"), read_card(scoring_model)
    assert (packed.fingerprint, packed.usual) == (plain.fingerprint, plain.usual)
    images = noisy(5)
    scores = load_scorer(tmp_path / "model.zip").decision_function(images)
    assert scores.tolist() == load_detector(scoring_model).decision_function(images).tolist()


def test_files_are_fitted_as_the_import_of_the_project_did(folder):
    card = told(folder, preprocessing={"height": 20, "width": 20, "fit": "pad", "colour": True})
    seen = card.seen_in(png(np.full((30, 60), 200, np.uint8)))
    assert seen.shape == (20, 20, 3)
    assert not seen[:5].any()
    assert (seen[6:14] == 200).all()


@pytest.mark.parametrize(
    ("side", "colour", "mean"), [(SIDE, False, 100), (SIDE, True, 100), (SIDE + 1, False, None)]
)
def test_without_a_way_to_fit_them_files_have_to_be_of_the_models_size(folder, side, colour, mean):
    assert side >= SMALLEST
    card = told(folder, preprocessing=None)
    pixels = np.full((side, side, 3), (50, 100, 150) if colour else 100, np.uint8)
    if mean is None:
        with refused(Refused, "17 x 17 pixels, but this model takes 16 x 16; scale it"):
            card.seen_in(png(pixels))
    else:
        assert (card.seen_in(png(pixels)) == np.full((SIDE, SIDE), mean)).all()


def test_a_model_that_sees_files_otherwise_is_another_one(folder):
    before = read_card(folder).fingerprint
    changed = {"height": SIDE, "width": SIDE, "fit": "crop", "colour": False}
    assert told(folder, threshold=3).fingerprint == before
    assert told(folder, preprocessing=changed).fingerprint != before


DEEP = "[" * 200_000


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("metrics.json", DEEP),
        ("model.json", DEEP),
        ("scores.csv", f"score\n{'1' * 200_000}\n"),
        ("metrics.json", '{"threshold": NaN}'),
        ("metrics.json", '{"threshold": "abc"}'),
        ("metrics.json", '{"thresholds": {"saved": Infinity}}'),
        ("metrics.json", '{"thresholds": ["saved"]}'),
        ("model.json", '{"image_shape": [1e999, 1]}'),
    ],
)
def test_a_damaged_description_is_told_in_a_sentence(folder, name, text):
    (folder / name).write_text(text)
    with refused(CheckpointError, "is damaged; download it again on Models"):
        read_card(folder)


def packed(folder, path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in sorted(folder.iterdir()):
            archive.write(one, one.name)
    return path


def test_a_zip_file_with_damaged_contents_is_refused(scoring_model, tmp_path):
    path = packed(scoring_model, tmp_path / "model.zip")
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("model.safetensors").header_offset + 30 + len("model.safetensors")
    data = bytearray(path.read_bytes())
    data[start : start + 64] = b"\xff" * 64
    path.write_bytes(data)
    with refused(CheckpointError, "no model that can be read; download it again"):
        read_card(path)


def test_a_zip_file_is_unpacked_up_to_a_bound_only(scoring_model, tmp_path):
    path = packed(scoring_model, tmp_path / "model.zip")
    data, name = path.read_bytes(), b"metrics.json"
    entry = data.rindex(name) - 46  # in the directory at the end
    size = (LARGEST[name.decode()] + 1).to_bytes(4, "little")
    path.write_bytes(data[: entry + 24] + size + data[entry + 28 :])
    with refused(CheckpointError, "metrics.json is 536,870,913 bytes large, more than that of any"):
        read_card(path)


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (lambda folder: (folder / "model.json").unlink(), "holds no model"),
        (lambda folder: (folder / "metrics.json").write_text("[]"), "is damaged; download it"),
        (lambda folder: (folder / "metrics.json").write_text("{"), "is damaged; download it"),
        (shutil.rmtree, "does not exist"),
    ],
)
def test_what_is_no_model_is_refused(folder, harm, sentence):
    harm(folder)
    with refused(CheckpointError, sentence):
        read_card(folder)


def test_a_zip_file_that_is_none_is_refused(tmp_path):
    (tmp_path / "model.zip").write_bytes(b"PK\x03\x04")
    with refused(CheckpointError, "no model that can be read; download it again"):
        read_card(tmp_path / "model.zip")
