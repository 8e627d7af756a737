"""After a roll back the older version serves, and the trainer's own code goes on from it."""

from dataclasses import replace

import numpy as np
import pytest
from published import documented, files, weights
from some import some
from workshop import DIGITS

from anomaly_core.errors import InvalidInput
from state.errors import StoreDamaged
from state.labeling.one_by_one import OneByOne
from state.store.schema import JobKind, JobState, Role, RoundTrigger
from state.versions.lineage import Lineage


def lineage(workshop) -> Lineage:
    return Lineage(workshop.projects, workshop.store.projects.get(workshop.id))


def roll_back(workshop, version):
    return lineage(workshop).roll_back(version, workshop.me)


def teach(workshop, rounds, count=10):
    """Answer a round and learn from it."""
    workshop.answer(count)
    return rounds.update([])


@pytest.fixture
def grown(workshop):
    """Three versions, made by a trainer that is still warm."""
    workshop.warm = workshop.rounds()
    for _ in range(2):
        teach(workshop, workshop.warm)
    return workshop


def test_the_desk_serves_the_older_version(grown):
    assert grown.desk().model.version == 3
    roll_back(grown, 2)
    desk = grown.desk()
    assert desk.model.version == desk.measured.model.version == 2
    np.testing.assert_array_equal(desk.gallery.of_model("scores"), grown.array("models/2/scores"))
    answered = {event.item for event in grown.store.events.standing(grown.id)}
    expected = [i for i in grown.array("models/2/proposals").tolist() if i not in answered]
    assert desk.queue.tolist() == expected
    assert len(answered) == 20
    ticket = OneByOne(desk, "tab").tickets[0]
    assert (ticket.item, some(ticket.placed).version) == (expected[0], 2)
    assert files(grown.folder) == documented(1, 2, 3)


def test_the_next_round_trains_on_from_it_with_every_label_that_stands(grown, open_workshop):
    before = {version: weights(grown, version) for version in (1, 2, 3)}
    roll_back(grown, 2)
    other = open_workshop(copy_of=grown.settings.data_dir)
    model = teach(grown, grown.warm)
    assert (model.version, model.parent, model.round, model.label_count) == (4, 2, 2, 30)
    assert model.last_seq == grown.store.events.since(grown.id)[-1].seq
    standing = grown.store.events.labels(grown.id)
    assert np.flatnonzero(grown.warm.learner.y).tolist() == standing.items.tolist()
    assert grown.warm.learner.y[standing.items].tolist() == standing.y.tolist()
    assert {version: weights(grown, version) for version in (1, 2, 3)} == before
    assert files(grown.folder) == documented(1, 2, 3, 4)

    teach(other, other.rounds())  # a trainer that has come up since
    assert weights(other, 4) == weights(grown, 4)
    straight = open_workshop(copy_of=grown.settings.data_dir)
    roll_back(straight, 3)
    assert straight.rounds().update([]).sha256 != weights(grown, 4)  # it matters where from


def test_a_warm_trainer_tells_two_versions_of_the_same_round_apart(grown, open_workshop):
    roll_back(grown, 2)
    teach(grown, grown.warm)  # model 4, of round 2 as is model 3
    roll_back(grown, 3)
    other = open_workshop(copy_of=grown.settings.data_dir)
    warm, fresh = grown.warm.update([]), other.rounds().update([])
    assert (warm.version, warm.parent, warm.round) == (5, 3, 3)
    assert warm.sha256 == fresh.sha256
    assert [model.version for model in grown.store.models.line(grown.id)] == [1, 2, 3, 5]


def test_the_rest_of_a_large_pool_is_scored_for_the_version_it_belongs_to(grown):
    roll_back(grown, 1)
    rounds = grown.rounds()
    rounds.candidates = 100  # of 350
    teach(grown, rounds)
    untouched = [grown.array(f"models/{version}/scores") for version in (2, 3)]
    published = grown.array("models/4/scores")
    while rounds.catch_up():
        pass
    for version, scores in zip((2, 3), untouched, strict=True):
        np.testing.assert_array_equal(grown.array(f"models/{version}/scores"), scores)
    assert not np.array_equal(grown.array("models/4/scores"), published)


def test_rolling_back_begins_no_round_by_itself(grown):
    roll_back(grown, 1)
    assert grown.projects.tend(grown.id) is None
    grown.answer(9)
    assert grown.projects.fresh(grown.id) == 9
    assert grown.projects.tend(grown.id) is None
    grown.answer(1)
    assert grown.projects.tend(grown.id).kind is JobKind.UPDATE
    grown.work()
    assert (grown.model.version, grown.model.parent, grown.model.label_count) == (4, 1, 30)


