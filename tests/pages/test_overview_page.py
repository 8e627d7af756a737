"""The numbers on Overview equal independent computations."""

import base64
import json
from dataclasses import replace

import numpy as np
import pytest
from answering import answer
from scipy.stats import binomtest
from sklearn.metrics import roc_auc_score
from workshop import Workshop

from anomaly_core.threshold.intervals import Interval
from pages.components.charts import ASKED, AT_RANDOM
from pages.components.estimates import interval
from pages.components.text import counted, in_order
from state.labeling.second_look.review import Review, SecondLook
from state.store.models import Models
from state.store.projects import ProjectBook
from state.store.schema import Answer, Purpose
from state.workers.baseline.rounds import RandomRounds


def test_overview_counts_what_the_store_holds(shop: Workshop, open_page):
    shop.answer(10, wrong=True)  # so that some are anomalous
    shop.projects.tend(shop.id)
    shop.work()
    tab = open_page("overview")
    shown = {metric.label: metric.value for metric in tab.metric}
    standing = shop.store.events.standing(shop.id)
    truth, scores = shop.array("truth/test"), shop.array("models/2/test-scores")
    auroc = roc_auc_score(truth == -1, scores)
    assert shown["Answers"] == f"{len(standing)} of 100"
    assert shown["Anomalies found"] == str(sum(event.y < 0 for event in standing))
    assert shown["AUROC on held-out images"] == f"{auroc:.3f}"
    assert shown["Model version"] == "2"


def test_anomalies_found_counts_answers_the_model_has_yet_to_learn(shop: Workshop, open_page):
    desk = shop.desk()
    for place, item in enumerate(desk.queue[:9].tolist()):
        answer(desk, item, Answer.ANOMALOUS if place < 4 else Answer.NORMAL)
    shown = {metric.label: metric.value for metric in open_page("overview").metric}
    assert shown["Anomalies found"] == "4"


def test_overview_tells_quality_from_random_answers_alone(shop: Workshop, open_page):
    items = shop.answer(20)
    known = dict(zip(items, shop.array("truth/pool")[items], strict=True))
    audit = np.array(sorted(items)[:8])  # as if these had been set aside
    shop.set_aside(audit)
    tab = open_page("overview")
    shown = tab.dataframe[0].value.iloc[:, 0]
    anomalous = sum(known[item] < 0 for item in audit.tolist())
    low, high = binomtest(anomalous, 8).proportion_ci(method="exact")
    expected = f"too few answers yet ({100 * low:.0f} % to {100 * high:.0f} %)"
    assert shown["Share of anomalies in the pool"] == expected
    assert any("Measured on 8 images drawn at random" in caption.value for caption in tab.caption)
    assert any("should be anomalous" in text.value for text in tab.markdown)


def test_overview_without_an_audit_promises_none(shop: Workshop, open_page):
    tab = open_page("overview")
    assert not any("random images" in heading.value for heading in tab.subheader)


@pytest.fixture(scope="module")
def grown_once(grow):
    """Two rounds, the second with answers against the truth."""

    def steps(shop: Workshop) -> None:
        rounds = shop.rounds()
        shop.answer(10)
        rounds.update([])
        shop.answer(6)
        shop.answer(4, wrong=True)
        rounds.update([])

    return grow(steps)


@pytest.fixture
def grown(open_shop, grown_once) -> Workshop:
    return open_shop(grown_once)


def curves(tab) -> dict[str, list[tuple[float, float]]]:
    """The points of every curve on the page, by name."""
    found = {}
    for chart in tab.get("plotly_chart"):
        for trace in json.loads(chart.proto.spec)["data"]:
            pairs = zip(plain(trace["x"]), plain(trace["y"]), strict=True)
            found[trace.get("name", "")] = list(pairs)
    return found


def plain(values) -> list[float]:
    """Numbers as Plotly writes them: a list, or an array in base 64."""
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"]).tolist()
    return values


