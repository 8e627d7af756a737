"""The grid of a tab: what it holds in each mode, what it leaves out, what undo finds."""

import json
from base64 import b64decode

import numpy as np
import pytest
from answering import answer

from state.labeling.desk import AUDIT
from state.labeling.grid import SIZES, Batch, GridChoice, Mode, deliver_grid, usual_example
from state.labeling.inbox import take_in
from state.labeling.neighbors import nearest
from state.store.people import MACHINE
from state.store.schema import Answer, Role

CHOICES = [GridChoice(mode, 12, 5) for mode in Mode]


def batch(workshop, choice=None, annotator="you", client="tab", held=()):
    return Batch(workshop.desk(annotator), client, choice or GridChoice(size=12), held)


def set_aside(workshop, items):
    """Make some items the audit slice."""
    np.save(workshop.folder / "audit.npy", np.array(sorted(items)))


def keep(workshop, cells, answer="normal", name="b1"):
    """Store answers to cells as a browser sends them, as one batch."""
    project = workshop.store.projects.get(workshop.id)
    sent = [
        {
            "uuid": f"{name}-{cell.item}",
            "project": project.id,
            "created": project.created_at,
            "annotator": workshop.me.id,
            "item": cell.item,
            "kind": "answer",
            "answer": answer,
            "version": cell.version,
            "strategy": cell.strategy,
            "shown_at": 1.0,
            "pressed_at": 2.0,
            "prediction_shown": cell.prediction,
            "batch": name,
        }
        for cell in cells
    ]
    intake = take_in(workshop.store, name, sent, {workshop.me.id})
    assert intake.refused == {}
    return [cell.item for cell in cells]


# -- what is chosen -----------------------------------------------------------------------------


def test_proposed_is_the_queue_with_what_the_strategy_recorded(workshop):
    given = batch(workshop)
    assert given.items == workshop.array("models/1/proposals")[:24].tolist()
    first = given.cells[0]
    assert (first.strategy, first.version, first.prediction) == (None, 1, False)
    keep(workshop, given.cells[:1])
    (event,) = workshop.store.events.standing(workshop.id)
    assert (event.strategy, event.model_version, event.round) == ("margin", 1, 0)
    assert event.utility == pytest.approx(float(workshop.array("models/1/utilities")[0]))


@pytest.mark.parametrize(
    ("mode", "sign"), [(Mode.MOST_ANOMALOUS, -1), (Mode.MOST_NORMAL, 1)], ids=str
)
def test_by_score_is_in_its_order_and_says_that_this_tells_the_prediction(workshop, mode, sign):
    order = np.argsort(sign * workshop.array("models/1/scores"), kind="stable")
    answered = workshop.answer(5)
    given = batch(workshop, GridChoice(mode, 12))
    expected = [item for item in order.tolist() if item not in answered]
    assert given.items == expected[:24]
    assert {cell.strategy for cell in given.cells} == {f"batch-{mode}"}
    assert all(cell.prediction for cell in given.cells)


def test_similar_are_the_nearest_in_latent_space_behind_the_item_itself(workshop):
    like = 7
    given = batch(workshop, GridChoice(Mode.SIMILAR, 12, like))
    embeddings = workshop.array("models/1/embeddings")
    among = np.delete(np.arange(len(embeddings)), like)
    expected = nearest(embeddings, np.array([like]), among, 23)[0]
    assert given.items == [like, *expected]
    assert given.cells[1].strategy == "batch-similar"
    assert not given.cells[1].prediction


def test_similar_to_an_answered_item_leaves_the_item_out(workshop):
    (like,) = workshop.answer(1)
    items = batch(workshop, GridChoice(Mode.SIMILAR, 12, like)).items
    assert len(items) == 24
    assert like not in items


@pytest.mark.parametrize("like", [None, -1, 10_000_000])
def test_similar_to_no_item_of_the_pool_is_empty_and_says_so(workshop, like):
    given = batch(workshop, GridChoice(Mode.SIMILAR, 12, like))
    assert given.items == []
    assert given.nothing.startswith("Items are numbered 0 to ")


def test_a_model_without_embeddings_says_so(workshop):
    (workshop.version_folder(1) / "embeddings.npy").unlink()
    given = batch(workshop, GridChoice(Mode.SIMILAR, 12, 3))
    assert given.items == []
    assert "cannot tell what is similar" in given.nothing


def test_the_usual_example_is_the_newest_anomalous_answer_else_the_highest_score(workshop):
    assert usual_example(workshop.desk()) == workshop.array("models/1/scores").argmax()
    for item, said in ((4, Answer.ANOMALOUS), (9, Answer.ANOMALOUS), (2, Answer.NORMAL)):
        answer(workshop.desk(), item, said)
    assert usual_example(workshop.desk()) == 9


# -- the audit slice ----------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [mode for mode in Mode if mode is not Mode.PROPOSED], ids=str)
def test_no_choice_by_the_model_touches_the_random_sample_that_quality_is_told_from(workshop, mode):
    choice = GridChoice(mode, 12, 5)
    audit = batch(workshop, choice).items[::2]
    set_aside(workshop, audit)
    assert not set(batch(workshop, choice).items) & set(audit)


def test_an_audit_item_that_is_proposed_is_recorded_as_one_and_nobody_is_told(workshop):
    audit = workshop.array("models/1/proposals")[[1, 3]]
    set_aside(workshop, audit)
    given = batch(workshop)
    assert {cell.strategy for cell in given.cells} == {None}
    keep(workshop, given.cells)
    standing = workshop.store.events.standing(workshop.id)
    assert {event.item for event in standing if event.strategy == AUDIT} == set(audit.tolist())
    assert {cell.strategy for cell in batch(workshop).past_cells} == {None}


