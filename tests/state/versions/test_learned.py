"""What a desk says between two rounds."""

import pytest
from workshop import Workshop

from state.versions.learned import STOP, _at_work, learned

pytestmark = pytest.mark.trains


def told(workshop: Workshop) -> str:
    return learned(workshop.projects, workshop.store.projects.get(workshop.id), workshop.model)


def test_the_first_model_has_learned_from_nobody(workshop: Workshop):
    assert told(workshop) == ""


def test_it_tells_what_the_round_brought_and_says_when_one_could_stop(workshop: Workshop):
    rounds = workshop.rounds()
    workshop.answer(10)
    rounds.update([])
    sentence = told(workshop)
    assert sentence.startswith("It learned from 10 new answers and found ")
    assert sentence.endswith("crossed the line.")  # of two models nobody knows whether they settled

    for _ in range(2):
        workshop.answer(1)
        rounds.update([])
    for version in (2, 3, 4):
        workshop.remeasure(version, {"agreement": 0.99})
    assert workshop.quality().advice.stable  # what Overview says
    assert told(workshop).startswith("It learned from 1 new answer and found ")
    assert told(workshop).endswith(STOP)


def test_while_one_tab_works_it_out_the_others_go_on_without_it(workshop: Workshop):
    workshop.answer(10)
    workshop.rounds().update([])
    with _at_work:
        assert told(workshop) == ""
    assert told(workshop).startswith("It learned from 10 new answers")
