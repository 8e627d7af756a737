"""Figures show what there is to show, and leave out what is undefined."""

import numpy as np
import pytest

from anomaly_core.evaluation import Confusion, roc
from anomaly_core.report.figures import precision_recall_figure, roc_figure


@pytest.mark.parametrize("figure_of", [roc_figure, precision_recall_figure])
def test_a_contestant_without_a_curve_is_left_out(figure_of):
    curve = roc(np.array([1, 1, -1]), np.array([0.0, 2.0, 3.0]), Confusion(1, 0, 0, 2))
    drawn = figure_of(["one", "other"], [None, curve]).data
    assert {line.legendgroup for line in drawn} == {"other"}
