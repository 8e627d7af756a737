"""Anomalies found per answer equal what numpy counts from the events."""

import numpy as np
import pytest
from label_desk import Desk

from state.quality import discovery as told
from state.quality.discovery import discovery
from state.store.schema import Answer, EventKind, Role

NORMAL, ANOMALOUS, UNSURE = Answer.NORMAL, Answer.ANOMALOUS, Answer.UNSURE


@pytest.fixture
def team(store) -> Desk:
    return Desk(store, overlap=2, budget=50)


def found(desk: Desk, contamination: float = 0.1):
    return discovery(desk.store.events.history(desk.project.id), contamination)


def test_before_the_first_answer_nothing_is_found(team):
    nothing = found(team)
    assert (nothing.labels, nothing.total) == (0, 0)
    assert nothing.found.tolist() == nothing.expected.tolist() == [0]


def test_it_counts_along_the_answers(team):
    answers = np.random.default_rng(0).choice([1, -1], 30, p=[0.6, 0.4])
    for item, y in enumerate(answers):
        team.answer(item, NORMAL if y > 0 else ANOMALOUS)
    known = found(team, 0.25)
    np.testing.assert_array_equal(known.found, np.append(0, np.cumsum(answers < 0)))
    np.testing.assert_allclose(known.expected, 0.25 * np.arange(31))
    assert known.total == (answers < 0).sum()


def test_unsure_and_what_was_taken_back_count_for_nothing(team):
    team.answer(0, ANOMALOUS)
    team.answer(1, UNSURE)
    team.answer(2, ANOMALOUS)
    team.undo()
    assert found(team).found.tolist() == [0, 1]


def test_an_item_that_two_people_label_is_found_once(team):
    other = team.store.people.ensure("other", Role.ANNOTATOR).id
    team.answer(0, ANOMALOUS)
    team.answer(0, ANOMALOUS, annotator_id=other)
    team.answer(1, ANOMALOUS)
    known = found(team, 0.5)
    assert known.found.tolist() == [0, 1, 1, 2]
    assert known.expected.tolist() == [0, 0.5, 0.5, 1]


def test_a_second_look_moves_no_answer_along_the_curve(team):
    """The same answer given again, another one, and a verdict."""
    for item, answer in enumerate([ANOMALOUS, NORMAL, ANOMALOUS, NORMAL, NORMAL]):
        team.answer(item, answer, uuid=f"answer-{item}")
    assert found(team).found.tolist() == [0, 1, 1, 2, 2, 2]
    for item, answer in ((0, ANOMALOUS), (1, ANOMALOUS)):
        change = team.draft(item, answer)
        team.store.events.relabel(change, team.undo_draft(undoes=f"answer-{item}"))
    assert found(team).found.tolist() == [0, 1, 2, 3, 3, 3]
    for item, answer in ((2, NORMAL), (3, ANOMALOUS)):
        team.answer(item, answer, kind=EventKind.ADJUDICATION)
    known = found(team, 0.5)
    assert known.found.tolist() == [0, 1, 2, 2, 3, 3]
    assert known.expected.tolist() == [0, 0.5, 1, 1.5, 2, 2.5]


def test_a_long_history_is_told_at_a_few_points_that_are_exact(team, monkeypatch):
    answers = np.random.default_rng(1).choice([1, -1], 40)
    for item, y in enumerate(answers):
        team.answer(item, NORMAL if y > 0 else ANOMALOUS)
    monkeypatch.setattr(told, "POINTS", 7)
    known = found(team, 0.5)
    assert len(known.given) == 8
    assert (known.given[0], known.labels) == (0, 40)
    np.testing.assert_array_equal(known.found, np.append(0, np.cumsum(answers < 0))[known.given])
    np.testing.assert_allclose(known.expected, 0.5 * known.given)
