"""The numbers on Tune equal independent computations; what was chosen is in the address."""

import base64
import json
import re

import numpy as np
import pytest
from page_text import words
from scipy.stats import binomtest
from sklearn.metrics import average_precision_score, confusion_matrix, roc_auc_score
from streamlit.testing.v1 import AppTest
from workshop import Workshop

from anomaly_core.threshold.intervals import auroc_interval, average_precision_interval
from anomaly_core.threshold.judged import Judged, Worth, figures_at
from pages.components.glossary import TERMS
from state.store.schema import Role


def board(tab):
    """What the browser got."""
    return json.loads(tab.main.get("bidi_component")[0].proto.json)


def floats(text):
    return np.frombuffer(base64.b64decode(text), "<f4")


def ranged(part, whole):
    """A share as the page should put it."""
    exact = binomtest(int(part), int(whole)).proportion_ci(0.95, method="exact")
    value, low, high = (100 * one for one in (part / whole, exact.low, exact.high))
    return f"{value:.1f} % (between {low:.1f} and {high:.1f})"


@pytest.fixture
def known(shop: Workshop):
    return shop.array("truth/test"), shop.array("models/1/test-scores").astype(float)


def test_the_browser_gets_every_score_once_sorted(shop: Workshop, open_page, known):
    truth, scores = known
    sent = board(open_page("tune"))["scores"]
    assert np.array_equal(floats(sent["normal"]), np.sort(scores[truth > 0]))
    assert np.array_equal(floats(sent["anomalous"]), np.sort(scores[truth < 0]))
    assert np.array_equal(floats(sent["pool"]), np.sort(shop.array("models/1/scores")))


def test_the_usual_threshold_catches_the_most_with_one_false_alarm_in_twenty(open_page, known):
    truth, scores = known
    threshold = board(open_page("tune"))["threshold"]
    flagged = scores > threshold
    assert flagged[truth > 0].mean() <= 0.05
    best = max(
        (scores[truth < 0] > one).mean()
        for one in np.append(scores, -1)
        if (scores[truth > 0] > one).mean() <= 0.05
    )
    assert flagged[truth < 0].mean() == best


def test_the_sentences_say_what_scikit_learn_and_scipy_say(open_page, known):
    truth, scores = known
    threshold = float(np.quantile(scores, 0.4))
    tab = open_page("tune", threshold=repr(threshold))
    assert board(tab)["threshold"] == threshold
    (tn, fp), (fn, tp) = confusion_matrix(truth < 0, scores > threshold)
    said = words(tab)
    assert f"catches **{ranged(tp, tp + fn)}** of the anomalous images (recall): " in said
    assert f"{tp:,} of {tp + fn:,} here, {fn:,} are missed" in said
    assert f"flags **{ranged(fp, fp + tn)}** of the normal ones (false alarms): {fp:,} of" in said
    rates = tp / (tp + fn), fp / (fp + tn)
    precision = 0.1 * rates[0] / (0.1 * rates[0] + 0.9 * rates[1])
    assert f"**{100 * precision:.1f} % (between" in said
    assert f"**Threshold {threshold:.4g}**: set by hand" in said


def test_the_tiles_get_the_ranges_of_the_threshold_that_stands(open_page, known):
    truth, scores = known
    threshold = float(np.quantile(scores, 0.4))
    sent = board(open_page("tune", threshold=repr(threshold)))["ranges"]
    worth = Worth(0.1)
    found = figures_at(Judged(truth, scores, scores), threshold, worth)
    for name, one in (("recall", found.recall), ("cost", found.cost), ("fBeta", found.f_beta)):
        assert one is not None
        assert sent[name] == pytest.approx([one.low, one.high])
    exact = binomtest(
        int((scores[truth > 0] > threshold).sum()), int((truth > 0).sum())
    ).proportion_ci(0.95, method="exact")
    assert sent["falsePositiveRate"] == pytest.approx([exact.low, exact.high])


def test_a_limit_that_new_images_may_exceed_is_said_and_can_be_made_sure(open_page, known):
    truth, scores = known
    tab = open_page("tune")
    normal = int((truth > 0).sum())

    def highest() -> float:
        alarms = int((scores[truth > 0] > board(tab)["threshold"]).sum())
        return float(binomtest(alarms, normal).proportion_ci(0.95, method="exact").high)

    assert highest() > 0.05
    assert f"may be up to {100 * highest():.1f} %" in words(tab)
    next(one for one in tab.checkbox if one.label == "Hold on new images too").check().run()
    assert not tab.exception
    assert highest() <= 0.05
    assert "may be up to" not in words(tab)


def test_the_ranking_has_intervals_and_says_where_it_is_undefined(shop, open_page, known):
    truth, scores = known
    said = words(open_page("tune"))
    for name, measure, interval in (
        ("AUROC", roc_auc_score, auroc_interval),
        ("average precision", average_precision_score, average_precision_interval),
    ):
        value, found = measure(truth < 0, scores), interval(truth, scores)
        assert found is not None
        assert f"{name} **{value:.3f} (between {found.low:.3f} and {found.high:.3f})**" in said
    shop.answer(1)
    tab = open_page("tune")
    tab.button_group(key="basis").set_value("labeled").run()
    assert "an AUROC takes images of both kinds" in words(tab)


