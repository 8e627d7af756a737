"""One rule decides what is flagged: at the desk, on every page, and in what is taken away."""

import io
import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from some import some

from state.explore.inspector import Inspection
from state.labeling.desk import Desk
from state.labeling.one_by_one import OneByOne
from state.labeling.rule import expected_share
from state.labeling.second_look.review import Review
from state.presentation.opening import opening_of
from state.presentation.present import presentation_of
from state.quality.audit import Quality
from state.quality.tuning import Basis, tuning_of
from state.versions.lineage import Lineage


def flagged_at_the_desk(desk: Desk) -> dict[int, bool]:
    return {one.item: some(one.placed).flagged for one in OneByOne(desk, "tab").tickets}


def packed(workshop, version):
    lineage = Lineage(workshop.projects, workshop.store.projects.get(workshop.id))
    files = zipfile.ZipFile(io.BytesIO(lineage.bundle(version, workshop.me)))
    return {
        name.rpartition("/")[2]: files.read(name).decode()
        for name in files.namelist()
        if name.endswith(("README.md", "metrics.json"))
    }


def thresholds(workshop, version=1):
    """What every place that gives a verdict goes by."""
    desk = workshop.desk()
    opening = some(opening_of(desk))
    item = int(desk.queue[0])
    case, seen = Review(desk).case(item), Inspection(desk, item)
    ticket = OneByOne(desk, "tab").tickets[0]
    assert case.limit == seen.rule.distance == some(ticket.placed).limit
    return {
        "desk": some(desk.rule).threshold,
        "tuning": some(tuning_of(desk)).rule.threshold,
        "present": opening.threshold,
        "presented": presentation_of(opening).at(0).threshold,
        "quality": Quality(desk.store, desk.project, some(desk.gallery)).rule.threshold,
        "bundle": json.loads(packed(workshop, version)["metrics.json"])["threshold"],
    }


def test_without_a_saved_threshold_the_expected_share_is_flagged_everywhere(workshop):
    scores = workshop.array("models/1/scores")
    found = set(thresholds(workshop).values())
    assert found == {float(np.quantile(scores, 0.9))}
    assert "10 % of the pool are flagged" in packed(workshop, 1)["README.md"]


def test_a_saved_threshold_is_the_verdict_everywhere(workshop):
    scores = workshop.array("models/1/scores")
    proposed = scores[workshop.desk().queue[:20]]
    middle = float(np.median(proposed))
    tuning = some(tuning_of(workshop.desk()))
    tuning.save(9e9, "Nothing at all.", "by hand", tuning.evidence(Basis.HELD_OUT))
    tuning.save(middle, "Half of\n    them", "by hand", tuning.evidence(Basis.HELD_OUT))
    assert set(thresholds(workshop).values()) == {middle}
    said = flagged_at_the_desk(workshop.desk())
    assert said == {item: scores[item] > middle for item in said}
    assert set(said.values()) == {True, False}
    readme = packed(workshop, 1)["README.md"]
    assert f"scores > {middle!r}" in readme
    assert "saved by you: Half of them." in readme


def test_a_threshold_is_that_of_its_model_alone(workshop):
    tuning = some(tuning_of(workshop.desk()))
    tuning.save(0.25, "For this one.", "by hand", tuning.evidence(Basis.HELD_OUT))
    workshop.answer(10)
    workshop.rounds().update([])
    assert len(set(thresholds(workshop, 2).values())) == 1
    assert thresholds(workshop, 2)["desk"] != 0.25
    assert json.loads(packed(workshop, 1)["metrics.json"])["threshold"] == 0.25


def test_nothing_is_flagged_before_the_first_model(open_workshop, tiny):
    assert open_workshop(tiny).desk().rule is None


@pytest.mark.parametrize(("share", "expected"), [(0.0, 0.001), (0.25, 0.25)])
def test_the_expected_share_is_never_quite_nothing(workshop, share, expected):
    project = workshop.store.projects.get(workshop.id)
    other = replace(project, scenario={**project.scenario, "contamination": share})
    assert expected_share(other) == expected
