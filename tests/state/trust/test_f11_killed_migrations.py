"""F11: a process killed at any step of any migration leaves the old or the new schema, whole."""

import signal

import pytest
from first_schema import first_store, outline, upgrade_and_die

from benchmarks.writers import start
from state.store.store import Store

pytestmark = pytest.mark.process


def kill_at(settings, step):
    """Upgrade in a process that dies at a step; how many steps there were where it came through."""
    upgrading = start(upgrade_and_die, settings, step)
    upgrading.process.join()
    steps = upgrading.heard()
    assert upgrading.process.exitcode == (0 if steps else -signal.SIGKILL)
    return steps[0] if steps else None


def test_killed_at_every_step(settings):
    first_store(settings, events=300)
    old, step = outline(settings), 0
    while (steps := kill_at(settings, step)) is None:
        assert outline(settings) == old, f"after step {step}"
        step += 1
    assert steps == step > 50
    assert_newest(settings, old)


@pytest.mark.slow
def test_killed_with_half_a_million_events(settings):
    first_store(settings, events=500_000)
    old = outline(settings)
    for step in (20, 35, 45):
        assert kill_at(settings, step) is None
        assert outline(settings) == old
    assert_newest(settings, old)


def assert_newest(settings, old):
    with Store.open(settings) as store:
        assert store.projects.get(4).spent == old["events"][0]
    new = outline(settings)
    assert new["events"] == old["events"]
    assert new["revision"] > old["revision"]
    assert old["tables"].keys() - {"job", "trainer"} <= new["tables"].keys()