def test_bands_and_calibration_hold_what_is_known(open_page, known):
    truth, scores = known
    sent = board(open_page("tune"))
    at = len(sent["bands"]["threshold"]) // 2
    threshold = sent["bands"]["threshold"][at]
    caught = int((scores[truth < 0] > threshold).sum())
    exact = binomtest(caught, int((truth < 0).sum())).proportion_ci(0.95, method="exact")
    low, high = sent["bands"]["recall"]
    assert (low[at], high[at]) == pytest.approx((exact.low, exact.high))
    pool = np.sort(floats(sent["scores"]["pool"]).astype(float))
    low, high = np.quantile(pool, [0.4, 0.5])
    tenth = next(one for one in sent["calibration"] if one["place"] == 0.45)
    inside = (scores > low) & (scores <= high)
    odd, even = (np.mean(inside[side]) for side in (truth < 0, truth > 0))
    assert tenth["share"] == pytest.approx(0.1 * odd / (0.1 * odd + 0.9 * even))
    assert tenth["low"] < tenth["share"] < tenth["high"]


def test_a_cell_in_the_address_shows_its_images(open_page, known):
    truth, scores = known
    threshold = float(np.quantile(scores, 0.5))
    tab = open_page("tune", threshold=repr(threshold), cell="false-alarm")
    wanted = np.flatnonzero((truth > 0) & (scores > threshold))
    furthest = wanted[np.argsort(-scores[wanted], kind="stable")]
    assert any(
        f"False alarms: normal but flagged · {len(wanted):,}" in one.value for one in tab.subheader
    )
    shown = json.loads(tab.main.get("bidi_component")[1].proto.json)["images"]
    assert [one["item"] for one in shown] == furthest[:48].tolist()


@pytest.mark.parametrize("objective", range(9))
def test_every_purpose_leads_to_a_threshold_or_a_sentence(shop, open_page, objective):
    tab = open_page("tune")
    box = next(one for one in tab.selectbox if one.label == "What the threshold is for")
    box.set_value(box.options[objective]).run()
    assert not tab.exception
    assert not tab.error
    assert re.search(r"\*\*Threshold [\d.e-]+\*\*: ", words(tab))


def test_what_cannot_be_is_one_sentence(shop, open_page):
    tab = open_page("tune")
    next(one for one in tab.number_input if one.label.startswith("False alarms")).set_value(
        150.0
    ).run()
    assert not tab.exception
    (error,) = tab.error
    assert "Allow 0 or more but less than 100" in error.value


def test_an_expectation_that_cannot_be_takes_nothing_else_away(shop, open_page):
    tab = open_page("tune")
    field = next(one for one in tab.number_input if one.label.startswith("Anomalous images"))
    field.set_value(0.0).run()
    assert not tab.exception
    (error,) = tab.error
    assert "Expect more than 0 and less than 100" in error.value
    assert "It catches" in words(tab)


def save(tab: AppTest, reason: str) -> None:
    """Save the threshold on screen."""
    next(one for one in tab.button if one.label == "Save this threshold").click().run()
    next(one for one in tab.text_input if one.label == "Why this threshold").set_value(reason)
    next(one for one in tab.button if one.label == "Save it").click().run()


def test_a_threshold_of_an_earlier_model_is_said_to_be_of_it(shop: Workshop, open_page):
    save(open_page("tune"), "Calm days.")
    assert "was saved for model" not in words(open_page("tune"))
    shop.answer(10)
    shop.rounds().update([])
    tab = open_page("tune")
    assert "Threshold no. 1 was saved for model 1." in words(tab)
    save(tab, "The same again.")
    assert "was saved for model" not in words(open_page("tune"))


def test_what_was_not_asked_for_cannot_be_saved(shop: Workshop, open_page):
    tab = open_page("tune", fpr="0.1", sure="true")
    assert "that takes" in words(tab)
    assert next(one for one in tab.button if one.label == "Save this threshold").disabled


def test_a_threshold_is_saved_with_its_reason(shop: Workshop, open_page):
    tab = open_page("tune")
    save(tab, "Calm days.")
    assert not tab.exception
    (point,) = shop.store.models.operating_points(shop.id)
    assert (point.reason, point.author, point.basis) == ("Calm days.", "you", "held-out")
    assert point.threshold == board(tab)["threshold"]
    assert "Calm days." in "".join(element.proto.body for element in tab.main.get("html"))
    tab.query_params["threshold"] = "0.5"
    tab.run()
    next(one for one in tab.button if one.label == "Use no. 1").click().run()
    assert board(tab)["threshold"] == point.threshold


