"""Zip archives from strangers: what is in them is looked at before anything is unpacked."""

import mmap
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from anomaly_core.datasets.image_folder import UNREADABLE
from anomaly_core.datasets.storage import swells
from anomaly_core.errors import DatasetDamaged, InvalidInput

MOST_FILES = 500_000  # in one source
LARGEST_FILE = 500 * 2**20  # bytes of one image file
NESTED = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
IN_DIRECTORY = b"PK\x01\x02"  # before each entry of the directory at the end
END, END_OF_LARGE = b"PK\x05\x06", b"PK\x06\x06"  # after the directory; the latter for zip64
UNSAID = 0xFFFFFFFF  # the size, where that of zip64 counts


@contextmanager
def opened_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a zip archive; raises `InvalidInput` for too many entries, `DatasetDamaged` for none."""
    try:
        check_number(path)
        archive = zipfile.ZipFile(path)
    except UNREADABLE as error:
        raise DatasetDamaged(
            f"{path.name} is no zip archive that can be read; pack the files again."
        ) from error
    with archive:
        yield archive


def check_number(path: Path) -> None:
    """Refuse an archive of too many entries before its directory is read into memory."""
    if not path.stat().st_size:
        raise DatasetDamaged(f"{path.name} holds 0 bytes; copy the file again.")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
        start, count = start_of_directory(view), 0
        while (start := view.find(IN_DIRECTORY, start)) >= 0:
            start, count = start + 46, count + 1  # an entry is no shorter
            if count > MOST_FILES:
                raise too_many(path.name)


def too_many(name: str) -> InvalidInput:
    """The error for a source of more files than are looked at."""
    return InvalidInput(
        f"{name} holds more than {MOST_FILES:,} files; divide it and import one part at a time."
    )


def start_of_directory(view: mmap.mmap) -> int:
    """Where the directory of the archive starts, or the end of the file where there is none."""
    end = view.rfind(END)
    if end < 0:
        return len(view)
    size = int.from_bytes(view[end + 12 : end + 16], "little")
    large = view.rfind(END_OF_LARGE, 0, end)
    if size == UNSAID or large >= end - 100:
        said = int.from_bytes(view[large + 40 : large + 48], "little") if large >= 0 else 0
        size = max(said, 0 if size == UNSAID else size)
    return max(end - size, 0)


def why_not(info: zipfile.ZipInfo) -> str | None:
    """Say why an entry is not taken, or None where it may be."""
    name = info.filename
    if leads_out(name):
        return "It lies outside the archive by its name; pack the files again."
    if stat.S_ISLNK(info.external_attr >> 16):
        return "It is a link, which is not followed; pack the file itself."
    if name.lower().endswith(NESTED):
        return "It is an archive in an archive; unpack it first."
    if info.flag_bits & 1:
        return "It is encrypted; pack the files without a password."
    if info.file_size > LARGEST_FILE or swells(info.compress_size, info.file_size):
        return f"It unpacks to {info.file_size:,} bytes, more than an image takes; leave it out."
    return None


def leads_out(name: str) -> bool:
    """Whether a path is absolute or climbs above where it starts, on any system."""
    parts = name.replace("\\", "/").split("/")
    return not parts[0] or name[1:2] == ":" or ".." in parts
