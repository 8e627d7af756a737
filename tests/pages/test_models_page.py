"""The Models page says what the store and the files say, and does what its buttons say."""

import base64
import json
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
from page_text import words
from scipy.stats import spearmanr
from sklearn.metrics import average_precision_score, roc_auc_score
from some import some
from streamlit.testing.v1 import AppTest
from workshop import Workshop

from anomaly_core.threshold.intervals import auroc_interval
from pages.components.theme import PAPER
from state.store.schema import Role
from state.versions.lineage import Lineage

CONFIGURATION = Path(__file__).parents[2] / ".streamlit" / "config.toml"
PICTURE = re.compile(r'alt="(Item \d+, percentile [^"]+)"')


@pytest.fixture(scope="module")
def branched_once(grow):
    """Four versions; the last was trained on from the second and serves."""

    def steps(shop: Workshop) -> None:
        rounds = shop.rounds()
        for version in (2, 3, 4):
            shop.answer(10, wrong=version == 3)
            if version == 4:
                Lineage(shop.projects, shop.store.projects.get(shop.id)).roll_back(2, shop.me)
            rounds.update([])

    return grow(steps)


@pytest.fixture
def branched(open_shop, branched_once) -> Workshop:
    return open_shop(branched_once)


def tables(tab: AppTest) -> list[list[list[str]]]:
    """The cells of each table on the page."""
    found = [html for html in markup(tab) if "<table" in html]
    return [
        [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall("<tr>.*?</tr>", html)][1:]
        for html in found
    ]


def markup(tab: AppTest) -> list[str]:
    return [element.proto.body for element in tab.get("html")]


def press(tab: AppTest, label: str) -> None:
    next(button for button in tab.button if button.label == label).click().run()
    assert not tab.exception
    assert not tab.error


def metric(tab: AppTest, label: str) -> str:
    return next(one.value for one in tab.metric if one.label == label)


def test_the_table_lists_every_version_with_its_figures(branched, open_page):
    tab = open_page("models")
    anomalous = branched.array("truth/test") < 0
    rows = tables(tab)[0]
    assert [(row[0], row[1], row[2]) for row in rows] == [
        ("4", "in use", "model 2"),
        ("3", "left behind", "model 2"),
        ("2", "", "model 1"),
        ("1", "", "the start"),
    ]
    for row in rows:
        scores = branched.array(f"models/{row[0]}/test-scores")
        sure = some(auroc_interval(branched.array("truth/test"), scores))
        told = f"{roc_auc_score(anomalous, scores):.4f} ({sure.low:.3f} to {sure.high:.3f})"
        assert row[5] == told
        assert row[6] == f"{average_precision_score(anomalous, scores):.4f}"
        assert row[7] == "too few answers yet"  # nothing is audited here
    assert [row[4] for row in rows] == ["30", "20", "10", "0"]
    assert "**Model 4** is in use" in words(tab)


def test_a_table_that_goes_on_beyond_the_edge_is_shaded_there(branched, open_page):
    (table, *_) = [html for html in markup(open_page("models")) if 'aria-label="Versions"' in html]
    assert table.count("no-repeat local") == table.count("no-repeat scroll") == 2
    themes = tomllib.loads(CONFIGURATION.read_text())["theme"]
    assert {name: themes[name]["backgroundColor"] for name in PAPER} == PAPER
    assert table.count(PAPER["light"]) == 2


def test_the_comparison_counts_and_shows_what_flips(branched, open_page):
    tab = open_page("models", first="3", second="4")
    assert [box.value for box in tab.selectbox if "model" in box.label] == [3, 4]
    first, second = (branched.array(f"models/{version}/scores") for version in (3, 4))
    one, other = (scores > np.quantile(scores, 0.9) for scores in (first, second))
    assert metric(tab, "Verdicts that flip") == f"{(one != other).sum()} of {len(first)}"
    assert metric(tab, "Rank correlation") == f"{spearmanr(first, second)[0]:.3f}"
    assert metric(tab, "New or changed answers") == "10"
    rows = [PICTURE.findall(html) for html in markup(tab) if "percentile" in html]
    items = [{int(re.findall(r"\d+", alt)[0]) for alt in row} for row in rows]
    newly, formerly = np.flatnonzero(other & ~one), np.flatnonzero(one & ~other)
    assert items[0] == set(newly.tolist())
    assert items[1] == set(formerly.tolist())
    for alt in [alt for row in rows for alt in row]:
        item, before, after = map(int, re.findall(r"\d+", alt))
        assert before == round(100 * (first < first[item]).mean())
        assert after == round(100 * (second < second[item]).mean())
    assert f"passed by model 3 · {len(newly)}**" in words(tab)


def test_both_versions_of_a_comparison_go_into_the_address(branched, open_page):
    tab = open_page("models")
    next(box for box in tab.selectbox if box.label == "Compare model").set_value(1).run()
    assert (tab.query_params["first"], tab.query_params["second"]) == ("1", "4")
    next(box for box in tab.selectbox if box.label == "with model").set_value(1).run()
    assert "same version" in words(tab)


@pytest.mark.parametrize("nonsense", ["9", "x", "-1", "9" * 40])
def test_nonsense_in_the_address_shows_the_usual_versions(branched, open_page, nonsense):
    tab = open_page("models", first=nonsense, second=nonsense, model=nonsense)
    assert [box.value for box in tab.selectbox] == [4, 2, 4]


