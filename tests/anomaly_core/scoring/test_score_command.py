"""`ringfence score` does what it is told, and refuses in one line what it cannot do."""

import json
import re

import numpy as np
import pytest
from image_files import png
from PIL import Image
from scorable import noisy, write_images, write_model

from anomaly_core.checkpoint import load_detector
from anomaly_core.cli import main
from anomaly_core.scoring.heatmaps import LARGEST, name_of

pytest.importorskip("pyarrow")


@pytest.fixture
def photos(tmp_path):
    return write_images(tmp_path / "photos", noisy(3))


def score(*arguments):
    return main(["score", *map(str, arguments)])


def test_it_tells_a_person_and_a_program_what_came_out(photos, scoring_model, tmp_path, capsys):
    (photos / "c.png").write_bytes(b"")
    assert score(photos, "--model", scoring_model, "--output", tmp_path / "a.csv") == 0
    shown, said = capsys.readouterr()
    assert f"{tmp_path / 'a.csv'}: 4 images, " in shown
    assert "; 1 could not be scored." in shown
    assert "scored: 100%" in said
    output = tmp_path / "b.csv"
    options = ("--threshold", "saved-1", "--json")
    assert score(photos, "--model", scoring_model, "--output", output, *options) == 0
    told = json.loads(capsys.readouterr().out)
    saved = json.loads((scoring_model / "metrics.json").read_text())["thresholds"]["saved-1"]
    assert (told["images"], told["errors"], told["threshold"]) == (4, 1, saved)
    assert told["anomalous"] == output.read_text().count("anomalous")


def test_a_shard_has_a_file_of_its_own(photos, scoring_model, tmp_path, capsys):
    output = tmp_path / "a.csv"
    for shard, lines in (("1/2", 4), ("2/2", 1)):
        assert score(photos, "--model", scoring_model, "--output", output, "--shard", shard) == 0
        number = shard[0]
        written = tmp_path / f"a-0000{number}-of-00002.csv"
        assert len(written.read_text().splitlines()) == lines
        assert str(written) in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--shard", "0/2"), "0/2 is no shard; give i/n with i from 1 to n, such as 3/8"),
        (("--shard", "3/2"), "3/2 is no shard"),
        (("--watch", "--shard", "1/2"), "--watch scores in one process; leave out"),
        (("--threshold", "nightly"), "There is no threshold called nightly"),
        (("--output", "scores.xlsx"), "Scores are written as .parquet, .csv, .jsonl"),
        (("--output", "none/scores.csv"), "no file in a folder that exists"),
        (("--model", "none.zip"), "does not exist; give the file of a model"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    photos, scoring_model, tmp_path, capsys, monkeypatch, options, sentence
):
    monkeypatch.chdir(tmp_path)
    usual = ["--model", scoring_model, "--output", "scores.csv"]
    assert score(photos, *usual, *options) == 2
    shown, said = capsys.readouterr()
    assert shown == ""
    assert sentence in said.splitlines()[-1]
    assert [one.name for one in tmp_path.iterdir()] == ["photos"]


def test_what_is_there_is_not_written_over(photos, scoring_model, tmp_path, capsys):
    (tmp_path / "a.csv").write_text("mine")
    assert score(photos, "--model", scoring_model, "--output", tmp_path / "a.csv") == 2
    assert "exists already; delete it or name another" in capsys.readouterr().err
    assert (tmp_path / "a.csv").read_text() == "mine"


def test_maps_lie_where_their_images_do(photos, scoring_model, tmp_path):
    maps = tmp_path / "maps"
    options = ["--model", scoring_model, "--output", tmp_path / "a.csv", "--maps", maps]
    assert score(photos, *options) == 0
    found = sorted(path.relative_to(maps).as_posix() for path in maps.rglob("*.png"))
    assert found == ["a/0000.png.png", "a/0001.png.png", "b/0002.png.png"]
    expected = load_detector(scoring_model).explain(noisy(3))[0]
    with Image.open(maps / found[0]) as picture:
        assert float(picture.info[LARGEST]) == pytest.approx(expected.max(), rel=1e-5)
        blue = np.asarray(picture)[..., 2].astype(float)  # 250 where there is no distance, 0 most
    np.testing.assert_allclose(250 - blue, 250 * expected / expected.max(), atol=0.51)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a/b.jpg", r"a/b\.jpg\.png"),
        ("/data/b.jpg", r"data/b\.jpg\.[0-9a-f]{8}\.png"),
        ("../../b.jpg", r"b\.jpg\.[0-9a-f]{8}\.png"),
        ("a/../../b.jpg", r"b\.jpg\.[0-9a-f]{8}\.png"),
        ("..", r"image\.[0-9a-f]{8}\.png"),
    ],
)
def test_a_map_never_lies_outside_its_folder(path, name):
    assert re.fullmatch(name, name_of(path).as_posix())


def test_no_two_images_have_one_map():
    paths = ["A/x.png", "/A/x.png", "../A/x.png", "../../A/x.png"]
    paths += [f"{'é' * 125}{number}.png" for number in range(3)]
    assert len({name_of(path) for path in paths}) == len(paths)


def test_names_of_any_length_have_a_map(photos, scoring_model, tmp_path):
    name = f"{'é' * 125}.png"
    (photos / name).write_bytes(png(noisy(1)[0]))
    (tmp_path / "list.txt").write_text(f"photos/{name}\n{photos / name}\n")
    maps = tmp_path / "maps"
    options = ["--model", scoring_model, "--output", tmp_path / "a.csv", "--maps", maps]
    assert score(tmp_path / "list.txt", *options) == 0
    assert len([*maps.rglob("*.png")]) == 2


def test_maps_that_cannot_be_written_are_said_by_their_own_name(
    photos, scoring_model, tmp_path, capsys
):
    (tmp_path / "file").write_text("mine")
    options = ["--model", scoring_model, "--output", tmp_path / "a.csv"]
    assert score(photos, *options, "--maps", tmp_path / "file") == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert f"{tmp_path / 'file'} cannot be written (" in said
    assert "choose another --maps" in said
    assert not (tmp_path / "a.csv.parts").exists()


def test_a_threshold_decides_verdicts_and_no_scores(tmp_path, capsys):
    model = write_model(tmp_path / "model", threshold=0.0)
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.png").write_bytes(png(noisy(1)[0]))
    scores = []
    for threshold, verdict in ((None, "anomalous"), ("1e9", "normal")):
        output = tmp_path / f"{verdict}.jsonl"
        asked = [] if threshold is None else ["--threshold", threshold]
        assert score(tmp_path / "photos", "--model", model, "--output", output, *asked) == 0
        row = json.loads(output.read_text())
        assert row["verdict"] == verdict
        scores.append(row["score"])
    assert scores[0] == scores[1]
