"""What is installed is whole: every file of app and engine, and the command runs from it."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("hatchling", reason="comes with requirements-dev.txt")
pytest.importorskip("hatch_requirements_txt", reason="comes with requirements-dev.txt")

from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[1]
WITHIN = ("app.py", "pages", "state", ".streamlit")  # what lies in the folder `ringfence`


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """The wheel of this checkout, unpacked as an installer does."""
    folder = tmp_path_factory.mktemp("wheel")
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def files_below(folder: Path) -> set[str]:
    """The files at or below a place, relative to its own folder, without what Python leaves."""
    found = [folder] if folder.is_file() else folder.rglob("*")
    return {
        file.relative_to(folder.parent).as_posix()
        for file in found
        if file.is_file() and file.suffix != ".pyc"
    }


def test_every_file_of_app_and_engine_is_in_it_and_nothing_else(unpacked):
    (facts,) = unpacked.glob("ringfence-*.dist-info")
    expected = files_below(ROOT / "anomaly_core") | files_below(ROOT / "ringfence")
    expected |= {f"ringfence/{file}" for place in WITHIN for file in files_below(ROOT / place)}
    expected |= {f"ringfence/docs/{file}" for file in files_below(ROOT / "docs" / "guide")}
    shown = "".join(page.read_text() for page in (ROOT / "docs" / "guide").glob("*.md"))
    expected |= {
        f"ringfence/docs/pictures/{name}" for name in re.findall(r"\(../pictures/(.*)\)", shown)
    }
    given = {file for place in unpacked.iterdir() if place != facts for file in files_below(place)}
    assert given == expected


def test_it_asks_for_what_the_requirements_name(unpacked):
    (metadata,) = unpacked.glob("ringfence-*.dist-info/METADATA")
    asked = re.findall(r"^Requires-Dist: ([\w-]+)[^;\n]*$", metadata.read_text(), re.MULTILINE)
    named = re.findall(r"^([\w-]+)>", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert sorted(asked) == sorted(named)
    assert "psycopg[binary]<4,>=3.2; extra == 'postgres'" in metadata.read_text()


@pytest.mark.process
def test_the_command_runs_from_it_and_keeps_its_data_with_the_users(unpacked, tmp_path):
    ended = subprocess.run(
        [sys.executable, "-m", "ringfence", "present"],
        cwd=tmp_path,
        env={
            **{name: value for name, value in os.environ.items() if "RINGFENCE" not in name},
            "PYTHONPATH": str(unpacked),
            "XDG_DATA_HOME": str(tmp_path / "share"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "There is no project called 1" in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert (tmp_path / "share" / "ringfence" / "ringfence.db").is_file()
    assert [file.name for file in tmp_path.iterdir()] == ["share"]