def test_a_version_is_rolled_back_to_after_a_question(branched, open_page):
    tab = open_page("models")
    next(box for box in tab.selectbox if box.label == "Version").set_value(1).run()
    assert tab.query_params["model"] == "1"
    assert "begins after 10 more answers" in words(tab)
    assert branched.model.version == 4
    field = next(one for one in tab.text_input if one.label == "Why, if you like")
    field.input("Too strict.")
    press(tab, "Yes, use model 1")
    assert branched.model.version == 1
    assert "Model 1 is in use now" in tab.toast[0].value.replace("\\", "")
    assert "**Model 1** is in use" in words(tab)
    assert tables(tab)[1][0][2:] == ["chose model 1 for use", "Too strict."]
    assert branched.queue.next() is None


def test_other_pages_follow_a_roll_back(branched, open_page):
    Lineage(branched.projects, branched.store.projects.get(branched.id)).roll_back(2, branched.me)
    tab = open_page("overview")
    anomalous = branched.array("truth/test") < 0
    auroc = roc_auc_score(anomalous, branched.array("models/2/test-scores"))
    assert metric(tab, "Model version") == "2"
    assert metric(tab, "AUROC on held-out images") == f"{auroc:.3f}"
    assert "Model 2, trained on 10 answers" in words(tab)
    assert "Label 10 more to teach the next model" in words(tab)
    board = json.loads(open_page("tune").main.get("bidi_component")[0].proto.json)
    scores = np.frombuffer(base64.b64decode(board["scores"]["pool"]), "<f4")
    assert np.array_equal(scores, np.sort(branched.array("models/2/scores")))


def test_a_version_is_named_for_production_with_a_reason(branched, open_page):
    tab = open_page("models")
    press(tab, "Yes, model 4 is for production")
    assert "Say in a few words why" in tab.toast[0].value
    assert branched.store.promotions.production(branched.id) is None
    next(one for one in tab.text_input if one.label == "Why this one").input("<b>*Best*</b>")
    press(tab, "Yes, model 4 is for production")
    named = branched.store.promotions.production(branched.id)
    assert (named.version, named.author, named.reason) == (4, "you", "<b>*Best*</b>")
    assert tables(tab)[0][0][1] == "in use, in production"
    assert r"“\<b\>\*Best\*\<\/b\>”" in words(tab)


def test_only_an_owner_finds_the_buttons_enabled(branched, open_page):
    ben = branched.store.people.ensure("ben", Role.ANNOTATOR)
    tab = open_page("models", annotator=str(ben.id))
    assert "Only an owner may choose" in words(tab)
    # Disabled popovers cannot be opened; what a hurried page still sends is refused.
    press(tab, "Yes, model 4 is for production")
    assert branched.store.promotions.production(branched.id) is None


def test_a_damaged_version_is_one_sentence_and_stays_back(branched, open_page):
    (branched.version_folder(1) / "model.safetensors").write_bytes(b"none")
    tab = open_page("models")
    next(box for box in tab.selectbox if box.label == "Version").set_value(1).run()
    assert ["missing or damaged" in one.value for one in tab.warning] == [True]
    (download,) = tab.get("download_button")
    assert download.proto.disabled
    press(tab, "Yes, use model 1")
    assert "missing or damaged" in tab.toast[0].value
    assert branched.model.version == 4


def test_missing_scores_are_told_in_their_place(branched, open_page):
    (branched.version_folder(3) / "scores.npy").unlink()
    branched.set_aside(branched.store.events.labels(branched.id).items)
    tab = open_page("models")
    next(box for box in tab.selectbox if box.label == "Compare model").set_value(3).run()
    assert not tab.exception
    assert [("scores" in one.value, "missing" in one.value) for one in tab.error] == [(True, True)]
    estimates = {row[0]: row[7] for row in tables(tab)[0]}
    assert [version for version in estimates if estimates[version] == "undefined"] == ["3"]


@pytest.mark.parametrize("page", ["models", "overview"])
def test_the_reason_for_its_scores_is_told_of_the_model_in_use(shop, open_page, page):
    reason = "80 % of the score comes from what was learned from drawn pictures."
    assert "of the score comes" not in words(open_page(page))
    shop.remeasure(shop.model.version, shop.model.metrics | {"reason": reason})
    tab = open_page(page)
    assert words(tab).replace("\\", "").count(reason) == 1
    assert not tab.warning


def test_one_version_has_nothing_to_compare_with(shop, open_page):
    tab = open_page("models")
    assert "a comparison needs two" in words(tab)
    assert [box.label for box in tab.selectbox] == ["Version"]


def test_the_chart_of_two_versions_has_the_percentiles_of_every_item(branched, open_page):
    tab = open_page("models", first="2", second="4")
    (chart,) = [json.loads(one.proto.json) for one in tab.main.get("bidi_component")]
    scores = [branched.array(f"models/{version}/scores") for version in (2, 4)]
    expected = np.column_stack([(one[:, None] > one).mean(axis=1) for one in scores])
    assert sorted(chart["items"]) == list(range(len(expected)))
    np.testing.assert_allclose(chart["shares"], expected[chart["items"]], atol=1e-4)
    flags = [one > np.quantile(one.astype(np.float64), 0.9) for one in scores]
    assert set(chart["items"][: chart["flips"]]) == set(np.flatnonzero(flags[0] != flags[1]))
    assert chart["pictured"] == list(range(len(expected)))
    assert chart["sheet"].startswith("data:image/webp;base64,")
