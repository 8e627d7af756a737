"""Promotions: who may put which version to what, and that nothing is lost by it."""

import pytest
from at_work import begin
from label_desk import new_model, publish

from anomaly_core.errors import InvalidInput
from state.errors import UnknownProject
from state.store.models import ancestry
from state.store.schema import JobKind, JobState, Purpose, Role


@pytest.fixture
def project(store, desk):
    """A project with three versions, the last of which serves."""
    for version in (1, 2, 3):
        publish(store, new_model(desk.project.id, version))
    return desk.project.id


@pytest.fixture
def promote(store, desk, project):
    def act(version, purpose=Purpose.DESK, reason="", annotator_id=desk.me):
        store.promotions.promote(
            project_id=project,
            version=version,
            purpose=purpose,
            annotator_id=annotator_id,
            reason=reason,
        )

    return act


def active(store, project):
    return [model.version for model in store.models.all(project) if model.active]


def test_a_version_put_to_the_desk_is_the_only_active_one(store, project, promote, clock):
    before = store.models.all(project)
    promote(1, reason=" too many false alarms ")
    assert active(store, project) == [1]
    assert [vars(m) | {"active": None} for m in store.models.all(project)] == [
        vars(m) | {"active": None} for m in before
    ]
    (said,) = store.promotions.all(project)
    assert (said.version, said.purpose, said.author) == (1, Purpose.DESK, "you")
    assert (said.reason, said.created_at) == ("too many false alarms", clock.now)


def test_the_next_model_follows_the_newest_and_descends_from_the_active_one(
    store, project, promote
):
    promote(2)
    with pytest.raises(InvalidInput, match="Model 2 is in use by now"):
        publish(store, new_model(project, 4, parent=3))
    assert active(store, project) == [2]
    publish(store, new_model(project, 4, parent=2))
    assert active(store, project) == [4]
    assert [model.version for model in store.models.line(project)] == [1, 2, 4]
    assert store.models.newest(project).version == 4
    promote(3)  # forward into the other branch
    assert [model.version for model in store.models.line(project)] == [1, 2, 3]
    assert [m.version for m in ancestry(store.models.all(project), 4)] == [1, 2, 4]


def test_naming_production_moves_no_desk_and_the_last_word_counts(store, project, promote):
    assert store.promotions.production(project) is None
    promote(2, Purpose.PRODUCTION, "first")
    promote(3, Purpose.PRODUCTION, "second")
    promote(2, Purpose.PRODUCTION, "third")
    assert active(store, project) == [3]
    assert (
        store.promotions.production(project).version,
        store.promotions.production(project).reason,
    ) == (2, "third")
    assert [one.version for one in store.promotions.all(project)] == [2, 3, 2]
    promote(1)
    assert store.promotions.production(project).version == 2


def test_a_double_click_counts_once(store, project, promote):
    for _ in range(2):
        promote(2)
        promote(2, Purpose.PRODUCTION, "good")
    assert [one.purpose for one in store.promotions.all(project)] == [
        Purpose.DESK,
        Purpose.PRODUCTION,
    ]


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.VIEWER])
def test_only_an_owner_may(store, project, promote, purpose, role):
    other = store.people.ensure("ben", role).id
    with pytest.raises(InvalidInput, match="owner"):
        promote(1, purpose, "I like it", other)
    assert (active(store, project), store.promotions.all(project)) == ([3], [])


@pytest.mark.parametrize("purpose", Purpose)
def test_a_version_that_is_not_there_is_refused(store, project, promote, purpose):
    with pytest.raises(InvalidInput, match="no model version 9"):
        promote(9, purpose, "good")
    with pytest.raises(InvalidInput, match="shorten"):
        promote(1, purpose, "long" * 1_000)
    assert (active(store, project), store.promotions.all(project)) == ([3], [])


def test_an_unknown_project_is_refused(store, desk):
    with pytest.raises(UnknownProject):
        store.promotions.promote(
            project_id=99, version=1, purpose=Purpose.DESK, annotator_id=desk.me, reason=""
        )


@pytest.mark.parametrize("running", [False, True])
def test_nothing_is_rolled_back_under_a_round(store, project, promote, running):
    queue = store.work.training(project)
    job = queue.ask(JobKind.UPDATE)
    if running:
        begin(queue)
    with pytest.raises(InvalidInput, match="being trained just now"):
        promote(1)
    promote(1, Purpose.PRODUCTION, "does no harm")
    assert active(store, project) == [3]
    if running:
        queue.finish(job.id, "w1", JobState.FAILED, "It ended.")
    else:
        queue.cancel(job.id)
    promote(1)
    assert active(store, project) == [1]
