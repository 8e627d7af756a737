"""Tables that a spreadsheet opens, of which no cell is run."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

RUN = ("=", "+", "-", "@", "\t", "\n")  # what a spreadsheet takes a formula by


def inert(cell: Any) -> Any:
    """A cell that is shown as it is; text that would be run gets an apostrophe in front.

    https://owasp.org/www-community/attacks/CSV_Injection
    """
    if not isinstance(cell, str):
        return cell
    cell = cell.replace("\r", " ")
    return f"'{cell}" if cell.lstrip(" \u00a0\u2028\u2029").startswith(RUN) else cell


def sheet(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Rows as the text of a CSV file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([inert(cell) for cell in row] for row in rows)
    return text.getvalue()
