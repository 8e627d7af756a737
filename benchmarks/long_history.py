"""A project with a long history and a large pool, made at once instead of key by key.

Eight people label a pool of which a tenth is anomalous, two of them each image. They err, are
unsure, skip, flag, change their minds, are asked again, and the owner settles some cases. All of it
is what the store would have accepted, one after the other.
"""

import os
import random
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import func, insert, select, update

from anomaly_core.checkpoint import WEIGHTS
from state.files import artifacts
from state.files.artifacts import Array
from state.store.models import Model, NewModel
from state.store.projects import NewProject, Project
from state.store.schema import Answer, EventKind, Role, event, project
from state.store.store import Store

POOL, BUDGET, OVERLAP, PEOPLE = 300_000, 500_000, 2, 8
ROUND = 10  # labels that the newest version has learned more than the one before
FRESH = 5  # and that it has not learned
SIDE, LATENT = 28, 32
PROPOSALS = 2_000
NAME = "benchmark"  # of the trainer
TRUTH = np.where(np.random.default_rng(0).random(POOL) < 0.1, -1, 1).tolist()
CHANCES = {"undo": 0.03, "flag": 0.01, "skip": 0.02, "repeat": 0.02, "settle": 0.005}
BLOCK = 20_000  # rows to insert at a time


class Crowd:
    """Makes up what people do; `people` are their ids, the first one an owner's."""

    def __init__(self, project_id: int, people: list[int]) -> None:
        self.project_id = project_id
        self.people = people
        self.random = random.Random(project_id)
        self.order = iter(self.random.sample(range(POOL), POOL))
        self.clock = 1_700_000_000.0
        self.begun: deque[int] = deque()
        self.revisions: Counter[tuple[int, int]] = Counter()
        self.labeled: dict[int, list[int]] = defaultdict(list)  # by item, whom its labels are from
        self.stack: dict[int, list[dict[str, Any]]] = defaultdict(list)  # by person, to walk back
        self.handled: set[tuple[int, int]] = set()
        self.asked_again: set[tuple[int, int]] = set()
        self.settled: set[int] = set()

    @property
    def spent(self) -> int:
        """Labels that stand."""
        return sum(map(len, self.labeled.values()))

    def events(self, count: int) -> Iterator[dict[str, Any]]:
        """The next things that happen, as rows of the table."""
        for _ in range(count):
            self.clock += self.random.expovariate(2)
            yield self.next_event(self.random.choice(self.people))

    def next_event(self, who: int) -> dict[str, Any]:
        """What a person does next."""
        chance, mine = self.random.random(), self.stack[who]
        for kind, share in CHANCES.items():
            chance -= share
            if chance < 0 and (made := self.unusual(kind, who, mine)):
                return made
        return self.answer(who)

    def unusual(self, kind: str, who: int, mine: list[dict[str, Any]]) -> dict[str, Any] | None:
        """Anything but an answer or a skip, where it is possible."""
        if kind == "skip":
            return self.answer(who, skip=True)
        if not mine:
            return None
        if kind == "undo":
            return self.undo(who, mine.pop())
        item = self.random.choice(mine[-500:])["item"]
        if kind == "flag":
            return self.row(who, item, EventKind.FLAG)
        if kind == "repeat":
            return self.repeat(who, item)
        if who == self.people[0] and self.labeled[item]:
            self.settled.add(item)
            return self.row(who, item, EventKind.ADJUDICATION, answer=said(TRUTH[item]))
        return None

    def repeat(self, who: int, item: int) -> dict[str, Any] | None:
        """A second answer to what the person has answered."""
        if (item, who) in self.asked_again or not any(
            (row["item"], row["kind"]) == (item, EventKind.ANSWER) for row in self.stack[who][-500:]
        ):
            return None
        self.asked_again.add((item, who))
        return self.kept(who, self.row(who, item, EventKind.REPEAT, answer=self.word(item)))

    def answer(self, who: int, skip: bool = False) -> dict[str, Any]:
        """An answer to an image that somebody has begun, or to a new one."""
        item = self.open_to(who)
        self.handled.add((item, who))
        if skip:
            self.begin(item)
            return self.kept(who, self.row(who, item, EventKind.SKIP))
        answer = Answer.UNSURE if self.random.random() < 0.03 else self.word(item)
        if answer.y:
            self.labeled[item].append(who)
        self.begin(item)
        return self.kept(who, self.row(who, item, EventKind.ANSWER, answer=answer))

    def open_to(self, who: int) -> int:
        """An item for a person: the first of some waiting ones that may be, else a new one."""
        for _ in range(min(len(self.begun), 4)):
            item = self.begun.popleft()
            if len(self.labeled[item]) >= OVERLAP or item in self.settled:
                continue
            if (item, who) not in self.handled:
                return item
            self.begun.append(item)
        return next(self.order)

    def begin(self, item: int) -> None:
        """Let others be asked for an item, too."""
        if len(self.labeled[item]) < OVERLAP:
            self.begun.append(item)

    def undo(self, who: int, target: dict[str, Any]) -> dict[str, Any]:
        """The newest thing taken back."""
        item = target["item"]
        if target["kind"] is EventKind.REPEAT:
            self.asked_again.discard((item, who))
        else:
            self.handled.discard((item, who))
            if target["answer"] is not None and target["answer"].y:
                self.labeled[item].remove(who)
            self.begin(item)
        return self.row(who, item, EventKind.UNDO, undoes=target["uuid"])

    def word(self, item: int) -> Answer:
        """What somebody says of an item, who may err."""
        return said(TRUTH[item] if self.random.random() > 0.03 else -TRUTH[item])

    def kept(self, who: int, row: dict[str, Any]) -> dict[str, Any]:
        """Keep what undo may take back."""
        self.stack[who].append(row)
        return row

    def row(self, who: int, item: int, kind: EventKind, **values: Any) -> dict[str, Any]:
        """An event as the table has it."""
        self.revisions[item, who] += 1
        label = values.get("answer")
        return {
            "uuid": str(UUID(int=self.random.getrandbits(128))),
            "project_id": self.project_id,
            "item": item,
            "annotator_id": who,
            "revision": self.revisions[item, who],
            "kind": kind,
            "answer": label,
            "undoes": values.get("undoes"),
            "model_version": 1,
            "round": 0,
            "strategy": "auto",
            "utility": self.random.random(),
            "shown_at": self.clock - self.random.uniform(0.5, 3),
            "pressed_at": self.clock,
            "received_at": self.clock + 0.3,
            "prediction_shown": self.random.random() < 0.1,
        }


