"""Each name of a class stands for one thing, in the engine, the state and the pages."""

import ast
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OUR_OWN = ("anomaly_core", "state", "pages")


def named(source: str) -> dict[str, bool]:
    """The public types that a file defines at its top; whether each is a class."""
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef):
            found[node.name] = True
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id: False for target in targets if isinstance(target, ast.Name)}
    return {name: kind for name, kind in found.items() if name[0].isupper() and not name.isupper()}


def shared(sources: dict[str, str]) -> dict[str, list[str]]:
    """Names of classes that another file gives to something else, with the files."""
    places, classes = defaultdict(list), set()
    for file, source in sources.items():
        for name, is_class in named(source).items():
            places[name].append(file)
            classes |= {name} if is_class else set()
    return {name: places[name] for name in classes if len(places[name]) > 1}


def test_each_name_of_a_class_stands_for_one_thing():
    files = [file for place in OUR_OWN for file in sorted((ROOT / place).rglob("*.py"))]
    sources = {file.relative_to(ROOT).as_posix(): file.read_text() for file in files}
    assert len(sources) > 100
    assert shared(sources) == {}


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ("class Row: ...", "class Row: ...", ["a", "b"]),
        ("class Row: ...", "Row = tuple[int, str]", ["a", "b"]),
        ("class Row: ...", "Row: TypeAlias = tuple[int, str]", ["a", "b"]),
        ("Items = list[int]", "Items = list[int]", None),
        ("ROW = 1", "class ROW: ...", None),
        ("class _Row: ...", "class _Row: ...", None),
        ("class Row: ...", "from a import Row", None),
    ],
)
def test_a_name_for_two_things_is_seen(one, other, found):
    assert shared({"a": one, "b": other}).get("Row") == found