def said(tab) -> str:
    return " ".join(element.value for element in (*tab.caption, *tab.markdown))


def test_the_curves_are_those_of_the_models_and_of_random_queries(grown: Workshop, open_page):
    tab = open_page("overview")
    assert "What asking at random would have given is being computed." in said(tab)
    assert ASKED in curves(tab)
    grown.work()
    tab = open_page("overview")
    drawn, line = curves(tab), grown.store.models.line(grown.id)
    expected = [(model.label_count, model.metrics["auroc"]) for model in line]
    assert drawn[ASKED] == expected
    random = grown.array("random/curve")
    assert drawn[AT_RANDOM] == [tuple(row) for row in random[:, :2].tolist()]
    assert drawn[AT_RANDOM][0] == drawn[ASKED][0]
    sentence = (
        f"After 20 answers: AUROC {line[-1].metrics['auroc']:.3f}; "
        f"asking at random would have given {random[-1, 1]:.3f}."
    )
    assert sentence in said(tab)


def test_anomalies_found_are_drawn_beside_what_chance_would_find(grown: Workshop, open_page):
    tab = open_page("overview")
    y = np.array([event.y for event in grown.store.events.standing(grown.id)])
    drawn = curves(tab)
    assert [found for _, found in drawn["found"]] == [0, *np.cumsum(y < 0).tolist()]
    name = "asking at random (10.0 %)"
    np.testing.assert_allclose([x for _, x in drawn[name]], 0.1 * np.arange(len(y) + 1))
    assert f"{(y < 0).sum()} anomalies in 20 answers." in said(tab)
    assert "would have found about 2.0, as 10.0 % are expected to be anomalous." in said(tab)


def test_what_changed_is_told_in_words_and_five_images(grown: Workshop, open_page):
    tab = open_page("overview")
    before, after = grown.store.models.all(grown.id)[1:]
    old, new = (grown.array(f"models/{version}/scores") for version in (2, 3))
    flags = [scores > np.quantile(scores.astype(np.float64), 0.9) for scores in (old, new)]
    flipped = (flags[0] != flags[1]).sum()
    gained = after.metrics["auroc"] - before.metrics["auroc"]
    text = said(tab)
    assert "**Model 3** learned from 10 new answers" in text
    assert f"by {abs(gained):.3f} to {after.metrics['auroc']:.3f}" in text
    assert f"{flipped} of {len(old)} verdicts changed ({100 * flipped / len(old):.1f} %)" in text
    percentiles = [(scores[:, None] > scores).mean(axis=1) for scores in (old, new)]
    furthest = np.argsort(-np.abs(percentiles[1] - percentiles[0]), kind="stable")[:5]
    links = {link.proto.label: link.proto.query_string for link in tab.get("page_link")}
    for item in furthest.tolist():
        assert links[f"Item {item:,}"] == f"item={item}"
    assert links["Compare the two models"] == "first=2&second=3"


def test_labels_per_minute_are_those_of_the_events(grown: Workshop, open_page):
    pressed = [event.pressed_at for event in grown.store.events.standing(grown.id)]
    expected = f"{60 / np.mean(np.diff(pressed)):,.0f}"
    shown = {metric.label: metric.value for metric in open_page("overview").metric}
    assert shown["Answers per minute"] == expected


def test_a_model_that_is_published_but_not_yet_measured_is_not_called_undefined(
    grown: Workshop, open_page
):
    grown.remeasure(3, {"R": 1.0})
    tab = open_page("overview")
    assert "The AUROC of model 3 has not been measured yet." in said(tab)
    assert "undefined" not in said(tab)
    shown = {metric.label: metric.value for metric in tab.metric}
    assert shown["AUROC on held-out images"] == "not yet"


