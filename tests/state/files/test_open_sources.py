"""Sources kept open between images, and closed when others are asked for."""

from shutil import make_archive
from zipfile import ZipFile

import pytest
from own_pile import brought_in, jpeg, piece, write_pile
from refused import refused

from anomaly_core.errors import DatasetMissing
from state.files.sources import OpenSources


@pytest.fixture
def archives(tmp_path):
    for name in "abc":
        with ZipFile(tmp_path / f"{name}.zip", "w") as file:
            file.writestr(f"{name}.jpg", jpeg(piece(0, False)))
    return [tmp_path / f"{name}.zip" for name in "abc"]


def read(sources, path):
    with sources.reading(path) as source:
        source.read(f"{path.stem}.jpg")
        return source


def test_a_source_is_opened_once(archives):
    sources = OpenSources()
    assert read(sources, archives[0]) is read(sources, archives[0])


def test_the_one_not_asked_for_longest_is_closed(archives):
    sources = OpenSources(most=2)
    first, second, _ = (read(sources, path) for path in archives)
    assert first.tree.file.fp is None
    assert read(sources, archives[1]) is second
    assert read(sources, archives[0]) is not first


def test_one_that_is_being_read_stays_open(archives):
    sources = OpenSources(most=1)
    with sources.reading(archives[0]) as source:
        for path in archives[1:]:
            read(sources, path)
        assert source.read("a.jpg")
    assert read(sources, archives[0]) is source


def test_a_file_that_was_written_anew_is_opened_anew(archives):
    sources = OpenSources()
    before = read(sources, archives[0])
    with ZipFile(archives[0], "w") as file:
        file.writestr("a.jpg", jpeg(piece(1, False)))
    assert read(sources, archives[0]) is not before


def test_what_is_not_there_is_said(tmp_path):
    with refused(DatasetMissing, "does not exist"):
        read(OpenSources(), tmp_path / "a.zip")


def test_originals_in_an_archive_that_stayed_are_read_from_it(tmp_path):
    pile = write_pile(tmp_path / "belt", 3, 0)
    archive = make_archive(str(tmp_path / "belt"), "zip", pile)
    found = brought_in(tmp_path / "data", tmp_path / "belt.zip", in_place=True)
    with found.stayed() as one, found.stayed() as other:
        assert one is other
        for block, record in found.records():
            assert block.original(record, one) == (pile / record.entry.path).read_bytes()
    assert archive.endswith("belt.zip")
