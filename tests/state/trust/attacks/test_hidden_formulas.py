"""A formula stays text where letters that nobody sees, or wide ones, begin it."""

import csv
import io

import pytest

from state.files.sheet import sheet

UNSEEN = [
    *("", " ", "\u00a0", "\u200b", "\ufeff", "\u3000", "\u2003", "\u200e", "\x0b", "\u2060 "),
    *("\u061c", "\ufe0f", "\u3164", "\x01", "\U000e0001"),
]


class TestHiddenFormulas:
    @pytest.mark.parametrize("before", UNSEEN, ids=ascii)
    @pytest.mark.parametrize("sign", "=+-@＝＋－＠")
    def test_nothing_unseen_brings_a_formula_in(self, before, sign):
        typed = f"{before}{sign}cmd|' /C calc'!A0"
        ((_,), (cell,)) = csv.reader(io.StringIO(sheet(["note"], [[typed]])))
        assert cell == f"'{typed}"

    @pytest.mark.parametrize("cut", [";", "\t"])
    def test_a_cell_that_is_cut_there_begins_with_none(self, cut):
        ((_,), (cell,)) = csv.reader(io.StringIO(sheet(["note"], [[f"a{cut}=cmd{cut}b"]])))
        assert cell == f"a{cut}'=cmd{cut}b"

    def test_other_text_is_as_it_was(self):
        assert sheet(["note"], [["\u200ba=b"], [3], [None]]) == 'note\n\u200ba=b\n3\n""\n'
