"""What `import anomaly_core` offers, and how little it loads."""

import subprocess
import sys

import pytest

import anomaly_core


@pytest.mark.parametrize("name", anomaly_core.__all__)
def test_every_name_is_the_object_of_that_name(name):
    assert getattr(anomaly_core, name).__name__ == name
    assert name in dir(anomaly_core)


def test_another_name_is_refused_like_any_modules():
    with pytest.raises(AttributeError, match="has no attribute 'Sphere'"):
        anomaly_core.Sphere  # noqa: B018


@pytest.mark.process
def test_importing_it_loads_nothing_heavy():
    code = "import sys, anomaly_core; print(*sorted(sys.modules))"
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert not {"torch", "numpy", "sklearn"} & set(loaded)
