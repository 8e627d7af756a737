"""A formula stays text where letters that nobody sees, or wide ones, begin it."""

import csv
import io

import pytest

from state.files.sheet import sheet

UNSEEN = ["", " ", "\u00a0", "\u200b", "\ufeff", "\u3000", "\u2003", "\u200e", "\x0b", "\u2060 "]


class TestHiddenFormulas:
    @pytest.mark.parametrize("before", UNSEEN, ids=ascii)
    @pytest.mark.parametrize("sign", "=+-@＝＋－＠")
    def test_nothing_unseen_brings_a_formula_in(self, before, sign):
        typed = f"{before}{sign}cmd|' /C calc'!A0"
        ((_,), (cell,)) = csv.reader(io.StringIO(sheet(["note"], [[typed]])))
        assert cell == f"'{typed}"

    def test_other_text_is_as_it_was(self):
        assert sheet(["note"], [["\u200ba=b"], [3], [None]]) == 'note\n\u200ba=b\n3\n""\n'
