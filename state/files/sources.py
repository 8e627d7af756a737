"""Sources whose files stayed in place, kept open from one image to the next."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from anomaly_core.importing.base import ImageSource
from anomaly_core.importing.sources.opening import open_source

MOST = 4  # that are open though nobody reads from them

Key = tuple[Path, int]  # a path, and when it was written


@dataclass
class Opened:
    """An open source, what closes it, and how many are reading from it."""

    source: ImageSource
    closing: ExitStack
    readers: int = 0


class OpenSources:
    """The sources that were asked for last; safe to share between threads."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self._opened: dict[Key, Opened] = {}  # the one asked for last at the end
        self._lock = threading.Lock()

    @contextmanager
    def reading(self, path: Path) -> Iterator[ImageSource]:
        """Open a source, unless it is, for as long as somebody reads; raises as `open_source`."""
        with self._lock:
            key = (path, path.stat().st_mtime_ns if path.exists() else 0)
            opened = self._opened.pop(key, None) or open_(path)
            self._opened[key] = opened
            opened.readers += 1
        try:
            yield opened.source
        finally:
            with self._lock:
                opened.readers -= 1
                self._close_the_oldest()

    def _close_the_oldest(self) -> None:
        idle = [key for key, opened in self._opened.items() if not opened.readers]
        for key in idle[: max(0, len(self._opened) - self.most)]:
            self._opened.pop(key).closing.close()


def open_(path: Path) -> Opened:
    """Open a source that stays open; raises as `open_source`."""
    with ExitStack() as stack:
        source = stack.enter_context(open_source(path))
        return Opened(source, stack.pop_all())


SOURCES = OpenSources()