def test_which_threshold_is_in_use_is_said_while_another_is_looked_at(shop: Workshop, open_page):
    tab = open_page("tune", threshold="0.5")
    assert "In use is" not in words(tab)
    save(tab, "Rather look twice.")
    assert "In use is" not in words(tab)
    later = open_page("tune")
    assert "In use is no. 1, 0.5;" in words(later)
    assert "1, in use" in "".join(element.proto.body for element in later.main.get("html"))
    assert "In use is" not in words(open_page("tune", threshold="0.5"))


def test_two_saved_thresholds_disagree_about_what_lies_between(shop: Workshop, open_page, known):
    truth, scores = known
    low, high = np.quantile(scores, [0.3, 0.6]).tolist()
    for threshold in (low, high):
        tab = open_page("tune", threshold=repr(threshold))
        save(tab, "To compare.")
    between = (scores > low) & (scores <= high)
    odd = int((between & (truth < 0)).sum())
    said = words(open_page("tune"))
    assert f"disagree about **{between.sum():,}** of {len(scores):,}" in said
    told = f"no. 1 only: {between.sum():,}, of which {odd:,} anomalous and {between.sum() - odd:,}"
    assert told in said


def test_few_answers_are_said_to_be_few(shop: Workshop, open_page):
    shop.answer(10)
    tab = open_page("tune")
    tab.button_group(key="basis").set_value("labeled").run()
    assert not tab.exception
    assert "below 20 of them" in words(tab)


def test_an_answered_image_leads_to_its_second_look(shop: Workshop, open_page):
    shop.answer(6)
    tab = open_page("tune", cell="passed", threshold="1000")
    tab.button_group(key="basis").set_value("labeled").run()
    tab.query_params["look"] = str(shop.store.events.labels(shop.id).items[0])
    tab.query_params["threshold"] = "1000"
    tab.run()
    links = [one.proto for one in tab.main.get("page_link")]
    assert [link.page for link in links] == ["review", "explore"]
    (item,) = {link.query_string for link in links}
    assert item == f"item={shop.store.events.labels(shop.id).items[0]}"


def look(open_page, item, **more):
    """Open Tune at one of the answers."""
    tab = open_page("tune")
    tab.button_group(key="basis").set_value("labeled").run()
    tab.query_params["look"] = str(item)
    for name, value in more.items():
        tab.query_params[name] = value
    return tab.run()


def press(tab, label):
    next(one for one in tab.button if one.label == label).click().run()
    assert not tab.exception


def test_a_label_is_mended_in_place_and_taken_back(shop: Workshop, open_page):
    item, *_ = shop.answer(6)
    word = {1: "normal", -1: "anomalous"}
    y = dict(zip(*shop.store.events.labels(shop.id)[:2], strict=True))[item]
    tab = look(open_page, item)
    assert "Undo my last word on it" not in [one.label for one in tab.button]
    press(tab, f"Relabel as {word[-y]}")
    assert dict(zip(*shop.store.events.labels(shop.id)[:2], strict=True))[item] == -y
    assert f"**{word[-y]}**, **" in words(tab)  # the page has it at once
    assert any(
        f"Item {item:,} is {word[-y]} now" in one.value.replace("\\", "") for one in tab.toast
    )
    press(tab, "Undo my last word on it")
    assert dict(zip(*shop.store.events.labels(shop.id)[:2], strict=True))[item] == y
    assert f"**{word[y]}**, **" in words(tab)
    kinds = [event.kind.value for event in shop.store.events.since(shop.id) if event.item == item]
    assert kinds == ["answer", "undo", "answer", "undo", "answer"]


def test_who_only_looks_changes_no_label_here(shop: Workshop, open_page):
    item, *_ = shop.answer(6)
    guest = shop.store.people.ensure("guest", Role.VIEWER)
    tab = open_page("tune", annotator=str(guest.id))
    tab.button_group(key="basis").set_value("labeled").run()
    tab.query_params["look"] = str(item)
    tab.run()
    (button,) = [one for one in tab.button if one.label.startswith("Relabel as")]
    assert button.disabled
    assert "Only an owner may change" in words(tab)


def test_a_score_in_the_address_shows_the_images_nearest_to_it(open_page, known):
    _, scores = known
    at = float(np.quantile(scores, 0.2))
    tab = open_page("tune", near=repr(at))
    assert any("Images nearest to score" in one.value for one in tab.subheader)
    shown = json.loads(tab.main.get("bidi_component")[1].proto.json)["images"]
    apart = abs(scores - at)
    nearest = np.argsort(apart, kind="stable")[:12]
    assert [one["item"] for one in shown] == nearest.tolist()
    assert shown[0]["label"].endswith(f"score {scores[nearest[0]]:.4g}")
    press(tab, "Close")
    assert "near" not in tab.query_params
    assert not any("Images nearest" in one.value for one in tab.subheader)


def test_every_heading_and_figure_says_what_its_terms_mean(shop: Workshop, open_page):
    tab = open_page("tune", cell="missed", near="0.5")
    assert len(tab.subheader) == 3
    assert all(one.help for one in tab.subheader)
    terms = board(tab)["terms"]
    assert terms["False alarms"] == TERMS["false alarm"]
    assert not any("**" in meaning for meaning in terms.values())
