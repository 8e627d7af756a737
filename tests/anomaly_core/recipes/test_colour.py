"""Recipes on colour images: files of one's own in folders, and CIFAR-10 as torchvision has it."""

import json

import numpy as np
import pandas as pd
import pytest
from cifar_files import NAMES, write_batches
from image_files import png, write_tree
from refused import assert_plain_sentence

from anomaly_core.cli import main
from anomaly_core.recipes.folder import RunFolder
from anomaly_core.recipes.plan import Plan

SIZES = {"cat": 20, "dog": 14, "fox": 6}


@pytest.fixture
def pets(tmp_path):
    """40 colour images of 24 x 20 pixels in three classes."""
    rng, tree = np.random.default_rng(0), {}
    for channel, (name, count) in enumerate(SIZES.items()):
        for number in range(count):
            pixels = rng.integers(0, 80, (20, 24, 3), np.uint8)
            pixels[..., channel] += 120
            tree[f"{name}/{number:02}.png"] = png(pixels)
    return write_tree(tmp_path / "pets", tree)


@pytest.fixture
def photographs(tmp_path, monkeypatch):
    return write_batches(tmp_path / "photographs", 20, monkeypatch)


def run(out, words, dataset, root, *options):
    """Run a command with quick settings; its exit status."""
    quick = ["--dataset", dataset, "--root", root, "--epochs", 1, "--output", out]
    return main([*words.split(), *map(str, [*quick, *options])])


def test_the_layout_of_torchvision_is_read(photographs):
    from anomaly_core.datasets import load_dataset

    dataset = load_dataset("cifar10", photographs, download=False)
    assert dataset.images.shape == (100, 32, 32, 3)
    assert dataset.test_images is not None
    assert dataset.test_images.shape == (20, 32, 32, 3)
    assert dataset.names == tuple(NAMES)
    brightest = dataset.images.mean(axis=(1, 2)).argmax(axis=1)
    np.testing.assert_array_equal(brightest, dataset.labels % 3)


@pytest.mark.trains
@pytest.mark.parametrize("dataset", ["folder", "cifar10"])
@pytest.mark.parametrize(
    ("words", "options"),
    [
        ("recipes run noise-and-rotation", []),
        ("compare svdd --evaluation other-classes", ["--normal", "cat"]),
    ],
)
def test_colour_is_learned_and_reported(dataset, words, options, pets, photographs, tmp_path):
    out = tmp_path / "out"
    root = pets if dataset == "folder" else photographs
    assert run(out, words, dataset, root, *options) == 0
    folder = RunFolder(out)
    assert folder.state == "done"
    names = [*SIZES] if dataset == "folder" else NAMES
    assert folder.metrics()["classes"] == names
    assert np.load(out / "images.npy").shape[3] == 3
    told = pd.read_csv(out / "scores.csv")
    assert set(told["name"]) <= set(names)
    assert [names[one] for one in told["class"]] == told["name"].tolist()
    if options:
        assert set(told.loc[told["y"] > 0, "name"]) == {"cat"}
        assert "--normal cat" in folder.metrics()["command"]


@pytest.mark.parametrize(
    ("words", "options", "sentence"),
    [
        (
            "recipes run active-svdd",
            [],
            "Say which class is normal with --normal; this folder has cat, dog, fox.",
        ),
        ("compare svdd --evaluation noise", [], "Say which class is normal with --normal"),
        ("recipes run active-svdd", ["--files", "*.jpg", "--normal", "cat"], "a name like *.jpg"),
        ("recipes run active-svdd", ["--normal", "cow"], "This folder has no class cow; choose"),
        ("recipes run active-svdd", ["--normal", "all"], "Every class is normal"),
        ("recipes run noise-and-rotation", ["--normal", "cat"], "learns the classes"),
    ],
)
def test_classes_that_make_no_sense_are_refused(words, options, sentence, pets, tmp_path, capsys):
    assert run(tmp_path / "out", words, "folder", pets, *options) == 2
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert sentence in said
    assert_plain_sentence(said)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("normal", [None, (), (3,), (0, "cat")])
def test_a_plan_keeps_its_normal_classes(normal):
    plan = Plan(recipe="active-svdd", normal=normal)
    assert Plan.from_json(json.loads(json.dumps(plan.to_json()))) == plan
    assert plan.scenario.normal == ((2,) if normal is None else normal)
    said = "" if normal is None else ",".join(map(str, normal)) or "all"
    assert plan.command("DIR").count(f"--normal {said}") == (normal is not None)
