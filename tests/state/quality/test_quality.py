"""Quality without ground truth: what is audited, what is trained on, and what is told of both."""

import numpy as np
import pytest
from answering import answer
from workshop import DIGITS, Workshop

from anomaly_core.threshold.intervals import auroc_interval
from anomaly_core.threshold.rules import contamination_quantile
from state.labeling.desk import AUDIT
from state.labeling.one_by_one import OneByOne
from state.projects.projects import ProjectForm

pytestmark = pytest.mark.trains


@pytest.fixture(scope="module")
def audited(tmp_path_factory):
    """A project in which half of the answers are audited, and two rounds have been answered."""
    form = ProjectForm(**vars(DIGITS) | {"audit_share": 0.5, "budget": 60})
    with Workshop(tmp_path_factory.mktemp("audited") / "data", form) as workshop:
        rounds = workshop.rounds()
        workshop.prepare(rounds)
        for _ in range(2):
            workshop.answer(10)
            rounds.update([])
        yield workshop


def test_audit_items_are_drawn_once_and_for_all_from_the_whole_pool(audited):
    audit = audited.array("audit")
    assert len(audit) == len(set(audit.tolist())) == 30
    assert set(audit.tolist()) <= set(range(len(audited.array("pool"))))


def test_every_batch_holds_its_share_of_audit_items(audited):
    audit = set(audited.array("audit").tolist())
    for version in (1, 2, 3):
        proposals = audited.array(f"models/{version}/proposals").tolist()
        in_batches = [len(audit & set(proposals[i : i + 10])) for i in (0, 10)]
        assert all(4 <= count <= 6 for count in in_batches)
        utilities = audited.array(f"models/{version}/utilities")
        assert np.array_equal(np.isnan(utilities), np.isin(proposals, list(audit)))


def test_audited_answers_are_never_trained_on(audited):
    audit = audited.array("audit")
    labels = audited.store.events.labels(audited.id)
    known = np.isin(labels.items, audit)
    assert 8 <= known.sum() <= 12
    assert audited.model.label_count == 20 - known.sum()
    rounds = audited.rounds()
    learner = rounds.warm_learner(audited.model)
    assert [len(batch) for batch in learner.batches] != []
    assert sum(len(batch) for batch in learner.batches) == 20 - known.sum()


def test_estimates_are_those_of_the_audited_answers_alone(audited):
    items, y = audited.quality().audited
    scores = audited.array(f"models/{audited.model.version}/scores")
    assert set(items) <= set(audited.array("audit"))
    assert np.array_equal(y, audited.array("truth/pool")[items])
    estimate = audited.quality().estimate
    assert (estimate.answers, estimate.anomalies) == (len(items), (y < 0).sum())
    assert estimate.auroc == auroc_interval(y, scores[items])
    flagged = scores[items] > contamination_quantile(scores, 0.1)
    assert (estimate.precision is None) == (not flagged.any())


def test_advice_rests_on_what_the_strategy_asked(audited):
    audit = set(audited.array("audit").tolist())
    answers = [e.y for e in audited.store.events.standing(audited.id) if e.item not in audit]
    expected = 10 * (answers.count(-1) + 0.5) / (len(answers) + 1)
    advice = audited.quality().advice
    assert advice.expected.value == pytest.approx(expected)
    assert advice.next_answers == 10
    assert advice.agreement is None  # two updates are too few to tell


def test_an_audited_item_says_so_on_the_desk(audited):
    desk, audit = audited.desk(), set(audited.array("audit").tolist())
    seen = {True: 0, False: 0}
    for item in desk.queue[:10].tolist():
        proposal = desk.proposal(item)
        assert (proposal.strategy == "audit") == (item in audit)
        assert (proposal.strategy == AUDIT) == (item in audit)
        assert (proposal.utility is None) == (item in audit)
        seen[item in audit] += 1
    assert min(seen.values()) >= 3


def test_a_skipped_audit_item_does_not_hold_up_the_others(audited):
    desk = audited.desk()
    handled = desk.handled
    first = next(i for i in desk.gallery.audit.tolist() if i not in handled)
    answer(desk, first, None)
    audited.rounds().update([])
    ahead = audited.desk().queue[:10]
    assert first not in ahead
    assert 4 <= np.isin(ahead, desk.gallery.audit).sum() <= 6


def test_what_is_handed_out_does_not_say_which_answers_are_audited(audited):
    audit = set(audited.array("audit").tolist())
    tickets = OneByOne(audited.desk(), "tab").tickets[:10]
    assert {ticket.item in audit for ticket in tickets} == {True, False}
    assert len({ticket.reason for ticket in tickets}) == 1


def test_projects_without_an_audit_have_nothing_to_tell(workshop):
    (workshop.folder / "audit.npy").unlink()  # as in a project from before
    workshop.answer(10)
    assert workshop.quality().estimate.answers == 0
    assert workshop.quality().estimate.auroc is None
    assert workshop.rounds().update([]).label_count == 10
