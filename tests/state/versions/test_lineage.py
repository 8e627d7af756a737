"""The lineage lists what the store and the files hold, and the pair to begin with."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score
from workshop import DIGITS, Workshop

from anomaly_core.errors import InvalidInput
from state.store.schema import JobKind, JobState, Role, RoundTrigger
from state.versions.lineage import Lineage


@pytest.fixture(scope="module")
def branched(tmp_path_factory):
    """Versions 1 to 4, the last from 2; half of the answers are audited, and wrong ones among."""
    form = replace(DIGITS, audit_share=0.5)
    with Workshop(tmp_path_factory.mktemp("branched") / "data", form) as workshop:
        rounds = workshop.rounds()
        workshop.prepare(rounds)
        workshop.end_job(JobState.DONE, JobKind.PREPARE)
        for version in (2, 3, 4):
            workshop.answer(12, wrong=version == 2)
            if version == 4:
                lineage(workshop).roll_back(2, workshop.me, "Too many false alarms.")
            rounds.update([])
        yield workshop


def lineage(workshop):
    return Lineage(workshop.projects, workshop.store.projects.get(workshop.id))


@pytest.mark.trains
def test_entries_say_where_each_version_comes_from_and_whether_it_leads_on(branched):
    found = [(e.version, e.model.parent, e.leads) for e in lineage(branched).entries]
    assert found == [(1, None, True), (2, 1, True), (3, 2, False), (4, 2, True)]
    assert lineage(branched).serving.version == 4


@pytest.mark.trains
def test_quality_is_that_of_scikit_learn(branched):
    anomalous = branched.array("truth/test") < 0
    audit = set(branched.array("audit").tolist())
    labels = branched.store.events.labels(branched.id)
    known = [(i, y) for i, y in zip(labels.items, labels.y, strict=True) if i in audit]
    items, y = np.array(known).T
    assert len(items) > 10
    for entry in lineage(branched).entries:
        scores = branched.array(f"models/{entry.version}/test-scores")
        assert entry.auroc == pytest.approx(roc_auc_score(anomalous, scores))
        assert entry.average_precision == pytest.approx(average_precision_score(anomalous, scores))
        estimated = roc_auc_score(y < 0, branched.array(f"models/{entry.version}/scores")[items])
        assert entry.estimate.value == pytest.approx(estimated)
        assert entry.estimate.low < estimated < entry.estimate.high


def test_without_audited_answers_there_is_no_estimate(workshop):
    (entry,) = lineage(workshop).entries
    assert entry.estimate is None
    assert (entry.leads, entry.production) == (True, False)


def test_the_comparison_begins_with_the_serving_version_and_its_parent(branched, workshop):
    assert lineage(branched).pair == (2, 4)
    assert lineage(workshop).pair == (1, 1)
    workshop.rounds().update([])
    lineage(workshop).roll_back(1, workshop.me)
    assert lineage(workshop).pair == (2, 1)


@pytest.mark.trains
def test_drift_reads_the_scores_of_the_two_versions(branched):
    drift = lineage(branched).drift(3, 4)
    np.testing.assert_array_equal(drift.first, branched.array("models/3/scores"))
    np.testing.assert_array_equal(drift.second, branched.array("models/4/scores"))
    assert drift.contamination == 0.1
    with pytest.raises(InvalidInput, match="no model version 9"):
        lineage(branched).drift(9, 4)


@pytest.mark.trains
def test_changes_leave_audited_answers_out(branched):
    found = lineage(branched).changes(1, 4)
    audit = set(branched.array("audit").tolist())
    labels = branched.store.events.labels(branched.id)
    assert [c.item for c in found] == [i for i in labels.items.tolist() if i not in audit]
    assert len(found) == lineage(branched).version(4).label_count


def test_a_project_that_counts_no_answers_does_not_say_how_many_it_waits_for(workshop):
    project = workshop.store.projects.get(workshop.id)
    assert "after 10 more answers" in lineage(workshop).next_round(1)
    timed = Lineage(workshop.projects, replace(project, round_trigger=RoundTrigger.TIME))
    assert timed.next_round(1).endswith("It begins with new answers.")


def test_production_is_named_with_a_reason_by_an_owner(workshop):
    ben = workshop.store.people.ensure("ben", Role.ANNOTATOR)
    for person, reason in ((workshop.me, "  "), (ben, "good")):
        with pytest.raises(InvalidInput):
            lineage(workshop).name_production(1, person, reason)
    assert lineage(workshop).production is None
    said = lineage(workshop).name_production(1, workshop.me, "good")
    assert said == "Model 1 is in production now."
    named = lineage(workshop).production
    assert (named.version, named.author, named.reason) == (1, "you", "good")
    assert [entry.production for entry in lineage(workshop).entries] == [True]
    assert lineage(workshop).serving.version == 1
