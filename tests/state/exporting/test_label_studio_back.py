"""What Label Studio exports comes in: the same labels by the same people, once, or nothing."""

import copy
import json
from dataclasses import replace

import pytest
from answering import answer
from every_label import LABELS, item_called, labels_of
from refused import refused

from anomaly_core.errors import InvalidInput
from state.errors import BudgetExhausted
from state.exporting.leaving import export_labels
from state.exporting.returning import Brought, import_labels
from state.store.audit_log import Deed
from state.store.drafts import AnswerDraft, Receipt, Refusal
from state.store.people import MACHINE
from state.store.schema import Answer, EventKind, Role


@pytest.fixture
def tasks(labeled, tmp_path):
    project = labeled.store.projects.get(labeled.id)
    export_labels(labeled.store, project, MACHINE, "label-studio", tmp_path / "tasks.json")
    return json.loads((tmp_path / "tasks.json").read_text("utf-8"))


@pytest.fixture
def read(tmp_path):
    def read_(shop, tasks):
        file = tmp_path / "export.json"
        file.write_text(tasks if isinstance(tasks, str) else json.dumps(tasks), "utf-8")
        project = shop.store.projects.get(shop.id)
        return import_labels(shop.store, project, MACHINE, "label-studio", file)

    return read_


def said_in(shop):
    """Who stands by what on which image."""
    history, people = shop.store.events.history(shop.id), shop.store.people.all()
    names, own = {one.id: one.name for one in people}, shop.desk().gallery.own
    return {
        (own.path(item), names[event.annotator_id], event.kind, event.answer)
        for item in range(len(own.sources))
        for event in history.of(item).current
    }


def as_label_studio_writes(tasks):
    """The same in its own words: predictions as ids, files as it was sent them."""
    told = copy.deepcopy(tasks)
    for number, task in enumerate(told):
        task |= {"id": 100 + number, "predictions": [7], "drafts": [], "meta": {}}
        task["data"]["image"] = f"/data/local-files/?d=belt%2F{task['data']['image']}"
    return told


@pytest.mark.parametrize("form", [lambda tasks: tasks, as_label_studio_writes], ids=["ours", "its"])
def test_out_and_in_again_gives_the_same_labels_by_the_same_people(
    labeled, tasks, open_own, read, form
):
    fresh = open_own(overlap=2)
    assert read(fresh, form(tasks)) == Brought(stored=9, known=0, left_out=0)
    assert labels_of(fresh) == labels_of(labeled) == LABELS
    hints = {EventKind.FLAG, EventKind.SKIP}
    before = {one for one in said_in(labeled) if one[2] not in hints}
    assert {one for one in said_in(fresh) if one[2] not in hints} == before
    assert ("good/003.jpg", "ann@example.com", EventKind.SKIP, None) in said_in(fresh)
    assert fresh.store.projects.get(fresh.id).spent == labeled.store.projects.get(labeled.id).spent


def test_nobody_can_act_under_a_name_that_came_along(tasks, open_own, read):
    fresh = open_own(overlap=2)
    read(fresh, tasks)
    roles = {one.name: (one.role, one.active) for one in fresh.store.people.all()}
    assert roles["ben"] == roles["ann@example.com"] == (Role.VIEWER, False)
    assert roles["you"] == (Role.OWNER, True)


def test_read_twice_it_changes_nothing(tasks, open_own, read):
    fresh = open_own(overlap=2)
    read(fresh, tasks)
    before, deeds = fresh.store.events.since(fresh.id), len(fresh.store.audit_log.newest())
    assert read(fresh, tasks) == Brought(stored=0, known=9, left_out=0)
    assert fresh.store.events.since(fresh.id) == before
    assert len(fresh.store.audit_log.newest()) == deeds
    assert fresh.store.audit_log.newest(1)[0].what == Deed.IMPORTED_LABELS


def test_a_project_knows_what_it_has_written_itself(labeled, tasks, read):
    before = labeled.store.events.since(labeled.id)
    assert read(labeled, tasks) == Brought(stored=0, known=9, left_out=0)
    assert labeled.store.events.since(labeled.id) == before


def test_what_was_taken_back_here_does_not_come_again(tasks, open_own, read):
    fresh = open_own(overlap=2)
    read(fresh, tasks)
    (event,) = [one for one in fresh.store.events.standing(fresh.id) if one.annotator_id == 1]
    undo = {"project_id": fresh.id, "annotator_id": 1, "uuid": "again", "pressed_at": 1.0}
    fresh.store.events.undo(**undo, undoes=event.uuid)
    assert read(fresh, tasks) == Brought(stored=0, known=9, left_out=0)
    assert "good/006.jpg" not in labels_of(fresh)


def test_images_are_found_by_their_names_alone(tasks, open_own, read):
    fresh, told = open_own(overlap=2), []
    for task in tasks:
        name = task["data"]["image"].rpartition("/")[2]
        if name == "020.jpg":  # which no other folder has
            said = {"completed_by": 3, "result": task["predictions"][0]["result"]}
            image = f"/data/upload/1/0a1b2c3d-{name}"
            told = [{"data": {"image": image}, "annotations": [said, said]}]
    assert read(fresh, told).stored == 1
    assert list(labels_of(fresh)) == ["good/020.jpg"]
    assert "Label Studio 3" in {one.name for one in fresh.store.people.all()}


