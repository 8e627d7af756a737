"""The form of the project page: what it creates, and what it refuses in one sentence."""

from typing import Any

import numpy as np
import pytest
from image_files import png, write_tree
from some import some
from workshop import Workshop, write_idx

from anomaly_core.datasets.scenario import AnomalySource, Scenario
from anomaly_core.query import STRATEGIES
from state.store.schema import JobKind, RoundTrigger

NOISE = AnomalySource.NOISE
FIELDS = {
    "name": "Name",
    "root": "Folder or zip archive of the images",
    "normal": "Normal classes",
    "contamination": "Share of anomalies in the pool (%)",
    "budget": "Budget (labels)",
    "batch": "Labels per round",
    "overlap": "Labels per image",
    "seconds": "Seconds per round",
    "repeats": "Asked twice (% of answers)",
    "noise": "Strength of noise",
    "rotation": "Largest angle (degrees)",
    "size": "Pixels a side",
    "files": "Names of files",
}


def fields(tab):
    """The fields on the page that take text or a number, by what they say."""
    return {field.label: field for field in (*tab.text_input, *tab.number_input)}


def fill(tab, dataset=None, anomalies=None, trigger=None, **values):
    """Fill in some fields, those first that show others, and press the button."""
    if dataset:
        next(box for box in tab.selectbox if box.label == "Images").set_value(dataset)
    if anomalies is not None:
        tab.multiselect[0].set_value(anomalies)
    if trigger:
        next(box for box in tab.selectbox if box.label == "The model learns").set_value(trigger)
    tab.run()
    for name, value in values.items():
        fields(tab)[FIELDS[name]].set_value(value)
    next(button for button in tab.button if button.label == "Create project").click()
    tab.run()
    assert not tab.exception


def grey(value: int) -> bytes:
    return png(np.full((20, 20), value, np.uint8))


def test_a_project_is_created_and_opened_for_labeling(shop: Workshop, open_page):
    tab = open_page("project", {"new": "dataset"})
    fill(tab, name="Even digits", normal="0, 2,4", contamination=5.0, budget=40, batch=5)
    made = shop.store.projects.all()[-1]
    assert (made.name, made.budget, made.batch_size) == ("Even digits", 40, 5)
    assert made.scenario["normal"] == [0, 2, 4]
    assert made.scenario["contamination"] == pytest.approx(0.05)
    assert some(shop.store.work.training(made.id).next()).kind is JobKind.PREPARE
    assert tab.session_state["ringfence"].project_id == made.id


def test_how_a_team_works_together_is_kept(shop: Workshop, open_page):
    tab = open_page("project", {"new": "dataset"})
    fill(tab, trigger="time", name="Team", overlap=3, seconds=45, repeats=20)
    made = shop.store.projects.all()[-1]
    assert (made.overlap, made.round_trigger, made.round_seconds) == (3, RoundTrigger.TIME, 45)
    assert made.repeat_share == pytest.approx(0.2)


def test_the_model_is_chosen_in_plain_words(shop: Workshop, open_page):
    tab = open_page("project", {"new": "dataset"})
    model = next(box for box in tab.selectbox if box.label == "Model")
    assert model.options == [
        "Automatic",
        "Ready at once (drawn pictures)",
        "Learned from this pool (Deep SVDD)",
        "Every place (fully convolutional)",
    ]
    fill(tab, name="Usual")
    assert shop.store.projects.all()[-1].detector["family"] == "joint"
    tab = open_page("project", {"new": "dataset"})
    next(box for box in tab.selectbox if box.label == "Model").set_value("fcdd")
    fill(tab, name="Scratches")
    assert shop.store.projects.all()[-1].detector["family"] == "fcdd"


def test_kinds_of_anomalies_are_chosen_in_plain_words(shop: Workshop, open_page):
    tab = open_page("project", {"new": "dataset"})
    assert tab.multiselect[0].options == [
        "images of other classes",
        "noise over normal images",
        "rotated normal images",
        "rotated normal images with noise",
        "printed letters A to Z",
    ]
    kinds = [AnomalySource.LETTERS, AnomalySource.NOISE]
    fill(tab, name="Odd", normal="all", anomalies=kinds, noise="0.2,0.4")
    made = Scenario.from_json(shop.store.projects.all()[-1].scenario)
    assert made.sources == (AnomalySource.NOISE, AnomalySource.LETTERS)
    assert (made.normal, made.noise) == ((), (0.2, 0.4))


