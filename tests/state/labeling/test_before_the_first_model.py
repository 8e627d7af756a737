"""The desk while the first model is being prepared: images at random, and answers that count."""

import json

import numpy as np
import pytest
from answering import answer, undo
from sqlalchemy import update
from workshop import WORKER

from anomaly_core.errors import InvalidInput
from anomaly_core.progress import silent
from state.labeling.claims import Claims
from state.labeling.desk import AT_RANDOM, AUDIT
from state.labeling.grid import GridChoice, Mode, deliver_grid
from state.labeling.inbox import read_draft
from state.labeling.one_by_one import OneByOne
from state.labeling.payload import Sent, deliver
from state.store import schema
from state.store.drafts import AnswerDraft
from state.store.schema import Answer, JobKind, JobState

pytestmark = pytest.mark.trains


@pytest.fixture
def begun(tiny_workshop):
    """A project whose images are published, and no model yet."""
    tiny_workshop.rounds().pool.publish(silent)
    return tiny_workshop


def test_nothing_is_asked_while_the_images_are_read(tiny_workshop):
    assert tiny_workshop.desk().files is None
    assert OneByOne(tiny_workshop.desk(), "tab").tickets == []
    told = deliver(tiny_workshop.desk(), Sent({"client": "tab"}))
    assert (told["queue"], told["images"]) == ([], {})
    assert "no model yet" in told["nothing"]


def test_the_whole_pool_is_asked_in_a_random_order(begun):
    """Also what measures quality, so that nobody can tell which items do."""
    desk = begun.desk()
    assert sorted(desk.queue) == list(range(len(begun.array("pool"))))
    assert desk.queue.tolist() != sorted(desk.queue)
    assert desk.queue.tolist() == begun.desk().queue.tolist()


def test_an_answer_to_what_measures_quality_does_so(begun):
    item = int(begun.array("audit")[0])
    said = {"project": begun.id, "annotator": begun.me.id, "pressed_at": 1.0}
    draft = read_draft(said | {"uuid": "e", "kind": "answer", "answer": "normal", "item": item})
    assert isinstance(draft, AnswerDraft)
    assert Claims(begun.store, begun.desk().project).settled(draft).strategy == AUDIT


def test_most_of_the_budget_is_left_for_what_a_model_asks(begun):
    project = begun.desk().project
    assert project.budget > project.batch_size > 1
    begun.answer(project.batch_size - 1)
    (ticket,) = OneByOne(begun.desk(), "tab").tickets[:1]
    answer(begun.desk(), ticket.item, Answer.NORMAL)
    assert OneByOne(begun.desk(), "tab").items == []
    assert "no model yet" in deliver(begun.desk(), Sent({"client": "tab"}))["nothing"]
    undo(begun.desk())
    assert OneByOne(begun.desk(), "tab").items


def test_a_ticket_says_that_nothing_has_placed_it(begun):
    ticket = OneByOne(begun.desk(), "tab").tickets[0]
    assert (ticket.reason, ticket.placed) == (AT_RANDOM, None)
    assert not {"version", "score", "xy"} & set(ticket.to_json())


def test_the_desk_gets_images_and_hears_that_the_sphere_is_to_come(begun):
    told = deliver(begun.desk(), Sent({"client": "tab"}))
    assert len(told["queue"]) > 1
    assert {ticket["item"] for ticket in told["queue"]} <= set(told["images"])
    assert (told["map"], told["version"]) == (None, None)
    assert "first model" in told["moved"]


def test_answers_count_and_the_first_round_learns_from_them(begun):
    items = begun.answer(10)
    assert begun.desk().project.spent == 10
    assert not set(items) & set(begun.desk().queue.tolist())
    told = deliver(begun.desk(), Sent({"client": "tab"}))
    assert len(told["round"]["labels"]) == 10
    assert sorted([*told["guide"]["normals"], *told["guide"]["anomalies"]]) != []
    begun.prepare(begun.rounds_of(WORKER))
    assert begun.projects.due(begun.id) is not None
    model = begun.rounds_of(WORKER).update([])
    assert model.label_count == 10
    assert begun.store.events.labels(begun.id).items.tolist() == sorted(items)


def test_an_answer_is_stored_as_one_that_no_model_asked_for(begun):
    item = int(begun.desk().queue[0])
    said = {"project": begun.id, "annotator": begun.me.id, "pressed_at": 1.0}
    draft = read_draft(said | {"uuid": "e", "kind": "answer", "answer": "normal", "item": item})
    assert isinstance(draft, AnswerDraft)
    known = Claims(begun.store, begun.desk().project).settled(draft)
    assert (known.model_version, known.round, known.strategy) == (None, 0, None)


def test_no_grid_is_asked_for_by_an_order_that_only_a_model_gives(begun):
    for mode in Mode:
        told = deliver_grid(begun.desk(), {"client": "tab"}, GridChoice(mode, 12, 0))
        assert told["queue"] == []
        assert "no model yet" in told["nothing"]


def test_a_killed_preparation_leaves_the_images_that_were_answered(begun, tmp_path):
    items = begun.answer(3)
    before = begun.array("pool").copy()
    begun.hand_over("w9")
    rounds = begun.rounds_of("w9")
    rounds.pool._read = pytest.fail  # the images of a dataset are not read a second time
    begun.prepare(rounds)
    np.testing.assert_array_equal(begun.array("pool"), before)
    assert begun.desk().project.spent == len(items)


def test_what_a_killed_trainer_published_gets_its_size(begun):
    with begun.store.engine.begin() as connection:
        connection.execute(update(schema.project).values(pool_size=None))
    begun.prepare(begun.rounds_of(WORKER))
    assert begun.desk().project.pool_size == len(begun.array("pool"))


def test_images_of_another_project_are_not_shown(begun):
    stamp = begun.folder / "project.json"
    stamp.write_text(json.dumps({"created_at": begun.desk().project.created_at - 1}))
    assert begun.desk().files is None
    assert begun.desk().queue.tolist() == []


def test_models_that_only_another_database_knows_stop_it(begun):
    (begun.folder / "models" / "1-00000000").mkdir(parents=True)
    begun.answer(1)
    with pytest.raises(InvalidInput, match="does not know"):
        begun.rounds_of(WORKER).pool.publish(silent)


def test_answers_do_not_begin_again_what_an_owner_has_stopped(begun):
    begun.end_job(JobState.CANCELLED, JobKind.PREPARE)
    begun.answer(begun.desk().project.batch_size)
    assert begun.projects.tend(begun.id) is None


def test_what_measures_quality_stays_where_more_images_have_come(begun):
    published, size = begun.desk().files, len(begun.array("pool"))
    audit = begun.rounds_of(WORKER).pool._audit_of(size + 100, published)
    drawn = len(begun.array("audit"))
    assert audit[:drawn].tolist() == begun.array("audit").tolist()
    assert all(item >= size for item in audit[drawn:])


def test_what_was_answered_before_tells_how_good_the_first_model_is(begun):
    item = int(begun.array("audit")[0])
    answer(begun.desk(), item, Answer.NORMAL, strategy=AUDIT, model_version=None)
    begun.prepare(begun.rounds_of(WORKER))
    assert begun.quality().audited[0].tolist() == [item]
