"""Rows in files that grow, are shared by processes, and survive those that are killed.

`NAME.rows` holds float32 numbers and nothing else; `NAME.index` one line of JSON, then a record a
row: the key and a checksum. A row counts once its record is whole, and is written before it. Files
are only appended to; one that is damaged is left to those who have mapped it and begun anew.
"""

import json
import os
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

import numpy as np

from anomaly_core.features.rows import Features, check_shape
from anomaly_core.machine.locks import take

FORMAT = 2
NUMBER = np.dtype("<f4")
RECORD = np.dtype([("key", "V16"), ("check", "<u4")])
CHECKED = 32 * 2**20  # bytes of rows that are compared with their checksums when a file is opened
HEADER = 4096  # bytes, more than the line of JSON has
COPIED = 1024  # rows at once


class FileRows:
    """The rows called `name` in `folder`; made for one call and forgotten after it."""

    def __init__(self, folder: Path, name: str, checked: int = CHECKED) -> None:
        self.folder, self.checked = folder, checked
        self.data, self.index = folder / f"{name}.rows", folder / f"{name}.index"
        self.lock = folder / f"{name}.lock"
        self.opened: FileIO | None = None  # the index that was read; open, its inode stays its own
        self._forget()

    def missing(self, keys: Iterable[bytes]) -> list[bytes]:
        """Return the keys that have no row yet, in this process or another."""
        with self._locked():
            return [key for key in keys if key not in self.numbers]

    def add(self, keys: Sequence[bytes], features: Features) -> None:
        """Append the rows that are not there yet; raises ValueError for another shape."""
        with self._locked():
            if self.shape is None:
                self._begin(features.shape[1:])
            check_shape(features, self.shape)
            new = [place for place, key in enumerate(keys) if key not in self.numbers]
            rows = np.ascontiguousarray(features[new]).astype(NUMBER, copy=False)
            records = np.zeros(len(new), RECORD)
            for record, place, row in zip(records, new, rows, strict=True):
                record["key"], record["check"] = keys[place], checksum(row)
            append(self.data, self.count * self.row_bytes, rows.tobytes())
            append(self.index, self.header + self.count * RECORD.itemsize, records.tobytes())
            self._learn(records)

    def take(self, keys: Sequence[bytes]) -> Features | None:
        """Return the rows of `keys` in their order, mapped; `None` if one is missing."""
        with self._locked():
            if self.shape is None or any(key not in self.numbers for key in keys):
                return None
            if not keys or not self.row_bytes:
                return np.zeros((len(keys), *self.shape), np.float32)
            numbers = np.array([self.numbers[key] for key in keys])
            rows = np.memmap(self.data, NUMBER, "r", shape=(self.count, *self.shape))
        first = int(numbers[0])
        if np.array_equal(numbers, np.arange(first, first + len(numbers))):
            return rows[first : first + len(numbers)]
        return reordered(rows, numbers, self.folder)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other processes out, and know what they have written."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.lock.open("ab") as lock:
            take(lock, wait=True)
            self._refresh()
            yield

    def _refresh(self) -> None:
        """Read the records that are new, or all of them if the file is another one."""
        if self.opened is None or not same_file(self.opened, self.index):
            self._forget()
            if not self._open() or not self._sound():
                self._forget()
                self.index.unlink(missing_ok=True)
            return
        self._read_on()

    def close(self) -> None:
        """Let go of the files; what was taken from them stays."""
        self._forget()

    def _forget(self) -> None:
        """Know of no rows."""
        if self.opened:
            self.opened.close()
        self.opened = None
        self.numbers: dict[bytes, int] = {}
        self.count = 0  # rows, more than keys only if a record was altered
        self.shape: tuple[int, ...] | None = None
        self.row_bytes = self.header = 0

    def _begin(self, shape: tuple[int, ...]) -> None:
        """Put an empty file in the place of what is there, if anything is."""
        self.data.unlink(missing_ok=True)
        self.data.touch()
        header = {"format": FORMAT, "shape": shape, "check": check_of(shape)}
        unfinished = self.index.with_suffix(".new")
        unfinished.write_bytes(json.dumps(header).encode() + b"\n")
        unfinished.replace(self.index)
        self._open()

    def _open(self) -> bool:
        """Read the index; returns whether it can be used."""
        try:
            self.opened = self.index.open("rb", buffering=0)
            line = self.opened.readline(HEADER)
            header = json.loads(line)
            shape = tuple(header["shape"])
            if (
                not line.endswith(b"\n")
                or header["format"] != FORMAT
                or header["check"] != check_of(shape)
            ):
                return False
            self.shape, self.header = shape, len(line)
            self.row_bytes = int(np.prod(shape, dtype=np.int64)) * NUMBER.itemsize
            self._read_on()
        except (OSError, LookupError, TypeError, ValueError):
            return False
        return True

    def _read_on(self) -> None:
        """Learn the records behind those that are known, as far as their rows are there."""
        assert self.opened
        self.opened.seek(self.header + self.count * RECORD.itemsize)
        read = self.opened.read()
        records = np.frombuffer(read, RECORD, count=len(read) // RECORD.itemsize)
        if self.row_bytes:
            records = records[: max(0, self.data.stat().st_size // self.row_bytes - self.count)]
        self._learn(records)

    def _learn(self, records: "np.ndarray[tuple[int], np.dtype[np.void]]") -> None:
        """Number the rows of records that follow those that are known."""
        keys = (key.tobytes() for key in records["key"])
        self.numbers |= {key: number for number, key in enumerate(keys, self.count)}
        self.count += len(records)

    def _sound(self) -> bool:
        """Compare rows with their checksums: all, or of many the last and some evenly spaced."""
        if not self.count or not self.row_bytes:
            return True
        assert self.opened
        self.opened.seek(self.header)
        checks = np.frombuffer(self.opened.read(), RECORD, count=self.count)["check"]
        shape = (self.count, self.row_bytes // NUMBER.itemsize)
        rows = np.memmap(self.data, NUMBER, "r", shape=shape)
        half = max(1, self.checked // self.row_bytes // 2)
        last = range(max(0, self.count - half), self.count)
        spaced = range(0, last.start, max(1, last.start // half))
        return all(checksum(rows[number]) == checks[number] for number in (*spaced, *last))


def checksum(row: Features) -> int:
    """Return what a damaged row would hardly share with what was written."""
    return zlib.crc32(np.ascontiguousarray(row).tobytes())


def check_of(shape: tuple[int, ...]) -> int:
    """Return a checksum of the shape, without which rows mean nothing."""
    return zlib.crc32(repr(shape).encode())


def append(file: Path, end: int, content: bytes) -> None:
    """Write at `end`, in the place of what a killed process left behind it."""
    with file.open("r+b") as opened:
        opened.truncate(end)
        opened.seek(end)
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())  # rows reach the disk before the records that name them


def same_file(opened: FileIO, path: Path) -> bool:
    """Whether a path still names the file that was opened."""
    try:
        return os.path.samestat(os.fstat(opened.fileno()), path.stat())
    except OSError:
        return False


def reordered(
    rows: Features, numbers: np.ndarray[tuple[int], np.dtype[np.int64]], folder: Path
) -> Features:
    """Copy rows in another order to a file that goes with the last view of it."""
    shape = (len(numbers), *rows.shape[1:])
    with tempfile.TemporaryFile(dir=folder, prefix="reordered-") as file:
        for start in range(0, len(numbers), COPIED):  # written, as a full disk then says so
            file.write(rows[numbers[start : start + COPIED]].tobytes())
        file.flush()
        return np.memmap(file, NUMBER, "r", shape=shape)
