"""Processes that write to one label store at the same time, for `store_stress`."""

import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from uuid import uuid4

from state.errors import REASONS, Reason
from state.settings import Settings
from state.store.drafts import AnswerDraft, Receipt, Refusal, UndoDraft
from state.store.schema import Answer, EventKind
from state.store.store import Store

Fact = tuple[str, int, str]  # uuid, item, and kind or answer of an event
Draft = AnswerDraft | UndoDraft

RESENT, UNDONE, UNDONE_BY_NAME = 0.15, 0.1, 0.03  # shares of the calls
LARGEST_CALL = 4  # events in one call at most: three new ones and one that is sent again
KINDS = {EventKind.ANSWER: 85, EventKind.SKIP: 5, EventKind.FLAG: 4, EventKind.REPEAT: 4}
KINDS[EventKind.ADJUDICATION] = 2
ANSWERS = {Answer.NORMAL: 80, Answer.ANOMALOUS: 12, Answer.UNSURE: 8}


@dataclass(frozen=True)
class Place:
    """Where the store is, and the projects in it that everybody writes to."""

    settings: Settings
    projects: tuple[int, ...] = ()
    items: int = 0  # in the pool of each


@dataclass
class Tally:
    """What one process was told by the store."""

    acknowledged: list[Fact] = field(default_factory=list)
    refused: Counter[Reason] = field(default_factory=Counter)
    repeats: int = 0
    milliseconds: list[float] = field(default_factory=list)  # of each call


class Annotator:
    """Somebody without a pause and with a bad connection, at several projects in turn."""

    def __init__(self, store: Store, place: Place, name: str, seed: int) -> None:
        self.store, self.place = store, place
        self.me = store.people.ensure(name).id
        self.chance = random.Random(seed)
        self.sent: dict[int, list[AnswerDraft]] = {project: [] for project in place.projects}
        self.drafted = 0
        self.tally = Tally()

    def work(self, answers: float, tell: Callable[[list[Fact]], None]) -> Tally:
        """Send so many answers, and undos and repetitions on top; `tell` of each call's events."""
        while self.drafted < answers:
            project = self.chance.choice(self.place.projects)
            count = int(min(self.chance.choice((1, 1, 2, 3)), answers - self.drafted))
            drafts = [self._draft(project) for _ in range(count)]
            old = self.sent[project]
            again = [self.chance.choice(old)] if old and self.chance.random() < RESENT else []
            tell(self._call([*drafts, *again]))
            old.extend(drafts)
            if self.chance.random() < UNDONE:
                tell(self._call([self._undo(project)]))
            if self.chance.random() < UNDONE_BY_NAME:
                tell(self._call([self._undo(project, self.chance.choice(old).uuid)]))
        return self.tally

    def _draft(self, project: int) -> AnswerDraft:
        (kind,) = self.chance.choices(list(KINDS), list(KINDS.values()))
        (answer,) = self.chance.choices(list(ANSWERS), list(ANSWERS.values()))
        known = self.sent[project]
        if kind is EventKind.REPEAT and known:
            item = self.chance.choice(known).item
        else:
            item = self.chance.randrange(self.place.items)
        self.drafted += 1
        return AnswerDraft(
            uuid=str(uuid4()),
            project_id=project,
            item=item,
            annotator_id=self.me,
            kind=kind,
            answer=answer if kind.answers else None,
            pressed_at=time.time(),
        )

    def _undo(self, project: int, undoes: str | None = None) -> UndoDraft:
        return UndoDraft(
            uuid=str(uuid4()),
            project_id=project,
            annotator_id=self.me,
            pressed_at=time.time(),
            undoes=undoes,
        )

    def _call(self, drafts: Sequence[Draft]) -> list[Fact]:
        began = time.perf_counter()
        outcomes = self._send(drafts)
        self.tally.milliseconds.append(1000 * (time.perf_counter() - began))
        new = []
        for outcome in outcomes:
            if isinstance(outcome, Refusal):
                self.tally.refused[outcome.reason] += 1
            elif outcome.repeated:
                self.tally.repeats += 1
            else:
                event = outcome.event
                new.append((event.uuid, event.item, str(event.answer or event.kind)))
        self.tally.acknowledged += new
        return new

    def _send(self, drafts: Sequence[Draft]) -> list[Receipt | Refusal]:
        """Send one by the call for one, several by the call for several."""
        (first, *more) = drafts
        try:
            if more:
                return self.store.events.submit(drafts)
            if isinstance(first, AnswerDraft):
                return [self.store.events.accept(first)]
            return [self.store.events.undo(**vars(first))]
        except tuple(REASONS) as error:
            return [Refusal.of(first.uuid, error)]


def work_and_tell(place: Place, name: str, seed: int, answers: float, line: Connection) -> None:
    """Wait for the start, write, and hand in the tally; what a process of `start` may run."""
    with Store.open(place.settings) as store:
        annotator = Annotator(store, place, name, seed)
        line.send("ready")
        line.recv()
        line.send(annotator.work(answers, lambda facts: None))


def race_when_told(place: Place, name: str, seed: int, line: Connection) -> None:
    """Send an answer on an item whenever one is named, and tell whether it was accepted."""
    del seed
    with Store.open(place.settings) as store:
        me = store.people.ensure(name).id
        line.send("ready")
        while (item := line.recv()) is not None:
            draft = AnswerDraft(
                uuid=str(uuid4()),
                project_id=place.projects[0],
                item=item,
                annotator_id=me,
                answer=Answer.NORMAL,
                pressed_at=time.time(),
            )
            (outcome,) = store.events.submit([draft])
            line.send(not isinstance(outcome, Refusal))


def write_until_killed(place: Place, name: str, seed: int, line: Connection) -> None:
    """Write and tell of every event as it is acknowledged; what a process of `start` may run."""
    with Store.open(place.settings) as store:
        line.send("open")
        Annotator(store, place, name, seed).work(float("inf"), line.send)


@dataclass
class Writer:
    """Another process and the line to it."""

    process: BaseProcess
    line: Connection

    def heard(self) -> list[Fact]:
        """All that a process that has ended told of; the half of a message is none."""
        facts: list[Fact] = []
        with suppress(EOFError):
            while True:
                facts += self.line.recv()
        return facts


def start(target: Callable[..., None], *given: object) -> Writer:
    """Start a process that runs `target` with what is given and a line to here."""
    # Forked from a process that has imported everything and holds neither threads nor connections.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, target.__module__])
    ours, theirs = context.Pipe()
    process = context.Process(target=target, args=(*given, theirs), daemon=True)
    process.start()
    theirs.close()
    return Writer(process, ours)
