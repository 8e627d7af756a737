"""What is chosen on Explore comes first on the desk of whoever chose it, and nothing else does."""

import numpy as np
import pytest
from answering import answer, undo
from some import some
from workshop import Workshop

from anomaly_core.errors import InvalidInput
from state.labeling.desk import AUDIT, CHOSEN
from state.labeling.one_by_one import OneByOne
from state.labeling.selection import MOST, Side, Sorted, by_percentile, in_front, send, sort_out
from state.store.drafts import AnswerDraft
from state.store.schema import Answer, Role


def chosen_items(workshop, count=5):
    """Items that the strategy would not ask for soon: the lowest scores."""
    return np.argsort(workshop.array("models/1/scores"), kind="stable")[:count].tolist()


def test_sent_items_come_first_highest_score_first(workshop: Workshop):
    items = chosen_items(workshop)
    assert send(workshop.desk(), items) == "5 items are in front on Label now."
    first = OneByOne(workshop.desk(), "tab").items[:5]
    assert first == items[::-1]
    assert in_front(workshop.desk()) == first


def test_they_come_first_for_whoever_sent_them_only(workshop: Workshop):
    usual = OneByOne(workshop.desk("ada"), "a").items
    workshop.store.leases.take(workshop.id, workshop.me.id, "a", [], lambda item: 0, 0)
    send(workshop.desk(), chosen_items(workshop))
    assert workshop.desk("ada").queue.tolist()[:5] == usual[:5]


def test_a_reload_and_a_new_model_keep_them_in_front(workshop: Workshop):
    items = chosen_items(workshop)
    send(workshop.desk(), items)
    workshop.rounds().update([])
    assert workshop.model.version == 2
    assert workshop.desk().queue.tolist()[:5] == items[::-1]


def test_sent_twice_is_there_once(workshop: Workshop):
    items = chosen_items(workshop)
    send(workshop.desk(), items)
    with pytest.raises(InvalidInput, match="None of the chosen"):
        send(workshop.desk(), items)
    assert send(workshop.desk(), [*items, chosen_items(workshop, 6)[-1]]).startswith(
        "1 item is in front on Label now; 5 in front already"
    )
    queue = workshop.desk().queue.tolist()
    assert len(queue) == len(set(queue))


def test_what_is_answered_is_skipped_and_said_so(workshop: Workshop):
    answered = workshop.answer(3)
    items = chosen_items(workshop)
    sorted_ = sort_out(workshop.desk(), [*answered, *items])
    assert (sorted_.open, sorted_.answered) == (items[::-1], 3)
    assert "3 skipped: answered already" in send(workshop.desk(), [*answered, *items])
    answer(workshop.desk(), items[4], Answer.NORMAL)
    assert in_front(workshop.desk()) == items[3::-1]


def test_the_audit_slice_stays_unprompted(workshop: Workshop):
    items = chosen_items(workshop)
    np.save(workshop.folder / "audit.npy", np.array(sorted(items[:2])))
    usual = workshop.desk().queue.tolist()
    assert send(workshop.desk(), items).startswith(f"{len(items)} items are in front")
    desk = workshop.desk()
    assert desk.queue[: len(items) - 2].tolist() == items[:1:-1]
    assert set(items[:2]) & set(desk.queue.tolist()) == set(items[:2]) & set(usual)
    assert some(desk.proposal(items[0])).strategy == AUDIT
    assert len({some(desk.proposal(item)).reason for item in items}) == 1


def test_the_desk_says_why_and_records_it(workshop: Workshop):
    items = chosen_items(workshop)
    send(workshop.desk(), items)
    proposal = some(workshop.desk().proposal(items[4]))
    assert proposal.strategy == CHOSEN
    assert "Explore" in proposal.reason
    ticket = OneByOne(workshop.desk(), "tab").tickets[0]
    assert (ticket.item, ticket.rank) == (items[4], 1)
    assert "Explore" in ticket.reason


def test_they_can_be_taken_off_again(workshop: Workshop):
    usual = workshop.desk().queue.tolist()
    send(workshop.desk(), chosen_items(workshop))
    workshop.store.priorities.forget(workshop.id, workshop.me.id)
    assert workshop.desk().queue.tolist() == usual


def test_an_item_that_is_none_is_left_out(workshop: Workshop):
    assert sort_out(workshop.desk(), [-1, 10**6]).open == []


def test_before_the_first_model_there_is_nothing_to_put_in_front(tiny_workshop):
    assert sort_out(tiny_workshop.desk(), [1, 2]) == Sorted([], 0, 0)


def test_who_may_only_look_sends_nothing(workshop: Workshop):
    workshop.store.people.ensure("guest", Role.VIEWER)
    with pytest.raises(InvalidInput, match="may look"):
        send(workshop.desk("guest"), [1])


def test_more_than_anybody_answers_is_refused(workshop: Workshop, monkeypatch):
    monkeypatch.setattr("state.labeling.selection.MOST", 3)
    assert MOST == 1_000
    with pytest.raises(InvalidInput, match="at most"):
        send(workshop.desk(), range(5))
    assert in_front(workshop.desk()) == []


@pytest.mark.trains
def test_a_small_budget_is_told(open_workshop, tiny):
    shop = open_workshop(tiny)
    shop.prepare()
    assert "buys 20 more labels only" in send(shop.desk(), range(40))


def test_an_undone_answer_to_a_sent_item_comes_back(workshop: Workshop):
    items = chosen_items(workshop)
    send(workshop.desk(), items)
    desk = workshop.desk()
    workshop.store.events.accept(
        AnswerDraft(
            uuid="one",
            project_id=workshop.id,
            item=items[4],
            annotator_id=workshop.me.id,
            answer=Answer.NORMAL,
            pressed_at=1.0,
        )
    )
    assert items[4] not in workshop.desk().queue
    undo(desk)
    assert workshop.desk().queue[0] == items[4]


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize(("low", "high"), [(0, 100), (90, 100), (20, 40)])
def test_choice_by_percentile_is_that_of_numpy(workshop: Workshop, low, high, side):
    desk = workshop.desk()
    scores, R = workshop.array("models/1/scores"), workshop.model.metrics["R"]
    expected = {
        item
        for item, score in enumerate(scores)
        if np.percentile(scores, low) <= score <= np.percentile(scores, high)
        and side in (Side.EITHER, Side.OUTSIDE if np.sqrt(score) > R else Side.INSIDE)
    }
    assert set(by_percentile(some(desk.gallery), low, high, side).tolist()) == expected
