"""Blocks become one file, in order, each once; scores of two jobs never do."""

import csv
import json

import numpy as np
import pytest
from refused import refused

from anomaly_core.errors import InvalidInput
from anomaly_core.scoring.parts import DIFFERS, Parts
from anomaly_core.scoring.rows import COLUMNS, ScoreRow, rows_of

SCORE = float(np.float32(0.1))
GOOD = ScoreRow("a, b.png", SCORE, 0.25, "normal", 3.5)
BAD = ScoreRow("é.png", error='It says "no".')
JOB = {"model": "m", "images": "i", "threshold": 3.5}


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".jsonl"])
def test_one_file_holds_what_the_blocks_do_in_their_order(tmp_path, suffix):
    parts = Parts(tmp_path / f"scores{suffix}")
    with parts.begun(JOB):
        parts.write(10, [GOOD])
        parts.write(2, [BAD, GOOD])
        parts.write(2, [BAD, GOOD])
        parts.merge()
        parts.remove()
    assert [*tmp_path.iterdir()] == [parts.output]
    if suffix == ".parquet":
        pq = pytest.importorskip("pyarrow.parquet")
        rows = [*rows_of(pq.read_table(parts.output))]
    else:
        text = parts.output.read_text(encoding="utf-8")
        lines = text.splitlines()
        read = [*csv.DictReader(lines)] if suffix == ".csv" else [json.loads(one) for one in lines]
        assert all([*row] == [*COLUMNS] for row in read)
        rows = [row_of(row) for row in read]
    assert rows == [BAD, GOOD, GOOD]


def row_of(cells):
    """What a line of text says, with the numbers and gaps that CSV has no word for."""
    numbers = {"score", "percentile", "threshold"}

    def read(name, cell):
        return None if cell in ("", None) else float(cell) if name in numbers else cell

    return ScoreRow(*(read(name, cell) for name, cell in cells.items()))


@pytest.mark.parametrize("key", [key for key in DIFFERS if key != "format"])
def test_another_job_is_not_mixed_in_and_is_named(tmp_path, key):
    parts = Parts(tmp_path / "scores.csv")
    with parts.begun(JOB):
        parts.write(0, [GOOD])
    other = JOB | {key: 1}
    with refused(InvalidInput, f"holds scores of {DIFFERS[key]}; finish"), parts.begun(other):
        pass
    assert parts.there() == [0]
    with parts.begun(JOB):
        pass


def test_blocks_of_an_earlier_format_are_not_mixed_in(tmp_path):
    parts = Parts(tmp_path / "scores.csv")
    parts.folder.mkdir()
    (parts.folder / "job.json").write_text(json.dumps(JOB | {"images": "before", "format": 1}))
    with refused(InvalidInput, "holds scores of another version of Ringfence"), parts.begun(JOB):
        pass


def test_two_processes_are_not_at_one_output(tmp_path):
    parts = Parts(tmp_path / "scores.csv")
    with parts.begun(JOB), refused(InvalidInput, "being written by another"), parts.begun(JOB):
        pass


def test_what_cannot_be_written_leaves_nothing_and_is_told(tmp_path):
    parts = Parts(tmp_path / "scores.csv")

    with parts.begun(JOB):
        parts.path(0).mkdir()  # where the block would go
    with refused(InvalidInput, "cannot be written"), parts.begun(JOB):
        parts.write(0, [GOOD])
    assert {one.name for one in parts.folder.iterdir()} == {"job.json", "lock", parts.path(0).name}
