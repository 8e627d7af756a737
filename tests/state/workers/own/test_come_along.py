"""Labels that came along with images become answers, with their source."""

import numpy as np
import pytest
from answering import answer
from own_pile import GOOD, SCRATCHED, write_pile
from workshop import Workshop, of_own_images

from state.quality.tuning import Basis, tuning_of
from state.store.schema import Answer, Role
from state.workers.own.answers import IMPORTED

pytestmark = pytest.mark.trains

ALL = GOOD + SCRATCHED


@pytest.fixture
def labeled(tmp_path):
    pile = write_pile(tmp_path / "belt")
    form = of_own_images(tmp_path / "data", pile, normal=("good",), answers=True)
    with Workshop(tmp_path / "data", form) as shop:
        shop.work()
        yield shop


def of_source(shop):
    events = shop.store.events.standing(shop.id)
    return [event for event in events if event.strategy == IMPORTED]


def test_each_label_is_an_answer_but_of_what_measures_quality(labeled):
    audit = set(labeled.array("audit").tolist())
    said = {event.item: event.y for event in of_source(labeled)}
    assert sorted(said) == [item for item in range(ALL) if item not in audit]
    path = labeled.desk().gallery.own.path
    assert all((y > 0) == path(item).startswith("good/") for item, y in said.items())


def test_their_source_is_named_and_nobody_can_act_as_it(labeled):
    (person,) = {event.annotator_id for event in of_source(labeled)}
    source = next(one for one in labeled.store.people.all() if one.id == person)
    assert (source.name, source.role, source.active) == ("Labels of belt", Role.VIEWER, False)


def test_they_cost_nothing_of_what_people_are_asked(labeled):
    project = labeled.store.projects.get(labeled.id)
    assert project.spent == len(of_source(labeled))
    assert project.remaining == 30


def test_they_are_stored_once(labeled):
    before = len(of_source(labeled))
    labeled.work()
    assert labeled.trainer().growing.step()  # a trainer that has come up looks
    assert len(of_source(labeled)) == before


def test_the_model_learns_from_them_and_people_are_asked_the_rest(labeled):
    assert labeled.projects.due(labeled.id)
    labeled.rounds().update([])
    assert labeled.model.label_count == len(of_source(labeled))
    scores = np.load(labeled.version_folder(2) / "scores.npy")
    path = labeled.desk().gallery.own.path
    odd = np.array([path(item).startswith("scratched/") for item in range(ALL)])
    assert np.median(scores[odd]) > np.median(scores[~odd])
    assert set(labeled.desk().queue.tolist()) == set(labeled.array("audit").tolist())


def test_quality_is_told_by_people_alone(labeled):
    tuning = tuning_of(labeled.desk())
    assert tuning is not None
    assert not len(tuning.evidence(Basis.RANDOM).items)
    answer(labeled.desk(), int(labeled.array("audit")[0]), Answer.NORMAL)
    tuning = tuning_of(labeled.desk())
    assert tuning is not None
    assert len(tuning.evidence(Basis.RANDOM).items) == 1


def test_no_truth_is_written(labeled):
    assert not (labeled.folder / "truth" / "pool.npy").exists()
