"""A2: whatever a component of a page is made to say, the page stands."""

import pytest

LONG = "x" * 5_000_000
DEEP = [[[[["x"]]]]]
SAID = [LONG, 2**70, -1, float("inf"), DEEP, "\ud800", {"key": DEEP, "items": 3}, True]


def brief(value: object) -> str:
    return ascii(value)[:8]


class TestA2Components:
    """What any component of a page may be made to say; the page must stand whatever it is."""

    @pytest.mark.parametrize("page", ["label", "batch", "explore", "tune", "present"])
    @pytest.mark.parametrize("value", SAID, ids=brief)
    def test_a_page_stands_whatever_its_components_say(self, shop, open_page, page, value):
        names = ("view", "outbox", "keys", "chosen", "opened", "threshold", "cell", "near")
        said = {**dict.fromkeys((*names, "caution", "drawing"), value)}
        components = ("pump", "labeller", "grid", f"map-{shop.id}", "board", "story", "sketch")
        tab = open_page(page, states=dict.fromkeys(components, said))
        assert not tab.exception

    @pytest.mark.parametrize("value", SAID, ids=brief)
    def test_an_outbox_of_any_form_stops_nothing(self, shop, open_page, value):
        for outbox in (value, {"number": value, "events": []}, {"number": "n", "events": value}):
            tab = open_page(states={"pump": {"outbox": outbox}})
            assert not tab.exception
            assert not tab.error
