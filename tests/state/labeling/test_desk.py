"""The desk: what is asked, why, and that an answer counts once."""

import time

import numpy as np
import pytest

from anomaly_core.errors import InvalidInput
from anomaly_core.query import STRATEGIES
from state.errors import AlreadyAnswered, BudgetExhausted
from state.labeling.desk import Shown
from state.store.schema import Answer, EventKind

NORMAL, ANOMALOUS, UNSURE = Answer.NORMAL, Answer.ANOMALOUS, Answer.UNSURE


def answer_next(desk, answer=NORMAL):
    shown = desk.show(None)
    return shown, desk.answer(shown, answer)


def test_best_item_is_shown_first(workshop):
    proposals = workshop.array("models/1/proposals")
    desk = workshop.desk()
    np.testing.assert_array_equal(desk.queue, proposals)
    before = time.time()
    shown = desk.show(None)
    assert shown.item == proposals[0]
    assert before <= shown.at <= time.time()
    assert shown.token != desk.show(None).token


def test_item_stays_on_screen_when_a_new_model_arrives(workshop):
    workshop.answer(5)
    desk = workshop.desk()
    last = Shown.of(int(desk.queue[-1]))
    workshop.rounds().update([])
    later = workshop.desk()
    assert later.model.version == 2
    assert later.queue[0] != last.item
    assert later.show(last) is last


@pytest.mark.parametrize("answer", [NORMAL, ANOMALOUS, UNSURE, None])
def test_desk_moves_on_once_its_item_was_handled(workshop, answer):
    desk = workshop.desk()
    shown = desk.show(None)
    desk.answer(shown, answer) if answer else desk.skip(shown)
    assert workshop.desk().show(shown).item == desk.queue[1]


def test_desk_moves_on_when_somebody_else_has_answered(workshop):
    shown = workshop.desk().show(None)
    ada = workshop.desk("ada")
    ada.answer(ada.show(None), ANOMALOUS)
    assert workshop.desk().show(shown).item == ada.queue[1]
    with pytest.raises(AlreadyAnswered):
        workshop.desk().answer(shown, NORMAL)


def test_unsure_and_skip_of_somebody_else_leave_the_item_to_me(workshop):
    shown = workshop.desk().show(None)
    ada, bob = workshop.desk("ada"), workshop.desk("bob")
    ada.answer(ada.show(None), UNSURE)
    bob.skip(bob.show(None))
    assert workshop.desk().show(shown) is shown
    assert workshop.desk("ada").show(None).item != shown.item


def test_queue_leaves_out_what_is_handled_and_keeps_its_order(workshop):
    proposals = workshop.array("models/1/proposals").tolist()
    items = workshop.answer(6)
    desk = workshop.desk()
    desk.answer(Shown.of(proposals[10]), UNSURE)
    desk.skip(Shown.of(proposals[20]))
    handled = {*items, proposals[10], proposals[20]}
    expected = [item for item in proposals if item not in handled]
    assert workshop.desk().queue.tolist() == expected
    desk.undo("take back")
    assert workshop.desk().queue.tolist() == [
        p for p in proposals if p not in handled or p == proposals[20]
    ]


def test_nothing_is_shown_when_the_budget_is_used_up_until_something_is_taken_back(
    open_workshop, tiny
):
    workshop = open_workshop(tiny)
    workshop.prepare()
    items = workshop.answer(30)
    assert len(items) == 20
    left = Shown.of(int(workshop.desk().queue[0]))
    assert workshop.desk().show(None) is None
    assert workshop.desk().show(left) is None
    with pytest.raises(BudgetExhausted):
        workshop.desk().answer(left, NORMAL)
    workshop.desk().undo("take back")
    assert workshop.desk().show(left) is left
    assert workshop.desk().show(None).item == items[-1]


def test_nothing_is_shown_before_the_first_model(open_workshop, tiny):
    desk = open_workshop(tiny).desk()
    assert desk.gallery is None
    assert desk.show(None) is None
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
        assert (proposal.item, proposal.rank) == (item, place + 1)
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
    assert [workshop.desk().proposal(item).rank for item in items[3:]] == [1, 2]


