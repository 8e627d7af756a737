"""What docs/architecture.md and the decisions name is where they say."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ARCHITECTURE = ROOT / "docs/architecture.md"
PAGES = (ARCHITECTURE, ROOT / "docs/command-line.md", ROOT / "CONTRIBUTING.md")
NAMED = r"(?:state|pages|anomaly_core|ringfence|tests|scripts)/[\w./-]*\w/?"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_is_named_is_there(page):
    named = re.findall(rf"[`>]({NAMED})[`<]", page.read_text("utf-8"))
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_picture_and_both_ways_name_files():
    named = re.findall(rf"`({NAMED})`", ARCHITECTURE.read_text("utf-8"))
    assert len(set(named)) > 25
