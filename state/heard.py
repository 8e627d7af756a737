"""What comes from a browser, read without trust: an address, or what a component says.

Whoever holds a browser can send anything. A reader raises `InvalidInput` for what makes no sense;
`parameter` and what gives `None` or less never raise.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from anomaly_core.errors import InvalidInput

T = TypeVar("T")

LARGEST = 2**31 - 1  # number that every database can hold
EXACT = 2**53  # below it a browser knows every whole number
LONGEST = 36  # letters of a name that a browser gives
LONGEST_PARAMETER = 100  # letters of what an address says
UNREADABLE = "What the browser sent could not be read; reload the page and say it again."


def storable(text: str) -> bool:
    """Whether every database can hold the text: not with NUL, nor with half of a character."""
    return not any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in text)


def text(given: Any) -> str:
    """A text that every database can hold."""
    if not isinstance(given, str) or not storable(given):
        raise InvalidInput(UNREADABLE)
    return given


def name(given: Any) -> str:
    """A name that a browser gave to something of its own."""
    if not 0 < len(text(given)) <= LONGEST:
        raise InvalidInput(UNREADABLE)
    return str(given)


def number(given: Any) -> float:
    """A finite number that a browser knows exactly."""
    plain = isinstance(given, int | float) and not isinstance(given, bool)
    if not plain or not abs(given) <= EXACT:  # nor is NaN
        raise InvalidInput(UNREADABLE)
    return float(given)


def whole(given: Any) -> int:
    """A number of something, from 0."""
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given <= LARGEST:
        raise InvalidInput(UNREADABLE)
    return given


def perhaps(read: Callable[[Any], T], given: Any) -> T | None:
    """What a reader makes of something; `None` where that makes no sense."""
    try:
        return read(given)
    except (InvalidInput, ValueError, TypeError, LookupError, OverflowError):
        return None


def mapping(given: Any) -> Mapping[str, Any]:
    """The entries of what was said; none where it has no such form."""
    return given if isinstance(given, Mapping) else {}


def wholes(given: Any, most: int) -> list[int]:
    """The numbers among what was said, at most so many."""
    if not isinstance(given, list | tuple):
        return []
    return [one for one in given[:most] if perhaps(whole, one) is not None]


# -- what an address says ------------------------------------------------------------------------


def parameter(given: object, read: Callable[[str], T]) -> T | None:
    """What a parameter of an address says; `None` where it says nothing that can be read."""
    if not isinstance(given, str) or not 0 < len(given) <= LONGEST_PARAMETER:
        return None
    return perhaps(read, given)


def counted(said: str) -> int:
    """A number in plain digits; raises ValueError for any other."""
    if not (said.isascii() and said.isdecimal()):
        raise ValueError(said)
    return whole(int(said))


def measured(said: str) -> float:
    """A finite number, with or without a fraction; raises ValueError for any other."""
    value = float(said) if said.isascii() else math.nan
    if not math.isfinite(value):
        raise ValueError(said)
    return value
