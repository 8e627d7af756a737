"""The commands that make the drawn backbone."""

import shutil

import pytest
from PIL import Image

from anomaly_core.networks.drawn import SHA256
from anomaly_core.networks.drawn.backbone import FILE
from anomaly_core.networks.drawn.commands import TrainingBar, main
from anomaly_core.networks.drawn.training import DrawnTraining, TrainingRow


def test_a_sheet_of_pictures(tmp_path):
    file = tmp_path / "pictures.png"
    assert main(["sheet", str(file), "--rows", "2", "--columns", "3", "--side", "16"]) == 0
    with Image.open(file) as image:
        assert image.size == (48, 32)


def test_the_card_that_is_shipped_is_that_of_the_weights(tmp_path, capsys):
    shutil.copy(FILE, tmp_path)
    assert main(["card", "--weights", str(tmp_path / FILE.name)]) == 0
    assert capsys.readouterr().out == f'SHA256 = "{SHA256}"\n'
    assert (tmp_path / "CARD.md").read_text() == FILE.with_name("CARD.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["train", "--output", "OUT", "--views", "9", "--seconds", "9"], "one of both"),
        (["train", "--output", "OUT", "--views", "9", "--resume"], "There is no training"),
        (["card", "--weights", "OUT"], "holds no weights"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(tmp_path, capsys, arguments, sentence):
    out = str(tmp_path / "out")
    assert main([out if word == "OUT" else word for word in arguments]) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("measure", "unit"), [({"views": 400}, "views/s"), ({"seconds": 40.0}, "s/s")]
)
def test_the_bar_says_where_training_stands(capsys, measure, unit):
    with TrainingBar(DrawnTraining(**measure)) as bar:
        bar.drawing(1.0, "Drawing the first pictures")
        for views in (100, 400):
            bar.row(TrainingRow(views, views / 10, 2.5, 0.5, views / 400))
    said = capsys.readouterr().err
    assert "Drawing the first pictures: 100%" in said
    assert "Training: 100%" in said
    assert "loss 2.500, kinds 0.50" in said
    assert unit in said