def test_an_auroc_that_cannot_be_is_called_undefined(grown: Workshop, open_page):
    grown.remeasure(3, {"R": 1.0, "auroc": None, "average_precision": None})
    tab = open_page("overview")
    assert "There is no AUROC" in said(tab)
    shown = {metric.label: metric.value for metric in tab.metric}
    assert shown["AUROC on held-out images"] == "too few images"


def test_without_a_first_quality_it_does_not_claim_to_ask_at_random(grown: Workshop, open_page):
    grown.remeasure(1, {})
    text = said(open_page("overview"))
    assert "is not known: model 1, where they begin, has no AUROC." in text
    assert "asks at random itself" not in text


def test_a_project_that_asks_at_random_says_so(grown: Workshop, open_page, monkeypatch):
    (project,) = grown.store.projects.all()
    monkeypatch.setattr(ProjectBook, "all", lambda _: [replace(project, strategy="random")])
    assert "This project asks at random itself." in said(open_page("overview"))


def test_random_queries_that_cannot_be_computed_are_said_to_be_so(
    grown: Workshop, open_page, monkeypatch
):
    monkeypatch.setattr(RandomRounds, "_round", lambda *_: 1 / 0)
    grown.work()
    assert "would have given could not be computed; see the trainer's log" in said(
        open_page("overview")
    )


def test_a_roll_back_while_the_page_is_open_is_followed(grown: Workshop, open_page, monkeypatch):
    line, read = Models.line, list[int]()

    def then_rolled_back(models, project_id):
        found = line(models, project_id)
        if not read:
            grown.store.promotions.promote(
                project_id=project_id,
                version=2,
                purpose=Purpose.DESK,
                annotator_id=grown.me.id,
                reason="",
            )
        read.append(len(found))
        return found

    monkeypatch.setattr(Models, "line", then_rolled_back)
    tab = open_page("overview")
    assert read[0] == 3
    assert {metric.label: metric.value for metric in tab.metric}["Model version"] == "2"
    assert [x for x, _ in curves(tab)[ASKED]] == [0, 10]


def test_before_the_first_answer_it_says_so(shop: Workshop, open_page):
    tab = open_page("overview")
    text = said(tab)
    assert "without answers; the curve goes on with the first round." in text
    assert "Nothing has been answered yet." in text
    assert "This is the first model" in text
    assert {m.label: m.value for m in tab.metric}["Answers per minute"] == "not yet"


def test_random_answers_tell_the_quality_of_every_version(grown: Workshop, open_page):
    items = [event.item for event in grown.store.events.standing(grown.id)]
    grown.set_aside(np.array(items))
    y = {event.item: event.y for event in grown.store.events.standing(grown.id)}
    truth = np.array([y[item] for item in items])
    expected = [
        (version, roc_auc_score(truth < 0, grown.array(f"models/{version}/scores")[items]))
        for version in (1, 2, 3)
    ]
    np.testing.assert_allclose(curves(open_page("overview"))[""], expected)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (None, "too few answers yet"),
        (Interval(0.9, 0.85, 0.94), "90.0 % (85.0 % to 94.0 %)"),
        (Interval(0.0, 0.0, 0.84), "too few answers yet (0 % to 84 %)"),
    ],
)
def test_a_figure_from_few_answers_is_only_a_range(found, said):
    assert interval(found) == said


def test_suspected_mistakes_are_told_and_lead_to_review(grown: Workshop, open_page):
    count = len(Review(grown.desk()).queues[SecondLook.SUSPECTED])
    assert count
    labels = [link.proto.label for link in open_page("overview").get("page_link")]
    assert f"Look at {counted(count, 'suspected mistake')}" in labels


@pytest.mark.parametrize(
    ("auroc", "said"),
    [
        (0.5, "50 of 100"),
        (0.984, "98 of 100"),
        (0.987, "987 of 1,000"),
        (0.9999, "999 of 1,000"),
        (1.0, "100 of 100"),
    ],
)
def test_an_auroc_is_told_in_pairs(auroc, said):
    assert in_order(auroc) == f"right order in {said} pairs"
