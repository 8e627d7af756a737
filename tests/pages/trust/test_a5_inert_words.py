"""A5: what people type is shown as they typed it, and runs nowhere."""

import csv
import io
import re

import pytest
from own_pile import brought_in, write_pile
from page_text import words
from workshop import Workshop

from pages.components.own.report import as_csv
from pages.components.text import left_open, literal
from state.files.sheet import inert, sheet
from state.presentation.opening import opening_of
from state.presentation.page import to_html
from state.presentation.pdf import to_pdf
from state.presentation.present import presentation_of
from state.projects.projects import ProjectForm
from state.projects.report import report_of
from state.store.people import MACHINE
from state.store.schema import Role

HOSTILE = {
    "html": "<img src=x onerror=alert(1)><script>alert(1)</script>",
    "markdown": "**b** [l](https://evil.example) ![i](https://evil.example/i.png) `c` $x$ :red[r]",
    "line separators": "a\u2028b\u2029c",
    "right to left": "abc\u202egnp.exe",
    "breaks out": "abc\u2069\u202edef",
    "formula": "=cmd|'/c calc'!A1",
    "closing": "</script></style>-->]]>",
}
PAGES = ("label", "review", "overview", "tune", "explore", "models", "present", "project", "team")


@pytest.fixture(scope="module", params=HOSTILE.values(), ids=list(HOSTILE))
def said(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class TestA5InertWords:
    def test_markdown_takes_nothing_for_formatting(self, said):
        shown = literal(said)
        assert not re.search(r"(?<!\\)[<*\[`$:_!]", shown)
        assert shown.replace("\\", "").startswith(said)

    def test_text_that_turns_letters_turns_only_itself(self, said):
        assert left_open(literal(said)) == ""
        assert left_open("a\u202eb\u202c") == left_open("a\u2067\u202eb\u2069") == ""
        assert left_open("a\u2067\u202eb") == "\u202c\u2069"

    @pytest.mark.parametrize("page", PAGES)
    def test_names_reasons_notes_and_guidelines_on_every_page(
        self, shop: Workshop, open_page, page
    ):
        every = " ".join(HOSTILE.values())[:250]
        shop.projects.create(ProjectForm(name=every, guidelines=every), MACHINE)
        ada = shop.store.people.ensure(every, Role.OWNER)
        tab = open_page(page, item="3", annotator=str(ada.id))
        assert not tab.exception
        for element in (*tab.markdown, *tab.caption, *tab.sidebar.markdown, *tab.sidebar.caption):
            assert not re.search(r"(?<!\\)<img|(?<!\\)<script|(?<!\\)!\[", element.value)
        for element in tab.get("html"):
            assert "<script" not in element.proto.body
            assert "<img src=x" not in element.proto.body
        assert "Traceback" not in words(tab)

    def test_a_file_of_a_presentation(self, shop: Workshop, said):
        opening = opening_of(shop.desk())
        assert opening is not None
        told = presentation_of(opening)
        object.__setattr__(told, "project", said)
        object.__setattr__(told, "guidelines", said)
        page = to_html(told, 0).decode()
        assert page.count("<script") == page.count("</script>")
        assert "<img src=x" not in page
        assert to_pdf(told, 0).startswith(b"%PDF")

    @pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r=", " =", "\u2028="])
    def test_no_cell_of_a_sheet_is_run(self, start):
        cell = f"{start}cmd|'/c calc'!A1"
        (_, (first, second)) = list(csv.reader(io.StringIO(sheet(("a", "b"), [(cell, 3)]), "")))
        assert first.startswith("'")
        assert second == "3"
        assert inert(-3.5) == -3.5
        assert inert("good/001.jpg") == "good/001.jpg"

    def test_names_of_files_in_a_report(self, tmp_path):
        pile = write_pile(tmp_path / "pile", 3, 1)
        (pile / "good" / "=cmd|calc.jpg").write_bytes(b"no image")
        (pile / "=2+3.jpg").write_bytes(b"no image")
        told = report_of(brought_in(tmp_path, pile))
        cells = [cell for row in csv.reader(io.StringIO(as_csv(told))) for cell in row]
        assert any("=2+3.jpg" in cell for cell in cells)
        assert not any(cell.startswith(("=", "+", "@")) for cell in cells)
