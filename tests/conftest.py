"""What every test shares: torch keeps to one thread, and no test does more than its marks say.

A test that trains or starts a process is marked `trains` or `process`: by a fixture that does it,
see `DONE_BY`, or by hand. One without the mark is stopped as soon as it does it all the same, so
that `make quick`, which leaves the marked ones out, stays quick.
"""

import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import torch
from joblib import cpu_count
from once import once
from torch.optim.optimizer import register_optimizer_step_pre_hook

torch.set_num_threads(1)
cpu_count(only_physical_cores=True)  # asks a process once; no test is to be the first that needs it

DONE_BY = {  # fixtures that do it, by mark
    "trains": {"fitted_once", "prepared", "prepared_places", "prepared_own"},
    "process": {"workers"},
}
STARTS = {"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn"}  # as Python audits them
running: list[pytest.Item] = []


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Give each test the marks of its fixtures; one with a browser does everything."""
    for item in items:
        asked = set(getattr(item, "fixturenames", ()))
        for mark, fixtures in DONE_BY.items():
            if asked & fixtures or item.get_closest_marker("browser"):
                item.add_marker(mark)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Remember which test is under way, its fixtures included."""
    running[:] = [item]
    try:
        return (yield)
    finally:
        running.clear()


def require(mark: str) -> None:
    """Fail the test under way unless it has the mark."""
    if running and not running[0].get_closest_marker(mark):
        pytest.fail(f"This test needs the mark `{mark}`; see tests/conftest.py.")


sys.addaudithook(lambda event, _: require("process") if event in STARTS else None)
register_optimizer_step_pre_hook(lambda *_: require("trains"))


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of the default project with its first model, to be copied."""
    from workshop import Workshop  # here, as tests of the engine alone need no database

    def make(data_dir: Path) -> None:
        with Workshop(data_dir) as opened:
            opened.work()

    return once(tmp_path_factory, "prepared", make)


@pytest.fixture(scope="session")
def prepared_places(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same of a project whose model draws maps of distances, and reconstructs nothing."""
    from workshop import PLACES, Workshop

    def make(data_dir: Path) -> None:
        with Workshop(data_dir, PLACES) as opened:
            opened.work()

    return once(tmp_path_factory, "prepared-places", make)


@pytest.fixture(scope="session")
def prepared_own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same of a project whose images a person brought, and whose truth nobody knows."""
    from own_pile import write_pile
    from workshop import Workshop, of_own_images

    pile = once(tmp_path_factory, "pile", write_pile)

    def make(data_dir: Path) -> None:
        with Workshop(data_dir, of_own_images(data_dir, pile)) as opened:
            opened.work()

    return once(tmp_path_factory, "prepared-own", make)


@pytest.fixture(scope="session")
def grow(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Return what makes a data directory, to be copied, of the prepared one and more steps."""
    from workshop import Workshop

    def grow_(steps: Callable[[Workshop], object]) -> Path:
        data_dir = tmp_path_factory.mktemp("grown") / "data"
        shutil.copytree(prepared, data_dir)
        with Workshop(data_dir) as opened:
            steps(opened)
        return data_dir

    return grow_


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Undo what a test of the command line, which picks a number for its machine, leaves behind."""
    yield
    torch.set_num_threads(1)
