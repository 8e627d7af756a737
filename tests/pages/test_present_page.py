"""Present says what the model does, keeps its step in the address, and changes nothing."""

import json

import numpy as np
import pytest
from scipy.stats import binomtest
from workshop import Workshop


def sent(tab):
    """What the browser got."""
    return json.loads(tab.main.get("bidi_component")[0].proto.json)


def sentences(step):
    return ["".join(one.values()) for one in step["said"]]


def test_the_sentences_of_every_step_are_what_numpy_and_scipy_say(shop: Workshop, open_page):
    truth = shop.array("truth/test")
    scores = shop.array("models/1/test-scores").astype(float)
    data = sent(open_page("present"))
    for step in data["steps"]:
        threshold = step["radius"] ** 2
        missed = int((scores[truth < 0] <= threshold).sum())
        found = binomtest(missed, int((truth < 0).sum())).proportion_ci(0.95, method="exact")
        flags, misses, _ = sentences(step)
        alarmed = (scores[truth > 0] > threshold).mean()
        share = 0.1 * (1 - missed / (truth < 0).sum()) + 0.9 * alarmed
        assert flags.startswith("Of 1,000 images, 100 of them anomalous, it flags ")
        if 0.001 < share < 0.999:
            assert flags.endswith(f" {np.floor(1_000 * share + 0.5):,.0f}.")
        low, high = np.floor(100 * found.low + 1e-9), np.ceil(100 * found.high - 1e-9)
        assert misses.endswith(f", between {low:.0f} and {high:.0f}.")
        counts = {cell["cell"]: cell["count"] for cell in step["cells"]}
        assert counts["missed"] == f"{missed:,}"
        assert counts["false-alarm"] == f"{(scores[truth > 0] > threshold).sum():,}"


@pytest.mark.parametrize(
    ("asked", "caution"), [("3", 3), ("-2", -2), ("", 0), ("much", 0), ("1e9", 0), ("9999", 99)]
)
def test_the_step_in_the_address_is_where_it_opens(shop, open_page, asked, caution):
    tab = open_page("present", caution=asked)
    assert sent(tab)["caution"] == caution
    assert not tab.error


def test_the_name_of_the_project_stands_there_as_it_was_typed(shop: Workshop, open_page):
    assert sent(open_page("present"))["title"] == shop.store.projects.get(shop.id).name


def test_nothing_on_the_page_can_change_anything(shop: Workshop, open_page):
    tab = open_page("label")
    shop.answer(10)  # a round is due, which another page would begin
    before = shop.store.events.since(shop.id), shop.store.models.all(shop.id)
    tab.switch_page("pages/present.py").run()
    assert not tab.exception
    assert (shop.store.events.since(shop.id), shop.store.models.all(shop.id)) == before
    assert shop.queue.next() is None
    fields = ("button", "text_input", "text_area", "selectbox", "checkbox", "toggle", "radio")
    assert [one for kind in fields for one in tab.main.get(kind)] == []
    assert len(tab.main.get("download_button")) == 2


def test_before_the_first_model_it_says_so_and_starts_nothing(empty, open_page):
    tab = open_page("present")
    assert tab.title[0].value == "Present"
    assert "first model is being prepared" in tab.info[0].value
