"""The cases by which the browser's arithmetic of Tune is tested are those of the engine.

`python -m tests.anomaly_core.threshold.test_tuning_data` writes them anew.
"""

import json
import math
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from anomaly_core.threshold.judged import Judged, Worth, figures_at

DATA = Path(__file__).parents[2] / "data" / "tuning.json"
WORTH = Worth(prevalence=0.05, beta=2.0, miss=10.0, false_alarm=1.0)
SHARES = (0.001, 0.05, 0.5, 0.8, 0.99)
# name: normal, anomalous and pool scores that 32 bits hold exactly, thresholds, what is expected
CASES = {
    "apart": ([0.5, 1, 1.5, 2], [4, 5, 6], [0.5, 1, 3, 4, 8], [0.25, 2, 3, 5, 9], WORTH),
    "mixed": (
        [0.25, 1, 2, 3.5, 4],
        [1.5, 2.5, 3.5, 8],
        [0.25, 1, 1.5, 2, 2.5, 3.5, 4, 8],
        [0, 1.25, 2.25, 3, 3.75, 6],
        Worth(prevalence=0.4, beta=0.5, miss=3.0, false_alarm=2.5),
    ),
    "ties at the threshold": ([1, 2, 2, 2], [2, 2, 3], [2, 2, 2, 3], [1, 2, 3], WORTH),
    "all the same": ([2, 2], [2, 2], [2], [1, 2, 3], WORTH),
    "no anomalies": ([1, 2, 3], [], [1, 2, 3, 4], [0, 2, 3], WORTH),
    "anomalies only": ([], [1, 2, 3], [1, 2, 3, 4], [0, 2, 3], WORTH),
    "nothing known": ([], [], [1, 2], [1], WORTH),
    "nothing at all": ([], [], [], [1], WORTH),
    "misses cost nothing": ([1, 3], [2, 4], [1, 2, 3, 4], [2.5], Worth(0.5, 1.0, 0.0, 1.0)),
}


def computed():
    return {
        "cases": [case(name, *parts) for name, parts in CASES.items()],
        # where a share lies on an axis of 3.2 standard deviations to each side
        "deviates": [[share, (float(norm.ppf(share)) + 3.2) / 6.4] for share in SHARES],
    }


def case(name, normal, anomalous, pool, thresholds, worth):
    y = np.array([1] * len(normal) + [-1] * len(anomalous), np.int64)
    judged = Judged(y, np.array(normal + anomalous, np.float32), np.array(pool, np.float32))
    scores = {"normal": normal, "anomalous": anomalous, "pool": pool}
    found = [expected(figures_at(judged, threshold, worth)) for threshold in thresholds]
    at = [{"threshold": t, **one} for t, one in zip(thresholds, found, strict=True)]
    cuts = {name: plain(getattr(judged.cuts, name)) for name in ("recall", "false_positive_rate")}
    return {"name": name, "scores": scores, "worth": asdict(worth), "at": at, "cuts": cuts}


def expected(found):
    shares = ("recall", "false_positive_rate", "precision", "f_beta", "cost")
    values = {name: getattr(found, name) for name in shares}
    return {
        **asdict(found.confusion),
        **{name: one and one.value for name, one in values.items()},
        "alerts": plain(np.array([found.alerts]))[0],
    }


def plain(values):
    return [None if math.isnan(value) else value for value in values.tolist()]


def test_the_cases_of_the_browser_are_those_of_the_engine():
    kept = json.loads(DATA.read_text(encoding="utf-8"))
    assert leaves(kept) == {name: pytest.approx(one) for name, one in leaves(computed()).items()}


def leaves(value, name=""):
    """Every figure, text and `None` by the path to it."""
    if not isinstance(value, (dict, list)):
        return {name: value}
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    return {path: one for key, part in inner for path, one in leaves(part, f"{name}/{key}").items()}


def written():
    """As few lines as one can read: a case each."""
    found = computed()
    cases = ",\n".join(json.dumps(case) for case in found["cases"])
    return f'{{"cases": [\n{cases}\n],\n"deviates": {json.dumps(found["deviates"])}}}\n'


if __name__ == "__main__":
    DATA.write_text(written(), encoding="utf-8")
