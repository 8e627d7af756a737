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
    check_contaminated,
    parse_classes,
    parse_noise,
    parse_sources,
)
from anomaly_core.errors import InvalidInput, InvalidScenario


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"sources": ()}, "No kind of anomaly is chosen"),
        ({"sources": (AnomalySource.NOISE,) * 2}, "noise, noise names something twice"),
        ({"noise": (0.5, 0.2, 0.5)}, "0.5, 0.2, 0.5 names something twice"),
        ({"noise": ()}, "Noise of strength none cannot be used"),
        ({"noise": (0.2, 0)}, "Noise of strength 0.2, 0 cannot be used"),
        ({"noise": (-0.1,)}, "Noise of strength -0.1 cannot be used"),
        ({"noise": (1.5,)}, "Noise of strength 1.5 cannot be used"),
        ({"noise": (math.nan,)}, "Noise of strength nan cannot be used"),
        ({"rotation": 0}, "A largest angle of 0 degrees cannot be used"),
        ({"rotation": 181}, "A largest angle of 181 degrees cannot be used"),
        ({"rotation": math.nan}, "A largest angle of nan degrees cannot be used"),
        ({"per_class": 0}, "0 images of each other class cannot be used"),
        (
            {"per_class": 5, "sources": (AnomalySource.NOISE,)},
            "and other classes among the kinds of anomalies",
        ),
        ({"held_out": -0.1}, "A contamination of -0.1 cannot be held out"),
        ({"held_out": 1}, "A contamination of 1 cannot be held out"),
        ({"held_out": math.nan}, "A contamination of nan cannot be held out"),
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
        ((), "Every class is normal"),
    ],
)
def test_classes_that_the_dataset_cannot_serve_are_refused(normal, complaint):
    with refused(InvalidScenario, complaint):
        build_scenario(Scenario(normal=normal), numbered_dataset(20, 20, 20))


def test_a_dataset_of_one_class_has_no_anomalies():
    with refused(InvalidScenario, "Every class is normal"):
        build_scenario(Scenario(normal=(0,)), numbered_dataset(20))


@pytest.mark.parametrize("normal", [(), (0, 1, 2)])
def test_every_class_may_be_normal_where_anomalies_come_from_elsewhere(normal):
    scenario = Scenario(normal=normal, sources=(AnomalySource.NOISE,))
    assert set(build_scenario(scenario, numbered_dataset(20, 20, 20)).truth.tolist()) == {1, -1}


def test_every_class_may_not_be_normal_beside_anomalies_of_other_classes():
    scenario = Scenario(normal=(), sources=(AnomalySource.NOISE, AnomalySource.OTHER_CLASSES))
    with refused(InvalidScenario, "Every class is normal"):
        build_scenario(scenario, numbered_dataset(20, 20))


def test_a_clean_pool_is_refused_where_there_should_be_something_to_find():
    check_contaminated(Scenario(contamination=0, per_class=1))
    with refused(InvalidScenario, "A contamination of 0 cannot be used"):
        check_contaminated(Scenario(contamination=0))


SOURCES = (AnomalySource.NOISE_AND_ROTATION, AnomalySource.LETTERS)
EVERYTHING = Scenario("idx", (1, 4), 0.05, SOURCES, (0.2, 0.4), 20.0, None, 0.3, True, 9)


def test_json_gives_the_same_scenario_back():
    assert Scenario.from_json(json.loads(json.dumps(EVERYTHING.to_json()))) == EVERYTHING
    assert Scenario.from_json(json.loads(json.dumps(Scenario().to_json()))) == Scenario()
    assert EVERYTHING.to_json() == {
        "dataset": "idx",
        "normal": [1, 4],
        "contamination": 0.05,
        "sources": ["noise-and-rotation", "letters"],
        "noise": [0.2, 0.4],
        "rotation": 20.0,
        "per_class": None,
        "held_out": 0.3,
        "pooled": True,
        "seed": 9,
        "size": 64,
        "files": "*",
    }


def test_json_of_the_time_before_there_were_several_sources_is_still_read():
    old = {
        "dataset": "idx",
        "normal": [1, 4],
        "contamination": 0.05,
        "anomaly_source": "other-classes",
        "seed": 9,
    }
    assert Scenario.from_json(old) == Scenario("idx", (1, 4), 0.05, seed=9)
    assert "anomaly_source" in old  # left as it was


def test_json_is_checked_like_any_other_scenario():
    with refused(InvalidScenario, "A contamination of 2"):
        Scenario.from_json(Scenario().to_json() | {"contamination": 2})


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("3", (3,)),
        ("0,2,4", (0, 2, 4)),
        (" 4, 2,2 ", (2, 4)),
        ("-1", (-1,)),
        (" All", ()),
        ("good, 7,10", (7, 10, "good")),
    ],
)
def test_classes_are_read_sorted_and_once_each(text, classes):
    assert parse_classes(text) == classes


@pytest.mark.parametrize("text", ["", "1,", " , "])
def test_text_that_names_no_classes_is_refused(text):
    with refused(InvalidScenario, "does not name normal classes; give numbers such as 3 or 0,2,4"):
        parse_classes(text)


def test_sources_and_strengths_of_noise_are_read_in_order():
    assert parse_sources("letters, noise") == (AnomalySource.LETTERS, AnomalySource.NOISE)
    assert parse_noise("0.5, .2") == (0.5, 0.2)


@pytest.mark.parametrize(
    ("parse", "text", "complaint"),
    [
        (parse_sources, "noise,cats", "There is no source of anomalies 'cats'; choose from other"),
        (parse_sources, "", "There is no source of anomalies ''"),
        (parse_noise, "strong", "'strong' does not name strengths of noise"),
        (parse_noise, "", "'' does not name strengths of noise"),
    ],
)
def test_text_that_names_no_sources_or_strengths_is_refused(parse, text, complaint):
    with refused(InvalidScenario, complaint):
        parse(text)


@pytest.mark.parametrize("budget", [-1, 0, 1001])
def test_a_budget_that_the_pool_cannot_use_up_is_refused(budget):
    with refused(InvalidInput, "cannot be used with a pool of 1,000 images; give 1 to 1,000"):
        check_budget(budget, 1000)


@pytest.mark.parametrize("budget", [1, 1000])
def test_a_budget_up_to_the_pool_is_allowed(budget):
    check_budget(budget, 1000)