def said(y: int) -> Answer:
    """A label as an answer."""
    return Answer.NORMAL if y > 0 else Answer.ANOMALOUS


def long_project(
    store: Store, events: int, like: Project | None, pool: int = POOL, versions: int = 3
) -> Project:
    """Make a project with so many events; its pool is that of another, where there is one.

    Only of the first 300,000 items of a larger pool something is said. From the fourth on, versions
    share their files with the third.
    """
    people = [store.people.ensure(f"person {n}", Role.OWNER).id for n in range(PEOPLE)]
    made = store.projects.create(
        NewProject(
            name=f"{events:,} events",
            scenario={"dataset": "digits", "normal": [5], "contamination": 0.1, "seed": 0},
            detector={"objective": "one-class", "audit_share": 0.1, "root": None},
            strategy="auto",
            budget=BUDGET,
            batch_size=100,  # no round is due meanwhile
            overlap=OVERLAP,
            repeat_share=0.02,
            guidelines="Normal: a five.",
            pool_size=pool,
        )
    )
    crowd = Crowd(made.id, people)
    rows = list(crowd.events(events))
    with store.engine.begin() as connection:
        for start in range(0, events, BLOCK):
            connection.execute(insert(event), rows[start : start + BLOCK])
        of_project = project.c.id == made.id
        connection.execute(update(project).where(of_project).values(spent=crowd.spent))
        last = connection.execute(select(func.max(event.c.seq))).scalar_one()
    write_pool(store, made, like, pool)
    labeled = {item for item, by in crowd.labeled.items() if by}
    for version, behind in ((1, last), (2, FRESH + ROUND), (3, FRESH)):
        write_version(store, made, version, last - behind, labeled, like, pool)
    for version in range(4, versions + 1):
        write_version(store, made, version, last - FRESH, labeled, made, pool)
    return store.projects.get(made.id)


