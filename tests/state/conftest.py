"""A fresh store for every test, on SQLite and, if its URL is given, on PostgreSQL too.

Set RINGFENCE_TEST_POSTGRES_URL to an empty database to run the store tests there as well; every
test gets a schema of its own.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from forked_worker import Worker
from label_desk import Desk
from sqlalchemy import create_engine, make_url, text
from workshop import DIGITS, Workshop, write_idx

from anomaly_core.datasets.scenario import Scenario
from anomaly_core.detectors.base import Family
from state.projects.projects import ProjectForm
from state.settings import Settings
from state.store.database import parse_url
from state.store.store import Store

POSTGRES_URL = os.environ.get("RINGFENCE_TEST_POSTGRES_URL")
BACKENDS = ["sqlite", "postgresql"] if POSTGRES_URL else ["sqlite"]


class FakeClock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self, _connection: object = None) -> float:
        """The time; leases are judged by what the database says, which is this clock as well."""
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A directory in memory where there is one: a killed process loses nothing there either."""
    in_memory = Path("/dev/shm")
    place = in_memory if os.access(in_memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=place, prefix="ringfence-test-") as directory:
        yield Path(directory)


@pytest.fixture
def sqlite_settings(scratch: Path) -> Settings:
    return Settings(_env_file=None, data_dir=scratch / "data", database_url=None)


def _fresh_schema(name: str) -> str:
    """The URL of a new schema in the PostgreSQL database under test."""
    url = parse_url(str(POSTGRES_URL))
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA IF EXISTS {name} CASCADE"))
        connection.execute(text(f"CREATE SCHEMA {name}"))
    engine.dispose()
    url = url.update_query_dict({"options": f"-csearch_path={name}"})
    return url.render_as_string(hide_password=False)


def _drop_schema(url: str) -> None:
    name = str(make_url(url).query["options"]).partition("=")[2]
    engine = create_engine(parse_url(str(POSTGRES_URL)))
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    engine.dispose()


@pytest.fixture(params=BACKENDS)
def new_settings(request: pytest.FixtureRequest, scratch: Path) -> Iterator[Callable[[], Settings]]:
    """Each call gives the settings of another empty store."""
    urls: list[str] = []
    numbers = count()

    def build() -> Settings:
        number = next(numbers)
        if request.param == "postgresql":
            urls.append(_fresh_schema(f"test_{os.getpid()}_{number}"))
        return Settings(
            _env_file=None,
            data_dir=scratch / f"data{number}",
            database_url=urls[-1] if urls else None,
        )

    yield build
    for url in urls:
        _drop_schema(url)


@pytest.fixture
def settings(new_settings: Callable[[], Settings]) -> Settings:
    return new_settings()


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an empty database; migrating each test's own costs more than most tests."""
    data_dir = tmp_path_factory.mktemp("blank") / "data"
    with Store.open(Settings(_env_file=None, data_dir=data_dir, database_url=None)):
        pass
    (file,) = data_dir.glob("*.db")
    return file


def begin_blank(data_dir: Path, blank: Path) -> None:
    data_dir.mkdir()
    shutil.copy(blank, data_dir)


@pytest.fixture
def store(settings: Settings, clock: FakeClock, blank: Path) -> Iterator[Store]:
    if settings.database_url is None:
        begin_blank(settings.data_dir, blank)
    with Store.open(settings, clock=clock, lease_clock=clock) as opened:
        yield opened
        assert opened.integrity_problems() == []


@pytest.fixture(scope="session")
def workers() -> Iterator[list[Worker]]:
    """Four processes to share a store with."""
    team = [Worker() for _ in range(4)]
    for worker in team:
        worker.wait_ready()
    yield team
    for worker in team:
        worker.close()


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


@pytest.fixture
def open_workshop(scratch: Path, blank: Path) -> Iterator[Callable[..., Workshop]]:
    """Each call opens another workshop; at the end every store must be in order."""
    numbers = count()
    with ExitStack() as stack:

        def build(form: ProjectForm | None = None, copy_of: Path | None = None) -> Workshop:
            data_dir = scratch / f"workshop{next(numbers)}"
            if copy_of is None:
                begin_blank(data_dir, blank)
            else:
                shutil.copytree(copy_of, data_dir)
            return stack.enter_context(Workshop(data_dir, form or DIGITS))

        yield build


@pytest.fixture
def workshop(open_workshop: Callable[..., Workshop], prepared: Path) -> Workshop:
    """A copy of the default project with its first model, all its own."""
    return open_workshop(copy_of=prepared)


@pytest.fixture(scope="session")
def idx_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three easy classes of 8x8 images in the four IDX files."""
    folder = tmp_path_factory.mktemp("idx")
    rng = np.random.default_rng(0)
    for stem, each in (("train", 100), ("t10k", 20)):
        labels = np.repeat(np.arange(3, dtype=np.uint8), each)
        images = rng.integers(0, 60, (len(labels), 8, 8), np.uint8)
        images[np.arange(len(labels)), 2 * labels + 1] += 180  # a bright row tells the class
        write_idx(folder / f"{stem}-images-idx3-ubyte", images)
        write_idx(folder / f"{stem}-labels-idx1-ubyte", labels)
    return folder


@pytest.fixture(scope="session")
def tiny(idx_folder: Path) -> ProjectForm:
    """A form for a project whose first model takes no time; its pool has 100 items."""
    scenario = Scenario(dataset="idx", normal=(0,))
    return ProjectForm(
        name="rows",
        scenario=scenario,
        family=Family.DEEP_SVDD,
        budget=20,
        batch_size=5,
        root=idx_folder,
    )


@pytest.fixture
def tiny_workshop(open_workshop, tiny):
    """Not yet prepared; `workshop.prepare()` takes a moment."""
    return open_workshop(tiny)
