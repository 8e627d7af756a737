"""Tables that a spreadsheet opens, of which no cell is run."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

AT_ONCE = 1_000  # rows of a piece

RUN = ("=", "+", "-", "@", "\t", "\n", "＝", "＋", "－", "＠")  # what begins a formula
UNSEEN = (  # letters, which programs leave out before they look
    " \x0b\x0c\x1c\x1d\x1e\x1f\x85\u00a0\u00ad\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
    + "".join(map(chr, range(0x2000, 0x2010)))
)


def inert(cell: Any) -> Any:
    """A cell that is shown as it is; text that would be run gets an apostrophe in front.

    https://owasp.org/www-community/attacks/CSV_Injection
    """
    if not isinstance(cell, str):
        return cell
    cell = cell.replace("\r", " ")
    return f"'{cell}" if cell.lstrip(UNSEEN).startswith(RUN) else cell


def sheet(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Rows as the text of a CSV file."""
    return "".join(pieces(header, rows))


def pieces(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The text of a CSV file in pieces, of which one is in memory at a time."""
    left = iter(rows)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(header)
    while piece := text.getvalue():
        yield piece
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerows([inert(cell) for cell in row] for row in islice(left, AT_ONCE))
