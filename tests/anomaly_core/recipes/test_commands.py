"""The commands do what the pages do, and refuse in one sentence."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest
from finished_run import write_run
from interrupts import heed_interrupts
from refused import assert_plain_sentence

from anomaly_core.cli import main
from anomaly_core.recipes import CONTESTANTS, EVALUATIONS, RECIPES, commands
from anomaly_core.recipes.folder import RunFolder


def command(*arguments: object) -> int:
    return main([*map(str, arguments)])


def test_everything_that_can_be_run_is_listed(capsys):
    assert command("recipes") == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in (*RECIPES, *CONTESTANTS, *EVALUATIONS))
    assert command("recipes", "--json") == 0
    read = json.loads(capsys.readouterr().out)
    assert [list(read[kind]) for kind in ("recipes", "detectors", "evaluations")] == [
        list(RECIPES),
        list(CONTESTANTS),
        list(EVALUATIONS),
    ]


@pytest.mark.trains
def test_a_comparison_is_run_printed_and_removed(few_digits, tmp_path, capsys):
    out = tmp_path / "out"
    words = ["compare", "fc", "conv", "--evaluation", "noise", "--dataset", "idx"]
    options = ["--root", few_digits, "--epochs", 1, "--output", out]
    assert command(*words, *options) == 0
    printed = capsys.readouterr().out
    assert all(CONTESTANTS[name].title in printed for name in ("fc", "conv"))
    assert "report.html" in printed
    assert RunFolder(out).state == "done"
    assert command(*words, *options) == 2
    assert "holds a finished run" in capsys.readouterr().err
    assert command("remove", out) == 0
    assert not out.exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["run", "svm"], "There is no recipe 'svm'"),
        (["compare", "svm"], "There is no detector 'svm'"),
        (["compare", "fc", "--evaluation", "cats"], "There is no evaluation set 'cats'"),
        (["run", "active-svdd", "--dataset", "cats"], "There is no dataset 'cats'"),
        (["run", "active-svdd", "--dataset", "idx"], "files of idx cannot be found yet"),
        (["run", "active-svdd", "--epochs", "-3"], "-3 epochs cannot be trained"),
    ],
)
def test_what_cannot_be_run_is_said_in_one_sentence(words, sentence, tmp_path, capsys):
    assert command(*words, "--output", tmp_path / "out") == 2
    message = capsys.readouterr().err.strip().splitlines()[-1]
    assert sentence in message
    assert_plain_sentence(message)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "words", [["resume"], ["remove"], ["recipes", "resume"], ["recipes", "remove"]]
)
def test_a_folder_that_is_no_run_is_neither_resumed_nor_removed(words, tmp_path, capsys):
    assert command(*words, tmp_path) == 2
    assert_plain_sentence(capsys.readouterr().err.strip())
    assert tmp_path.exists()


def test_a_program_reads_on_standard_output_where_the_results_are(tmp_path, monkeypatch, capsys):
    metrics = write_run(tmp_path / "out")
    monkeypatch.setattr(commands, "run", lambda plan, output, progress: RunFolder(output))
    assert command("compare", "conv", "--output", tmp_path / "out", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"folder": str(tmp_path / "out"), **metrics}


def test_a_run_interrupted_before_it_began_leaves_nothing(tmp_path, monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "run", interrupted)
    assert command("compare", "fc", "--output", tmp_path / "out") == 130
    assert capsys.readouterr().err.splitlines()[-1] == "Stopped; nothing was written."
    assert not (tmp_path / "out").exists()


def interrupt(running: subprocess.Popen[str]) -> str:
    """Press Ctrl-C until it ends, as one that arrives in the middle of an import may get lost."""
    for _ in range(4):
        running.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            return running.communicate(timeout=30)[1]
    raise AssertionError("it did not end")


@pytest.mark.process
def test_an_interrupted_run_says_how_to_go_on_and_does(few_digits, tmp_path, capsys):
    out = tmp_path / "out"
    words = ["compare", "fc", "conv", "--dataset", "idx", "--root", few_digits]
    words += ["--epochs", 1_000]  # more than a quick machine trains before it is told to stop
    running = subprocess.Popen(
        [sys.executable, "-m", "anomaly_core", *map(str, words), "--output", out],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        preexec_fn=heed_interrupts,
    )
    give_up = time.monotonic() + 120
    while not (out / "run.json").is_file() and time.monotonic() < give_up:
        time.sleep(0.05)
    told = interrupt(running)
    assert running.returncode == 130
    assert f"ringfence recipes resume {out}" in told.splitlines()[-1]
    assert "Traceback" not in told
    assert RunFolder(out).state == "partial"
    assert command("remove", out) == 0
