"""Whether what people see costs the server more the longer the history of a project is.

    python -m benchmarks.history [--database-url URL] [--events 100 10000 100000 500000]

Each view is looked at after one more answer, as on a busy day, and its server time is the median.
Everything else is the same for each length: pool, people, versions. Ends with a table of
milliseconds, and how many times as much it is as for the shortest history.
"""

import argparse
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np

from anomaly_core.threshold.judged import Worth, bands, figures_at, shares_by_place
from anomaly_core.threshold.objectives import MostRecall
from benchmarks.staging.long_history import long_project
from state.files.gallery import Gallery
from state.labeling.desk import Desk
from state.labeling.inbox import take_in
from state.labeling.payload import Sent, deliver
from state.labeling.second_look.review import Review
from state.projects.projects import Projects
from state.quality.audit import Quality
from state.quality.discovery import discovery
from state.quality.pace import labels_per_minute
from state.quality.tuning import Basis, Tuning, tuning_of
from state.settings import Settings
from state.store.projects import Project
from state.store.store import Store
from state.versions.latest import news
from state.versions.lineage import Lineage

EVENTS = (100, 10_000, 100_000, 500_000)
FLAT = 1.5  # times the server time for the shortest history, at most


class Visitor:
    """One person at one project, who answers and looks."""

    def __init__(self, projects: Projects, project: Project) -> None:
        self.projects = projects
        self.store = projects.store
        self.project = project
        self.me = self.store.people.all()[0]
        self.sent = Sent()
        self.tab = "tab"
        self.looks, self.seq = 0, None
        self.handed: list[int] = []

    def desk(self) -> Desk:
        """The desk as it stands now."""
        return Desk(self.store, self.projects.settings, self.project.id, self.me)

    def press(self) -> dict[str, Any]:
        """An answer to what was handed out as the browser sends it."""
        item = self.handed.pop(0) if self.handed else int(self.desk().queue[0])
        return {
            "uuid": str(uuid4()),
            "kind": "answer",
            "item": item,
            "answer": "normal" if item % 7 else "anomalous",
            "project": self.project.id,
            "created": self.project.created_at,
            "annotator": self.me.id,
            "pressed_at": time.time(),
            "shown_at": time.time() - 1,
        }

    def answer(self) -> None:
        """Answer one more image."""
        take_in(self.store, str(uuid4()), [self.press()], {self.me.id})

    def pump(self, pressed: dict[str, Any]) -> None:
        """What the pump does with a sending."""
        take_in(self.store, str(uuid4()), [pressed], {self.me.id})
        self.projects.tend(self.project.id)

    def handout(self) -> None:
        """What the desk of a tab gets that was there before."""
        self.looks += 1
        has = {"map": 3, "images": list(self.sent.images), "labels": self.seq}
        self.sent.follow({"client": self.tab, "beat": self.looks, **has})
        given = deliver(self.desk(), self.sent)
        self.seq, self.handed = given["seq"], [ticket["item"] for ticket in given["queue"]]

    def arrival(self) -> None:
        """What a tab gets that has just come."""
        deliver(self.desk(), Sent({"client": "tab"}))

    def overview(self) -> None:
        """The figures of Overview."""
        project, store = self.store.projects.get(self.project.id), self.store
        lineage = Lineage(self.projects, project)
        history = store.events.history(project.id)
        models = store.models.line(project.id)
        quality = Quality(
            store, project, Gallery(self.projects.settings.data_dir, project.id, models[-1])
        )
        self.projects.fresh(project.id)
        discovery(history, lineage.contamination)
        labels_per_minute(history)
        quality.advice.sentence()
        found = news(lineage)
        assert found is not None
        found.drift.moved(5)
        _ = quality.estimate, lineage.entries

    def review(self) -> None:
        """The queues of Review, and the first case of them."""
        review = Review(self.desk())
        waiting = [items[0] for items in review.queues.values() if len(items)]
        for item in waiting[:1]:
            review.case(item)
            review.history(item)

    def tune(self, basis: Basis | None = None) -> None:
        """The board of Tune, judged by what comes first, or by something else."""
        tuning = tuning_of(self.desk())
        assert tuning is not None
        evidence = tuning.evidence(basis or tuning.bases[0])
        choice = tuning.choose(MostRecall(0.05), evidence)
        self.board(tuning, evidence.judged, choice.threshold)
        _ = evidence.data_hash, tuning.points()

    def board(self, tuning: Tuning, judged: Any, threshold: float) -> None:
        """What the board draws."""
        worth = Worth(tuning.contamination)
        every = np.concatenate([judged.normal_scores, judged.anomalous_scores])
        bands(judged, np.unique(np.quantile(every, np.linspace(0, 1, 120))), worth)
        shares_by_place(judged, worth)
        figures_at(judged, threshold, worth)


def views(one: Visitor) -> dict[str, Callable[[], None]]:
    """What is measured, by name."""
    return {
        "handout": one.handout,
        "handout to a new tab": one.arrival,
        "Overview": one.overview,
        "Review": one.review,
        "Tune": one.tune,
        "Tune, all answers": lambda: one.tune(Basis.LABELED),
    }


def timed(work: Callable[[], object]) -> float:
    """Milliseconds that it takes."""
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)


def measure(one: Visitor, repeats: int) -> dict[str, float]:
    """Median milliseconds of each view, each time after one more answer."""
    first = {"first look, once": timed(one.handout)}
    found: dict[str, list[float]] = {"pump": []}
    for _ in range(repeats):
        pressed = one.press()
        found["pump"].append(timed(lambda pressed=pressed: one.pump(pressed)))  # type: ignore[misc]
    for name, view in views(one).items():
        view()  # what is kept of the files is there by now
        for _ in range(repeats):
            one.answer()
            found.setdefault(name, []).append(timed(view))
    return first | {name: statistics.median(times) for name, times in found.items()}


def table(found: dict[int, dict[str, float]]) -> str:
    """Milliseconds by view and length, and the largest ratio to the shortest."""
    lengths = list(found)
    lines = [
        f"{'ms of server time (median)':<28}"
        + "".join(f"{length:>10,}" for length in lengths)
        + f"{'ratio':>8}"
    ]
    for name in found[lengths[0]]:
        times = [found[length][name] for length in lengths]
        ratio = max(times) / times[0]
        lines.append(f"{name:<28}" + "".join(f"{ms:>10.1f}" for ms in times) + f"{ratio:>8.2f}")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Measure, print the table, and return 1 where a view is not flat."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--database-url", help="of an empty PostgreSQL database; else SQLite")
    options.add_argument("--events", type=int, nargs="+", default=EVENTS)
    options.add_argument("--repeats", type=int, default=15)
    asked = options.parse_args(arguments)
    found: dict[int, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="ringfence-history-") as folder:
        settings = Settings(data_dir=Path(folder), database_url=asked.database_url)
        with Store.open(settings) as store:
            made: Project | None = None
            for events in asked.events:
                made = long_project(store, events, made)
                found[events] = measure(Visitor(Projects(store, settings), made), asked.repeats)
                used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
                print(f"{events:>9,} events measured; {used:,.0f} MiB at most", flush=True)
            for problem in store.integrity_problems():
                print(problem)
    print(table(found))
    steady = {name for name in found[asked.events[0]] if "once" not in name}
    return int(
        any(
            found[events][name] > FLAT * found[asked.events[0]][name]
            for events in asked.events
            for name in steady
        )
    )


if __name__ == "__main__":
    sys.exit(main())
