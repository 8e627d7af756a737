"""A data directory of the version before opens with everything that was in it, and goes on."""

import json
from dataclasses import asdict

import numpy as np
import pytest
from older_data import unpack
from workshop import Workshop

from anomaly_core.checkpoint import load_detector
from state.quality.comparison import Comparison
from state.store.schema import JobKind, JobState


@pytest.fixture
def then(scratch):
    """What the version before said of its store."""
    return unpack(scratch)[1]


@pytest.fixture
def shop(scratch, then):
    """Its project, opened with today's code."""
    with Workshop(scratch / "data") as opened:
        yield opened


def plain(rows):
    """What the rows hold, as it would be written to a file."""
    fields = [row._asdict() if hasattr(row, "_asdict") else asdict(row) for row in rows]
    return json.loads(json.dumps(fields, default=str))


def assert_kept(rows, before, lost=()):
    """Each row is there in its place with all that it held, but for what is no longer kept."""
    assert len(rows) == len(before) > 0
    for row, was in zip(plain(rows), before, strict=True):
        assert {name: value for name, value in was.items() if name not in lost}.items() <= (
            row.items()
        )


def test_every_label_version_threshold_and_promotion_is_there(shop, then):
    store, of = shop.store, shop.id
    assert_kept([store.projects.get(of)], [then["project"]])
    assert_kept(store.people.all(), then["people"])
    assert_kept(store.events.since(of), then["events"])
    assert {event["kind"] for event in then["events"]} == {"answer", "undo", "skip", "flag"}
    labels = store.events.labels(of)
    assert (labels.items.tolist(), labels.y.tolist()) == tuple(then["labels"].values())
    assert_kept(store.models.all(of), then["models"])
    assert [(model.version, model.parent) for model in store.models.line(of)] == [
        (1, None),
        (2, 1),
        (4, 2),
    ]
    assert_kept(store.promotions.all(of), then["promotions"])
    assert store.promotions.production(of).version == 3
    assert_kept(store.models.operating_points(of), then["points"])
    ada = store.people.ensure("ada")
    assert shop.desk("ada").wished == then["wished"]
    assert ada.id in {event.annotator_id for event in store.events.since(of)}
    assert shop.desk("ben").queue[:10].tolist() == then["queue"]


def test_every_job_and_run_is_there_under_its_number(shop, then):
    assert_kept(shop.queue.all(), then["jobs"], lost=("project_id", "heartbeat"))
    runs = shop.store.work.runs
    assert_kept(runs.all(), then["runs"], lost=("host", "pid", "heartbeat"))
    assert [(run.id, run.state) for run in runs.all()] == [
        (2, JobState.CANCELLED),
        (1, JobState.DONE),
    ]
    comparison = Comparison(shop.projects.runs.folder(runs.get(1)))
    assert comparison.judged == shop.projects.runs.images(runs.get(1)) == 60
    assert [row["name"] for row in comparison.metrics["contestants"]] == ["fc", "classifier"]
    assert shop.projects.runs.resume(2, shop.me).state is JobState.QUEUED
    assert runs.ask(JobKind.RUN, {"recipe": "another"}).id == 4  # the third was removed


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_every_version_scores_as_it_did(shop, version):
    detector = load_detector(shop.version_folder(version))
    for images, scores in (("pool", "scores"), ("test", "test-scores")):
        np.testing.assert_allclose(
            detector.decision_function(shop.array(images)),
            shop.array(f"models/{version}/{scores}"),
            rtol=1e-3,
            atol=1e-5,
        )


@pytest.mark.trains
def test_the_next_round_is_trained_on_from_the_version_that_serves(shop):
    line = shop.store.models.line(shop.id)
    assert shop.projects.baseline(shop.store.projects.get(shop.id), line).complete
    assert shop.projects.stuck(shop.id)  # the last job has failed
    shop.answer(5)
    assert shop.projects.tend(shop.id).kind is JobKind.UPDATE
    shop.work()
    assert (shop.model.version, shop.model.parent) == (5, 4)
    assert shop.model.label_count >= 18  # of twenty, but for what is set aside
    assert shop.queue.all()[0].state is JobState.DONE
