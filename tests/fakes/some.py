"""For what a test knows to be there, and the type cannot."""

from typing import TypeVar

T = TypeVar("T")


def some(value: T | None) -> T:
    """The value, which must not be missing."""
    assert value is not None
    return value