def test_a_number_of_another_file_is_not_believed(tasks, open_own, read):
    fresh = open_own(overlap=2)
    told = [copy.deepcopy(task) for task in tasks if task["annotations"]]
    for task in told:
        task["data"]["item"] = (task["data"]["item"] + 1) % len(tasks)
    read(fresh, told)
    assert labels_of(fresh) == LABELS


def test_an_image_with_its_labels_keeps_them(tasks, open_own, read):
    fresh = open_own()  # one label an image
    answer(fresh.desk("ben"), item_called(fresh, "good/000.jpg"), Answer.ANOMALOUS)
    made = read(fresh, tasks)
    assert (made.stored, made.left_out) == (6, 3)
    assert labels_of(fresh)["good/000.jpg"] is Answer.ANOMALOUS


def test_of_two_words_by_one_person_the_newer_counts(open_own, read):
    fresh = open_own()

    def said(answer, at):
        result = [{"type": "choices", "value": {"choices": [answer]}}]
        by = {"id": 4, "first_name": "Ada", "last_name": "L"}
        return {"completed_by": by, "created_at": at, "result": result}

    both = [said("anomalous", "2026-03-02T10:00:00Z"), said("normal", "2026-03-01T10:00:00Z")]
    read(fresh, [{"data": {"item": 3}, "annotations": both}])
    (event,) = fresh.store.events.standing(fresh.id)
    assert (event.answer, event.pressed_at) == (Answer.ANOMALOUS, 1772445600.0)
    assert "Ada L" in {one.name for one in fresh.store.people.all()}


def test_tasks_of_one_image_count_together_and_an_answer_above_a_skip(open_own, read):
    fresh = open_own()
    result = [{"type": "choices", "value": {"choices": ["unsure"]}}]
    answered = {"completed_by": 4, "created_at": "2026-03-01T10:00:00Z", "result": result}
    skipped = {"completed_by": 4, "created_at": "2026-03-02T10:00:00Z", "was_cancelled": True}
    read(fresh, [{"data": {"item": 3}, "annotations": [one]} for one in (answered, skipped)])
    (event,) = fresh.store.events.since(fresh.id)
    assert (event.kind, event.answer) == (EventKind.ANSWER, Answer.UNSURE)


def test_a_budget_that_does_not_suffice_leaves_everything_as_it_was(tasks, open_own, read):
    fresh = open_own(overlap=2, budget=5)
    people, log = fresh.store.people.all(), fresh.store.audit_log.newest()
    with refused(BudgetExhausted, "more new labels than the 5"):
        read(fresh, tasks)
    assert fresh.store.events.since(fresh.id) == []
    assert fresh.store.projects.get(fresh.id).spent == 0
    assert (fresh.store.people.all(), fresh.store.audit_log.newest()) == (people, log)


def one_task(**changes):
    said = {"result": [{"type": "choices", "value": {"choices": ["normal"]}}]} | changes
    return [{"data": {"item": 0}, "annotations": [said]}]


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ("{", "no export of Label Studio"),
        ("[" * 100_000, "no export of Label Studio"),
        ({"a": 1}, "no export of Label Studio"),
        ([{"image": "a.jpg", "choice": "normal"}], "no export of Label Studio"),
        ([{"data": [], "annotations": []}], "no export of Label Studio"),
        ([{"data": {}, "annotations": [5]}], "no export of Label Studio"),
        (one_task(result="normal"), "no export of Label Studio"),
        (one_task(created_at="yesterday"), "Task 2 of export.json cannot be used: a time"),
        (one_task(created_at="1823-01-01"), "none of these days"),
        (one_task(completed_by={"email": "a" * 999}), "too long"),
        (one_task(result=[{"type": "choices", "value": {"choices": ["good"]}}]), "choice is good"),
        ([{"data": {"item": 10_000}}], "Item 10000 is no image of this project"),
        ([{"data": {"item": True}}], "A task without a file is no image"),
        ([{"data": {"image": "000.jpg"}}], "000.jpg is no image of this project, or the name of"),
        ([{"data": {"image": "http://[/a.jpg"}}], "no export of Label Studio"),
    ],
)
def test_a_bad_file_is_one_sentence_and_nothing_is_stored(open_own, read, told, sentence):
    fresh = open_own()
    with pytest.raises(InvalidInput, match=sentence) as caught:
        read(fresh, one_task() + told if isinstance(told, list) else told)
    assert str(caught.value).endswith(".")
    assert fresh.store.events.since(fresh.id) == []
    assert fresh.store.people.all() == [fresh.me]


def test_a_verdict_on_what_has_no_label_is_left_out(open_workshop, prepared):
    fresh = open_workshop(copy_of=prepared)
    verdict = AnswerDraft(
        uuid="v",
        project_id=fresh.id,
        item=0,
        annotator_id=fresh.me.id,
        kind=EventKind.ADJUDICATION,
        answer=Answer.NORMAL,
        pressed_at=1.0,
    )
    given = replace(verdict, uuid="a", item=1, kind=EventKind.ANSWER)
    refused, stored = fresh.store.events.bring_in([verdict, given])
    assert isinstance(refused, Refusal)
    assert "no label to settle" in refused.sentence
    assert isinstance(stored, Receipt)
