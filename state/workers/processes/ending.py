"""End the processes of a data directory on this machine: asked first, then killed."""

import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from state.workers.processes.presence import ProcessCard, ProcessKind, living, seen

PATIENCE_SECONDS = 5.0  # after a process was asked to end, before it is killed
LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class Ended:
    """A process that was ended; `killed` where it did not end by itself in time."""

    card: ProcessCard
    killed: bool


@dataclass(frozen=True)
class Ending:
    """What became of the processes; `elsewhere` are those on other machines."""

    ended: list[Ended]
    left: list[ProcessCard]  # that could not be ended
    elsewhere: list[ProcessCard]


def end_processes(
    data_dir: Path, servers: bool = False, patience: float = PATIENCE_SECONDS
) -> Ending:
    """End every worker here, and the servers if those are meant too.

    Servers go first, so that they start no other.
    """
    alive = [one for one in seen(data_dir) if one.alive]
    ours = {one.card for one in alive if one.is_ours}
    named = dict.fromkeys(one.card for one in alive if one.card is not None)
    found = [one for one in named if servers or one.kind is not ProcessKind.SERVER]
    here = [one for one in found if one in ours]
    first = [one for one in here if one.kind is ProcessKind.SERVER]
    killed = set[ProcessCard]()
    for group in (first, [one for one in here if one not in first]):
        _signal(group, signal.SIGTERM)
        late = _awaited(data_dir, group, patience)
        killed |= set(late)
        _signal(late, signal.SIGKILL)
    left = _awaited(data_dir, here, patience)
    return Ending(
        [Ended(one, one in killed) for one in here if one not in left],
        [*left, *(one for one in found if one.here and one not in here)],
        [one for one in found if not one.here],
    )


def _signal(cards: list[ProcessCard], number: signal.Signals) -> None:
    for one in cards:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(one.pid, number)


def _awaited(data_dir: Path, cards: list[ProcessCard], seconds: float) -> list[ProcessCard]:
    """Wait until processes have ended; returns those that have not in time."""
    until = time.monotonic() + seconds
    while True:
        there = {(one.host, one.pid) for one in living(data_dir)}
        late = [one for one in cards if (one.host, one.pid) in there]
        if not late or time.monotonic() > until:
            return late
        time.sleep(LOOK_SECONDS)
