"""A few of the thousand kills, so that the script stays true."""

import pytest

from benchmarks.kills import kill_all

pytestmark = [pytest.mark.process, pytest.mark.trains, pytest.mark.slow]


def test_a_few_kills_lose_nothing(tmp_path):
    told: list[str] = []
    few = {"labeling": 4, "training": 1, "publishing": 1, "importing": 1, "exporting": 1}
    kill_all(tmp_path, few | {"seed": 1}, told.append)
    assert [line.partition(":")[0] for line in told] == [
        *("training", "publishing", "importing", "exporting", "labeling")
    ]