def write_pool(store: Store, made: Project, like: Project | None, pool: int) -> None:
    """Write what a scenario fixes; the images are black, and take no room on disk."""
    folder = artifacts.project_folder(store.settings.data_dir, made.id)
    folder.mkdir(parents=True)
    if like is not None:
        before = artifacts.project_folder(store.settings.data_dir, like.id)
        for path in before.rglob("*.npy"):
            if "models" not in path.parts:
                link(path, folder / path.relative_to(before))
        return
    for name in ("pool", "reconstructions"):
        artifacts.new_array(folder, name, (pool, SIDE, SIDE), np.uint8).flush()
    rng = np.random.default_rng(1)
    held_out = np.where(rng.random(2_000) < 0.1, -1, 1)
    arrays: dict[str, Array] = {
        "audit": rng.permutation(POOL)[: POOL // 10],
        "test": np.zeros((2_000, SIDE, SIDE), np.uint8),
        "truth/test": held_out,
    }
    artifacts.write_arrays(folder, arrays)


def write_version(
    store: Store,
    made: Project,
    version: int,
    last_seq: int,
    labeled: set[int],
    like: Project | None,
    pool: int,
) -> Model:
    """Write and publish a model version that tells normal from anomalous, but not always."""
    folder = artifacts.new_version_folder(store.settings.data_dir, made.id, version)
    folder.mkdir(parents=True)
    (folder / WEIGHTS).touch()
    rng = np.random.default_rng(version)
    y = np.resize(np.array(TRUTH), pool)
    if like is None:
        scores = rng.gamma(4, 0.1, pool) * np.where(y < 0, 2.5, 1)
        place = rng.normal(size=(pool, LATENT)) + np.where(y < 0, 0.7, 0)[:, None]
        held_out = np.load(folder.parents[1] / "truth" / "test.npy")
        arrays: dict[str, Array] = {
            "scores": scores.astype(np.float32),
            "map": np.stack([np.sqrt(scores), rng.uniform(-3, 3, pool)], 1).astype(np.float32),
            "embeddings": place.astype(np.float16),
            "test-scores": (rng.gamma(4, 0.1, 2_000) * np.where(held_out < 0, 2.5, 1)).astype("f4"),
        }
        artifacts.write_arrays(folder, arrays)
    else:
        known = store.models.version(like.id, min(version, 3))
        assert known is not None
        before = store.settings.data_dir / known.directory
        for name in ("scores", "map", "embeddings", "test-scores"):
            link(before / f"{name}.npy", folder / f"{name}.npy")
    open_ = [item for item in rng.permutation(POOL).tolist() if item not in labeled]
    proposals = np.array(open_[:PROPOSALS], np.int64)
    artifacts.write_arrays(
        folder, {"proposals": proposals, "utilities": np.linspace(1, 0, len(proposals))}
    )
    store.work.training(made.id).take_lease(NAME, "here", os.getpid())
    return store.models.publish(
        NewModel(
            project_id=made.id,
            version=version,
            parent=version - 1 or None,
            directory=str(folder.relative_to(store.settings.data_dir)),
            sha256="",
            metrics={"R": 0.8, "agreement": 0.9, "auroc": 0.9, "average_precision": 0.8},
            round=version - 1,
            last_seq=last_seq,
            label_count=len(labeled),
        ),
        NAME,
    )


def link(there: Path, here: Path) -> None:
    """Let a file be in two places."""
    here.parent.mkdir(parents=True, exist_ok=True)
    here.hardlink_to(there)
