"""The one way to expect a refusal: a typed error whose message a user may be shown."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def refused(kind: type[Exception], match: str) -> Iterator[None]:
    """Expect exactly this kind of error, saying `match` in one plain sentence."""
    with pytest.raises(kind, match=match) as caught:
        yield
    assert caught.type is kind
    assert_plain_sentence(str(caught.value))


def assert_plain_sentence(message: str) -> None:
    """One line that ends in a full stop, without a traceback or a class name."""
    assert message.endswith(".")
    assert "\n" not in message
    assert not any(word in message for word in ("Traceback", "Error(", "numpy", "object at"))
