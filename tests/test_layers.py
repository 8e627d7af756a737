"""Imports go one way: app.py and pages -> state -> anomaly_core. And files stay short."""

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = {"torch", "torchvision", "sqlalchemy", "alembic", "anomaly_core.detectors.deep_svdd"}
FORBIDDEN = {
    "anomaly_core": {"app", "pages", "state", "streamlit", "sqlalchemy", "alembic"},
    "state": {"app", "pages", "streamlit"},
    "pages": {"app", *PAGES},
    "app.py": PAGES,
    "ringfence": {"app", *PAGES},
}
ALLOWED = {("state/session.py", "streamlit")}  # the one place that may
STATE = (  # what stands earlier knows nothing of what stands later, nor of its neighbours
    ("errors",),
    ("settings", "scripts", "heard"),
    ("store",),
    ("files", "identity"),
    ("workers", "labeling"),
    ("projects", "quality", "explore", "exporting"),
    ("versions", "presentation"),
    ("upkeep",),
    ("session", "serve"),
)
MOST_FILES = 15  # in a folder
OUR_OWN = ("anomaly_core", "state", "pages", "app.py", "ringfence", "tests", "benchmarks")
LONGEST_PAGE, LONGEST = 120, 400  # lines


def python_files(*places: str) -> list[Path]:
    """Every Python file at or below the places, relative to the repository."""
    below = [file for place in places for file in sorted((ROOT / place).rglob("*.py"))]
    themselves = [ROOT / place for place in places if place.endswith(".py")]
    return [file.relative_to(ROOT) for file in below + themselves]


def imports_of(source: str, file: Path) -> set[str]:
    """Every module the source imports anywhere, and every name it takes from one, dotted."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            package = file.parts[:-1]
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*above, *filter(None, [node.module])])
            found |= {module} | {f"{module}.{alias.name}".lstrip(".") for alias in node.names}
    return found


def wrong_way(file: Path, source: str) -> set[str]:
    """Return the forbidden modules that a file imports."""
    imported = imports_of(source, file)
    return {
        module
        for module in FORBIDDEN[file.parts[0]]
        if (file.as_posix(), module) not in ALLOWED
        and any(name == module or name.startswith(f"{module}.") for name in imported)
    }


def offenders(find: Callable[[Path, str], set[str]], files: Iterable[Path]) -> dict[str, set[str]]:
    """What is wrong by file, where something is."""
    found = {file.as_posix(): find(file, (ROOT / file).read_text()) for file in files}
    return {file: wrong for file, wrong in found.items() if wrong}


def test_imports_point_down():
    assert offenders(wrong_way, python_files(*FORBIDDEN)) == {}


def part_of(module: str) -> str | None:
    """The part of `state` that a dotted module belongs to."""
    names = module.split(".")
    return names[1] if names[0] == "state" and len(names) > 1 else None


def unordered(file: Path, source: str) -> set[str]:
    """Return the modules of `state` that a file of `state` may not import by the order above."""
    me = part_of(dotted(file)) or ""
    height = {name: level for level, names in enumerate(STATE) for name in names}
    return {
        module
        for module in imports_of(source, file)
        if (part := part_of(module)) in height and part != me and height[part] >= height[me]
    }


def test_the_parts_of_state_build_on_each_other_in_one_order():
    files = set(python_files("state")) - {Path("state/__init__.py")}
    assert offenders(unordered, files) == {}


@pytest.mark.parametrize(
    ("file", "source", "found"),
    [
        (
            "state/store/a.py",
            "from state.files import artifacts",
            {"state.files", "state.files.artifacts"},
        ),
        ("state/workers/a.py", "import state.labeling.desk", {"state.labeling.desk"}),
        ("state/labeling/a.py", "from state.store.events import EventLog", set()),
        ("state/serve.py", "from state.settings import Settings", set()),
    ],
)
def test_a_part_that_knows_too_much_is_seen(file, source, found):
    assert unordered(Path(file), source) == found


def test_every_part_has_its_place_in_the_order():
    parts = {Path(file).parts[1].removesuffix(".py") for file in python_files("state")}
    assert parts - {"__init__"} == {name for names in STATE for name in names}


def scripts() -> list[Path]:
    """Every file of JavaScript that is ours, relative to the repository."""
    below = [file for place in ("pages", "state", "tests") for file in (ROOT / place).rglob("*.js")]
    return sorted(file.relative_to(ROOT) for file in below)


def test_folders_stay_small():
    files = [*python_files(*OUR_OWN), *scripts()]
    counts = Counter(file.parent.as_posix() for file in files)
    for large in ("anomaly_core/query/strategies", "tests"):
        counts.pop(large)
    assert len(counts) > 10
    assert {name: count for name, count in counts.items() if count > MOST_FILES} == {}


def test_there_is_something_in_each_layer():
    assert all(python_files(layer) for layer in FORBIDDEN)


@pytest.mark.parametrize(
    ("file", "source", "found"),
    [
        ("anomaly_core/a.py", "import state.store.store", {"state"}),
        ("anomaly_core/a.py", "from streamlit import cache_data", {"streamlit"}),
        ("anomaly_core/datasets/a.py", "from ... import state", {"state"}),
        ("anomaly_core/a.py", "def f():\n    import sqlalchemy as sa", {"sqlalchemy"}),
        ("anomaly_core/a.py", "import statement, pagesize", set()),
        ("state/a.py", "import streamlit as st", {"streamlit"}),
        ("state/session.py", "import streamlit as st", set()),
        ("state/session.py", "import pages.components.theme", {"pages"}),
        ("state/a.py", "from . import session\nfrom anomaly_core import losses", set()),
        ("pages/a.py", "from torch import nn", {"torch"}),
        ("pages/components/a.py", "from sqlalchemy.orm import Session", {"sqlalchemy"}),
        (
            "pages/a.py",
            "from anomaly_core.detectors import deep_svdd",
            {"anomaly_core.detectors.deep_svdd"},
        ),
        ("app.py", "if x:\n    import torch.nn", {"torch"}),
        ("app.py", "from state import projects\nfrom anomaly_core import thresholds", set()),
    ],
)
def test_an_arrow_that_points_up_is_seen(file, source, found):
    assert wrong_way(Path(file), source) == found


def dotted(file: Path) -> str:
    return ".".join(file.with_suffix("").parts)


@pytest.mark.process
def test_pages_and_what_they_need_load_no_torch():
    components = [dotted(file) for file in python_files("pages/components")]
    assert len(components) > 3
    modules = [
        "state.projects.projects",
        "state.labeling.desk",
        "state.quality.tuning",
        *components,
    ]
    code = f"import sys, {', '.join(modules)}; print(*sorted(sys.modules))"
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {"state.projects.projects", components[0]} <= set(loaded.split())
    assert not {"torch", "torchvision"} & set(loaded.split())


def too_long(file: Path, source: str) -> set[str]:
    lines = len(source.splitlines())
    most = LONGEST_PAGE if file.parent == Path("pages") else LONGEST
    return {f"{lines} lines"} if lines > most else set()


def test_files_stay_short():
    assert offenders(too_long, [*python_files(*OUR_OWN), *scripts()]) == {}


@pytest.mark.parametrize(
    ("file", "lines", "found"),
    [
        ("pages/a.py", 120, set()),
        ("pages/a.py", 121, {"121 lines"}),
        ("pages/components/a.py", 400, set()),
        ("state/a.py", 401, {"401 lines"}),
        ("pages/components/label/a.js", 401, {"401 lines"}),
    ],
)
def test_a_file_that_is_too_long_is_seen(file, lines, found):
    assert too_long(Path(file), "\n" * lines) == found
