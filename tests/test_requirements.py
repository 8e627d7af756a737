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


def test_the_lock_file_names_every_requirement_within_its_range():
    locked: dict[str, list[Requirement]] = {}
    for entry in (ROOT / "requirements.lock").read_text().split("\n\n"):
        for line in entry.splitlines():
            if line[:1].isalnum():
                pinned, *_ = line.partition(" \\")
                one = Requirement(pinned)
                locked.setdefault(one.name, []).append(one)
    for line in (ROOT / "requirements.txt").read_text().splitlines():
        if line[:1].isalnum():
            asked = Requirement(line.split("#")[0])
            versions = [str(one.specifier).removeprefix("==") for one in locked[asked.name]]
            assert all(asked.specifier.contains(each) for each in versions), asked.name


def test_everything_in_the_lock_file_has_a_hash():
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    pinned = [number for number, line in enumerate(lines) if line[:1].isalnum()]
    assert len(pinned) > 40
    assert all("--hash=sha256:" in lines[number + 1] for number in pinned)
    assert not any("://" in line for line in lines)


def test_only_one_file_of_the_scripts_knows_the_page_of_streamlit():
    knowing = {
        file.name
        for file in (ROOT / "pages").rglob("*.js")
        if any(sign in file.read_text() for sign in ("data-testid", "testid", "stApp", "baseweb"))
    }
    assert knowing == {"streamlit.js"}