def test_switching_back_shows_the_other_budget(shop: Workshop, open_page):
    shop.answer(3)
    tab = open_page("project", {"new": "dataset"})
    fill(tab, name="Second", budget=50)
    tab.switch_page("pages/project.py").run()
    tab.button(key=f"open-{shop.id}").click().run()
    assert tab.session_state["ringfence"].project_id == shop.id
    assert not tab.exception


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"overlap": 0}, "overlap must be at least 1"),
        ({"repeats": 60}, "half of the answers"),
        ({"trigger": "time", "seconds": 0}, "between 1 second and a day"),
        ({"normal": "12"}, "has no class 12"),
        ({"normal": "three"}, "has no class three; choose from 0, 1"),
        ({"normal": "3,"}, "does not name normal classes"),
        ({"normal": "0,1,2,3,4,5,6,7,8,9"}, "Every class is normal"),
        ({"normal": "all"}, "Every class is normal"),
        ({"anomalies": []}, "No kind of anomaly is chosen"),
        ({"anomalies": [NOISE], "noise": "strong"}, "does not name strengths of noise"),
        ({"anomalies": [NOISE], "noise": "2"}, "Noise of strength 2 cannot be used"),
        (
            {"anomalies": [AnomalySource.ROTATION], "rotation": 0},
            "largest angle of 0 degrees cannot be used",
        ),
        ({"contamination": 0.0}, "contamination of 0 cannot be used"),
        ({"contamination": 60.0}, "contamination of 0.6 cannot be used"),
        ({"budget": 100_000}, "budget of 100,000 labels cannot be used"),
        ({"batch": 200}, "more than the budget"),
        ({"name": ""}, "needs a name"),
        ({"name": "Handwritten fives"}, "choose another name"),
        ({"dataset": "idx"}, "files of idx cannot be found yet; give the path"),
        ({"dataset": "idx", "root": "/nowhere"}, "/nowhere does not exist"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_sentence(shop, open_page, values, sentence):
    tab = open_page("project", {"new": "dataset"})
    fill(tab, **{"name": "Mine"} | values)
    (error,) = tab.error
    assert sentence in error.value.replace("\\", "")
    assert len(shop.store.projects.all()) == 1


def test_an_error_stands_below_the_button(shop: Workshop, open_page):
    tab = open_page("project", {"new": "dataset"})
    fill(tab, name="")
    kinds = [element.type for element in tab.main]
    assert kinds.index("error") > max(place for place, kind in enumerate(kinds) if kind == "button")


def test_what_is_normal_has_to_be_said_of_files_of_ones_own(shop, open_page, tmp_path):
    tree = {f"{name}/{n}.png": grey(n) for name in ("good", "crack") for n in range(80)}
    folder = str(write_tree(tmp_path / "tiles", tree))
    tab = open_page("project", {"new": "dataset"})
    fill(tab, name="Tiles", dataset="folder", root=folder)
    said = [error.value.replace("\\", "") for error in tab.error]
    assert said == ["Say which class is normal under Normal classes; this folder has crack, good."]
    fill(tab, normal="3")
    assert "This folder has no class 3" in tab.error[0].value.replace("\\", "")
    fill(tab, normal="good", budget=20)
    assert shop.store.projects.all()[-1].scenario["normal"] == ["good"]


SHOWN: dict[str, tuple[dict[str, Any], set[str]]] = {
    "nothing": ({}, set()),
    "a folder": ({"dataset": "folder"}, {"root", "size", "files"}),
    "other digits": ({"dataset": "idx"}, {"root"}),
    "noise": ({"anomalies": [NOISE]}, {"noise"}),
    "rotation": ({"anomalies": [AnomalySource.ROTATION]}, {"rotation"}),
    "both": ({"anomalies": [AnomalySource.NOISE_AND_ROTATION]}, {"noise", "rotation"}),
    "time": ({"trigger": "time"}, {"seconds"}),
}


@pytest.mark.parametrize("case", SHOWN)
def test_a_field_that_does_not_apply_is_not_there(shop: Workshop, open_page, case):
    chosen, names = SHOWN[case]
    tab = open_page("project", {"new": "dataset"})
    fill(tab, **chosen, name="")
    asked = ("root", "noise", "rotation", "seconds", "size", "files")
    assert {name for name in asked if FIELDS[name] in fields(tab)} == names


def test_digits_are_threes_unless_said(shop: Workshop, open_page):
    fill(open_page("project", {"new": "dataset"}), name="Digits")
    assert shop.store.projects.all()[-1].scenario["normal"] == [3]


def test_damaged_files_are_refused_in_one_sentence(shop, open_page, tmp_path):
    write_idx(tmp_path / "train-images-idx3-ubyte", np.zeros((3, 4, 4), np.uint8))
    tab = open_page("project", {"new": "dataset"})
    fill(tab, name="Mine", dataset="idx", root=str(tmp_path))
    assert "is missing" in tab.error[0].value.replace("\\", "")
    assert len(shop.store.projects.all()) == 1


def test_the_strategy_that_is_chosen_says_what_it_is_for(shop: Workshop, open_page):
    tab = open_page("project", {"new": "dataset"})
    assert STRATEGIES["auto"].purpose in [one.value for one in tab.caption]
    next(box for box in tab.selectbox if box.label == "Query strategy").set_value("core-set").run()
    assert STRATEGIES["core-set"].purpose in [one.value for one in tab.caption]
