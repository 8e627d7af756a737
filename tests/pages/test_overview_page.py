"""The numbers on Overview equal independent computations."""

import numpy as np
from sklearn.metrics import roc_auc_score
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
