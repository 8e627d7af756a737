"""A sweep is its simulations, one each strategy and seed, in one table, whoever runs them."""

import csv
import importlib.util
import json
import os
import subprocess
import sys

import pytest
from refused import assert_plain_sentence

from anomaly_core.cli import main
from anomaly_core.loop.sweep import COLUMNS, table

QUICK = "--dataset mnist-5k --normal 3 --detector feature-svdd --budget 10"
STRATEGIES = "--strategies random,margin --seeds 4"


def bench(*arguments):
    return main(["bench", *" ".join(map(str, arguments)).split()])


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """The table of two simulations that ran in turn."""
    output = tmp_path_factory.mktemp("swept") / "table.csv"
    assert bench(QUICK, STRATEGIES, "--output", output) == 0
    assert [*output.parent.iterdir()] == [output]
    with output.open(newline="") as file:
        return [*csv.DictReader(file)]


def test_the_table_has_every_point_of_every_simulation(swept):
    assert {tuple(row) for row in swept} == {COLUMNS}
    found = [(row["strategy"], row["seed"], row["labels"]) for row in swept]
    assert found == [(name, "4", labels) for name in ("margin", "random") for labels in ("0", "10")]


def test_a_simulation_of_its_own_gives_the_same_points(swept, capsys):
    assert main(["simulate", *QUICK.split(), "--strategy", "margin", "--seed", "4", "--json"]) == 0
    curve = json.loads(capsys.readouterr().out)["curve"]
    assert [float(row["auroc"]) for row in swept[:2]] == [point["auroc"] for point in curve]


@pytest.mark.process
@pytest.mark.skipif(
    importlib.util.find_spec("ray") is None, reason="Ray is not installed: requirements-ray.txt"
)
def test_ray_gives_the_same_points(swept, tmp_path):
    asked = [*QUICK.split(), "--strategies", "random", "--seeds", "4"]
    arguments = [*asked, "--output", tmp_path / "ray.csv", "--ray"]
    ended = subprocess.run(
        [sys.executable, "-m", "anomaly_core", "bench", *map(str, arguments)],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    with (tmp_path / "ray.csv").open(newline="") as file:
        assert [*csv.DictReader(file)] == swept[2:]


def test_a_mean_is_over_the_seeds_for_which_it_is_defined():
    def point(strategy, seed, auroc):
        rest = {"labels": 0, "average_precision": None, "anomalies_found": seed}
        return {"strategy": strategy, "seed": seed, "auroc": auroc, **rest}

    lines = [point("auto", 1, 0.5), point("auto", 2, None), point("auto", 3, 0.75)]
    heading, row, last = table([*lines, point("random", 1, None)]).splitlines()[:3]
    assert heading.split() == ["AUROC", "0", "found"]
    assert row.split() == ["auto", "0.6250", "2.0"]
    assert last.split()[:2] == ["random", "undefin"]


@pytest.mark.parametrize("options", ["--strategies none", "--seeds 3-1", "--seeds a"])
def test_what_it_does_not_know_is_said_in_one_line(options, capsys):
    assert bench(QUICK, options) == 2
    shown, said = capsys.readouterr()
    assert shown == ""
    assert_plain_sentence(said.strip())