@pytest.mark.parametrize("trigger", [RoundTrigger.TIME, RoundTrigger.CONTINUOUS])
@pytest.mark.trains
def test_no_trigger_begins_a_round_by_itself(open_workshop, trigger):
    workshop = open_workshop(replace(DIGITS, round_trigger=trigger, round_seconds=1))
    rounds = workshop.rounds()
    workshop.prepare(rounds)
    teach(workshop, rounds)
    workshop.end_job(JobState.DONE, JobKind.PREPARE)
    workshop.store.clock = lambda: workshop.model.created_at + 100
    roll_back(workshop, 1)
    assert workshop.projects.due(workshop.id) is None
    workshop.answer(1)
    assert workshop.projects.due(workshop.id) is JobKind.UPDATE


def test_answers_that_waited_before_wait_after(grown):
    grown.answer(7)
    assert grown.projects.fresh(grown.id) == 7
    roll_back(grown, 1)
    assert grown.projects.fresh(grown.id) == 7
    assert "after 3 more answers" in lineage(grown).next_round(1)


def test_a_round_that_a_roll_back_overtook_is_not_published(grown):
    """A trainer that everybody takes for dead may still compute."""
    grown.answer(10)

    def overtake(report):
        if report.step == report.steps:
            roll_back(grown, 1)

    with pytest.raises(InvalidInput, match="Model 1 is in use by now"):
        grown.warm.update([overtake])
    assert grown.model.version == 1
    model = grown.warm.update([])
    assert (model.version, model.parent, model.label_count) == (4, 1, 30)


def test_rolling_back_waits_for_a_round_under_way(grown):
    grown.answer(10)
    grown.projects.tend(grown.id)
    with pytest.raises(InvalidInput, match="being trained just now"):
        roll_back(grown, 1)
    assert grown.model.version == 3


def test_a_damaged_version_is_refused_and_the_other_serves_on(grown):
    (grown.version_folder(2) / "model.safetensors").write_bytes(b"none")
    (grown.version_folder(1) / "model.json").unlink()
    for version in (1, 2):
        with pytest.raises(StoreDamaged, match=f"model {version}"):
            roll_back(grown, version)
        with pytest.raises(StoreDamaged):
            lineage(grown).name_production(version, grown.me, "good")
        with pytest.raises(StoreDamaged):
            lineage(grown).bundle(version, grown.me)
    assert grown.model.version == 3
    assert grown.store.promotions.all(grown.id) == []


def test_only_an_owner_rolls_back(grown):
    ben = grown.store.people.ensure("ben", Role.ANNOTATOR)
    with pytest.raises(InvalidInput, match="owner"):
        lineage(grown).roll_back(1, ben)
    assert grown.model.version == 3


def test_stopping_advice_is_from_the_line_that_serves(grown):
    roll_back(grown, 1)
    teach(grown, grown.warm)
    teach(grown, grown.warm)
    line = [model.metrics["agreement"] for model in grown.store.models.line(grown.id)]
    assert line[0] is None
    assert grown.quality().advice.agreement is None  # two so far; with the other branch, four
    teach(grown, grown.warm)
    line = [model.metrics["agreement"] for model in grown.store.models.line(grown.id)][-3:]
    assert grown.quality().advice.agreement == pytest.approx(np.mean(line))


def test_what_comes_next_is_said(grown):
    grown.answer(80)
    model = grown.warm.update([])
    said = lineage(grown).next_round(2)
    assert model.version == 4
    assert "trains on from model 2" in said
    assert "number 5" in said
    assert "budget is used up" in said
    roll_back(grown, 2)
    assert grown.projects.due(grown.id) is None


def test_a_roll_back_is_the_way_out_of_a_damaged_model(grown):
    (grown.version_folder(3) / "model.safetensors").write_bytes(b"none")
    grown.answer(10)
    grown.projects.tend(grown.id)
    grown.work()
    failed = grown.projects.last_finished(grown.id)
    assert failed.state is JobState.FAILED
    assert "choose another version on Models" in failed.message
    roll_back(grown, 2)
    assert "due already" in lineage(grown).next_round(2)
    grown.projects.retry(grown.id, grown.me)
    grown.work()
    assert (grown.model.version, grown.model.parent, grown.model.label_count) == (4, 2, 30)
