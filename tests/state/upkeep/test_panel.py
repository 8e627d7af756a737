"""What owners see of their server, and that nobody else does."""

import csv
import os
from contextlib import ExitStack
from dataclasses import replace

import pytest
from label_desk import Desk

from state.errors import NotAllowed
from state.store.audit_log import Deed
from state.store.people import MACHINE
from state.store.schema import JobKind, Role
from state.upkeep.panel import Panel
from state.workers.processes.presence import ProcessCard, ProcessKind, present


@pytest.fixture
def panel(desk: Desk) -> Panel:
    return Panel(desk.store, desk.store.settings, desk.store.people.ensure("you"))


class TestPanel:
    def test_only_for_owners_and_only_as_long_as_they_are(self, panel: Panel):
        store = panel.store
        someone = store.people.ensure("someone", Role.ANNOTATOR)
        with pytest.raises(NotAllowed, match="Only an owner may see what others do"):
            Panel(store, store.settings, someone)
        other = store.people.ensure("other", Role.OWNER)
        mine = Panel(store, store.settings, other)
        store.people.change(other.id, role=Role.VIEWER, active=True, who=MACHINE)
        looks = (mine.deeds, mine.deeds_as_sheet, mine.here, mine.workers, mine.disk)
        for look in (*looks, lambda: mine.last_backup, lambda: mine.free):
            with pytest.raises(NotAllowed):
                look()

    def test_deeds_are_searched_in_all_they_say(self, panel: Panel):
        log = panel.store.audit_log
        log.record(MACHINE, Deed.IMPORTED, "Belt")
        log.record(panel.who, Deed.SAVED_THRESHOLD, "0.5", reason="fewer alarms")
        assert [one.subject for one in panel.deeds()] == ["0.5", "Belt"]
        assert [one.subject for one in panel.deeds("ALARM ")] == ["0.5"]
        assert [one.subject for one in panel.deeds("command line")] == ["Belt"]
        assert panel.deeds("nothing") == []

    def test_the_sheet_runs_in_no_spreadsheet(self, panel: Panel):
        panel.store.audit_log.record(panel.who, Deed.IMPORTED, '=cmd|"/c calc"!A0', reason="+1")
        header, row = csv.reader(panel.deeds_as_sheet().splitlines())
        assert header == ["When (UTC)", "Who", "What", "Project", "About", "Why"]
        assert row[1:] == ["you", "had images read", "", '\'=cmd|"/c calc"!A0', "'+1"]

    def test_who_answered_lately_or_has_images(self, panel: Panel, desk: Desk, clock):
        assert panel.here() == []
        desk.answer(1)
        ann = desk.store.people.ensure("Ann", Role.ANNOTATOR)
        desk.store.leases.take(desk.project.id, ann.id, "tab", [3], lambda item: 1, 1)
        told = {one.person.name: (one.has_images, one.answered_at) for one in panel.here()}
        assert told == {"you": (False, clock()), "Ann": (True, None)}
        clock.advance(601)
        assert "you" not in {one.person.name for one in panel.here()}

    def test_processes_and_what_they_do(self, panel: Panel, desk: Desk):
        data_dir = desk.store.settings.data_dir
        queue = desk.store.work.training(desk.project.id)
        cards = [
            ProcessCard.mine(ProcessKind.TRAINER, "w1", str(desk.project.id)),
            ProcessCard.mine(ProcessKind.TRAINER, "w2"),
            ProcessCard.mine(ProcessKind.RUNNER, "w3"),
            ProcessCard.mine(ProcessKind.SERVER),
        ]
        with ExitStack() as stack:
            for number, card in enumerate(cards):
                stack.enter_context(present(data_dir, replace(card, since=float(number))))
            told = [(one.card.kind, one.about, one.doing) for one in panel.workers()]
            assert told == [
                (ProcessKind.SERVER, "", "at work"),
                (ProcessKind.TRAINER, "digits", "idle"),
                (ProcessKind.TRAINER, "", "waits for a new project"),
                (ProcessKind.RUNNER, "", "idle"),
            ]
            queue.ask(JobKind.UPDATE)
            queue.take_lease("w1", "host", os.getpid())
            job = queue.claim("w1")
            assert job is not None
            queue.report(job.id, "w1", 0.25, "Fitting")
            assert panel.workers()[1].doing == "Fitting 25%"
            assert (panel.workers()[0].memory or 0) > 10_000_000
        assert panel.workers() == []

    def test_what_takes_space(self, panel: Panel, desk: Desk):
        data_dir = desk.store.settings.data_dir
        for name, size in (("projects/1/pool.npy", 3000), ("runs/4/x", 10), ("projects/9/x", 200)):
            (data_dir / name).parent.mkdir(parents=True)
            (data_dir / name).write_bytes(bytes(size))
        assert [(one.name, one.size) for one in panel.disk()] == [
            ("Project digits", 3000),
            ("Deleted projects", 200),
            ("Comparisons", 10),
        ]
        assert panel.free > 0
        assert panel.last_backup is None
