"""The figures that claims rest on, on curves small enough to work out by hand."""

import numpy as np
import pytest
from scipy.stats import t as student

from benchmarks.__main__ import ratios, table
from benchmarks.learning.curves import Curve, labels_needed, mean_at


def curve(
    auroc: dict[int, float], arm: str = "ringfence auto", seed: int = 0, normal=(3,)
) -> Curve:
    found = {labels: labels // 5 for labels in auroc}
    return Curve(arm, normal, seed, auroc, found, 2.0, 0.5 if len(auroc) > 1 else None)


RISING = curve({0: 0.5, 10: 0.7, 20: 0.9, 50: 0.8, 100: 1.0})


def test_quality_between_rounds_is_linear_and_level_after_the_last():
    assert [RISING.at(labels) for labels in (5, 10, 35, 200)] == pytest.approx([0.6, 0.7, 0.85, 1])


def test_area_is_the_mean_over_the_labels():
    expected = (10 * 0.6 + 10 * 0.8 + 30 * 0.85 + 50 * 0.9) / 100
    assert RISING.area == pytest.approx(expected)
    assert curve({0: 0.7}).area == 0.7


def test_ramp_up_is_the_share_of_the_whole_gain():
    assert RISING.ramp_up(20) == pytest.approx(0.8)
    assert curve({0: 0.9, 10: 0.8}).ramp_up(5) is None


def test_the_largest_drop_is_what_one_round_lost():
    assert RISING.largest_drop == pytest.approx(0.1)
    assert curve({0: 0.5, 10: 0.6}).largest_drop == 0


def test_anomalies_found_are_counted_per_answer():
    assert RISING.found_per_label == pytest.approx(0.2)
    assert curve({0: 0.5}).found_per_label is None


def test_the_interval_is_over_seeds_and_not_over_classes():
    curves = [
        curve({0: value + offset}, seed=seed, normal=(normal,))
        for seed, value in enumerate((0.5, 0.6, 0.7))
        for normal, offset in ((3, -0.1), (5, 0.1))
    ]
    estimate = mean_at(curves, 0)
    assert estimate.mean == pytest.approx(0.6)
    assert estimate.half == pytest.approx(student.ppf(0.975, 2) * 0.1 / np.sqrt(3))
    assert mean_at(curves[:2], 0).half == 0


def test_labels_needed_is_where_the_mean_curve_gets_there():
    assert labels_needed([RISING], 0.8) == 15
    assert labels_needed([curve({0: 0.5, 100: 0.8})], 0.9) is None


def test_the_ratio_of_labels_is_that_of_the_curves():
    auto = curve({0: 0.5, 20: 0.9, 50: 1.0})
    random = curve({0: 0.5, 100: 0.9 + 0.1 / 6}, "ringfence random")
    (line,) = ratios([auto, random])
    assert "random needs 100 labels" in line
    assert "4.0 times" in line
    (line,) = ratios([auto, curve({0: 0.5, 100: 0.6}, "ringfence random")])
    assert "more than 100 labels" in line


def test_the_table_has_a_line_for_each_arm():
    text = table([RISING, curve({0: 0.7}, "isolation forest")])
    lines = text.splitlines()
    assert lines[1].startswith("ringfence auto")
    assert "0.9000" in lines[1]
    assert lines[2].split()[:3] == ["isolation", "forest", "0.7000"]
