"""What the README shows of the engine runs as it stands there."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from ringfence.__main__ import ringfence

ROOT = Path(__file__).parents[1]
LONGEST = 15  # lines that are not blank


@pytest.fixture(scope="module")
def readme() -> str:
    return (ROOT / "README.md").read_text()


def code_block(text: str, language: str) -> str:
    """The first code block of a language that follows a heading with "engine" in it."""
    heading = re.search(r"^#+ .*engine.*$", text, re.MULTILINE | re.IGNORECASE)
    assert heading, "no heading about the engine"
    fence = rf"^```{language}\n(.*?)^```$"
    block = re.search(fence, text[heading.end() :], re.MULTILINE | re.DOTALL)
    assert block, f"no {language} block about the engine"
    return block[1]


def test_what_it_links_to_in_this_folder_is_there(readme):
    linked = re.findall(r"(?:src|srcset)=\"([^\"]+)\"|\]\(([^)#:]+)\)", readme)
    paths = [first or second for first, second in linked]
    assert len(paths) > 5
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_loop_is_short(readme):
    lines = [line for line in code_block(readme, "python").splitlines() if line.strip()]
    assert 5 <= len(lines) <= LONGEST


@pytest.mark.process
def test_the_loop_runs_and_tells_digits_apart(readme, tmp_path):
    program = tmp_path / "loop.py"
    program.write_text(code_block(readme, "python"))
    ended = subprocess.run(
        [sys.executable, "-W", "error", program],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    auroc = re.search(r"AUROC\D*(\d\.\d+)", ended.stdout)
    assert auroc, ended.stdout
    assert 0.9 < float(auroc[1]) <= 1


def lines_of_the_command() -> list[str]:
    """Every `ringfence ...` that the README and the page about the command show in blocks."""
    text = (ROOT / "README.md").read_text() + (ROOT / "docs" / "command-line.md").read_text()
    blocks = re.findall(r"^```sh\n(.*?)^```$", text.replace("\\\n", " "), re.MULTILINE | re.DOTALL)
    lines = [re.split(r" +[#|>]", line)[0] for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith(".venv/bin/ringfence ")]


@pytest.mark.parametrize("line", lines_of_the_command())
def test_a_command_that_is_shown_is_understood(line):
    command: click.Command = ringfence
    _, *words = shlex.split(line)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(click.Context(command), words.pop(0))
        assert found is not None, line
        command = found
    command.make_context("shown", words)
