"""What a presentation says is what scikit-learn, scipy and numpy say, and undefined where it is."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix
from some import some
from sqlalchemy import text, update

from anomaly_core.threshold.intervals import Interval
from state.presentation import opening_of, presentation_of, words
from state.presentation.present import ladder_of
from state.quality.tuning import Basis, Cell, tuning_of
from state.store.database import writing
from state.store.schema import Purpose, model


def shown(workshop):
    return presentation_of(opening_of(workshop.desk()))


def known(workshop, version=1):
    scores = workshop.array(f"models/{version}/test-scores").astype(float)
    return workshop.array("truth/test"), scores


def exact(part, whole):
    found = binomtest(int(part), int(whole)).proportion_ci(0.95, method="exact")
    return Interval(part / whole, float(found.low), float(found.high))


def same(one, other):
    assert vars(one) == pytest.approx(vars(other), abs=1e-9)


def learn(workshop, answers=10):
    workshop.answer(answers)
    workshop.projects.tend(workshop.id)
    workshop.work()


def judge_by(workshop, items):
    """Take the truth of the held-out images away; the answers to some items are the audit."""
    for name in ("truth/test", "models/1/test-scores", "test"):
        workshop.put(name, workshop.array(name)[:0])
    workshop.set_aside(sorted(items))


def test_every_step_counts_what_scikit_learn_and_scipy_count(workshop):
    truth, scores = known(workshop)
    presentation = shown(workshop)
    assert len(presentation.steps) > 10
    for step in presentation.steps:
        (tn, fp), (fn, tp) = confusion_matrix(truth < 0, scores > step.threshold)
        same(step.missed, exact(fn, fn + tp))
        same(step.false_alarms, exact(fp, fp + tn))
        expected = 0.1 * tp / (fn + tp) + 0.9 * fp / (fp + tn)
        assert step.flagged.value == pytest.approx(expected)
        assert 0 <= step.flagged.low <= step.flagged.value <= step.flagged.high <= 1
        counts = {shown.cell: shown.count for shown in step.cells}
        assert counts == {
            Cell.CAUGHT: tp, Cell.MISSED: fn, Cell.FALSE_ALARM: fp, Cell.PASSED: tn
        }  # fmt: skip
        for cell in step.cells:
            whole = fn + tp if cell.cell in (Cell.CAUGHT, Cell.MISSED) else fp + tn
            assert cell.share == cell.count / whole


def test_the_slider_goes_from_few_alarms_to_many(workshop):
    presentation = shown(workshop)
    flagged = [step.flagged.value for step in presentation.steps]
    assert flagged == sorted(flagged)
    thresholds = [step.threshold for step in presentation.steps]
    assert thresholds == sorted(set(thresholds), reverse=True)
    assert presentation.at(0) is presentation.steps[presentation.opens]
    assert presentation.at(1) is presentation.steps[presentation.opens - 1]
    assert presentation.at(99) is presentation.steps[0]
    assert presentation.at(-99) is presentation.steps[-1]


@pytest.mark.parametrize("threshold", [-1.0, 0.0, 49.5, 98.5, 99.0, 1e9])
def test_a_ladder_keeps_the_threshold_it_was_asked_for(threshold):
    pool = np.repeat(np.arange(100.0), 3)
    ladder = ladder_of(pool, threshold)
    assert threshold in ladder
    counts = [(pool > cut).sum() for cut in ladder]
    assert counts == sorted(set(counts))


def test_a_ladder_of_equal_scores_has_all_and_nothing():
    assert {(np.ones(5) > cut).sum() for cut in ladder_of(np.ones(5), 1.0)} <= {0, 5}


def test_it_opens_where_the_expected_share_of_the_pool_is_flagged(workshop):
    presentation, pool = shown(workshop), workshop.array("models/1/scores")
    assert presentation.at(0).threshold == float(np.quantile(pool, 0.9))
    assert "10 % of the pool are flagged" in presentation.purpose


def test_it_opens_at_the_newest_threshold_saved_for_the_model_that_is_shown(workshop):
    tuning = some(tuning_of(workshop.desk()))
    evidence = tuning.evidence(Basis.HELD_OUT)
    for threshold, reason in ((0.2, "Too many"), (0.3, "Calm <b>days</b>")):
        tuning.save(threshold, reason, "by hand", evidence)
    presentation = shown(workshop)
    assert presentation.at(0).threshold == 0.3
    assert "saved by you: Calm <b>days</b>." in presentation.purpose
    learn(workshop)
    assert shown(workshop).version == 2
    assert shown(workshop).at(0).threshold != 0.3  # it was chosen for other scores


def test_the_model_named_for_production_is_shown_though_another_serves(workshop):
    learn(workshop)
    assert shown(workshop).version == 2
    workshop.store.promotions.promote(
        project_id=workshop.id,
        version=1,
        purpose=Purpose.PRODUCTION,
        annotator_id=workshop.me.id,
        reason="Proven.",
    )
    presentation = shown(workshop)
    assert (presentation.version, presentation.in_production) == (1, True)
    said = words.model(presentation)
    assert said.endswith(", named for production, trained on no human answer")
    assert said.startswith("Model 1 of ")


def test_the_images_of_the_story_are_those_that_numpy_finds(workshop):
    truth, scores = known(workshop)
    step = shown(workshop).at(0)
    flagged, anomalous = scores > step.threshold, truth < 0
    expected = [
        np.where(anomalous & flagged, scores, -np.inf).argmax(),
        np.where(anomalous & flagged, scores, np.inf).argmin(),
        np.where(anomalous & ~flagged, scores, np.inf).argmin(),
        np.where(~anomalous & flagged, scores, -np.inf).argmax(),
        np.where(~anomalous & ~flagged, scores, np.inf).argmin(),
    ]
    assert [(one.item, one.letter) for one in step.story] == [*zip(expected, "ABCDE", strict=True)]


def test_images_of_the_story_are_marked_on_the_map_as_far_out_as_they_are(workshop):
    _, scores = known(workshop)
    presentation = shown(workshop)
    for step in presentation.steps:
        distances, angles = np.array([one.located for one in step.story]).T
        np.testing.assert_allclose(distances, np.sqrt(scores[[one.item for one in step.story]]))
        assert len(set(angles)) == len(angles)
        assert distances.max() <= presentation.sketch.reach
        assert "in which direction says nothing" in words.letters(presentation, step)


def test_the_pictures_of_a_cell_come_from_all_over_it(workshop):
    truth, scores = known(workshop)
    for step in shown(workshop).steps:
        inside = {
            Cell.CAUGHT: (truth < 0) & (scores > step.threshold),
            Cell.MISSED: (truth < 0) & (scores <= step.threshold),
            Cell.FALSE_ALARM: (truth > 0) & (scores > step.threshold),
            Cell.PASSED: (truth > 0) & (scores <= step.threshold),
        }
        for cell in step.cells:
            members = np.flatnonzero(inside[cell.cell])
            assert set(cell.items) <= set(members.tolist())
            assert len(cell.items) == len(set(cell.items)) == min(6, len(members))
            if len(members):
                away = abs(scores[members] - step.threshold)
                assert abs(scores[cell.items[0]] - step.threshold) == away.max()
                assert abs(scores[cell.items[-1]] - step.threshold) == away.min()


def test_before_is_the_least_that_the_first_model_missed_with_no_more_false_alarms(workshop):
    assert shown(workshop).at(0).before is None
    assert "no human answer yet" in words.change(shown(workshop), shown(workshop).at(0))
    learn(workshop)
    truth, first = known(workshop, 1)
    _, second = known(workshop, 2)
    presentation = shown(workshop)
    normal, anomalous = first[truth > 0], first[truth < 0]
    for step in presentation.steps:
        allowed = (second[truth > 0] > step.threshold).sum()
        cuts = [-np.inf, *first]
        least = min((anomalous <= cut).sum() for cut in cuts if (normal > cut).sum() <= allowed)
        same(step.before, exact(least, len(anomalous)))
    step = presentation.at(0)
    said = words.change(presentation, step)
    assert f"missed {words.amount(step.before, 100)} of 100 real anomalies" in said
    assert f"After 10 answers it misses {words.amount(step.missed, 100)}" in said


def test_the_map_shows_what_is_flagged_outside_the_line(workshop):
    presentation = shown(workshop)
    distances = presentation.sketch.located[:, 0]
    scores = workshop.array("models/1/scores")
    assert np.allclose(distances, np.sqrt(np.sort(scores)[::-1]), rtol=1e-5)
    for step in presentation.steps:
        assert step.outside == (scores > step.threshold).sum()
        assert step.radius == pytest.approx(np.sqrt(max(0, step.threshold)))
    scale = presentation.sketch.scale
    assert workshop.model.metrics["R"] == scale.R
    drawn = scale.at(np.append(distances, [step.radius for step in presentation.steps]))
    assert 0 <= drawn.min() <= drawn.max() <= 1  # all of it is in sight


def test_without_held_out_truth_the_random_answers_count(workshop):
    items = workshop.answer(30)
    judge_by(workshop, items[:20])
    presentation = shown(workshop)
    truth, scores = workshop.array("truth/pool"), workshop.array("models/1/scores")
    y, known_scores = truth[items[:20]], scores[items[:20]].astype(float)
    assert (presentation.basis, presentation.known) == (Basis.RANDOM, 20)
    assert presentation.anomalies == (y < 0).sum()
    step = presentation.at(0)
    missed = ((y < 0) & (known_scores <= step.threshold)).sum()
    same(step.missed, exact(missed, (y < 0).sum()))
    assert "little more than a guess" in " ".join(words.notes(presentation, step))
    assert "people's answers to 20 images drawn at random" in words.evidence(presentation)
    assert {item for cell in step.cells for item in cell.items} <= set(items[:20])
    for one in step.story:  # which are items of the pool, and lie where the map has them
        np.testing.assert_allclose(one.located, workshop.array("models/1/map")[one.item])
    assert "direction" not in words.letters(presentation, step)


def test_of_one_class_only_half_is_undefined(workshop):
    truth = workshop.array("truth/pool")
    items = workshop.answer(30)
    judge_by(workshop, [item for item in items if truth[item] > 0])
    presentation = shown(workshop)
    step = presentation.at(0)
    assert step.missed is None
    assert step.false_alarms is not None
    flags, misses, alarms = words.sentences(presentation, step)
    assert misses.text == "How many real anomalies it misses is not known yet: none is known."
    assert alarms.text.startswith("Of 1,000 normal images it flags ")
    assert flags.number == words.amount(step.flagged, 1_000)
    assert {one.cell for one in step.story} <= {Cell.FALSE_ALARM, Cell.PASSED}
    assert "expects" in presentation.purpose
    assert step.flagged.value == pytest.approx(0.1, abs=0.01)


def test_of_anomalies_only_the_false_alarms_are_undefined(workshop):
    truth = workshop.array("truth/pool")
    judge_by(workshop, [item for item in workshop.answer(30) if truth[item] < 0])
    presentation = shown(workshop)
    step = presentation.at(0)
    assert (step.missed is None, step.false_alarms) == (False, None)
    *_, alarms = words.sentences(presentation, step)
    assert alarms.text == "How many false alarms it gives is not known yet: no normal is known."
    told = {shown.cell: words.cell_share(shown) for shown in step.cells}
    assert told[Cell.PASSED] == told[Cell.FALSE_ALARM] == "no normal image is known"


@pytest.mark.parametrize("lost", ["figures", "scores"])
def test_what_the_answers_brought_is_undefined_without_the_first_model(workshop, lost):
    learn(workshop)
    if lost == "scores":
        (workshop.version_folder(1) / "test-scores.npy").write_bytes(b"none")
    else:
        with writing(workshop.store.engine) as connection:
            old = text("UPDATE model SET metrics = json_remove(metrics, '$.auroc') WHERE version=1")
            connection.execute(old)
    presentation = shown(workshop)
    assert presentation.version == 2
    assert {step.before for step in presentation.steps} == {None}
    assert "too little is known to compare" in words.change(presentation, presentation.at(0))


def test_where_nothing_is_known_nothing_is_promised(workshop):
    workshop.answer(20)  # that the model learns from: no evidence
    judge_by(workshop, [])
    presentation = shown(workshop)
    step = presentation.at(0)
    assert (step.missed, step.false_alarms, step.story, step.before) == (None, None, (), None)
    assert "nothing can be promised" in words.evidence(presentation)
    assert words.letters(presentation, step) == ""
    assert [row.number for row in words.rows(step)][1:] == ["not known yet", "not known yet"]
    assert all(shown.count == 0 and not shown.items for shown in step.cells)


def test_before_the_first_model_there_is_nothing_to_show(tiny_workshop):
    assert opening_of(tiny_workshop.desk()) is None


@pytest.mark.parametrize(
    ("share", "whole", "number", "span"),
    [
        (Interval(0.08, 0.041, 0.149), 100, "8", "between 4 and 15"),
        (Interval(0.031, 0.0309, 0.0311), 1_000, "31", "between 30 and 32"),
        (Interval(0.0, 0.0, 0.036), 100, "none", "between 0 and 4"),
        (Interval(0.002, 0.0, 0.01), 100, "fewer than 1", "between 0 and 1"),
        (Interval(0.005, 0.001, 0.02), 100, "1", "between 0 and 2"),
        (Interval(0.01, 0.01, 0.01), 100, "1", "between 1 and 1"),
        (Interval(0.998, 0.98, 1.0), 100, "more than 99", "between 98 and 100"),
        (Interval(1.0, 0.5, 1.0), 1_000, "1,000", "between 500 and 1,000"),
        (None, 100, "not known yet", ""),
    ],
)
def test_a_share_in_words(share, whole, number, span):
    assert words.amount(share, whole) == number
    assert words.span(share, whole) == span


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 answers"), (1, "1 answer"), (1_200, "1,200 answers")]
)
def test_plurals(count, said):
    assert words.plural(count, "answer") == said


def test_the_sentences_are_plain(workshop):
    presentation = shown(workshop)
    step = replace(
        presentation.at(0),
        flagged=Interval(0.031, 0.02, 0.04),
        missed=Interval(0.08, 0.04, 0.15),
        false_alarms=Interval(0.0, 0.0, 0.003),
    )
    assert [sentence.text for sentence in words.sentences(presentation, step)] == [
        "Of 1,000 images, 100 of them anomalous, it flags 31.",
        "Of 100 real anomalies it misses 8, between 4 and 15.",
        "Of 1,000 normal images it flags none by mistake, between 0 and 3.",
    ]


def test_a_position_of_the_slider_is_said_to_be_tried_and_saved_by_nobody(workshop):
    presentation = shown(workshop)
    step = presentation.at(3)
    assert presentation.purpose in words.notes(presentation, presentation.at(0))
    assert presentation.purpose not in words.notes(presentation, step)
    assert words.tried(presentation, presentation.at(0)) == ""
    held = presentation.at(0).threshold
    assert words.tried(presentation, step) == (
        f"Tried on the slider, saved by nobody: threshold {step.threshold:.4g} in the place of "
        f"{held:.4g}."
    )


def test_it_is_told_when_an_earlier_model_was_clearly_better(workshop):
    assert shown(workshop).better is None
    learn(workshop)
    measured = [{"auroc": 0.95}, {"auroc": 0.94}], [{"auroc": 0.95}, {"auroc": 0.90}]
    for told, (first, second) in zip((False, True), measured, strict=True):
        for version, metrics in ((1, first), (2, second)):
            with writing(workshop.store.engine) as connection:
                mine = model.c.version == version
                known = workshop.store.models.version(workshop.id, version).metrics
                connection.execute(update(model).where(mine).values(metrics=known | metrics))
        presentation = shown(workshop)
        said = words.worse(presentation)
        assert said.startswith("Model 1 did better on the same images: it put") is told
    assert "in 950 of 1,000 pairs, between 926 and 966, model 2 in 900. An owner can" in said


def test_it_is_told_when_random_answers_say_that_the_model_before_was_clearly_better(workshop):
    items = workshop.answer(30)
    judge_by(workshop, items[:20])
    workshop.projects.tend(workshop.id)
    workshop.work()
    truth, rng = workshop.array("truth/pool"), np.random.default_rng(0)
    right = np.where(truth < 0, 2.0, 1.0) + rng.random(len(truth)) / 10
    workshop.put("models/1/scores", right.astype(np.float32))
    workshop.put("models/2/scores", (3 - right).astype(np.float32))
    better = some(shown(workshop).better)
    assert (better.version, better.before.value, better.now.value) == (1, 1.0, 0.0)
    assert better.before.low > better.now.value


def test_a_sample_of_mostly_anomalies_is_not_taken_for_the_images_to_come(workshop):
    said = words.sample(shown(workshop))
    assert "1,500 test images that it was measured on: 1,350 anomalous and 150 normal" in said
    assert "in the sentences above, 100 of 1,000 images are anomalous" in said
    caught = shown(workshop).at(0).cells[0]
    assert words.cell_share(caught).startswith("of 1,350 anomalous images here: ")


def test_the_map_has_a_picture_of_every_item_of_a_small_pool(workshop):
    sketch, scores = shown(workshop).sketch, workshop.array("models/1/scores")
    assert sketch.items.tolist() == np.argsort(-scores, kind="stable").tolist()
    assert sketch.pictured.tolist() == list(range(len(scores)))


def test_owners_are_named_and_a_crowd_of_them_is_counted(workshop):
    presentation = shown(workshop)
    assert words.owners(presentation) == "Owner: you"
    for name in ("ada", "bob", "eve", "zoe"):
        workshop.store.people.ensure(name)
    assert words.owners(shown(workshop)) == "Owners: you, ada, bob and 2 more"


def test_every_kind_of_threshold_is_within_reach_of_an_extreme_one():
    pool = np.linspace(1, 2, 1_000)
    for start in (0.5, 3.0):
        flagged = [(pool > cut).mean() for cut in ladder_of(pool, start)]
        assert min(flagged) <= 0.001
        assert max(flagged) >= 0.5
        assert any(0.04 < share < 0.06 for share in flagged)
