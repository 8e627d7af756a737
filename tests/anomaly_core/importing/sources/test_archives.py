"""Archives from anybody give nothing that harms."""

import io
import stat
import warnings
import zipfile

import numpy as np
import pytest
from image_files import png, write_zip
from refused import refused

from anomaly_core.errors import DatasetDamaged, InvalidInput, Refused
from anomaly_core.importing.sources import archives
from anomaly_core.importing.sources.archives import leads_out, opened_archive
from anomaly_core.importing.sources.opening import open_source

IMAGE = png(np.arange(120, dtype=np.uint8).reshape(10, 12))


def written(path, *entries, compression=zipfile.ZIP_STORED):
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(path, "w", compression) as file:
        for info, data in entries:
            file.writestr(info, data)
    return path


def refusals_of(path) -> dict[str, str]:
    with open_source(path) as source:
        return {one.path: one.reason for one in source.listing().refusals}


@pytest.mark.parametrize(
    ("name", "out"),
    [
        ("../a.png", True),
        ("a/../../b.png", True),
        ("/a.png", True),
        ("C:/a.png", True),
        ("..\\a.png", True),
        ("\\\\host\\share\\a.png", True),
        ("a/b..png", False),
        ("a/...png", False),
        ("a b/c.png", False),
    ],
)
def test_names_that_lead_out_are_seen(name, out):
    assert leads_out(name) is out


@pytest.mark.parametrize("name", ["../a.png", "/etc/a.png"])
def test_entries_outside_the_archive_are_refused(tmp_path, name):
    path = written(tmp_path / "a.zip", (zipfile.ZipInfo(name), IMAGE))
    assert "lies outside the archive" in refusals_of(path)[name]
    with open_source(path) as source, refused(Refused, "lies outside the archive"):
        source.read(name)


def test_links_are_refused(tmp_path):
    link = zipfile.ZipInfo("link.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = written(tmp_path / "a.zip", (link, "/etc/passwd"), ("1.png", IMAGE))
    assert list(refusals_of(path)) == ["link.png"]
    with open_source(path) as source, refused(Refused, "is a link"):
        source.read("link.png")


def test_archives_in_archives_are_refused(tmp_path):
    inner = write_zip(tmp_path / "inner.zip", {"1.png": IMAGE}).read_bytes()
    path = written(tmp_path / "a.zip", ("a/INNER.zip", inner))
    assert "archive in an archive" in refusals_of(path)["a/INNER.zip"]


def test_encrypted_entries_are_refused(tmp_path):
    data = bytearray(written(tmp_path / "a.zip", ("1.png", IMAGE)).read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "a.zip").write_bytes(data)
    assert "is encrypted" in refusals_of(tmp_path / "a.zip")["1.png"]
    with open_source(tmp_path / "a.zip") as source, refused(Refused, "is encrypted"):
        source.read("1.png")


def test_what_swells_a_thousandfold_is_refused_and_what_is_only_large_is_not(tmp_path):
    zeros = bytes(50 * 2**20)
    path = written(
        tmp_path / "a.zip",
        ("bomb.png", zeros + b"0"),
        ("small.png", zeros),
        compression=zipfile.ZIP_DEFLATED,
    )
    assert list(refusals_of(path)) == ["bomb.png"]
    with open_source(path) as source, refused(Refused, "unpacks to 52,428,801 bytes"):
        source.read("bomb.png")


def test_an_entry_that_lies_about_its_size_gives_no_more_than_it_says(tmp_path):
    path = written(tmp_path / "a.zip", ("1.png", bytes(10_000)), compression=zipfile.ZIP_DEFLATED)
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = (100).to_bytes(4, "little")
    path.write_bytes(data)
    with open_source(path) as source, refused(Refused, "being damaged"):
        source.read("1.png")


def test_damaged_entries_are_refused_when_they_are_read(tmp_path):
    data = bytearray(written(tmp_path / "a.zip", ("1.png", IMAGE)).read_bytes())
    data[60] ^= 255
    (tmp_path / "a.zip").write_bytes(data)
    with open_source(tmp_path / "a.zip") as source:
        with refused(Refused, "being damaged"):
            source.read("1.png")
        with refused(Refused, "cannot be read any more"):
            source.read("2.png")


def test_of_entries_of_one_name_the_last_counts(tmp_path):
    path = written(tmp_path / "a.zip", ("1.png", b"first"), ("1.png", b"last"))
    with open_source(path) as source:
        listing = source.listing()
        assert [one.path for one in listing.entries] == ["1.png"]
        assert listing.notes[0].startswith("1 file is in the archive once more")
        assert source.read("1.png") == b"last"


def test_too_many_entries_are_refused_before_the_directory_is_read(tmp_path, monkeypatch):
    path = write_zip(tmp_path / "a.zip", {f"{n}.png": b"PK\x01\x02" for n in range(20)})
    monkeypatch.setattr(archives, "MOST_FILES", 20)
    with opened_archive(path) as file:
        assert len(file.infolist()) == 20
    monkeypatch.setattr(archives, "MOST_FILES", 19)
    monkeypatch.setattr(zipfile, "ZipFile", lambda *_: pytest.fail("read"))
    with refused(InvalidInput, "a.zip holds more than 19 files; divide it"), opened_archive(path):
        pass


def directory(count: int) -> bytes:
    """A zip archive of a million entries that were never written."""
    one = b"PK\x01\x02" + bytes(24) + b"\1\0" + bytes(16) + b"a"
    size = len(one) * count
    large = b"PK\x06\x06" + (44).to_bytes(8, "little") + bytes(12)
    large += count.to_bytes(8, "little") * 2 + size.to_bytes(8, "little") + bytes(8)
    locator = b"PK\x06\x07" + bytes(4) + size.to_bytes(8, "little") + (1).to_bytes(4, "little")
    end = b"PK\x05\x06" + bytes(4) + b"\xff" * 12 + bytes(2)
    return one * count + large + locator + end


def test_a_million_entries_are_refused_whatever_the_archive_says_of_itself(tmp_path):
    path = tmp_path / "a.zip"
    data = directory(1_000_000)
    for size in (b"\xff\xff\xff\xff", bytes(4)):  # that of zip64 counts, or one that lies
        path.write_bytes(data[:-10] + size + data[-6:])
        with refused(InvalidInput, "more than 500,000 files"), open_source(path):
            pass


@pytest.mark.parametrize("data", [b"no archive", b"PK\x05\x06", b"PK\x03\x04" + bytes(40)])
def test_what_is_no_archive_is_refused(tmp_path, data):
    (tmp_path / "a.zip").write_bytes(data)
    with refused(DatasetDamaged, "a.zip is no zip archive"), open_source(tmp_path / "a.zip"):
        pass


def test_an_archive_that_is_cut_off_is_refused(tmp_path):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("1.png", IMAGE)
    (tmp_path / "a.zip").write_bytes(file.getvalue()[:-30])
    with refused(DatasetDamaged, "a.zip is no zip archive"), open_source(tmp_path / "a.zip"):
        pass
