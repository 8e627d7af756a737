"""The app on a data directory of its own, with a project that is ready for labeling."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from older_data import unpack
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest, app_test
from workshop import Workshop

from state import session
from state.workers.scorer_client import Scoring
from state.workers.spawn import Spawner

APP = str(Path(__file__).resolve().parents[2] / "app.py")


@pytest.fixture(scope="session", autouse=True)
def _packages_are_read_once() -> Iterator[None]:
    """For each new tab, Streamlit would read what every installed package says of itself."""
    found = manifest_scanner.scan_component_manifests()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", lambda: found)
        yield


@pytest.fixture
def open_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Workshop]]:
    """Open the app on a copy of a data directory; no trainer is started for it."""
    with ExitStack() as stack:

        def open_(copy_of: Path) -> Workshop:
            data_dir = tmp_path / "data"
            shutil.copytree(copy_of, data_dir)
            stack.enter_context(use(data_dir, monkeypatch))
            return stack.enter_context(Workshop(data_dir))

        yield open_


@pytest.fixture
def shop(open_shop: Callable[..., Workshop], prepared: Path) -> Workshop:
    """The project behind the pages, with its first model."""
    return open_shop(prepared)


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data directory that nothing was written to yet."""
    with use(tmp_path / "data", monkeypatch):
        yield tmp_path / "data"


@pytest.fixture
def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A data directory of the version before."""
    data_dir, _ = unpack(tmp_path)
    with use(data_dir, monkeypatch):
        yield


class use:  # noqa: N801
    """Point the app at a data directory, and close what it opened there."""

    def __init__(self, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("RINGFENCE_DATA_DIR", str(data_dir))
        monkeypatch.setenv("RINGFENCE_MINIMUM_VIEW_MS", "0")
        monkeypatch.setenv("RINGFENCE_STALE_SECONDS", "600")  # a busy machine is no dead worker
        monkeypatch.setattr(Spawner, "ensure", lambda self, scope: None)
        monkeypatch.setattr(Spawner, "warm_up", lambda self: None)
        monkeypatch.setattr(Scoring, "warm_up", lambda self: False)
        session.open_projects.clear()

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        try:
            session.open_projects().store.close()
        finally:
            session.open_projects.clear()


@pytest.fixture(autouse=True)
def own_main() -> Iterator[None]:
    """Streamlit puts the script in the place of `__main__`, which new processes would import."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


class AfterStart(PagesManager):
    """Knows from the start, as in a server that has imported `app.py`, who declares the pages."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        PagesManager.uses_pages_directory = False


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Open a page of the app as a new tab does; `states` are what its components say at once."""
    monkeypatch.setattr(app_test, "PagesManager", AfterStart)

    def open_(
        page: str = "label", states: Mapping[str, Any] | None = None, **query: str
    ) -> AppTest:
        assert "RINGFENCE_DATA_DIR" in os.environ, "the test needs a data directory of its own"
        tab = AppTest.from_file(APP, default_timeout=60)
        for name, value in query.items():
            tab.query_params[name] = value
        for name, value in (states or {}).items():
            tab.session_state[name] = value
        (tab if page == "label" else tab.switch_page(f"pages/{page}.py")).run()
        assert not tab.exception
        return tab

    return open_
