"""The command line writes what it says, and refuses in one line."""

import json
import subprocess
import sys

import pytest
from idx_files import small_arrays, write_idx
from refused import refused

from anomaly_core.cli import main
from anomaly_core.datasets.scenario import AnomalySource, Scenario
from anomaly_core.errors import InvalidInput
from anomaly_core.loop.commands import scenario_of, simulation, write_json

POINT = {"labels", "auroc", "average_precision", "anomalies_found", "update_seconds"}


def simulate(*arguments: object) -> int:
    return main(["simulate", *map(str, arguments)])


@pytest.fixture(scope="module")
def curve_of_threes(tmp_path_factory):
    """What one real simulation wrote."""
    output = tmp_path_factory.mktemp("simulated") / "out.json"
    options = "--dataset mnist-5k --normal 3 --network mlp --budget 25 --batch 10 --seed 1"
    assert simulate(*options.split(), "--output", output) == 0
    assert list(output.parent.iterdir()) == [output]
    return json.loads(output.read_text())


@pytest.mark.trains
def test_a_simulation_writes_configuration_curve_and_seconds(curve_of_threes):
    assert set(curve_of_threes) == {"config", "pool", "curve", "seconds"}
    assert all(set(point) == POINT for point in curve_of_threes["curve"])
    assert [point["labels"] for point in curve_of_threes["curve"]] == [0, 10, 20, 25]
    assert curve_of_threes["pool"] == {"images": 350, "anomalies": 35, "held_out": 1500}
    seconds = curve_of_threes["seconds"]
    assert list(seconds) == ["pretrain", "first_proposal", "total"]
    assert 0 < seconds["pretrain"] < seconds["first_proposal"] < seconds["total"]


@pytest.mark.trains
def test_the_configuration_is_all_that_was_asked_for(curve_of_threes):
    assert curve_of_threes["config"] == {
        "dataset": "mnist-5k",
        "root": None,
        "normal": [3],
        "contamination": 0.1,
        "anomalies": "other-classes",
        "noise_sigma": "0.5",
        "rotation": 30.0,
        "budget": 25,
        "batch": 10,
        "strategy": "auto",
        "objective": "one-class",
        "supervision": "deep-sad",
        "centers": 1,
        "quantile": None,
        "network": "mlp",
        "noise": 0.0,
        "seed": 1,
        "size": 64,
        "files": "*",
        "detector": "joint",
        "backbone": "drawn",
        "weights": None,
        "download": False,
    }


@pytest.mark.trains
def test_labels_raise_the_quality_of_real_digits(curve_of_threes):
    first, *_, last = curve_of_threes["curve"]
    assert last["auroc"] > max(0.9, first["auroc"] + 0.02)
    assert last["average_precision"] > first["average_precision"]
    assert first["anomalies_found"] == 0
    assert last["anomalies_found"] > 0.1 * 25  # more than random answers would find


@pytest.mark.trains
def test_files_of_ones_own_are_simulated_and_shown_as_a_table(tmp_path, capsys):
    write_idx(tmp_path / "raw", small_arrays(400))
    options = "--dataset idx --normal 0,2 --network mlp --objective soft-boundary --noise 0.1"
    output = tmp_path / "out.json"
    assert simulate(*options.split(), "--root", tmp_path, "--budget", 20, "--output", output) == 0
    written = json.loads(output.read_text())
    curve, pool = written["curve"], written["pool"]
    sizes, header, *rows, times = capsys.readouterr().out.splitlines()
    assert sizes.startswith(
        f"A pool of {pool['images']} images hides {pool['anomalies']} anomalies;"
    )
    assert f"measured on {pool['held_out']} other images" in sizes
    assert header.startswith("labels  AUROC   average precision")
    assert [row.split()[0] for row in rows] == ["0", "10", "20"]
    assert [row.split()[1] for row in rows] == [f"{point['auroc']:.4f}" for point in curve]
    found = curve[-1]["anomalies_found"]
    assert f"  {found} of {pool['anomalies']}  " in rows[-1]
    assert times.startswith("Learning from the pool without labels (pretraining) took ")


@pytest.mark.trains
def test_a_program_reads_on_standard_output_what_the_file_holds(tmp_path, capsys):
    write_idx(tmp_path / "raw", small_arrays(400))
    output = tmp_path / "out.json"
    options = "--dataset idx --normal 0 --network mlp --budget 10 --json"
    assert simulate(*options.split(), "--root", tmp_path, "--output", output) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(output.read_text())


def test_what_is_mixed_in_is_as_the_options_say():
    options = "--normal all --anomalies letters,noise --noise-sigma 0.2,0.4 --rotation 20"
    scenario = scenario_of(simulation.make_context("simulate", options.split()).params)
    sources = (AnomalySource.LETTERS, AnomalySource.NOISE)
    assert scenario == Scenario(normal=(), sources=sources, noise=(0.2, 0.4), rotation=20)
    assert scenario_of(simulation.make_context("simulate", []).params) == Scenario()