def test_answer_counts_once_however_often_it_is_sent(workshop):
    desk = workshop.desk()
    shown, first = answer_next(desk)
    again = workshop.desk().answer(shown, NORMAL)
    assert (first.repeated, again.repeated) == (False, True)
    assert (first.seq, first.spent) == (again.seq, again.spent) == (again.seq, 1)
    with pytest.raises(InvalidInput):
        desk.answer(shown, ANOMALOUS)
    with pytest.raises(AlreadyAnswered):
        desk.answer(Shown.of(shown.item), NORMAL)
    assert workshop.store.projects.get(workshop.id).spent == 1


def test_answer_is_stored_with_its_circumstances(workshop):
    workshop.answer(5)
    workshop.rounds().update([])
    desk = workshop.desk()
    before = time.time()
    shown, receipt = answer_next(desk, ANOMALOUS)
    event = workshop.store.events.since(workshop.id)[-1]
    assert (event.seq, event.uuid, event.item) == (receipt.seq, shown.token, shown.item)
    assert (event.answer, event.annotator_id) == (ANOMALOUS, workshop.me.id)
    assert (event.model_version, event.round, event.strategy) == (2, 1, "margin")
    assert event.utility == workshop.array("models/2/utilities")[0]
    assert event.shown_at == shown.at
    assert before <= event.pressed_at <= time.time()


def test_answer_to_an_item_without_utility_is_kept(workshop):
    (item,) = workshop.answer(1)
    workshop.rounds().update([])
    workshop.desk().undo("take back")
    desk = workshop.desk()
    proposal = desk.proposal(item)  # model 2 does not propose what it was taught
    assert (proposal.utility, proposal.rank) == (None, None)
    desk.answer(desk.put(item), NORMAL)
    assert workshop.store.events.since(workshop.id)[-1].utility is None


def test_answer_before_anybody_could_have_looked_is_too_fast(workshop):
    desk, shown = workshop.desk(), Shown(3, "token", 1000.0)
    minimum = workshop.settings.minimum_view_ms / 1000
    assert desk.too_fast(shown, 1000.0 + 0.5 * minimum)
    assert not desk.too_fast(shown, 1000.0 + 1.01 * minimum)
    assert desk.too_fast(Shown.of(3))
    assert not desk.too_fast(Shown(3, "token", time.time() - 1))


def test_skip_costs_nothing(workshop):
    desk = workshop.desk()
    receipt = desk.skip(desk.show(None))
    assert (receipt.kind, receipt.spent) == (EventKind.SKIP, 0)


def test_undo_walks_back_and_counts_once_for_each_token(workshop):
    desk = workshop.desk()
    shown = [answer_next(workshop.desk())[0] for _ in range(3)]
    first = desk.undo("one")
    assert (first.undone.item, first.spent) == (shown[2].item, 2)
    assert desk.undo("one").repeated
    assert desk.undo("two").undone.item == shown[1].item
    assert workshop.store.projects.get(workshop.id).spent == 1
    assert workshop.desk().show(None).item == shown[1].item


def test_undo_takes_back_only_what_is_mine(workshop):
    mine, _ = answer_next(workshop.desk())
    answer_next(workshop.desk("ada"))
    assert workshop.desk().undo("one").undone.item == mine.item


def test_labels_are_those_of_the_store(workshop):
    items = workshop.answer(4)
    assert workshop.desk().labels.items.tolist() == sorted(items)


def test_what_was_taken_back_is_asked_again_first_also_after_a_reload(workshop):
    first, second = workshop.answer(2)
    workshop.rounds().update([])
    for token in ("one", "two"):
        workshop.desk().undo(token)
    assert workshop.desk().queue[:2].tolist() == [first, second]
    assert workshop.desk().show(None).item == first


def test_an_answer_carries_the_model_that_proposed_its_image(workshop):
    desk = workshop.desk()
    shown = desk.show(None)
    workshop.answer(3)
    workshop.rounds().update([])
    late = workshop.desk()
    assert late.model.version == 2
    kept = late.put(int(late.queue[0]))
    late.answer(kept, NORMAL)
    assert workshop.store.events.since(workshop.id)[-1].model_version == 2
    workshop.desk().undo("back")
    assert shown.version == 1
    assert shown.utility == pytest.approx(float(desk.gallery.of_model("utilities")[0]))
