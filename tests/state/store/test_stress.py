"""The stress benchmark, at a size that fits: many writers, and writers that are killed."""

import pytest
from label_desk import Desk
from sqlalchemy import text

from benchmarks.staging.writers import Place
from benchmarks.store_stress import InvariantBroken, check, kill, press
from state.errors import Reason
from state.store.database import writing
from state.store.schema import Answer
from state.store.store import Store

pytestmark = pytest.mark.process


def test_many_writers_agree_with_the_store(settings):
    pressed = press(settings, processes=8, answers=30)
    assert pressed.accepted > 80
    assert pressed.repeats > 0
    assert {Reason.BUDGET_SPENT, Reason.ALREADY_ANSWERED} <= pressed.refused.keys()
    assert len(pressed.milliseconds) <= pressed.accepted + pressed.refused.total()
    with Store.open(settings) as store:
        assert [one.overlap for one in store.projects.all()] == [1, 2]


def test_killed_writers_lose_nothing(settings):
    killed = kill(settings, kills=12)
    assert killed.writing > 0
    assert killed.acknowledged >= killed.writing
    assert killed.unheard <= 12 * 4


BREAKAGES = {
    "an event is gone": ("I1", "DELETE FROM event WHERE answer = 'unsure'"),
    "an answer is another": ("I1", "UPDATE event SET answer = 'normal' WHERE answer = 'anomalous'"),
    "a label is not paid": ("I2", "UPDATE project SET spent = 1"),
    "a budget is overdrawn": ("I2", "UPDATE project SET spent = 1, budget = 1"),
    "an item has too many labels": ("I3", "UPDATE project SET overlap = 1"),
}


@pytest.mark.parametrize(("broken", "statement"), BREAKAGES.values(), ids=BREAKAGES.keys())
def test_a_broken_promise_is_noticed(settings, broken, statement):
    with Store.open(settings) as store:
        desk = Desk(store, overlap=2)
        other = store.people.ensure("ada").id
        stored = [
            desk.answer(1, Answer.ANOMALOUS).event,
            desk.answer(1, annotator_id=other).event,
            desk.answer(2, Answer.UNSURE).event,
        ]
        place = Place(settings, (desk.project.id,))
        facts = [(one.uuid, one.item, str(one.answer)) for one in stored]
        assert check(place, facts) == 0
        assert check(place, facts[1:], in_flight=1) == 1
        with pytest.raises(InvariantBroken, match="I1 is broken: 1 events were stored"):
            check(place, facts[1:])
        with pytest.raises(InvariantBroken, match="I1"):
            check(place, [*facts, facts[0]])
        with writing(store.engine) as connection:
            connection.execute(text(statement))
        with pytest.raises(InvariantBroken, match=f"{broken} is broken"):
            check(place, facts)
