"""Tables that a spreadsheet opens, of which no cell is run."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

AT_ONCE = 1_000  # rows of a piece

FILLERS = "\u115f\u1160\u3164\uffa0\u17b4\u17b5"
RUN = ("=", "+", "-", "@", "\t", "\n", "＝", "＋", "－", "＠")  # what begins a formula
CUT = re.compile(r"(?<=[;\t])")  # where some spreadsheets begin another cell


def inert(cell: Any) -> Any:
    """A cell that is shown as it is; text that would be run gets an apostrophe in front.

    https://owasp.org/www-community/attacks/CSV_Injection
    """
    if not isinstance(cell, str) or not cell or cell.isalnum():  # of which none is in RUN
        return cell
    return "".join(
        f"'{part}" if is_run(part) else part for part in CUT.split(cell.replace("\r", " "))
    )


def is_run(text: str) -> bool:
    """Whether a text begins with a formula, after letters that programs leave out as unseen."""
    return next((one for one in text if one in RUN or not is_unseen(one)), "") in RUN


def is_unseen(letter: str) -> bool:
    """Whether a letter draws nothing: spaces, controls, marks that join, and fillers."""
    return letter in FILLERS or unicodedata.category(letter) in ("Cc", "Cf", "Mn", "Zl", "Zp", "Zs")


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
