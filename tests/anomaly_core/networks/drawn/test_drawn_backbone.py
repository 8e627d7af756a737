"""The drawn backbone that is part of the package."""

import pytest
import torch
from refused import refused

from anomaly_core.errors import WeightsError
from anomaly_core.networks.backbones import load_backbone
from anomaly_core.networks.backbones.weights import sha256_of
from anomaly_core.networks.drawn import SHA256, drawn_backbone
from anomaly_core.networks.drawn.backbone import FILE, drawn_from
from anomaly_core.networks.drawn.network import DrawnNetwork
from anomaly_core.networks.drawn.saving import save_weights


def test_it_is_known_by_name_and_loaded_once():
    assert load_backbone("drawn") is drawn_backbone()
    assert drawn_backbone().card["sha256"] == SHA256
    assert SHA256 in FILE.with_name("CARD.md").read_text()
    assert FILE.stat().st_size < 12e6


@pytest.mark.parametrize("shape", [(2, 28, 28), (2, 16, 23, 3), (1, 65, 33, 3)])
def test_maps_of_any_image(shape):
    backbone = drawn_backbone()
    images = torch.rand(shape, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        maps = backbone(images)
    side = max(32, min(shape[1:3]))
    assert [min(x.shape[2:]) for x in maps] == [-(-side // scale) for scale in backbone.scales]
    assert all(x.isfinite().all() and x.dtype == torch.float32 for x in maps)


def test_weights_are_half_precision_in_the_file_and_whole_in_memory(tmp_path):
    file, network = tmp_path / "weights.safetensors", DrawnNetwork()
    save_weights(file, network, {"views": 3})
    backbone = drawn_from(file, sha256_of(file))
    assert backbone.card["views"] == "3"
    loaded = backbone.stages.state_dict()
    assert loaded["stem.0.weight"].dtype == torch.float32
    assert torch.equal(
        loaded["stem.0.weight"], network.state_dict()["stem.0.weight"].half().float()
    )


def test_missing_or_altered_weights_are_told(tmp_path):
    file = tmp_path / "weights.safetensors"
    with refused(WeightsError, "is missing; reinstall Ringfence"):
        drawn_from(file, SHA256)
    file.write_bytes(FILE.read_bytes()[:-1] + b"\1")
    with refused(WeightsError, "is altered; reinstall Ringfence"):
        drawn_from(file, SHA256)
