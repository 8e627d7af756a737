"""The numbers on the pages equal independent computations."""

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, roc_auc_score
from workshop import Workshop


def test_overview_counts_what_the_store_holds(shop: Workshop, open_page):
    shop.answer(10, wrong=True)  # so that some are anomalous
    shop.projects.tend(shop.id)
    shop.work()
    tab = open_page("overview")
    shown = {metric.label: metric.value for metric in tab.metric}
    standing = shop.store.standing(shop.id)
    truth, scores = shop.array("truth/test"), shop.array("models/2/test-scores")
    auroc = roc_auc_score(truth == -1, scores)
    assert shown["Labels bought"] == f"{len(standing)} of 100"
    assert shown["Anomalies found"] == str(sum(event.y < 0 for event in standing))
    assert shown["AUROC on held-out images"] == f"{auroc:.3f}"
    assert shown["Model version"] == "2"


def test_anomalies_found_counts_answers_the_model_has_yet_to_learn(shop: Workshop, open_page):
    shop.answer(9, wrong=True)
    found = sum(event.y < 0 for event in shop.store.standing(shop.id))
    assert found > 0
    shown = {metric.label: metric.value for metric in open_page("overview").metric}
    assert shown["Anomalies found"] == str(found)


@pytest.mark.parametrize("flagged", [0.5, 10.0, 42.5, 60.0])
def test_the_confusion_matrix_follows_the_slider(shop: Workshop, open_page, flagged):
    tab = open_page("explore")
    tab.slider[0].set_value(flagged).run()
    truth, scores = shop.array("truth/test"), shop.array("models/1/test-scores")
    threshold = np.quantile(shop.array("models/1/scores"), 1 - flagged / 100)
    (tn, fp), (fn, tp) = confusion_matrix(truth == -1, scores > threshold)
    recall, false_alarms = tp / (tp + fn), fp / (fp + tn)
    precision = 0.1 * recall / (0.1 * recall + 0.9 * false_alarms) if tp + fp else None
    shown = {metric.label: metric.value for metric in tab.metric}
    assert shown == {
        "Recall": f"{recall:.1%}",
        "False alarms": f"{false_alarms:.1%}",
        "Precision at 10%": "undefined" if precision is None else f"{precision:.1%}",
    }


def test_overview_tells_quality_from_random_answers_alone(shop: Workshop, open_page):
    items = shop.answer(20)
    known = dict(zip(items, shop.array("truth/pool")[items], strict=True))
    audit = np.array(sorted(items)[:8])  # as if these had been set aside
    np.save(shop.folder / "audit.npy", audit)
    tab = open_page("overview")
    shown = tab.dataframe[0].value.iloc[:, 0]
    anomalous = sum(known[item] < 0 for item in audit.tolist())
    assert shown["Contamination of the pool"].startswith(f"{anomalous / 8:.1%} (")
    assert any("8 answers to images drawn at random" in caption.value for caption in tab.caption)
    assert any("should be anomalous" in text.value for text in tab.markdown)


def test_overview_without_an_audit_promises_none(shop: Workshop, open_page):
    tab = open_page("overview")
    assert not any("ground truth" in heading.value for heading in tab.subheader)
