"""The desk: what is asked, in which order, and why."""

import numpy as np
import pytest
from answering import answer, undo
from some import some

from anomaly_core.query import STRATEGIES
from state.errors import AlreadyAnswered, BudgetExhausted
from state.labeling.claims import Claims
from state.labeling.one_by_one import OneByOne
from state.store.drafts import AnswerDraft
from state.store.schema import Answer

NORMAL, ANOMALOUS, UNSURE = Answer.NORMAL, Answer.ANOMALOUS, Answer.UNSURE


def test_best_item_is_asked_first(workshop):
    np.testing.assert_array_equal(workshop.desk().queue, workshop.array("models/1/proposals"))


@pytest.mark.parametrize("said", [NORMAL, ANOMALOUS, UNSURE, None])
def test_desk_moves_on_once_its_item_was_handled(workshop, said):
    first, second = workshop.desk().queue[:2]
    answer(workshop.desk(), int(first), said)
    assert workshop.desk().queue[0] == second


def test_desk_moves_on_when_somebody_else_has_answered(workshop):
    first, second = workshop.desk().queue[:2].tolist()
    answer(workshop.desk("ada"), first, ANOMALOUS)
    assert workshop.desk().queue[0] == second
    with pytest.raises(AlreadyAnswered):
        answer(workshop.desk(), first, NORMAL)


def test_unsure_and_skip_of_somebody_else_leave_the_item_to_me(workshop):
    first = int(workshop.desk().queue[0])
    answer(workshop.desk("ada"), first, UNSURE)
    answer(workshop.desk("bob"), first, None)
    assert workshop.desk().queue[0] == first
    assert workshop.desk("ada").queue[0] != first


def test_queue_leaves_out_what_is_handled_and_keeps_its_order(workshop):
    proposals = workshop.array("models/1/proposals").tolist()
    items = workshop.answer(6)
    answer(workshop.desk(), proposals[10], UNSURE)
    answer(workshop.desk(), proposals[20], None)
    handled = {*items, proposals[10], proposals[20]}
    expected = [item for item in proposals if item not in handled]
    assert workshop.desk().queue.tolist() == expected
    undo(workshop.desk())
    assert workshop.desk().queue.tolist() == [
        p for p in proposals if p not in handled or p == proposals[20]
    ]


@pytest.mark.trains
def test_nothing_is_asked_when_the_budget_is_used_up_until_something_is_taken_back(
    open_workshop, tiny
):
    workshop = open_workshop(tiny)
    workshop.prepare()
    items = workshop.answer(30)
    assert len(items) == 20
    left = int(workshop.desk().queue[0])
    assert OneByOne(workshop.desk(), "tab").items == []
    assert OneByOne(workshop.desk(), "tab", left).items == []
    with pytest.raises(BudgetExhausted):
        answer(workshop.desk(), left, NORMAL)
    undo(workshop.desk())
    assert OneByOne(workshop.desk(), "tab", left).items[:2] == [left, items[-1]]


def test_nothing_is_asked_before_the_first_model(open_workshop, tiny):
    desk = open_workshop(tiny).desk()
    assert desk.gallery is None
    assert desk.proposal(0) is None
    assert len(desk.queue) == 0


def test_proposal_says_where_the_item_lies_and_why_it_is_asked(workshop):
    scores = workshop.array("models/1/scores")
    proposals, utilities = (
        workshop.array(f"models/1/{name}") for name in ("proposals", "utilities")
    )
    desk = workshop.desk()
    outside = []
    for place, item in enumerate(proposals.tolist()):
        proposal = desk.proposal(item)
        assert proposal.item == item
        assert proposal.utility == utilities[place]
        assert proposal.score == scores[item]
        assert proposal.distance == pytest.approx(np.sqrt(scores[item]))
        assert workshop.model.metrics["R"] == proposal.R
        assert proposal.reason == STRATEGIES["margin"].reason
        outside.append(proposal.outside)
    np.testing.assert_array_equal(outside, scores[proposals] > proposal.R**2)
    assert 0 < sum(outside) < len(outside)


def test_rank_counts_what_is_still_to_be_asked(workshop):
    items = workshop.desk().queue[:5].tolist()
    workshop.answer(3)
    tickets = OneByOne(workshop.desk(), "tab").tickets[:2]
    assert [(ticket.item, ticket.rank) for ticket in tickets] == [(items[3], 1), (items[4], 2)]


def test_an_item_comes_with_the_circumstances_that_its_answer_is_stored_with(workshop):
    workshop.answer(5)
    workshop.rounds().update([])
    ticket = OneByOne(workshop.desk(), "tab").tickets[0]
    said = {"uuid": "e", "project_id": workshop.id, "annotator_id": workshop.me.id}
    draft = AnswerDraft(
        **said,
        item=ticket.item,
        answer=Answer.NORMAL,
        model_version=some(ticket.placed).version,
        round=77,
        strategy="review",
        utility=1e9,
        pressed_at=1.0,
    )
    known = Claims(workshop.store, workshop.desk().project).settled(draft)
    assert (known.model_version, known.round, known.strategy) == (2, 1, "margin")
    assert known.utility == workshop.array("models/2/utilities")[0]


def test_an_item_that_the_model_does_not_propose_has_no_utility(workshop):
    (item,) = workshop.answer(1)
    workshop.rounds().update([])
    undo(workshop.desk())
    proposal = workshop.desk().proposal(item)  # model 2 does not propose what it was taught
    assert (proposal.strategy, proposal.utility) == (None, None)
    ticket = OneByOne(workshop.desk(), "tab").tickets[0]
    assert (ticket.item, ticket.reason) == (item, "its answer was taken back")


def test_labels_are_those_of_the_store(workshop):
    items = workshop.answer(4)
    assert workshop.desk().labels.items.tolist() == sorted(items)


def test_what_was_taken_back_is_asked_again_first_also_after_a_reload(workshop):
    first, second = workshop.answer(2)
    workshop.rounds().update([])
    for _ in range(2):
        undo(workshop.desk())
    assert workshop.desk().queue[:2].tolist() == [first, second]
