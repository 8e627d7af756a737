"""What we rely on without a promise is held to the versions that we have seen it in."""

from importlib.metadata import version
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]


def test_streamlit_is_held_to_the_minor_versions_that_the_tests_run_with():
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    found = [Requirement(line.split("#")[0]) for line in lines if line.startswith("streamlit")]
    (streamlit,) = found
    installed = version("streamlit")
    major, minor = map(int, installed.split(".")[:2])
    assert streamlit.specifier.contains(installed)
    assert not streamlit.specifier.contains(f"{major}.{minor + 1}.0")


def test_only_one_file_of_the_scripts_knows_the_page_of_streamlit():
    knowing = {
        file.name
        for file in (ROOT / "pages").rglob("*.js")
        if any(sign in file.read_text() for sign in ("data-testid", "testid", "stApp", "baseweb"))
    }
    assert knowing == {"streamlit.js"}
