"""F6: eight writers and one label left, on SQLite and PostgreSQL; 10,000 races are a benchmark."""

import pytest

from benchmarks.store_stress import race

pytestmark = pytest.mark.process


def test_one_of_eight_gets_the_last_label_each_time(settings):
    race(settings, races=30)
