"""Whoever hands us a backup may have written anything into it, and its checksums anew."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from label_desk import Desk, new_model, publish
from saved import saved

from anomaly_core.errors import InvalidInput
from state.settings import Settings
from state.upkeep.restore import restore

NUMBER_OF_5000_DIGITS = b'{"id": ' + b"9" * 5000 + b"}"
LINES = {
    "text": b"hello",
    "list": b"[1]",
    "null": b"null",
    "deep": b"[" * 100_000,
    "number": NUMBER_OF_5000_DIGITS,
    "letters": b'{"id": "\xff"}',
    "empty": b"{}",
}
VALUES = [2**70, [1, [2]], {"a": 1}, "\ud800", "no number"]
MANIFESTS: list[dict[str, Any]] = [
    {"schema": []},
    {"schema": {}},
    {"release": 5},
    {"data_dir": []},
    {"rows": None},
    {"rows": {"project": "1"}},
    {"counters": None},
    {"counters": {"event": "x"}},
    {"counters": {"event": 2**70}},
    {"counters": {"event": 2**63 - 1}},  # after which no answer could be stored
    {"counters": {"event": -5}},
]
OUTSIDE = ["../private", "projects/../../private", "/private", "C:/../x/..", "", "."]


class Tampering:
    """A backup that is changed and sealed anew."""

    def __init__(self, file: Path) -> None:
        self.file = file
        with zipfile.ZipFile(file) as archive:
            self.parts = {name: archive.read(name) for name in archive.namelist()}
        self.manifest = json.loads(self.parts.pop("manifest.json"))
        del self.parts["manifest.sha256"]

    def first(self, table: str) -> dict[str, Any]:
        """The first row of a table."""
        row: dict[str, Any] = json.loads(self.parts[f"tables/{table}.jsonl"].splitlines()[0])
        return row

    def put(self, table: str, *lines: bytes) -> None:
        """Have a table hold these lines alone."""
        self.parts[f"tables/{table}.jsonl"] = b"\n".join(lines) + b"\n"
        self.manifest["rows"][table] = len(lines)

    def change(self, table: str, **values: object) -> None:
        """Change values of the first row, and leave out the others."""
        self.put(table, json.dumps(self.first(table) | values).encode())

    def sealed(self) -> Path:
        """The backup with all checksums as they have to be."""
        self.manifest["parts"] = {
            name: {"size": len(part), "sha256": hashlib.sha256(part).hexdigest()}
            for name, part in self.parts.items()
        }
        manifest = json.dumps(self.manifest).encode()
        with zipfile.ZipFile(self.file, "w") as archive:
            for name, part in self.parts.items():
                archive.writestr(name, part)
            archive.writestr("manifest.json", manifest)
            archive.writestr("manifest.sha256", hashlib.sha256(manifest).hexdigest())
        return self.file


@pytest.fixture
def tampering(desk: Desk, tmp_path: Path) -> Tampering:
    desk.answer(0)
    publish(desk.store, new_model(desk.project.id, 1))
    return Tampering(saved(desk.store, tmp_path))


@pytest.fixture
def refused(tampering: Tampering, new_settings: Callable[[], Settings]) -> Callable[[], None]:
    """Tells that the backup is refused in a sentence and leaves nothing behind."""

    def tried() -> None:
        settings = new_settings()
        with pytest.raises(InvalidInput, match="is damaged, or no backup of Ringfence"):
            restore(tampering.sealed(), settings)
        assert not settings.data_dir.exists() or not any(settings.data_dir.iterdir())

    return tried


class TestTamperedBackups:
    def test_one_that_is_sealed_anew_and_says_the_same_is_restored(self, tampering, new_settings):
        restore(tampering.sealed(), new_settings())

    @pytest.mark.parametrize("line", LINES.values(), ids=LINES)
    def test_a_line_that_is_no_row_is_refused(self, tampering, refused, line):
        tampering.put("project", line)
        refused()

    @pytest.mark.parametrize("value", VALUES, ids=ascii)
    def test_a_value_that_its_column_does_not_take_is_refused(self, tampering, refused, value):
        tampering.change("annotator", id=value)
        refused()

    @pytest.mark.parametrize("told", MANIFESTS, ids=str)
    def test_a_manifest_of_other_things_is_refused(self, tampering, refused, told):
        tampering.manifest |= told
        refused()

    def test_a_length_without_end_is_refused(self, tampering, refused):
        sealed = tampering.sealed
        tampering.sealed = lambda: endless(sealed())
        refused()

    @pytest.mark.parametrize("place", OUTSIDE)
    def test_no_version_lies_outside(self, tampering, refused, place):
        tampering.change("model", directory=place)
        refused()

    @pytest.mark.parametrize("place", ["../../../private", "/private"])
    def test_no_file_of_a_version_lies_outside(self, tampering, refused, place):
        tampering.change("model", files={"scores.npy": "0" * 64, place: "0" * 64})
        refused()

    @pytest.mark.parametrize("name", ["../../private", "..", "a/../..", "", 5, None])
    def test_no_examples_lie_outside(self, tampering, refused, name):
        detector = tampering.first("project")["detector"]
        examples = {"name": name, "normal": 1, "anomalous": 0}
        tampering.change("project", detector={**detector, "examples": examples})
        refused()

    @pytest.mark.parametrize("detector", [[1], "x", {"examples": {"nam": "x"}}])
    def test_settings_of_another_form_are_refused(self, tampering, refused, detector):
        tampering.change("project", detector=detector)
        refused()


def endless(file: Path) -> Path:
    """The same backup, with a part that is said to have no end."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(parts["manifest.json"])
    manifest["parts"]["tables/project.jsonl"]["size"] = float("inf")
    parts["manifest.json"] = json.dumps(manifest).encode()
    parts["manifest.sha256"] = hashlib.sha256(parts["manifest.json"]).hexdigest().encode()
    with zipfile.ZipFile(file, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return file
