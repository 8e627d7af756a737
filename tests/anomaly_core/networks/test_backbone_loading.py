"""Backbones by name, with weights from a file."""

import hashlib
from pathlib import Path

import pytest
import torch
from halved import halved
from made_weights import made_weights, saved
from refused import refused

from anomaly_core.errors import InvalidInput, WeightsError
from anomaly_core.networks.backbones import BACKBONES, load_backbone

NAME = "mobilenet_v3_small"  # 4 MB
IMAGES = torch.rand(2, 28, 28, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def weights():
    return made_weights(NAME)


def features(backbone):
    with torch.inference_mode():
        return torch.cat([x.flatten(1) for x in backbone(IMAGES)], 1)


def test_both_formats_give_the_same(weights, tmp_path):
    files = [saved(weights, tmp_path / f"mine.{kind}") for kind in ("safetensors", "pth")]
    one, other = (load_backbone(NAME, file) for file in files)
    assert one.fingerprint == other.fingerprint
    assert torch.equal(features(one), features(other))
    assert features(one).isfinite().all()
    assert not any(x.is_meta for x in one.state_dict().values())


def test_the_card_says_where_the_weights_are_from(weights, tmp_path):
    file = saved(weights, tmp_path / "mine.safetensors")
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    expected = {"name": NAME, "source": f"file {file.name}", "file": file.name, "sha256": sha256}
    assert load_backbone(NAME, file).card == expected


def test_other_weights_have_another_fingerprint(weights, tmp_path):
    one = load_backbone(NAME, saved(weights, tmp_path / "one.safetensors"))
    key = "features.0.0.weight"
    altered = {**weights, key: weights[key] * 2}
    other = load_backbone(NAME, saved(altered, tmp_path / "other.safetensors"))
    assert one.fingerprint != other.fingerprint


def test_a_head_of_other_classes_and_half_precision_are_welcome(weights, tmp_path):
    half = {key: x.half() if x.is_floating_point() else x for key, x in weights.items()}
    head = {"classifier.3.weight": torch.zeros(7, 1024), "classifier.9.bias": torch.zeros(7)}
    backbone = load_backbone(NAME, saved({**half, **head}, tmp_path / "seven.safetensors"))
    assert features(backbone).dtype == torch.float32


def test_old_names_of_densenet_are_known(tmp_path):
    weights = made_weights("densenet121")
    old = {
        key.replace("norm1.", "norm.1.").replace("conv2.", "conv.2."): value
        for key, value in weights.items()
        if not key.endswith("num_batches_tracked")
    }
    assert any("norm.1." in key for key in old)
    load_backbone("densenet121", saved(old, tmp_path / "old.pth"))


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("missing", "features.4.block.0.0.weight is missing"),
        ("shape", "features.4.block.0.0.weight is 95 x 24 x 1 x 1 instead of 96 x 24 x 1 x 1"),
        ("more", "features.99.w has no place there"),
    ],
)
def test_weights_of_another_network_are_refused(weights, tmp_path, what, said):
    key = "features.4.block.0.0.weight"
    altered = dict(weights)
    if what == "missing":
        del altered[key]
    elif what == "shape":
        altered[key] = altered[key][:-1].clone()
    else:
        altered["features.99.w"] = torch.zeros(1)
    file = saved(altered, tmp_path / "other.safetensors")
    with refused(WeightsError, f"other.safetensors does not hold the weights of {NAME}: {said}"):
        load_backbone(NAME, file)


def test_a_deeper_network_is_not_taken_for_a_shallow_one(tmp_path):
    file = saved(made_weights("resnet34"), tmp_path / "resnet34.safetensors")
    with refused(WeightsError, r"layer1\.2\.\S+ has no place there"):
        load_backbone("resnet18", file)


@pytest.mark.parametrize("name", ["a.pth", "a.safetensors"])
def test_what_holds_no_weights_is_refused(tmp_path, name):
    file = tmp_path / name
    with refused(WeightsError, f"There is no file .*{name}"):
        load_backbone(NAME, file)
    for content in (b"", b"no weights at all", b"\x80\x02."):
        file.write_bytes(content)
        with refused(WeightsError, f"{name} is damaged or holds more than weights"):
            load_backbone(NAME, file)


@pytest.mark.parametrize("content", [{"epoch": 3}, [torch.zeros(1)], {}, Path("run-me")])
def test_a_file_that_holds_other_things_is_refused(tmp_path, content):
    torch.save(content, tmp_path / "a.pth")
    with refused(WeightsError, "holds more than weights"):
        load_backbone(NAME, tmp_path / "a.pth")


def test_an_unknown_name_is_told_its_neighbours():
    with refused(InvalidInput, "There is no backbone 'resnet19'; choose for example .*resnet1"):
        load_backbone("resnet19")
    with refused(InvalidInput, "choose for example resnet18"):
        load_backbone("🜁")


def test_a_backbone_of_the_package_needs_no_weights(monkeypatch):
    monkeypatch.setitem(BACKBONES, "halved", halved)
    assert load_backbone("halved").name == "halved"
    with refused(InvalidInput, "brings its weights; name no file"):
        load_backbone("halved", Path("a.pth"))
