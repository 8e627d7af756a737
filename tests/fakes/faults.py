"""Processes that are stopped, or die, in the middle of something: forks of the one that tests."""

import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from workshop import QuickRounds, Workshop

from state.files.versions import torn_files
from state.store.models import Model
from state.workers.publishing import Publisher

STEPS = {"os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.link", "shutil.rmtree"}


def forked(work: Callable[[], object]) -> int:
    """Do some work in a process of its own; returns its number."""
    pid = os.fork()
    if pid:
        return pid
    try:
        work()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def ended(pid: int) -> int:
    """Wait for a process; returns its exit code, negative where a signal killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def stopped(pid: int) -> bool:
    """Wait until a process is stopped, or ends; whether it is stopped."""
    return os.WIFSTOPPED(os.waitpid(pid, os.WUNTRACED)[1])


def kills(work: Callable[[], object]) -> Iterator[int]:
    """Have work killed at its first step in the file system or commit, at its second, and so on.

    Gives control after each kill, and ends once the work comes to its end.
    """
    for last in count(1):
        code = ended(forked(lambda last=last: _die_at(last, work)))  # type: ignore[misc]
        if code != -signal.SIGKILL:
            assert code == 0
            return
        yield last


def _die_at(last: int, work: Callable[[], object]) -> None:
    numbers = count(1)

    def step(event: str, arguments: Any) -> None:
        if event in STEPS and next(numbers) == last:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(step)
    work()


@dataclass(frozen=True)
class StoppingPublisher(Publisher):
    """Stops its process once it has come to a point, until somebody lets it go on."""

    point: str = ""

    def stop_at(self, point: str) -> None:
        if point == self.point:
            os.kill(os.getpid(), signal.SIGSTOP)

    def held(self) -> AbstractContextManager[None]:
        self.stop_at("files are written")
        return super().held()

    def publish(self, version: int, write: Any, row: Any) -> Model:
        self.stop_at("trained")

        def filled(folder: Path) -> None:
            write(folder)
            self.stop_at("version is written")

        def told(files: Any) -> Any:
            self.stop_at("version is in place")
            return row(files)

        return super().publish(version, filled, told)

    def add(self, model: Model, arrays: Any, metrics: Any) -> Model:
        self.stop_at("published")
        return super().add(model, arrays, metrics)


class StoppingRounds(QuickRounds):
    """Rounds that stop their process at a point."""

    def __init__(self, shop: Workshop, worker: str, point: str) -> None:
        project = shop.store.projects.get(shop.id)
        super().__init__(shop.store, shop.settings.data_dir, project, worker)
        self.publisher = StoppingPublisher(
            shop.store, shop.settings.data_dir, shop.id, worker, point
        )


def visible(folder: Path) -> dict[str, bytes]:
    """What lies in a folder, without what is marked as unfinished."""
    there = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in there.items() if "/." not in f"/{name}"}


def hidden(folder: Path) -> list[str]:
    """What lies there under names that begin with a dot: marks, and what is being written."""
    return [str(path.relative_to(folder)) for path in folder.rglob(".*")]


def torn_versions(shop: Workshop) -> list[str]:
    """The files of any version that are not what its row says."""
    models = shop.store.models.all(shop.id)
    return [name for one in models for name in torn_files(shop.settings.data_dir, one)]
