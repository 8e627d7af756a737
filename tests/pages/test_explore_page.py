"""Explore's inspector, choice and galleries say what the published files hold."""

import json
from typing import Any

import numpy as np
import pytest
from workshop import Workshop

from state.explore.truth import reveal
from state.store.schema import Role
from state.workers.scorer import attribute
from state.workers.scorer_client import of_item, of_version


def said(tab) -> str:
    """All that the page says in words."""
    kinds = ("markdown", "caption", "info", "warning", "error", "success")
    return "\n".join(element.value for kind in kinds for element in getattr(tab, kind))


def press(tab, label: str):
    """Press the button that begins so."""
    return next(one for one in tab.button if one.label.startswith(label)).click().run()


@pytest.fixture(scope="module")
def taught_once(grow):
    """A project whose second model knows ten answers, some of them anomalous."""

    def steps(shop: Workshop) -> None:
        shop.answer(10, wrong=True)
        shop.projects.tend(shop.id)
        shop.work()
        assert shop.model.version == 2

    return grow(steps)


@pytest.fixture
def taught(open_shop, taught_once) -> Workshop:
    return open_shop(taught_once)


def test_an_item_is_inspected_by_its_address(taught: Workshop, open_page):
    item = 41
    reveal(taught.desk())
    tab = open_page("explore", item=str(item))
    scores = taught.array("models/2/scores")
    lower = 100 * np.mean(scores < scores[item])
    rank = 1 + np.sum(scores > scores[item])
    verdict = "anomalous" if scores[item] > np.quantile(scores, 0.9) else "normal"
    radii = np.sqrt(scores[item]) / taught.model.metrics["R"]
    assert f"**Looks {verdict}** to model 2: **{radii:.3g} R** from the center" in said(tab)
    assert f"**{lower:.1f} %** of the pool" in said(tab)
    assert f"number **{rank:,}** from the top" in said(tab)
    assert f"class {taught.array('truth/pool-classes')[item]}" in said(tab)
    assert "pretraining autoencoder" in said(tab)
    assert not tab.error


@pytest.mark.parametrize("item", ["350", "99999999"])
def test_an_item_that_is_none_is_one_sentence(shop: Workshop, open_page, item):
    tab = open_page("explore", item=item)
    plain = {error.value.replace("\\", "") for error in tab.error}
    assert plain == {f"There is no item {int(item):,}; items are numbered 0 to 349."}


def test_without_an_item_it_says_how_to_name_one(shop: Workshop, open_page):
    assert "Click an item on the map" in said(open_page("explore"))


def test_the_truth_is_told_only_to_who_asks(shop: Workshop, open_page):
    reveal(shop.desk())
    tab = open_page("explore", item="7")
    truth = next(one for one in tab.expander if one.label == "Show the truth")
    assert not truth.proto.expanded
    digit = shop.array("truth/pool-classes")[7]
    told = truth.caption[0].value.replace("\\", "")
    assert told.startswith(f"In truth: class {digit}, as it was written")


def test_a_number_opens_another_item(shop: Workshop, open_page):
    tab = open_page("explore")
    field = next(one for one in tab.number_input if one.label == "Item")
    field.set_value(7).run()
    assert tab.query_params["item"] in ("7", ["7"])
    scores = shop.array("models/1/scores")
    assert f"(score {scores[7]:.4g})" in said(tab)


def test_what_is_chosen_by_score_and_side_comes_first_on_the_desk(shop: Workshop, open_page):
    tab = open_page("explore")
    fields = {one.label: one for one in tab.number_input}
    fields["From percentile"].set_value(90.0)
    fields["to percentile"].set_value(97.0)
    press(tab, "Choose")
    scores = shop.array("models/1/scores")
    low, high = np.percentile(scores, [90, 97])
    expected = np.flatnonzero((scores >= low) & (scores <= high))
    expected = expected[np.argsort(-scores[expected], kind="stable")].tolist()
    assert f"**{len(expected)} chosen**, {len(expected)} of them to label" in said(tab)
    press(tab, f"Send {len(expected)} to Label")
    assert shop.desk().queue.tolist()[: len(expected)] == expected
    assert f"{len(expected)} items are in front" in said(tab)
    again = open_page("explore")  # after a reload
    assert f"{len(expected)} items are in front" in said(again)
    press(again, "Take them off again")
    assert "in front" not in said(again)
    assert shop.desk().wished == []


def test_what_is_answered_already_is_said_so(shop: Workshop, open_page):
    shop.answer(4)
    tab = open_page("explore")
    next(one for one in tab.number_input if one.label == "From percentile").set_value(0.0)
    press(tab, "Choose")
    assert "**350 chosen**, 346 of them to label (4 skipped: answered already)" in said(tab)


def test_an_attribution_that_was_kept_is_shown(shop: Workshop, open_page):
    tab = open_page("explore", item="41")
    assert any(one.label == "Compute it" for one in tab.button)
    gallery = shop.desk().gallery
    assert gallery is not None
    attribute(shop.settings.data_dir, of_version(gallery) | of_item(gallery, 41))
    tab = open_page("explore", item="41")
    assert not any(one.label == "Compute it" for one in tab.button)
    assert "the less a place looks like what is normal" in said(tab)
    assert "cannot be compared with the distance of the whole image" in said(tab)
    heatmaps = [one for one in tab.get("bidi_component") if '"least"' in one.proto.json]
    assert [json.loads(one.proto.json)["words"][0] for one in heatmaps] == [
        "brighter by",
        "this place",
    ]


@pytest.mark.parametrize("wall", ["boundary", "suspected", "worst-reconstructed"])
def test_every_gallery_has_an_address(taught: Workshop, open_page, wall):
    tab = open_page("explore", wall=wall)
    assert not tab.error
    assert not tab.exception


def table_of(tab) -> dict[str, Any]:
    """What the browser gets of the table of all images."""
    (found,) = (
        one for one in tab.get("bidi_component") if one.proto.component_name.endswith(".listing")
    )
    told: dict[str, Any] = json.loads(found.proto.json)
    return told


def test_the_table_lists_all_images_the_highest_score_first(taught: Workshop, open_page):
    table = table_of(open_page("explore", item="41"))
    scores = taught.array("models/2/scores")
    assert [row["item"] for row in table["rows"]] == np.argsort(-scores, kind="stable")[
        :50
    ].tolist()
    assert table["chosen"] == 41
    assert "File" not in [title for title, _ in table["columns"]]
    assert all(len(row["cells"]) == len(table["columns"]) - 1 for row in table["rows"])


def test_the_table_shows_what_its_address_says(taught: Workshop, open_page):
    labels = taught.desk().labels
    anomalous = labels.items[labels.y < 0].tolist()
    tab = open_page("explore", **{"listed-label": "Anomalous", "listed-order": "By item number"})
    rows = table_of(tab)["rows"]
    assert [row["item"] for row in rows] == anomalous
    assert {row["cells"][3] for row in rows} == {"anomalous"}
    assert f"1 to {len(rows)} of {len(rows)} images" in said(tab)


def test_where_no_image_is_like_that_it_says_so(shop: Workshop, open_page):
    assert "No image is like that." in said(open_page("explore", **{"listed-remarks": "true"}))


@pytest.mark.parametrize("role", list(Role))
def test_the_table_is_downloaded_by_owners_alone(shop: Workshop, open_page, role):
    who = shop.store.people.ensure("ada", role)
    (button,) = open_page("explore", annotator=str(who.id)).get("download_button")
    assert button.proto.disabled == (role is not Role.OWNER)
