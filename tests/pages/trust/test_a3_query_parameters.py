"""A3: whatever an address says, a page shows a sentence or what it shows without it."""

import ast
from pathlib import Path

import pytest

from state.heard import counted, measured, parameter, text
from state.labeling.second_look.review import SecondLook

ROOT = Path(__file__).parents[3]
ALL = ("project", "annotator", "item")
LISTED = ("label", "verdict", "order", "errors", "remarks")
PARAMETERS = {
    "label": ALL,
    "batch": ALL,
    "review": (*ALL, "queue"),
    "overview": ALL,
    "tune": (*ALL, "threshold", "cell", "near", "look", "prevalence", "objective", "fpr", "sure"),
    "explore": (*ALL, "wall", *(f"listed-{name}" for name in LISTED)),
    "models": (*ALL, "model", "first", "second"),
    "present": (*ALL, "caution"),
    "compare": (*ALL, "run", "first", "second", "flip"),
    "project": (*ALL, "import", "into"),
    "team": ALL,
}
VALUES = {
    "5,000 digits": "9" * 5_000,
    "20 digits": "9" * 20,
    "the largest": str(2**31 - 1),
    "negative": "-1",
    "infinite": "inf",
    "not a number": "nan",
    "Unicode digits": "\u0663\u00b2\u2460",
    "NUL": "\0",
    "markup": "<b>![i](x)</b>",
    "a path": "../../etc/passwd",
    "nothing": "",
}


class TestA3QueryParameters:
    @pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
    @pytest.mark.parametrize("page", PARAMETERS)
    def test_a_page_stands_whatever_its_address_says(self, shop, open_page, page, value):
        tab = open_page(page, **dict.fromkeys(PARAMETERS[page], value))
        assert not tab.exception
        assert all("Traceback" not in error.value for error in tab.error)

    @pytest.mark.parametrize("page", PARAMETERS)
    def test_a_repeated_parameter_is_one_of_them(self, shop, open_page, page):
        tab = open_page(page, **{key: ["1", "2", "x"] for key in PARAMETERS[page]})
        assert not tab.exception

    @pytest.mark.parametrize(
        "value", [*VALUES.values(), "\ud800", None, 3, ["1"], "1.5", " 1", "1_000", "+1"]
    )
    def test_the_one_reader_cannot_raise(self, value):
        for read in (counted, measured, text, SecondLook, str):
            parameter(value, read)
        item = parameter(value, counted)
        assert item is None or 0 <= item < 2**31

    def test_it_reads_what_makes_sense(self):
        assert parameter("007", counted) == 7
        assert parameter("-1.5e3", measured) == -1500.0
        assert parameter("flagged", SecondLook) is SecondLook.FLAGGED

    def test_nothing_else_reads_an_address(self):
        readers = set()
        for file in [ROOT / "app.py", *(ROOT / "pages").rglob("*.py"), *ROOT.glob("state/**/*.py")]:
            for node in ast.walk(ast.parse(file.read_text())):
                if reads_address(node):
                    readers.add(file.relative_to(ROOT).as_posix())
        # Over HTTP: these compare a key or a ticket, and the last one asks for a token.
        signed = {"pages/components/web/photos.py", "pages/components/team/changes.py"}
        token = {"pages/components/web/service.py"}
        assert readers - {"state/session.py"} == signed | token


def reads_address(node: ast.AST) -> bool:
    """Whether a node takes the value of a parameter out of the address, other than to drop it."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        named = node.func.attr in ("get", "get_all", "to_dict", "items", "values")
        return named and "query_params" in ast.unparse(node.func.value)
    loads = isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load)
    return loads and "query_params" in ast.unparse(node.value)  # type: ignore[attr-defined]
