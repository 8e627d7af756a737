"""What is said of each image, as rows of a table."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from anomaly_core.errors import InvalidInput

NO_PARQUET = "Scores are kept as Parquet files, which need the package pyarrow; install it."

NORMAL, ANOMALOUS = "normal", "anomalous"
COLUMNS = {  # what each says
    "file": "the image as it was listed: its path in the folder, zip archive or list, or its row",
    "score": "anomaly score, higher is more anomalous; comparable within one model only",
    "percentile": "share of the model's own pool that scores lower, 0 to 1, where that is known",
    "verdict": "anomalous where the score is above the threshold, else normal",
    "threshold": "the score above which an image is anomalous",
    "error": "why the image has no score, in a sentence",
}


class ScoreRow(NamedTuple):
    """One image; what is not known is `None`."""

    file: str
    score: float | None = None
    percentile: float | None = None
    verdict: str | None = None
    threshold: float | None = None
    error: str | None = None


def verdict_of(score: float, threshold: float) -> str:
    """Say what an image with that score counts as; the threshold itself is still normal."""
    return ANOMALOUS if score > threshold else NORMAL


def arrow() -> Any:
    """Return the module pyarrow, with `pyarrow.parquet`; raises `InvalidInput` without it."""
    try:
        import pyarrow as pa
        import pyarrow.parquet
    except ImportError as error:
        raise InvalidInput(NO_PARQUET) from error
    return pa


def schema() -> Any:
    """The columns and their types; a score is kept with the 32 bits that the model gives."""
    pa = arrow()
    words = pa.string()
    types = (words, pa.float32(), pa.float64(), words, pa.float64(), words)
    return pa.schema(list(zip(COLUMNS, types, strict=True)))


def table_of(rows: Sequence[ScoreRow]) -> Any:
    """Rows as a table of pyarrow."""
    columns = zip(*rows, strict=True) if rows else [()] * len(COLUMNS)
    return arrow().table([list(column) for column in columns], schema=schema())


def rows_of(table: Any) -> Iterator[ScoreRow]:
    """The rows of such a table."""
    columns = [column.to_pylist() for column in table.columns]
    return map(ScoreRow._make, zip(*columns, strict=True))
