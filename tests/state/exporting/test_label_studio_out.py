"""Tasks of Label Studio: one an item, by everybody who has answered, with what the model says."""

import json
from xml.etree import ElementTree

import numpy as np
import pytest
from every_label import item_called

from anomaly_core.ranking import ranks
from state.exporting.leaving import export_labels
from state.store.people import MACHINE


@pytest.fixture
def tasks(labeled, tmp_path):
    project = labeled.store.projects.get(labeled.id)
    made = export_labels(labeled.store, project, MACHINE, "label-studio", tmp_path / "tasks.json")
    assert [path.name for path in made.paths] == ["tasks.json", "tasks-config.xml"]
    return json.loads((tmp_path / "tasks.json").read_text("utf-8"))


def said_of(tasks, labeled, path):
    task = tasks[item_called(labeled, path)]
    return [
        (
            one["completed_by"]["email"],
            [result["value"]["choices"] for result in one["result"]],
            one["was_cancelled"],
            one["ground_truth"],
        )
        for one in task["annotations"]
    ]


def test_there_is_one_task_an_item_with_file_number_and_score(labeled, tasks):
    own, scores = labeled.desk().gallery.own, labeled.array("models/1/scores")
    assert [task["data"]["item"] for task in tasks] == list(range(len(scores)))
    assert [task["data"]["image"] for task in tasks] == list(map(own.path, range(len(scores))))
    assert np.allclose([task["data"]["anomaly_score"] for task in tasks], scores)


def test_each_person_has_an_annotation(labeled, tasks):
    ann, ben = "ann@example.com", "ben"
    assert said_of(tasks, labeled, "good/000.jpg") == [
        (ann, [["normal"]], False, False),
        (ben, [["normal"]], False, False),
    ]
    assert said_of(tasks, labeled, "good/001.jpg") == []  # taken back
    assert said_of(tasks, labeled, "good/002.jpg") == [(ben, [["unsure"]], False, False)]
    assert said_of(tasks, labeled, "good/003.jpg") == [(ann, [], True, False)]
    assert said_of(tasks, labeled, "good/004.jpg") == [
        (ann, [["normal"]], False, False),
        (ben, [["anomalous"]], False, False),
        ("you", [["anomalous"]], False, True),
    ]
    assert said_of(tasks, labeled, "good/006.jpg") == [("you", [["anomalous"]], False, False)]


def test_ids_are_unique_and_no_person_is_a_number(tasks):
    annotations = [one for task in tasks for one in task["annotations"]]
    results = [one["id"] for said in annotations for one in said["result"]]
    results += [
        one["id"] for task in tasks for guess in task["predictions"] for one in guess["result"]
    ]
    assert len({one["id"] for one in annotations}) == len(annotations) == 9
    assert len(set(results)) == len(results)
    assert all(list(one["completed_by"]) == ["email"] for one in annotations)


def test_the_score_of_a_prediction_is_its_rank_in_the_pool(labeled, tasks):
    scores, rule = labeled.array("models/1/scores"), labeled.desk().rule
    (first,) = tasks[0]["predictions"]
    assert first["model_version"] == "Ringfence model 1"
    assert [task["predictions"][0]["score"] for task in tasks] == ranks(scores).tolist()
    for task, score in zip(tasks, scores.tolist(), strict=True):
        (result,) = task["predictions"][0]["result"]
        choice = "anomalous" if rule.flags(score) else "normal"
        assert result["value"] == {"choices": [choice]}


def test_the_interface_has_the_names_that_the_results_have(tasks, tmp_path):
    view = ElementTree.parse(tmp_path / "tasks-config.xml").getroot()
    choices, image = view.find("Choices"), view.find("Image")
    assert choices is not None
    assert image is not None
    assert [one.get("value") for one in choices] == ["normal", "anomalous", "unsure"]
    named = {"from_name": choices.get("name"), "to_name": choices.get("toName")}
    for task in tasks:
        for one in (*task["annotations"], *task["predictions"]):
            for result in one["result"]:
                assert named == {name: result[name] for name in named}
                assert result["type"] == "choices"
    assert image.get("name") == choices.get("toName")
    assert image.get("value") == "$image"
    assert "image" in tasks[0]["data"]
