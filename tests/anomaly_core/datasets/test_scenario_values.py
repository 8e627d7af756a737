"""What a scenario may be asked for, and what is refused before any work is done."""

import json
import math

import pytest
from numbered import numbered_dataset
from refused import refused

from anomaly_core.datasets.scenario import (
    AnomalySource,
    Scenario,
    build_scenario,
    check_budget,
    parse_classes,
)
from anomaly_core.errors import InvalidInput, InvalidScenario


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"normal": ()}, "No class is normal"),
        ({"contamination": 0}, "A contamination of 0 cannot be used"),
        ({"contamination": -0.1}, "A contamination of -0.1 cannot be used"),
        ({"contamination": 0.6}, "A contamination of 0.6 cannot be used"),
        ({"contamination": math.nan}, "A contamination of nan cannot be used"),
        ({"contamination": math.inf}, "A contamination of inf cannot be used"),
        ({"seed": -1}, "The seed -1 cannot be used"),
        ({"seed": 2**32}, "The seed 4294967296 cannot be used"),
    ],
)
def test_bad_values_are_refused(values, complaint):
    with refused(InvalidScenario, complaint):
        Scenario(**values)


@pytest.mark.parametrize("contamination", [1e-6, 0.5])
@pytest.mark.parametrize("seed", [0, 2**32 - 1])
def test_the_ends_of_each_range_are_allowed(contamination, seed):
    data = build_scenario(
        Scenario(normal=(0,), contamination=contamination, seed=seed), numbered_dataset(20, 20)
    )
    assert set(data.truth.tolist()) == {1, -1}


@pytest.mark.parametrize(
    ("normal", "complaint"),
    [
        ((3,), "numbered has no class 3; choose from 0, 1, 2"),
        ((0, 7, 5), "numbered has no class 5, 7; choose from 0, 1, 2"),
        ((-1,), "numbered has no class -1"),
        ((0, 1, 2), "Every class is normal"),
        ((2, 1, 0, 0), "Every class is normal"),
    ],
)
def test_classes_that_the_dataset_cannot_serve_are_refused(normal, complaint):
    with refused(InvalidScenario, complaint):
        build_scenario(Scenario(normal=normal), numbered_dataset(20, 20, 20))


def test_a_dataset_of_one_class_has_no_anomalies():
    with refused(InvalidScenario, "Every class is normal"):
        build_scenario(Scenario(normal=(0,)), numbered_dataset(20))


def test_json_gives_the_same_scenario_back():
    scenario = Scenario("idx", (1, 4), 0.05, AnomalySource.OTHER_CLASSES, seed=9)
    assert Scenario.from_json(json.loads(json.dumps(scenario.to_json()))) == scenario
    assert scenario.to_json() == {
        "dataset": "idx",
        "normal": [1, 4],
        "contamination": 0.05,
        "anomaly_source": "other-classes",
        "seed": 9,
    }


def test_json_is_checked_like_any_other_scenario():
    with refused(InvalidScenario, "A contamination of 2"):
        Scenario.from_json(Scenario().to_json() | {"contamination": 2})


@pytest.mark.parametrize(
    ("text", "classes"), [("3", (3,)), ("0,2,4", (0, 2, 4)), (" 4, 2,2 ", (2, 4)), ("-1", (-1,))]
)
def test_classes_are_read_sorted_and_once_each(text, classes):
    assert parse_classes(text) == classes


@pytest.mark.parametrize("text", ["", "three", "1;2", "1,", "1.5"])
def test_text_that_names_no_classes_is_refused(text):
    with refused(InvalidScenario, "does not name normal classes; give numbers such as 3 or 0,2,4"):
        parse_classes(text)


@pytest.mark.parametrize("budget", [-1, 0, 1001])
def test_a_budget_that_the_pool_cannot_use_up_is_refused(budget):
    with refused(InvalidInput, "cannot be used with a pool of 1,000 images; give 1 to 1,000"):
        check_budget(budget, 1000)


@pytest.mark.parametrize("budget", [1, 1000])
def test_a_budget_up_to_the_pool_is_allowed(budget):
    check_budget(budget, 1000)
