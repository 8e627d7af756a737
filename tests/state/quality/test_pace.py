"""Everyone's figures equal what a hand computes from the events."""

import numpy as np
import pytest
from label_desk import Desk
from sklearn.metrics import cohen_kappa_score

from state.labeling.second_look.review import REVIEW
from state.quality import pace
from state.quality.pace import TeamWork, labels_per_minute
from state.store.drafts import UndoDraft
from state.store.schema import Answer, EventKind, Role

NORMAL, ANOMALOUS, UNSURE = Answer.NORMAL, Answer.ANOMALOUS, Answer.UNSURE


@pytest.fixture
def team(store) -> Desk:
    return Desk(store, overlap=3, budget=50)


def figures(desk: Desk):
    return TeamWork(desk.store, desk.project.id)


def person(desk: Desk, name: str) -> int:
    return desk.store.people.ensure(name, Role.ANNOTATOR).id


def test_nobody_has_done_anything(team):
    work = figures(team)
    assert work.paces == []
    assert work.raters == []
    assert work.agreement.alpha is None


def test_the_pace_of_one_person(team):
    for item, (shown, pressed) in enumerate([(0, 1), (1, 4), (4, 14), (500, 502)]):
        answer = UNSURE if item == 3 else NORMAL
        shared = {"shown_at": float(shown), "pressed_at": float(pressed)}
        team.answer(item, answer, prediction_shown=item == 0, **shared)
    (pace,) = figures(team).paces
    assert (pace.person.name, pace.answers, pace.labels) == ("you", 4, 3)
    assert pace.seconds == 2.5  # the median of 1, 3, 10 and 2
    assert pace.per_minute == pytest.approx(60 * 2 / 13)  # 1 to 4 and 4 to 14; then a pause
    assert pace.prediction_shown == 0.25
    assert pace.consistency.share is None


def test_what_was_taken_back_is_no_answer_and_one_key_makes_no_pace(team):
    team.answer(1, shown_at=0.0, pressed_at=1.0)
    team.undo()
    (pace,) = figures(team).paces
    assert (pace.answers, pace.labels) == (0, 0)
    assert pace.seconds is pace.per_minute is pace.prediction_shown is None


def test_a_batch_shares_its_time(team):
    for item in range(4):
        team.answer(item, batch="together", shown_at=10.0, pressed_at=12.0)
    assert figures(team).paces[0].seconds == 0.5


def test_consistency_compares_repeats_with_what_was_said_before(team):
    said = [(1, NORMAL, NORMAL), (2, NORMAL, ANOMALOUS), (3, UNSURE, UNSURE), (4, NORMAL, NORMAL)]
    for item, first, again in said:
        team.answer(item, first)
        team.answer(item, again, kind=EventKind.REPEAT, prediction_shown=item == 4)
    found = figures(team).paces[0].consistency
    assert (found.repeats, found.same) == (3, 2)  # the prediction was on screen for item 4


def test_a_repeat_that_was_taken_back_does_not_count(team):
    team.answer(1, NORMAL)
    team.answer(1, ANOMALOUS, kind=EventKind.REPEAT)
    team.undo()
    assert figures(team).paces[0].consistency.repeats == 0


def test_agreement_is_that_of_the_people_with_names(team):
    ben = person(team, "ben")
    mine, his = [1, 1, -1, -1, 1, 1], [1, -1, -1, -1, 1, -1]
    for item, (a, b) in enumerate(zip(mine, his, strict=True)):
        team.answer(item, NORMAL if a > 0 else ANOMALOUS)
        team.answer(item, NORMAL if b > 0 else ANOMALOUS, annotator_id=ben)
    team.answer(9, UNSURE, annotator_id=ben)
    work = figures(team)
    assert [one.name for one in work.raters] == ["you", "ben"]
    (pair,) = work.agreement.pairs
    assert (pair.items, pair.same) == (6, 4)
    assert pair.kappa == pytest.approx(cohen_kappa_score(np.array(mine), np.array(his)))


def test_changing_ones_mind_on_review_does_not_pretend_to_agreement(team):
    ben = person(team, "ben")
    for item, answer in enumerate((NORMAL, ANOMALOUS)):
        team.answer(item, answer)
        team.answer(item, NORMAL, annotator_id=ben)
    before = figures(team).agreement
    own = next(e for e in team.store.events.standing(team.project.id) if e.item == 1)
    undo = UndoDraft(
        uuid=team.uuid(),
        project_id=team.project.id,
        annotator_id=team.me,
        pressed_at=3.0,
        undoes=own.uuid,
    )
    team.store.events.relabel(team.draft(1, NORMAL, strategy=REVIEW), undo)
    team.answer(2, ANOMALOUS, strategy=REVIEW)  # a first answer, but with the others' in sight
    team.answer(2, ANOMALOUS, annotator_id=ben)
    assert figures(team).agreement == before
    assert before.pairs[0].same == 1


def minute(desk: Desk):
    return labels_per_minute(desk.store.events.history(desk.project.id))


def test_labels_per_minute_are_those_of_the_minutes_at_work_without_breaks(team):
    assert minute(team) is None
    pressed = [10.0, 12.0, 15.0, 500.0, 504.0, 505.0]
    for item, at in enumerate(pressed):
        team.answer(item, pressed_at=at)
    gaps = np.diff(pressed)
    assert minute(team) == pytest.approx(60 / np.mean(gaps[gaps <= 60]))
    team.undo()
    gaps = np.diff(pressed[:-1])
    assert minute(team) == pytest.approx(60 / np.mean(gaps[gaps <= 60]))


def test_labels_of_a_batch_share_its_time_and_nobody_waits_for_another(team):
    team.answer(0, pressed_at=0.0, annotator_id=person(team, "other"))
    team.answer(1, pressed_at=1.0)
    for item in range(2, 6):
        team.answer(item, batch="together", pressed_at=21.0)
    assert minute(team) == 60 / 5


def test_a_pace_is_that_of_the_latest_work(team, monkeypatch):
    for item, at in enumerate([0.0, 9.0, 18.0, 20.0, 22.0]):
        team.answer(item, shown_at=at - item, pressed_at=at)
    assert minute(team) == 60 / 5.5
    monkeypatch.setattr(pace, "LATEST", 3)
    assert minute(team) == 60 / 2
    (mine,) = figures(team).paces
    assert (mine.answers, mine.labels) == (5, 5)
    assert (mine.seconds, mine.per_minute) == (3, 60 / 2)


def test_people_are_compared_by_the_newest_items_that_several_labeled(team, monkeypatch):
    monkeypatch.setattr(pace, "COMPARED", 2)
    ben = person(team, "ben")
    for item, answer in enumerate((ANOMALOUS, NORMAL, NORMAL)):
        team.answer(item, NORMAL)
        team.answer(item, answer, annotator_id=ben)
    (pair,) = figures(team).agreement.pairs
    assert (pair.items, pair.same) == (2, 2)
