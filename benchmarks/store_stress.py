"""Whether the label store keeps its promises to many writers, and how fast it is meanwhile.

`python -m benchmarks.store_stress` lets eight processes send 1,000 answers each, with undos and
repetitions, for less budget than they ask for; then it kills 200 writing processes, and lets eight
race 10,000 times for the last label of a budget. On SQLite, and with `--url postgresql://...`
there too, in a schema that is dropped at the end. Ends with a
sentence and a status of 1 if an acknowledged event is lost or doubled, if what was spent is not
what stands, or if the store is not in order.
"""

import argparse
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import create_engine, text, update

from anomaly_core.errors import RingfenceError
from benchmarks.writers import (
    LARGEST_CALL,
    Fact,
    Place,
    Tally,
    Writer,
    race_when_told,
    start,
    work_and_tell,
    write_until_killed,
)
from state.errors import Reason
from state.settings import Settings
from state.store import history as replay
from state.store.database import parse_url, writing
from state.store.history import Event
from state.store.projects import NewProject, Project
from state.store.schema import project as table
from state.store.store import Store

AT_ONCE = 4  # processes that write together until each is killed
LONGEST_LIFE = 0.5  # seconds until the next of them is killed, at most


class InvariantBroken(RingfenceError):
    """The store has not kept a promise."""


@dataclass(frozen=True)
class Pressed:
    """What came of many writers under pressure."""

    accepted: int
    refused: Counter[Reason]
    repeats: int
    seconds: float
    milliseconds: list[float]


@dataclass(frozen=True)
class Killed:
    """What came of killing writers."""

    kills: int
    writing: int  # had an event acknowledged before
    acknowledged: int
    unheard: int  # events that were stored, but the writer died before it could tell


