"""Whose turn it is: what the desks of a server work out, they work out one after the other.

Python runs one thread at a time. Many that want to run at once interrupt each other in the middle
of their transactions, and together come to half as far as one after the other.
"""

from collections.abc import Callable
from functools import wraps
from threading import RLock
from typing import ParamSpec, TypeVar

_turn = RLock()

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def in_turn(work: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """The same work, begun when no other thread is at work of this kind."""

    @wraps(work)
    def wait(*given: Arguments.args, **named: Arguments.kwargs) -> Result:
        with _turn:
            return work(*given, **named)

    return wait
