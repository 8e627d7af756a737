"""The one command: what it offers, how soon it answers, and that it says what it can."""

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from anomaly_core.cli import engine
from ringfence.__main__ import main, ringfence
from ringfence.reference import reference

ROOT = Path(__file__).parents[1]


def commands(group: click.Group, *above: str) -> list[tuple[tuple[str, ...], click.Command]]:
    """Every command of a group and of the groups within, with the words that call it."""
    context, found = click.Context(group), []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        found.append(((*above, name), command))
        if isinstance(command, click.Group):
            found += commands(command, *above, name)
    return found


EVERY = commands(ringfence)


def test_every_job_has_its_command():
    assert [" ".join(words) for words, _ in EVERY] == [
        "run",
        "simulate",
        "bench",
        "recipes",
        "recipes remove",
        "recipes resume",
        "recipes run",
        "compare",
        "score",
        "import",
        "import-labels",
        "export",
        "export labels",
        "export scores",
        "export model",
        "present",
        "backup",
        "restore",
        "doctor",
        "stop",
    ]


@pytest.mark.parametrize(("words", "command"), EVERY, ids=[" ".join(words) for words, _ in EVERY])
def test_the_help_of_a_command_has_an_example_that_it_understands(words, command, capsys):
    assert main([*words, "--help"]) == 0
    example = re.search(r"Example:\n +ringfence (.+)\n", capsys.readouterr().out)
    assert example
    given = example[1].split()
    assert tuple(given[: len(words)]) == words
    command.make_context(words[-1], given[len(words) :])


@pytest.mark.process
def test_the_help_answers_without_loading_what_is_slow():
    code = (
        "import sys; from ringfence.__main__ import main; main(['--help']); "
        "print(*sys.modules, file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert all(f"    {code} " in ended.stdout for code in (0, 1, 2, 130))
    loaded = set(ended.stderr.split())
    assert "click" in loaded
    assert not {"torch", "numpy", "streamlit", "sqlalchemy", "pydantic"} & loaded


def test_the_old_forms_know_the_same_commands():
    shared = dict(commands(engine))
    names = ("simulate", "bench", "recipes", "compare", "score")
    assert all(shared[(name,)] is dict(EVERY)[(name,)] for name in names)
    assert all(
        shared[(name,)] is dict(EVERY)[("recipes", name)] for name in ("run", "resume", "remove")
    )


def test_it_tells_its_version(capsys):
    assert main(["--version"]) == 0
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_the_reference_in_the_docs_is_what_the_help_tells():
    written = (ROOT / "docs/command-reference.md").read_text("utf-8")
    assert written == reference(), "run make reference"
    assert all(f"## `ringfence {' '.join(words)}`" in written for words, _ in EVERY)


@pytest.mark.process
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_told_how_to_complete_it(shell):
    given = os.environ | {"_RINGFENCE_COMPLETE": f"{shell}_source", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "ringfence"]
    ended = subprocess.run(command, env=given, capture_output=True, text=True, check=False)
    assert "_RINGFENCE_COMPLETE" in ended.stdout, ended.stderr
    words = {"COMP_WORDS": "ringfence exp", "COMP_CWORD": "1"}
    if shell != "fish":
        asked = given | words | {"_RINGFENCE_COMPLETE": f"{shell}_complete"}
        ended = subprocess.run(command, env=asked, capture_output=True, text=True, check=False)
        assert "export" in ended.stdout
