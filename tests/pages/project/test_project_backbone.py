"""The form of a new project: another network for its features, and the download of its weights."""

import hashlib
import json
from dataclasses import replace

import pytest
from made_weights import made_weights, published, saved
from page_text import words
from streamlit.testing.v1 import AppTest
from waiting import wait_until
from workshop import Workshop

from anomaly_core.networks.backbones import load_backbone
from anomaly_core.networks.backbones.sources import WeightsSource
from state import session
from state.projects.backbones import Backbones, Card

NAME = "mobilenet_v3_small"
NAME_FILE = "give the path of a file that holds them under File of its weights"
MISSING = "The weights of resnet18 are not on this machine; put resnet18-f37072fd.pth into"


@pytest.fixture(autouse=True)
def _nothing_is_there(tmp_path, monkeypatch):
    """Torch's folder is empty, and no mirror answers."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")


def fill(tab: AppTest, network: str, file: str = "") -> None:
    next(box for box in tab.selectbox if box.label == "Features from").set_value(network).run()
    fields = {field.label: field for field in tab.text_input}
    fields["Name"].set_value("Scratches")
    fields["File of its weights"].set_value(file)


def press(tab: AppTest, label: str) -> None:
    next(button for button in tab.button if button.label == label).click().run()
    assert not tab.exception


def test_the_usual_ones_are_drawn_pictures(shop: Workshop, open_page):
    tab = open_page("project", {"new": "dataset"})
    box = next(box for box in tab.selectbox if box.label == "Features from")
    assert box.value == "drawn"
    assert box.options[:3] == ["drawn pictures (part of Ringfence)", NAME, "resnet18"]
    press(tab, "Create project")
    made = shop.store.projects.all()[-1].detector
    assert (made["backbone"], made["weights"]) == ("drawn", None)


@pytest.mark.process
def test_without_weights_nothing_is_created_or_lost(shop: Workshop, open_page):
    tab = open_page("project", {"new": "dataset"})
    fill(tab, "resnet18")
    press(tab, "Create project")
    (error,) = tab.error
    said = error.value.replace("\\", "")
    assert said.startswith(MISSING)
    assert said.endswith(f"{NAME_FILE}, or download them here.")
    assert len(shop.store.projects.all()) == 1
    assert next(field.value for field in tab.text_input if field.label == "Name") == "Scratches"
    assert next(box.value for box in tab.selectbox if box.label == "Features from") == "resnet18"


@pytest.mark.process
def test_a_file_on_the_server_is_taken(shop: Workshop, open_page, tmp_path):
    file = saved(made_weights(NAME), tmp_path / "mine.safetensors")
    tab = open_page("project", {"new": "dataset"})
    fill(tab, NAME, str(file))
    press(tab, "Create project")
    assert not tab.error
    made = shop.store.projects.all()[-1]
    assert made.name == "Scratches"
    assert (made.detector["backbone"], made.detector["weights"]) == (NAME, str(file))


@pytest.mark.parametrize(
    ("network", "file", "sentence"),
    [
        ("resnet18", "/there/mine.pth", "leave that field empty"),
        ("resnet18", "~nobody-of-that-name/mine.pth", "has no such user's home"),
    ],
)
def test_what_cannot_be_downloaded_is_said_in_its_place(shop, open_page, network, file, sentence):
    tab = open_page("project", {"new": "dataset"})
    fill(tab, network, file)
    press(tab, "Download the weights")
    (error,) = tab.error
    assert sentence in error.value.replace("\\", "")
    assert len(shop.store.projects.all()) == 1


def download(tab: AppTest, network: str) -> None:
    """Press the button, and look until there is nothing more to wait for."""
    press(tab, "Download the weights")
    wait_until(lambda: over(network), 60)
    tab.run()
    assert not tab.exception


def over(network: str) -> bool:
    latest = session.open_projects().backbones.downloaded(network)
    return latest is not None and latest.over


@pytest.mark.process
def test_offline_the_download_says_what_to_put_where(shop: Workshop, open_page, tmp_path):
    tab = open_page("project", {"new": "dataset"})
    fill(tab, "resnet18")
    download(tab, "resnet18")
    (error,) = tab.error
    said = error.value.replace("\\", "")
    assert said.startswith("resnet18-f37072fd.pth could not be downloaded; check the internet")
    folder = tmp_path / "torch" / "hub" / "checkpoints"
    assert said.endswith(f"put it into {folder}, or {NAME_FILE}.")
    assert len(shop.store.projects.all()) == 1


def test_downloaded_weights_are_told_by_their_sha256(shop: Workshop, open_page, tmp_path):
    content = saved(made_weights(NAME), tmp_path / "there.pth").read_bytes()
    one = replace(published(content, "made.pth"), url=(tmp_path / "there.pth").as_uri())
    source, told = WeightsSource(lambda _: [one], tmp_path / "cache"), []

    def read(chosen, download, progress):
        def tell(share, message):
            told.append(share)
            progress(share, message)

        card = load_backbone(chosen.name, chosen.weights, download, tell, source).card
        return Card.of(card)

    session.open_projects().backbones = Backbones(read)
    tab = open_page("project", {"new": "dataset"})
    assert not (tmp_path / "cache").exists()
    fill(tab, NAME)
    download(tab, NAME)
    (said,) = tab.success
    assert hashlib.sha256(content).hexdigest() in said.value
    assert "made.pth" in said.value.replace("\\", "")
    assert told[-1] == 1.0
    assert (tmp_path / "cache" / "made.pth").read_bytes() == content
    assert len(shop.store.projects.all()) == 1
    press(tab, "Create project")
    assert shop.store.projects.all()[-1].detector["backbone"] == NAME


def test_models_tells_which_weights_the_features_are_from(shop: Workshop, open_page):
    file = shop.version_folder(1) / "model.json"
    assert "Its features come from" not in words(open_page("models"))
    card = {"name": NAME, "source": "file mine.pth", "file": "mine.pth", "sha256": "5a" * 32}
    file.write_text(json.dumps({**json.loads(file.read_text()), "first": {"backbone": card}}))
    said = words(open_page("models")).replace("\\", "")
    assert f"Its features come from the network {NAME} (file mine.pth)" in said
    assert f"SHA-256 `{'5a' * 32}`" in said
    card |= {"name": "drawn", "source": "drawn pictures", "file": "weights.safetensors"}
    file.write_text(json.dumps({**json.loads(file.read_text()), "first": {"backbone": card}}))
    said = words(open_page("models")).replace("\\", "")
    assert "is part of Ringfence and was trained on pictures drawn by a program" in said
    assert f"(weights.safetensors, SHA-256 `{'5a' * 32}`)" in said