# -- what is left out ---------------------------------------------------------------------------


@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_nothing_handled_is_offered_and_nothing_twice(workshop, choice):
    first = batch(workshop, choice).items
    keep(workshop, batch(workshop, choice).cells[:12])
    desk = workshop.desk()
    answer(desk, first[12], None)
    again = batch(workshop, choice).items
    assert len(set(again)) == len(again) == 24
    assert not set(again) & set(first[:13])


@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_two_tabs_are_never_given_one_item(workshop, choice):
    mine = batch(workshop, choice).items
    theirs = batch(workshop, choice, "ada", "hers").items
    other_tab = batch(workshop, choice, client="another").items
    assert len({*mine, *theirs, *other_tab}) == 72


@pytest.mark.parametrize(("size", "left"), [(24, 30), (24, 7), (48, 1)])
def test_never_more_items_than_labels_are_left(workshop, size, left):
    workshop.answer(100 - left)
    assert len(batch(workshop, GridChoice(size=size)).items) == left


def test_with_the_budget_used_up_undo_still_finds_the_last_batch(workshop):
    workshop.answer(99)
    keep(workshop, batch(workshop).cells)
    given = batch(workshop)
    assert given.items == []
    assert len(given.past) == 1


@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_a_viewer_gets_nothing_and_is_told_why(workshop, choice):
    ada = workshop.store.people.ensure("ada")
    workshop.store.people.change(ada.id, role=Role.VIEWER, active=True, who=MACHINE)
    given = batch(workshop, choice, "ada")
    assert given.items == []
    assert "may not answer" in given.nothing


def test_without_a_model_there_is_nothing_yet(open_workshop):
    given = batch(open_workshop())
    assert given.items == []
    assert "no model yet" in given.nothing
    assert deliver_grid(given.desk, {"client": "tab"}, GridChoice())["images"] == {}


# -- what is on screen --------------------------------------------------------------------------


def test_what_is_on_screen_stays_first_and_leased_in_a_new_model(workshop):
    held = batch(workshop).items[:12]
    workshop.answer(5)
    workshop.rounds().update([])
    still = [item for item in held if item not in workshop.desk().handled]
    assert batch(workshop, held=held).items[: len(still)] == still
    assert not set(batch(workshop, annotator="ada", client="hers").items) & set(still)


def test_what_a_colleague_answers_on_screen_is_named(workshop):
    held = batch(workshop).items[:12]
    answer(workshop.desk("ada"), held[3], Answer.ANOMALOUS)
    given = batch(workshop, held=held)
    assert given.taken == [held[3]]
    assert held[3] not in given.items


def test_a_colleagues_unsure_takes_nothing_away(workshop):
    held = batch(workshop).items[:12]
    answer(workshop.desk("ada"), held[3], Answer.UNSURE)
    assert batch(workshop, held=held).taken == []


# -- undo ---------------------------------------------------------------------------------------


def test_the_newest_batches_come_back_whole_as_they_were_recorded(workshop):
    by_score = GridChoice(Mode.MOST_ANOMALOUS, 12)
    for number in range(4):
        cells = batch(workshop, by_score).cells[:12]
        last = keep(workshop, cells, "anomalous", f"batch-{number}")
    workshop.answer(2)  # one by one: not a batch
    given = batch(workshop)
    assert [past.batch for past in given.past] == [f"batch-{n}" for n in (1, 2, 3) for _ in last]
    assert [past.said for past in given.past[-12:]] == ["anomalous"] * 12
    assert given.past_cells == cells


def test_what_was_taken_back_or_is_anothers_is_not_there_to_undo(workshop):
    keep(workshop, batch(workshop).cells[:3])
    for past in batch(workshop).past[:2]:
        workshop.store.events.undo(
            project_id=workshop.id,
            annotator_id=workshop.me.id,
            uuid=f"undo-{past.item}",
            pressed_at=3.0,
            undoes=past.uuid,
        )
    assert len(batch(workshop).past) == 1
    assert batch(workshop, annotator="ada").past == []


# -- what goes to the browser -------------------------------------------------------------------


def test_the_browser_gets_only_the_images_that_it_lacks_and_each_is_its_items(workshop):
    view = {"client": "tab", "images": []}
    data = deliver_grid(workshop.desk(), view, GridChoice(size=12))
    json.dumps(data)
    items = [cell["item"] for cell in data["queue"]]
    assert set(data["images"]) == set(items)
    pool = workshop.array("pool")
    for item, (image, _) in data["images"].items():
        assert b64decode(image) == pool[item].tobytes()
    known = items[:20]
    data = deliver_grid(workshop.desk(), view | {"images": known}, GridChoice(size=12))
    assert set(data["images"]) == set(items[20:])


def test_what_was_on_screen_in_another_mode_is_not_held(workshop):
    proposed, by_score = GridChoice(size=12), GridChoice(Mode.MOST_NORMAL, 12)
    choice = json.loads(json.dumps(deliver_grid(workshop.desk(), {"client": "t"}, proposed)))
    view = {"client": "t", "choice": choice["choice"], "held": [3, 1, 2, "x"]}
    assert deliver_grid(workshop.desk(), view, proposed)["held"] == [3, 1, 2]
    assert deliver_grid(workshop.desk(), view, by_score)["held"] == []


def test_every_size_is_offered_with_another_grid_behind_it(workshop):
    for size in SIZES:
        assert len(batch(workshop, GridChoice(size=size)).items) == min(2 * size, 100)
