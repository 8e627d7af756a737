"""Blocks of scores as Parquet files, each there whole or not at all, until all are one file.

OUTPUT.parts/
    job.json                  what is scored by which model: other scores are not mixed in
    lock                      held by the process that is at it
    block-<number>.parquet    rows in the order of the list
"""

import csv
import json
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anomaly_core.errors import InvalidInput
from anomaly_core.machine.locks import take
from anomaly_core.machine.publishing import published
from anomaly_core.scoring.rows import COLUMNS, ScoreRow, arrow, rows_of, schema, table_of

FORMAT = 2
JOB, LOCK = "job.json", "lock"
PART = re.compile(r"block-(\d+)\.parquet")
DIFFERS = {  # what a job may differ in, in words
    "format": "another version of Ringfence",
    "model": "another model",
    "images": "other images",
    "threshold": "another threshold",
    "share": "another shard",
    "maps": "another choice of maps",
    "block": "blocks of another size",
}


@dataclass(frozen=True)
class Parts:
    """The blocks that are to become the file `output`."""

    output: Path

    @property
    def folder(self) -> Path:
        """Where they lie."""
        return self.output.with_name(f"{self.output.name}.parts")

    @contextmanager
    def begun(self, job: Mapping[str, Any]) -> Iterator[None]:
        """Begin a job, or go on with it, alone.

        Raises `InvalidInput` where scores of another job are there, somebody else is at it, or
        nothing can be written.
        """
        try:
            self.folder.mkdir(exist_ok=True)
            with (self.folder / LOCK).open("a") as lock:
                if not alone(lock):
                    raise InvalidInput(f"{self.output} is being written by another process; wait.")
                self._agree(dict(job) | {"format": FORMAT})
                yield
        except OSError as error:
            reason = error.strerror or error
            raise InvalidInput(
                f"{self.output} cannot be written ({reason}); choose another place."
            ) from error

    def _agree(self, job: dict[str, Any]) -> None:
        """Write down what the job is; raises `InvalidInput` where it is another one."""
        path = self.folder / JOB
        if not path.exists():
            published(path, lambda to: to.write_text(json.dumps(job, indent=2) + "\n"))
            return
        try:
            known = json.loads(path.read_text())
        except ValueError:
            known = {}
        other = [words for key, words in DIFFERS.items() if known.get(key) != job.get(key)]
        if other:
            raise InvalidInput(
                f"{self.folder} holds scores of {other[0]}; finish that run, delete the folder, or "
                "choose another --output."
            )

    def path(self, number: int) -> Path:
        """The file of a block."""
        return self.folder / f"block-{number:09}.parquet"

    def there(self) -> list[int]:
        """The numbers of the blocks that are there, in order."""
        if not self.folder.is_dir():
            return []
        names = (PART.fullmatch(one.name) for one in self.folder.iterdir())
        return sorted(int(name[1]) for name in names if name)

    def write(self, number: int, rows: Sequence[ScoreRow]) -> None:
        """Put a block in its place; a second time it is the same."""
        table = table_of(rows)
        published(self.path(number), lambda to: arrow().parquet.write_table(table, to))

    def read(self, number: int) -> Any:
        """The table of a block."""
        return arrow().parquet.read_table(self.path(number), schema=schema())

    def rows(self) -> Iterator[ScoreRow]:
        """All rows that are there, one block in memory at a time."""
        for table in self.tables():
            yield from rows_of(table)

    def tables(self, latest: bool = False) -> Iterator[Any]:
        """The tables of all blocks in order, or of each file only its latest row."""
        last = {row.file: n for n in self.there() for row in rows_of(self.read(n)) if latest}
        for number in self.there():
            table = self.read(number)
            if latest:
                kept = [last[file] == number for file in table["file"].to_pylist()]
                table = table.filter(arrow().array(kept, arrow().bool_()))
            yield table

    def merge(self, latest: bool = False) -> None:
        """Make one file of all blocks, of the format that its name says."""
        write = FORMATS[self.output.suffix.lower()]
        published(self.output, lambda to: write(self.tables(latest), to))

    def remove(self) -> None:
        """Remove the blocks."""
        shutil.rmtree(self.folder)


def alone(lock: Any) -> bool:
    """Whether nobody else has a lock; yes where the file system has none."""
    try:
        return take(lock)
    except InvalidInput:
        return True


def to_parquet(tables: Iterable[Any], path: Path) -> None:
    """Write all blocks as one Parquet file."""
    with arrow().parquet.ParquetWriter(path, schema()) as writer:
        for table in tables:
            writer.write_table(table)


def to_csv(tables: Iterable[Any], path: Path) -> None:
    """Write all rows as a table with a heading; what is not known is empty."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for table in tables:
            writer.writerows(rows_of(table))


def to_jsonl(tables: Iterable[Any], path: Path) -> None:
    """Write all rows as an object a line."""
    with path.open("w", encoding="utf-8") as file:
        for table in tables:
            file.writelines(f"{json.dumps(row._asdict())}\n" for row in rows_of(table))


FORMATS = {".parquet": to_parquet, ".csv": to_csv, ".jsonl": to_jsonl}
