"""A8: quality counts what was said unprompted, and says how much it leaves out."""

import uuid

import numpy as np
import pytest
from answering import answer
from label_desk import new_project
from workshop import Workshop

from state.explore.truth import reveal
from state.labeling.second_look.review import Review
from state.store.audit_log import Deed, DeedsWanted, SeenTruth
from state.store.schema import Answer, Role


@pytest.fixture
def audited(workshop: Workshop) -> Workshop:
    """A project that sets twenty items aside, of which ten have an answer."""
    np.save(workshop.folder / "audit.npy", np.sort(workshop.array("models/1/proposals")[:20]))
    workshop.answer(10)
    return workshop


def first(shop: Workshop) -> int:
    return int(shop.quality().audited[0][0])


def counted(shop: Workshop) -> tuple[int, int]:
    quality = shop.quality()
    return quality.estimate.answers, quality.left_out


class TestA8HonestQuality:
    def test_unprompted_answers_count(self, audited: Workshop):
        assert counted(audited) == (10, 0)

    def test_an_answer_with_the_models_opinion_in_sight_is_left_out(self, audited: Workshop):
        item = int(audited.desk().queue[0])
        answer(audited.desk(), item, prediction_shown=True)
        assert counted(audited) == (10, 1)

    def test_an_answer_that_was_changed_in_tune_or_review_is_left_out(self, audited: Workshop):
        item = first(audited)
        before = audited.quality().audited
        review = Review(audited.desk())
        for said in (Answer.NORMAL, Answer.ANOMALOUS):
            Review(audited.desk()).settle(item, said, "", str(uuid.uuid4()))
        assert counted(audited) == (9, 1)
        assert set(audited.quality().audited[0]) == set(before[0]) - {item}
        assert review.case(item).y != 0  # it stands, and is only no evidence

    def test_an_answer_that_an_owner_settled_is_left_out(self, audited: Workshop):
        item = first(audited)
        audited.store.people.ensure("boss", Role.OWNER)
        Review(audited.desk("boss")).settle(item, Answer.ANOMALOUS, "", str(uuid.uuid4()))
        assert counted(audited) == (9, 1)

    def test_what_is_said_after_a_look_at_the_truth_is_left_out(self, audited: Workshop):
        reveal(audited.desk())
        assert counted(audited) == (10, 0)
        answer(audited.desk(), int(audited.desk().queue[0]))
        assert counted(audited) == (10, 1)

    @pytest.mark.parametrize("back", [0, 3_600, 10 * 365 * 86_400])
    def test_a_clock_that_was_set_back_makes_nothing_honest(self, audited: Workshop, back: int):
        store, now = audited.store, audited.store.clock
        store.audit_log.clock = lambda: now() - back  # also to before the project began
        for _ in range(2):
            reveal(audited.desk())
        (row,) = store.audit_log.newest(9, DeedsWanted(what=Deed.REVEALED_TRUTH))
        assert row.reason == f"after answer {store.events.since(audited.id)[-1].seq}"
        assert audited.desk().may_know
        assert counted(audited) == (10, 0)
        store.events.clock = lambda: now() - 2 * back - 3_600
        answer(audited.desk(), int(audited.desk().queue[0]))
        assert counted(audited) == (10, 1)

    def test_a_look_that_an_older_version_has_noted_counts_by_its_time(self, audited: Workshop):
        me = audited.desk().annotator
        audited.store.audit_log.record(me, Deed.REVEALED_TRUTH, project_id=audited.id)
        assert counted(audited) == (10, 0)
        answer(audited.desk(), int(audited.desk().queue[0]))
        assert counted(audited) == (10, 1)

    def test_relabelling_cannot_move_the_figures(self, audited: Workshop):
        """Sorted by the model's error, every wrong answer is changed to what the model thinks."""
        before = audited.quality().estimate
        scores = audited.array("models/1/scores")
        items, y = audited.quality().audited
        for item, label in zip(items.tolist(), y.tolist(), strict=True):
            said = Answer.ANOMALOUS if scores[item] > np.median(scores) else Answer.NORMAL
            if said.y != label:
                Review(audited.desk()).settle(item, said, "", str(uuid.uuid4()))
        quality = audited.quality()
        assert quality.left_out > 0
        assert quality.estimate.answers == before.answers - quality.left_out


def test_a7_a_look_at_an_erased_project_is_no_look_at_the_one_with_its_number(store, desk, clock):
    me = store.people.ensure("you")
    store.audit_log.record(me, Deed.REVEALED_TRUTH, project_id=desk.project.id + 1)
    clock.advance(10)
    later = store.projects.create(new_project("later"))
    assert later.id == desk.project.id + 1
    assert store.audit_log.revealed(later.id) == {}
    clock.advance(10)
    store.audit_log.record(me, Deed.REVEALED_TRUTH, project_id=later.id)
    assert store.audit_log.revealed(later.id) == {me.id: SeenTruth(clock.now, None)}
