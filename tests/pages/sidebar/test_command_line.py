"""Every page tells the commands that do what it does, and the command line understands them."""

import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
from page_text import words

from pages.components.command_line import COMMANDS, line
from ringfence.__main__ import ringfence

APP = Path(__file__).parents[3] / "app.py"
EVERY = [command for commands in COMMANDS.values() for _, command in commands]


def test_each_page_has_its_commands():
    assert set(COMMANDS) == set(re.findall(r'\.py", title="([^"]+)"', APP.read_text("utf-8")))


@pytest.mark.parametrize("command", sorted(set(EVERY)))
def test_a_command_is_one_that_the_command_line_understands(command):
    given = shlex.split(line(command, "it's Belt; rm"))
    assert given[0] == "ringfence"
    if "--project {project}" in command:
        assert given[given.index("--project") + 1] == "it's Belt; rm"
    current: click.Command = ringfence
    words = given[1:]
    while isinstance(current, click.Group) and words and not words[0].startswith("-"):
        found = current.get_command(click.Context(current), words.pop(0))
        assert found is not None
        current = found
    current.make_context("ringfence", words, resilient_parsing=words == ["--help"])


def test_it_stands_in_the_sidebar_with_the_name_of_the_project(shop, open_page: Any):
    tab = open_page("present")
    name = shlex.quote(shop.store.projects.get(shop.id).name)
    codes = [one.value for one in tab.sidebar.get("code")]
    assert f"ringfence present --project {name} --output presentation" in codes
    assert "Write this page" in words(tab)
