"""A plan is checked before anything is written, and has its command."""

import shlex
from dataclasses import fields

import pytest
from refused import refused

from anomaly_core.errors import InvalidInput
from anomaly_core.recipes import CONTESTANTS, EVALUATIONS, RECIPES
from anomaly_core.recipes.commands import chosen, compare, run_recipe
from anomaly_core.recipes.contestants import times_the_class_mean
from anomaly_core.recipes.plan import PROGRAM, Plan, contestants_of

PLANS = [
    *(Plan(recipe=name) for name in RECIPES),
    Plan(recipe="active-svdd", dataset="mnist", root="/data/my mnist", pooled=True, seed=3),
    Plan(contestants=("fc", "svdd"), evaluation="letters", epochs=2),
    Plan(contestants=("conv",)),
    Plan(contestants=("conv",), dataset="folder", size=128, files="*.jpg", normal=("good",)),
]


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.recipe or "-".join(plan.contestants))
def test_a_plan_survives_json(plan):
    assert Plan.from_json(plan.to_json()) == plan.check()


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.recipe or "-".join(plan.contestants))
def test_the_command_asks_for_the_same_plan(plan):
    command = plan.command("out dir")
    program, *words = shlex.split(command)
    assert program == PROGRAM
    verbs, parsed = (["recipes", "run"], run_recipe) if plan.recipe else (["compare"], compare)
    assert words[: len(verbs)] == verbs
    options = parsed.make_context("test", words[len(verbs) :]).params
    assert (str(options.pop("output")), options.pop("as_json")) == ("out dir", False)
    if plan.recipe:
        assert Plan(recipe=options.pop("recipe"), **chosen(options)) == plan
    else:
        assert Plan(contestants=options.pop("detectors"), **chosen(options)) == plan


@pytest.mark.parametrize(
    ("plan", "sentence"),
    [
        (Plan(), "Nothing is chosen"),
        (Plan(recipe="svm"), "There is no recipe 'svm'; choose one of active-svdd"),
        (Plan(contestants=("svm",)), "There is no detector 'svm'"),
        (Plan(contestants=("fc", "fc")), "named twice"),
        (Plan(contestants=("fc",), evaluation="cats"), "There is no evaluation set 'cats'"),
        (Plan(contestants=("fc",), dataset="cats"), "There is no dataset 'cats'"),
        (Plan(contestants=("fc",), epochs=0), "0 epochs cannot be trained"),
    ],
)
def test_what_cannot_be_run_is_refused(plan, sentence):
    with refused(InvalidInput, sentence):
        plan.check()


def test_a_plan_from_before_files_could_be_chosen_still_opens():
    older = Plan(recipe="active-svdd", dataset="folder", normal=("good",)).to_json()
    del older["size"], older["files"]
    plan = Plan.from_json(older)
    assert (plan.size, plan.files) == (plan.scenario.size, plan.scenario.files) == (64, "*")


@pytest.mark.parametrize(
    ("plan", "guesses"),
    [
        (Plan(recipe="active-svdd"), True),
        (Plan(contestants=("conv",), evaluation="noise"), True),
        (Plan(recipe="active-svdd", normal=("good",)), False),
        (Plan(contestants=("conv",), evaluation="noise", normal=()), False),
        (Plan(recipe="noise-and-rotation"), False),  # has a classifier, of all classes
    ],
)
def test_what_is_normal_is_a_guess_unless_said_or_learned_by_classes(plan, guesses):
    assert plan.guesses_normal == guesses


def test_a_plan_of_another_version_is_refused():
    with refused(InvalidInput, "made by another version"):
        Plan.from_json({"recipe": "active-svdd", "gpu": True})


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=list(RECIPES))
def test_every_recipe_declares_what_can_be_compared(recipe):
    assert recipe.contestants
    assert recipe.summary.endswith(".")
    assert {one.name for one in recipe.contestants} <= set(CONTESTANTS)
    assert {one.contestant for one in recipe.references} <= {o.name for o in recipe.contestants}


def test_the_names_are_those_of_the_field():
    assert list(RECIPES) == [
        "active-svdd",
        "noise-and-rotation",
        "unsupervised-conv",
        "three-autoencoders",
        "classifier-with-feature-autoencoder",
    ]
    assert {"mixed", "noise", "rotation", "letters", "other-classes"} == set(EVALUATIONS)
    assert len(fields(Plan)) == len(Plan().to_json())


def test_a_recipe_stands_for_its_detectors():
    assert contestants_of(["conv", "three-autoencoders", "svdd"]) == (
        "conv",
        "fc",
        "fc-deep",
        "svdd",
    )
    assert len(contestants_of(RECIPES)) >= 10


@pytest.mark.parametrize("name", [one.name for one in CONTESTANTS.values() if one.learns_classes])
def test_a_classifier_is_not_told_which_images_are_anomalous(name):
    with refused(InvalidInput, f"{name} learns the classes of its images"):
        Plan(contestants=(name,), evaluation="other-classes").check()


def test_k_is_the_threshold_of_the_class_rule_alone():
    plan = Plan(recipe="classifier-with-feature-autoencoder", k=3).check()
    rules = {one.name: one.rule for one in plan.entrants}
    assert rules["class-rule"] == times_the_class_mean(3)
    usual = {one.name: one.rule for one in Plan(recipe=plan.recipe).entrants}
    assert {n for n in rules if rules[n] != usual[n]} == {"class-rule"}
    assert "--k 3" in plan.command("out")
    with refused(InvalidInput, "A k of 0 is no threshold"):
        Plan(recipe="active-svdd", k=0).check()