REFUSALS = {
    "--normal 11": "mnist-5k has no class 11",
    "--normal 0,1,2,3,4,5,6,7,8,9": "Every class is normal",
    "--normal three": "mnist-5k has no class three; choose from 0, 1",
    "--contamination 0": "A contamination of 0 cannot be used",
    "--contamination 0.6": "A contamination of 0.6 cannot be used",
    "--contamination nan": "A contamination of nan cannot be used",
    "--contamination much": "Invalid value for '--contamination': 'much' is not a valid float",
    "--anomalies cats": "There is no source of anomalies 'cats'",
    "--anomalies noise --noise-sigma 2": "Noise of strength 2 cannot be used",
    "--anomalies noise --noise-sigma much": "'much' does not name strengths of noise",
    "--rotation 0": "A largest angle of 0 degrees cannot be used",
    "--budget 100000": "A budget of 100,000 labels cannot be used with a pool of 350 images",
    "--budget 0": "A budget of 0 labels cannot be used",
    "--budget 1.5": "Invalid value for '--budget': '1.5' is not a valid integer",
    "--batch 0": "A batch of 0 cannot be asked",
    "--noise 1.5": "A noise rate of 1.5 is not a share",
    "--seed -1": "The seed -1 cannot be used",
    "--seed 99999999999999999999999": "The seed 99999999999999999999999 cannot be used",
    "--strategy best": "There is no strategy 'best'",
    "--dataset cats": "There is no dataset 'cats'",
    "--objective two-class": "'--objective': 'two-class' is not one of 'one-class', ",
    "--network big": "There is no network 'big'",
    "--backbone resnet19": "There is no backbone 'resnet19'; choose for example resnet1",
    "--dataset idx": "The files of idx cannot be found yet; give the path of their folder",
    "--dataset mnist": "The files of mnist cannot be found yet; give the path",
    "--dataset folder": "Your image files cannot be found yet; give the path of their folder or",
    "--dataset cifar10": "Say which class is normal with --normal; cifar10 has airplane, ",
    "--output /nowhere/out.json": "/nowhere/out.json cannot be written",
    "--output /dev/null/out.json": "/dev/null/out.json cannot be written",
    "--output /": "/ cannot be written",
    "--unheard 1": "No such option '--unheard'",
}


@pytest.mark.parametrize("arguments", REFUSALS)
def test_what_cannot_be_used_is_refused_in_one_line(arguments, capsys):
    assert simulate(*arguments.split()) == 2
    assert_one_line(capsys.readouterr(), REFUSALS[arguments])


def test_a_folder_that_went_away_meanwhile_is_told_in_one_line(tmp_path):
    with refused(InvalidInput, "out.json cannot be written .*; choose another"):
        write_json(tmp_path / "gone" / "out.json", {})


def damaged(folder):
    (folder / "train-labels-idx1-ubyte").write_bytes(b"\0\0\x08\1\0\0")


def without_labels(folder):
    (folder / "train-labels-idx1-ubyte").unlink()


@pytest.mark.parametrize(
    ("harm", "complaint"),
    [(damaged, "is not an IDX file"), (without_labels, "(or .gz) is missing in")],
)
def test_harmed_files_are_refused_in_one_line(tmp_path, capsys, harm, complaint):
    harm(write_idx(tmp_path, small_arrays()))
    assert simulate("--dataset", "idx", "--normal", 0, "--root", tmp_path) == 2
    assert_one_line(capsys.readouterr(), complaint)


def test_a_backbone_without_weights_says_what_to_put_where(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    assert simulate("--detector", "feature-svdd", "--backbone", "resnet18") == 2
    assert_one_line(capsys.readouterr(), "The weights of resnet18 are not on this machine")


@pytest.mark.trains
def test_one_sphere_alone_is_simulated(tmp_path):
    for detector in ("feature-svdd", "deep-svdd"):
        output = tmp_path / f"{detector}.json"
        options = "--normal 3 --network mlp --budget 10 --output"
        assert simulate("--detector", detector, *options.split(), output) == 0
        assert json.loads(output.read_text())["config"]["detector"] == detector


def test_a_missing_folder_is_refused_in_one_line(tmp_path, capsys):
    assert simulate("--dataset", "idx", "--root", tmp_path / "gone") == 2
    assert_one_line(capsys.readouterr(), "gone does not exist")


def test_without_a_command_those_that_there_are_are_shown(capsys):
    assert main([]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert all(name in told.err for name in ("simulate", "recipes", "compare", "Exit codes:"))


def test_an_unknown_command_is_refused_in_one_line(capsys):
    assert main(["stimulate"]) == 2
    assert_one_line(capsys.readouterr(), "No such command 'stimulate'")


@pytest.mark.process
def test_the_module_runs_and_passes_its_exit_code_on():
    command = [sys.executable, "-m", "anomaly_core", "simulate", "--normal", "11"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr == "mnist-5k has no class 11; choose from 0, 1, 2, 3, 4, 5, 6, 7, 8, 9.\n"


def assert_one_line(captured, complaint: str) -> None:
    assert captured.out == ""
    assert complaint in captured.err
    assert captured.err.count("\n") == 1
    assert captured.err.endswith(".\n")
