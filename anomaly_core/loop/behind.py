"""Work that takes minutes while jobs that people wait for go on."""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from anomaly_core.errors import Cancelled
from anomaly_core.progress import Callback, StepReport

T = TypeVar("T")


class Behind(Generic[T]):
    """Does `work` in a thread of its own; what it raises is raised where the result is asked for.

    `work` is given callbacks, through which it is stopped.
    """

    def __init__(self, work: Callable[[Sequence[Callback]], T]) -> None:
        self._work = work
        self._results: list[T] = []
        self._error: BaseException | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether there is a result, or an error in its place."""
        return not self._thread.is_alive()

    def result(self) -> T:
        """Wait for the result; raises what the work raised."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._results[0]

    def stop(self) -> None:
        """End the work at its next report, and wait until it has."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._results.append(self._work([self._step]))
        except BaseException as error:
            self._error = error

    def _step(self, _: StepReport) -> None:
        if self._stop.is_set():
            raise Cancelled("It is not needed any more.")