def press(settings: Settings, processes: int, answers: int, seed: int = 0) -> Pressed:
    """Let processes send answers all at once; raises InvariantBroken."""
    demand = processes * answers
    place = _place(settings, "pressed", budget=demand // 6, items=demand // 2)
    writers = [
        start(work_and_tell, place, f"annotator {number}", seed + number, answers)
        for number in range(processes)
    ]
    for writer in writers:
        _receive(writer)
    began = time.perf_counter()
    for writer in writers:
        writer.line.send("go")
    tallies: list[Tally] = [_receive(writer) for writer in writers]
    seconds = time.perf_counter() - began
    for writer in writers:
        writer.process.join()
    facts = [fact for tally in tallies for fact in tally.acknowledged]
    check(place, facts)
    return Pressed(
        accepted=len(facts),
        refused=sum((tally.refused for tally in tallies), Counter()),
        repeats=sum(tally.repeats for tally in tallies),
        seconds=seconds,
        milliseconds=[each for tally in tallies for each in tally.milliseconds],
    )


def kill(settings: Settings, kills: int, seed: int = 0) -> Killed:
    """Kill processes while they write; raises InvariantBroken."""
    place = _place(settings, "killed", budget=10**6, items=10**5)
    chance = random.Random(seed)
    heard: list[list[Fact]] = []
    while len(heard) < kills:
        numbers = range(len(heard), min(len(heard) + AT_ONCE, kills))
        writers = [
            start(write_until_killed, place, f"annotator {number % AT_ONCE}", seed + number)
            for number in numbers
        ]
        for writer in writers:
            _receive(writer)
        for writer in writers:
            _kill(writer, after=chance.uniform(0, LONGEST_LIFE))
        heard += [writer.heard() for writer in writers]
    facts = [fact for told in heard for fact in told]
    unheard = check(place, facts, in_flight=kills * LARGEST_CALL)
    return Killed(kills, sum(map(bool, heard)), len(facts), unheard)


def race(settings: Settings, races: int, writers: int = 8) -> None:
    """Let writers race for one label that is left, again and again; raises InvariantBroken."""
    place = _place(settings, "raced", budget=1, items=races * writers)
    here = table.c.id == place.projects[0]
    team = [start(race_when_told, place, f"annotator {one}", 0) for one in range(writers)]
    for writer in team:
        _receive(writer)
    with Store.open(settings) as store:
        for number in range(races):
            with writing(store.engine) as connection:
                connection.execute(update(table).where(here).values(budget=number + 1))
            for place_in_line, writer in enumerate(team):
                writer.line.send(number * writers + place_in_line)
            accepted = sum(_receive(writer) for writer in team)
            if accepted != 1:
                raise InvariantBroken(f"I2 is broken: {accepted} of {writers} got the last label.")
    for writer in team:
        writer.line.send(None)
        writer.process.join()
    check(place, [], in_flight=races)


def _place(settings: Settings, name: str, *, budget: int, items: int) -> Place:
    """Two new projects, one of which wants two labels for each item."""
    with Store.open(settings) as store:
        projects = tuple(
            store.projects.create(
                NewProject(
                    name=f"{name}, overlap {overlap}",
                    scenario={},
                    detector={},
                    strategy="random",
                    budget=budget,
                    batch_size=10,
                    overlap=overlap,
                    pool_size=items,
                )
            ).id
            for overlap in (1, 2)
        )
    return Place(settings, projects, items)


def _receive(writer: Writer) -> Any:
    try:
        return writer.line.recv()
    except EOFError as error:
        raise InvariantBroken("A writing process has ended by itself; see its error.") from error


def _kill(writer: Writer, after: float) -> None:
    time.sleep(after)
    writer.process.kill()
    writer.process.join()
    if writer.process.exitcode != -signal.SIGKILL:
        raise InvariantBroken("A writing process has ended by itself; see its error.")


def check(place: Place, acknowledged: Iterable[Fact], in_flight: int = 0) -> int:
    """Raise InvariantBroken unless each acknowledged event is stored once, and the rest holds too.

    Returns how many events are stored that were never acknowledged; `in_flight` of them may be.
    """
    with Store.open(place.settings) as store:
        history = [event for project in place.projects for event in store.events.since(project)]
        unheard = _check_events(history, Counter(acknowledged), in_flight)
        for project in map(store.projects.get, place.projects):
            _check_budget(project, [e for e in history if e.project_id == project.id])
        for problem in store.integrity_problems():
            raise InvariantBroken(f"I3 is broken: {problem}")
    return unheard


def _check_events(history: Iterable[Event], told: Counter[Fact], in_flight: int) -> int:
    stored = Counter((e.uuid, e.item, str(e.answer or e.kind)) for e in history)
    lost = sum(1 for fact, times in told.items() if (stored[fact], times) != (1, 1))
    if lost:
        raise InvariantBroken(
            f"I1 is broken: {lost} acknowledged events are not in the store exactly once."
        )
    unheard = len(stored.keys() - told.keys())
    if unheard > in_flight:
        raise InvariantBroken(f"I1 is broken: {unheard} events were stored but not acknowledged.")
    return unheard


def _check_budget(project: Project, history: Iterable[Event]) -> None:
    bought = sum(1 for event in replay.standing(history) if event.bought)
    if not project.spent == bought <= project.budget:
        raise InvariantBroken(
            f"I2 is broken: {project.spent} labels of {project.budget} paid for, {bought} stand."
        )


@contextmanager
def sqlite_store() -> Iterator[Settings]:
    """An empty store in a temporary directory."""
    with tempfile.TemporaryDirectory(prefix="ringfence-stress-") as directory:
        yield Settings(_env_file=None, data_dir=Path(directory) / "data", database_url=None)


@contextmanager
def postgres_store(given: str) -> Iterator[Settings]:
    """An empty store in a schema of its own."""
    url, name = parse_url(given), f"stress_{os.getpid()}"
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    own = url.update_query_dict({"options": f"-csearch_path={name}"})
    try:
        with tempfile.TemporaryDirectory(prefix="ringfence-stress-") as directory:
            yield Settings(
                _env_file=None,
                data_dir=Path(directory) / "data",
                database_url=own.render_as_string(hide_password=False),
            )
    finally:
        with engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
        engine.dispose()


def report(settings: Settings, options: argparse.Namespace) -> None:
    """Run both parts on one store and print what came of it."""
    pressed = press(settings, options.processes, options.answers, options.seed)
    figures = {
        "accepted": f"{pressed.accepted:,}",
        "refused": f"{pressed.refused.total():,}",
        "repeats": f"{pressed.repeats:,}",
        "seconds": f"{pressed.seconds:.1f}",
        "accepted/s": f"{pressed.accepted / pressed.seconds:.0f}",
        "p50 ms": f"{np.percentile(pressed.milliseconds, 50):.1f}",
        "p95 ms": f"{np.percentile(pressed.milliseconds, 95):.1f}",
        "max ms": f"{max(pressed.milliseconds):.0f}",
    }
    print("".join(f"{name:>11}" for name in figures))
    print("".join(f"{figure:>11}" for figure in figures.values()))
    for reason, count in pressed.refused.most_common():
        print(f"  refused {count:,} times: {reason}")
    if options.races:
        race(settings, options.races)
        print(f"{options.races:,} races of eight writers for one label: one got it each time")
    if options.kills:
        killed = kill(settings, options.kills, options.seed)
        print(
            f"killed {killed.kills} processes, {killed.writing} of them after they had written: "
            f"{killed.acknowledged:,} events acknowledged, 0 lost, "
            f"{killed.unheard} stored just before the end of their writer"
        )


def main() -> int:
    """Run everything on every store, and say whether a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.store_stress", description=__doc__)
    parser.add_argument("--url", help="of a PostgreSQL database to use as well")
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--answers", type=int, default=1000, help="of each process")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--races", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    try:
        print(f"SQLite {sqlite3.sqlite_version}")
        with sqlite_store() as settings:
            report(settings, options)
        if options.url:
            print("PostgreSQL")
            with postgres_store(options.url) as settings:
                report(settings, options)
    except RingfenceError as error:
        print(error, file=sys.stderr)
        return 1
    print("every acknowledged event is stored once, what was spent stands, the stores are in order")
    return 0


if __name__ == "__main__":
    sys.exit(main())
