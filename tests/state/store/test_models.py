"""Models are published one after the other, one of them active."""

import math

import pytest
from label_desk import new_model, publish

from anomaly_core.errors import InvalidInput
from state.errors import Overtaken, UnknownProject


def test_newest_model_is_the_active_one(store, desk, clock):
    project = desk.project.id
    assert store.models.active(project) is None
    first = publish(store, new_model(project, 1))
    assert store.models.active(project) == first
    second = publish(store, new_model(project, 2))
    assert store.models.active(project) == second
    assert (second.parent, second.created_at) == (1, clock.now)
    assert [(model.version, model.active) for model in store.models.all(project)] == [
        (1, False),
        (2, True),
    ]


@pytest.mark.parametrize("version", [1, 3])
def test_version_must_follow_the_newest(store, desk, version):
    first = publish(store, new_model(desk.project.id, 1))
    with pytest.raises(InvalidInput, match="version 2"):
        publish(store, new_model(desk.project.id, version))
    assert store.models.all(desk.project.id) == [first]


def test_only_the_holder_of_the_lease_publishes_and_amends(store, desk):
    queue, project = store.work.training(desk.project.id), desk.project.id
    with pytest.raises(Overtaken, match="Another trainer has taken over"):
        store.models.publish(new_model(project, 1), "w1")
    queue.take_lease("w1", "here", 1)
    mine = store.models.publish(new_model(project, 1, files={"a": "1"}), "w1")
    better = store.models.amend(mine, "w1", files={"a": "2"}, metrics={"more": 1}, directory="m/2")
    assert store.models.active(project) == better
    assert (better.files, better.directory) == ({"a": "2"}, "m/2")
    assert better.metrics == mine.metrics | {"more": 1}
    queue.release_lease("w1")
    queue.take_lease("w2", "here", 2)
    with pytest.raises(Overtaken):
        store.models.publish(new_model(project, 2), "w1")
    with pytest.raises(Overtaken):
        store.models.amend(better, "w1", files={})
    with pytest.raises(Overtaken), queue.holding("w1"):
        pytest.fail("it is not the holder")
    assert store.models.all(project) == [better]


def test_undefined_metrics_are_stored_as_none(store, desk):
    metrics = {"auroc": math.nan, "per_class": [1.0, math.inf], "note": "one class"}
    model = publish(store, new_model(desk.project.id, 1, metrics=metrics))
    expected = {"auroc": None, "per_class": [1.0, None], "note": "one class"}
    assert model.metrics == store.models.active(desk.project.id).metrics == expected


@pytest.mark.parametrize("directory", ["", "/etc", "../up", "a/../../b", "C:\\models", "\\\\x\\y"])
def test_model_lies_in_the_data_directory(directory):
    with pytest.raises(InvalidInput):
        new_model(1, 1, directory=directory)


def test_unknown_project_is_refused(store):
    with pytest.raises(UnknownProject):
        publish(store, new_model(99, 1))


def test_operating_points_are_kept_with_their_reason(store, desk, clock):
    project = desk.project.id
    publish(store, new_model(project, 1))
    choice = {"project_id": project, "model_version": 1, "author": "you"}
    strict = store.models.save_operating_point(**choice, threshold=0.5, reason="Few false alarms.")
    loose = store.models.save_operating_point(**choice, threshold=0.2, reason="Miss nothing.")
    assert store.models.operating_points(project) == [strict, loose]
    assert (strict.threshold, strict.reason) == (0.5, "Few false alarms.")
    assert strict.created_at == clock.now


def test_operating_point_needs_a_number_and_a_model(store, desk):
    choice = {"project_id": desk.project.id, "author": "you", "reason": ""}
    with pytest.raises(InvalidInput, match="model version 1"):
        store.models.save_operating_point(**choice, model_version=1, threshold=0.5)
    with pytest.raises(InvalidInput, match="number"):
        store.models.save_operating_point(**choice, model_version=1, threshold=math.nan)
