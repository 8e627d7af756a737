"""What a team, a long history and a large pool cost the server.

    python -m benchmarks.load [--tabs 50] [--seconds 60] [--only team pages many]

- `team`: many tabs answer at a project with 500,000 events, each every two seconds, while a trainer
  learns another project without a pause: milliseconds until an answer is stored and the next images
  are handed out, in a server's process with a thread for each tab.
- `pages`: server time of whole pages at 10,000 labels, each time after one more answer.
- `many`: the same of pages that list or draw 1,000,000 items and 200 versions, and the memory.
"""

import argparse
import multiprocessing
import os
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import numpy as np
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest, app_test

from anomaly_core.machine.cores import share_of_cores
from benchmarks.history import Visitor
from benchmarks.keys import FORM, prepare
from benchmarks.staging.long_history import long_project
from state import session
from state.projects.projects import Projects
from state.settings import APP, PREFIX, Settings
from state.store.projects import Project
from state.store.schema import JobKind
from state.store.store import Store
from state.workers.spawn import Spawner
from state.workers.trainer import Trainer

PAUSE = 2.0  # seconds from one answer of a tab to its next
EVENTS, LABELED = 500_000, 25_000
ITEMS, VERSIONS = 1_000_000, 200
TIMES = 7  # that a page is drawn


def main() -> int:
    """Measure what is asked for, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tabs", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", str(share_of_cores()))  # as `ringfence run` does
    for name in options.only:
        with tempfile.TemporaryDirectory(prefix="ringfence-load-") as folder:
            # In a process of its own, whose memory is that of this part alone.
            process = multiprocessing.get_context("spawn").Process(
                target=PARTS[name], args=(Path(folder) / "data", options)
            )
            process.start()
            process.join()
            if process.exitcode:
                return 1
    return 0


def opened(data_dir: Path) -> Store:
    """The store of a data directory."""
    return Store.open(Settings(_env_file=None, data_dir=data_dir, database_url=None))


class Untended(Projects):
    """Projects that start no trainer, as one runs already."""

    def tend(self, project_id: int) -> None:
        """Leave the project as it is."""


def team(data_dir: Path, options: argparse.Namespace) -> None:
    """Let many tabs answer while a model is trained."""
    prepare(data_dir, FORM)
    with opened(data_dir) as store:
        project = long_project(store, EVENTS, None)
        began = time.perf_counter()
        first = Visitor(Untended(store, store.settings), project)
        first.handout()
        first.answer()
        first.handout()
        print(f"first look of anybody, once a server: {time.perf_counter() - began:.1f} s")
        trained = len(store.models.all(1))
        over = multiprocessing.get_context("spawn").Event()
        trainer = multiprocessing.get_context("spawn").Process(
            target=train, args=(data_dir, over), daemon=True
        )
        trainer.start()
        while len(store.models.all(1)) == trained:
            time.sleep(0.1)
        found = labeling(store, project, options)
        trained = len(store.models.all(1)) - trained
        over.set()
        trainer.join()
        assert store.integrity_problems() == []
    p50, p95 = np.percentile(found, [50, 95])
    print(
        f"{options.tabs} tabs at {EVENTS:,} events, {len(found):,} answers, {trained} models "
        f"trained meanwhile: stored and handed out in {p50:.0f} ms, p95 {p95:.0f} ms, "
        f"longest {max(found):.0f} ms",
        flush=True,
    )


def train(data_dir: Path, over: "threading.Event") -> None:
    """Learn from one answer more, again and again."""
    with opened(data_dir) as store:
        one = Visitor(Untended(store, store.settings), store.projects.get(1))
        while not over.is_set():
            one.answer()
            store.work.training(1).ask(JobKind.UPDATE)
            Trainer(store, store.settings.model_copy(update=QUICK), 1, "benchmark").serve()


QUICK = {"trainer_idle_seconds": 0.1}


def labeling(store: Store, project: Project, options: argparse.Namespace) -> list[float]:
    """Milliseconds of each answer of each tab."""
    people, found = store.people.all(), []
    there = threading.Barrier(options.tabs)

    def answer(number: int) -> None:
        one = Visitor(Untended(store, store.settings), project)
        one.me = people[number % len(people)]
        one.tab = f"tab {number}"
        one.handout()
        there.wait()
        until = time.monotonic() + options.seconds
        time.sleep(PAUSE * number / options.tabs)
        while time.monotonic() < until:
            pressed, began = one.press(), time.perf_counter()
            one.pump(pressed)
            one.handout()
            found.append(1000 * (time.perf_counter() - began))
            time.sleep(max(0.0, PAUSE - (time.perf_counter() - began)))

    threads = [threading.Thread(target=answer, args=(one,)) for one in range(options.tabs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def pages(data_dir: Path, options: argparse.Namespace) -> None:
    """Draw pages of a project with 10,000 labels."""
    del options
    with opened(data_dir) as store:
        project = long_project(store, LABELED, None)
        labels = len(store.events.labels(project.id).items)
        one = Visitor(Untended(store, store.settings), project)
        for name in ("review", "tune", "overview"):
            seconds = drawn(data_dir, name, one.answer)
            print(f"{name} at {labels:,} labels: {described(seconds)}", flush=True)


def many(data_dir: Path, options: argparse.Namespace) -> None:
    """Draw pages of a project with very many items and versions."""
    del options
    with opened(data_dir) as store:
        long_project(store, LABELED, None, ITEMS, VERSIONS)
    before = used()
    for name in ("explore", "models"):
        seconds = drawn(data_dir, name, lambda: None)
        print(f"{name} at {ITEMS:,} items and {VERSIONS} versions: {described(seconds)}")
    print(f"memory: {before:,.0f} MiB before, {used():,.0f} MiB at most", flush=True)


def described(seconds: Sequence[float]) -> str:
    """Server time of a page: the first look, then the median and the longest."""
    first, *later = (1000 * one for one in seconds)
    return f"first look {first:.0f} ms, then {np.median(later):.0f} ms, longest {max(later):.0f} ms"


def used() -> float:
    """MiB that this process has had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def drawn(data_dir: Path, page: str, between: Callable[[], None]) -> list[float]:
    """Seconds that a page's script takes, from the first time on."""
    with app(data_dir) as tab:
        tab.query_params["project"] = "1"
        tab.switch_page(f"pages/{page}.py")
        found = []
        for _ in range(TIMES):
            between()
            began = time.perf_counter()
            tab.run()
            found.append(time.perf_counter() - began)
            if tab.exception:
                raise SystemExit(f"{page} failed: {tab.exception[0].value}")
    return found


class AfterStart(PagesManager):
    """Knows who declares the pages, as in a server that has imported `app.py`."""

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **options)  # type: ignore[arg-type]
        PagesManager.uses_pages_directory = False


@contextmanager
def app(data_dir: Path) -> Iterator[AppTest]:
    """The app on a data directory, without workers."""
    os.environ[f"{PREFIX}DATA_DIR"] = str(data_dir)
    session.open_projects.clear()
    with (
        patch.object(app_test, "PagesManager", AfterStart),
        patch.object(Spawner, "ensure", lambda self, scope: None),
        patch.object(Spawner, "warm_up", lambda self: None),
    ):
        yield AppTest.from_file(str(APP / "app.py"), default_timeout=600)
    session.open_projects().store.close()
    session.open_projects.clear()


PARTS: dict[str, Callable[[Path, argparse.Namespace], None]] = {
    "team": team,
    "pages": pages,
    "many": many,
}


if __name__ == "__main__":
    sys.exit(main())
