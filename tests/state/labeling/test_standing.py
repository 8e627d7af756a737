"""What a desk asks by, and how far its round is."""

from dataclasses import replace

import pytest
from workshop import DIGITS, Workshop

from anomaly_core.datasets.provenance import AnomalySource
from anomaly_core.datasets.scenario import Scenario
from state.labeling.standing import round_of, task_of
from state.store.schema import RoundTrigger


@pytest.mark.parametrize(
    ("scenario", "rule"),
    [
        (Scenario(normal=(1,)), "Normal: 1. Anomalous: everything else."),
        (Scenario(normal=(0, 2)), "Normal: 0, 2. Anomalous: everything else."),
        (
            Scenario(normal=(3,), sources=(AnomalySource.NOISE, AnomalySource.LETTERS)),
            "Normal: 3. Anomalous: noisy images, letters.",
        ),
    ],
)
def test_without_guidelines_the_rule_is_what_the_project_knows(workshop: Workshop, scenario, rule):
    project = replace(workshop.store.projects.get(workshop.id), guidelines=" ")
    assert task_of(replace(project, scenario=scenario.to_json())) == rule


def test_guidelines_are_the_rule_and_own_images_have_none_of_their_own(workshop: Workshop):
    project = workshop.store.projects.get(workshop.id)
    assert task_of(project) == DIGITS.guidelines
    own = replace(project, guidelines="", detector=project.detector | {"images": {"truth": None}})
    assert task_of(own) == ""


def test_the_round_holds_the_labels_that_no_model_knows(workshop: Workshop):
    first, second = workshop.desk().queue[:2].tolist()
    assert round_of(workshop.desk()) == {"size": 10, "trained": 0, "labels": []}
    workshop.answer(2)
    found = round_of(workshop.desk())
    assert [item for item, _ in found["labels"]] == [first, second]
    assert {y for _, y in found["labels"]} <= {1, -1}


@pytest.mark.trains
def test_what_a_model_has_learned_is_out_of_the_round(workshop: Workshop):
    workshop.answer(10)
    workshop.projects.tend(workshop.id)
    workshop.work()
    found = round_of(workshop.desk())
    assert found["labels"] == []
    assert found["trained"] == workshop.desk().history.last_seq


def test_where_rounds_do_not_count_labels_none_is_shown(workshop: Workshop):
    desk = workshop.desk()
    desk.project = replace(desk.project, round_trigger=RoundTrigger.CONTINUOUS)
    assert round_of(desk)["size"] == 0
