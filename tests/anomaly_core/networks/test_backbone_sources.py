"""Published weights: found in the folder, fetched only when asked for, and never half."""

import hashlib
import urllib.error

import numpy as np
import pytest
from made_weights import Mirror, made_weights, published, saved
from refused import refused

from anomaly_core.errors import Cancelled, WeightsError
from anomaly_core.networks.backbones import load_backbone
from anomaly_core.networks.backbones.published import published_for
from anomaly_core.networks.backbones.sources import WeightsSource, open_url, torch_folder
from anomaly_core.progress import silent

NAME = "mobilenet_v3_small"


def source(folder, *contents, error=None):
    """Publishes `contents`, the first of which can be downloaded unless there is an error."""
    choices = [published(each, f"made-{number}.pth") for number, each in enumerate(contents)]
    return WeightsSource(lambda name: choices, folder, Mirror(contents[0], error))


def test_offline_it_says_what_to_put_where(tmp_path):
    mirror = Mirror()
    there = WeightsSource(folder=tmp_path, opener=mirror)
    said = f"put resnet18-f37072fd.pth into {tmp_path}, name a file that holds them, or have"
    with refused(WeightsError, f"weights of resnet18 are not on this machine; {said} them"):
        load_backbone("resnet18", source=there)
    assert mirror.asked == []


def test_torch_says_where_its_folder_is(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    assert torch_folder() == tmp_path / "hub" / "checkpoints"
    with refused(WeightsError, f"put resnet18-f37072fd.pth into {torch_folder()}"):
        load_backbone("resnet18")


def test_what_was_downloaded_once_is_there(tmp_path):
    content = saved(made_weights(NAME), tmp_path / "made.pth").read_bytes()
    folder = tmp_path / "hub" / "checkpoints"
    online, offline = source(folder, content), source(folder, content, error=OSError())
    first = load_backbone(NAME, download=True, source=online)
    second = load_backbone(NAME, source=offline)
    assert first.fingerprint == second.fingerprint
    assert first.card == {
        "name": NAME,
        "source": "downloaded from https://weights.example/made-0.pth",
        "file": "made-0.pth",
        "sha256": hashlib.sha256(content).hexdigest(),
        "weights": "MADE_IN_A_TEST",
        "licence": "none",
    }
    where = "torchvision's cache, published at https://weights.example/made-0.pth"
    assert second.card == {**first.card, "source": where}


def test_a_published_file_is_known_under_any_name(tmp_path):
    file = saved(made_weights(NAME), tmp_path / "mine.pth")
    card = load_backbone(NAME, file, source=source(tmp_path, file.read_bytes())).card
    assert (card["source"], card["weights"]) == ("file mine.pth", "MADE_IN_A_TEST")


def test_nothing_that_differs_is_taken_from_the_folder(tmp_path):
    there = WeightsSource(folder=tmp_path, opener=Mirror())
    (tmp_path / "resnet18-f37072fd.pth").write_bytes(b"half of it")
    with refused(WeightsError, "resnet18-f37072fd.pth is damaged; delete it"):
        load_backbone("resnet18", download=True, source=there)


def test_older_weights_in_the_folder_are_found(tmp_path):
    (tmp_path / "made-1.pth").write_bytes(b"old")
    file, where = source(tmp_path, b"new", b"old").find("tiny", True, silent)
    assert file == tmp_path / "made-1.pth"
    assert where == "torchvision's cache, published at https://weights.example/made-1.pth"


def test_a_download_tells_how_far_it_is(tmp_path):
    content = np.random.default_rng(0).bytes(3 * 2**20)
    told: list[tuple[float, str]] = []
    there = source(tmp_path, content)
    file, _ = there.find("tiny", True, lambda *at: told.append(at))
    assert file.read_bytes() == content
    assert [share for share, _ in told] == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert {message for _, message in told} == {"Downloading made-0.pth (3 MB)"}
    assert list(tmp_path.iterdir()) == [file]


def test_a_download_that_differs_is_not_kept(tmp_path):
    there = WeightsSource(folder=tmp_path, opener=Mirror(b"an error page"))
    with refused(WeightsError, "resnet18-f37072fd.pth arrived damaged"):
        load_backbone("resnet18", download=True, source=there)
    assert list(tmp_path.iterdir()) == []


def test_without_a_network_the_download_says_so(tmp_path):
    there = source(tmp_path, b"weights", error=urllib.error.URLError("no route"))
    with refused(
        WeightsError,
        f"made-0.pth could not be downloaded; .* put it into {tmp_path}, or name a file",
    ):
        load_backbone("resnet18", download=True, source=there)
    assert list(tmp_path.iterdir()) == []


def test_a_download_can_be_cancelled(tmp_path):
    def stop(share, _):
        if share:
            raise Cancelled

    with pytest.raises(Cancelled):
        source(tmp_path, b"weights").find("tiny", True, stop)
    assert list(tmp_path.iterdir()) == []


def test_a_url_is_opened_for_reading(tmp_path):
    (tmp_path / "there").write_bytes(b"weights")
    with open_url((tmp_path / "there").as_uri()) as opened:
        assert opened.read() == b"weights"


def test_what_torchvision_says_of_its_weights_is_kept():
    first, *others = published_for("resnet50")
    assert (first.file, first.digest) == ("resnet50-11ad3fa6.pth", "11ad3fa6")
    assert [each.file for each in others] == ["resnet50-0676ba61.pth"]
    assert first.about["trained_on"] == "ImageNet-1K"
    assert "licence" not in first.about
    licences = [each.about.get("licence") for each in published_for("regnet_y_16gf")]
    assert any(licence and "SWAG" in licence for licence in licences)


def test_each_network_has_its_own_preprocessing():
    assert published_for("efficientnet_v2_l")[0].preprocessing.mean == (0.5, 0.5, 0.5)
    assert published_for("inception_v3")[0].preprocessing.smallest == 75
    assert published_for("resnet18")[0].preprocessing.smallest == 64
