"""What owners see of their server, and that nobody else does."""

import csv
import io
import os
import tracemalloc
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest
from label_desk import Desk
from sqlalchemy import insert

from state.errors import NotAllowed
from state.store.audit_log import Deed, DeedsWanted
from state.store.database import writing
from state.store.people import MACHINE
from state.store.schema import JobKind, Role, audit_log
from state.upkeep.panel import Panel, sheet_for
from state.workers.processes.presence import ProcessCard, ProcessKind, present


@pytest.fixture
def panel(desk: Desk) -> Panel:
    return Panel(desk.store, desk.store.settings, desk.store.people.ensure("you"))


def found(panel: Panel, containing: str = "", page: int = 1, **chosen: Any) -> list[str]:
    """What the deeds on a page are about."""
    return [one.subject for one in panel.deeds(DeedsWanted(containing, **chosen), page)]


def write_many(panel: Panel, count: int) -> None:
    """Put deeds into the log, each with a long reason."""
    same = {"at": 1.0, "who": "you", "what": Deed.IMPORTED, "reason": "because " * 64}
    rows = [same | {"subject": f"no. {number}"} for number in range(count)]
    with writing(panel.store.engine) as connection:
        connection.execute(insert(audit_log), rows)


class TestPanel:
    def test_only_for_owners_and_only_as_long_as_they_are(self, panel: Panel):
        store = panel.store
        someone = store.people.ensure("someone", Role.ANNOTATOR)
        with pytest.raises(NotAllowed, match="Only an owner may see what others do"):
            Panel(store, store.settings, someone)
        other = store.people.ensure("other", Role.OWNER)
        mine = Panel(store, store.settings, other)
        store.people.change(other.id, role=Role.VIEWER, active=True, who=MACHINE)
        log = (mine.deeds, mine.count, mine.who_there_is, mine.deeds_as_sheet, mine.ticket)
        looks = (*log, mine.here, mine.workers, mine.disk)
        for look in (*looks, lambda: mine.last_backup, lambda: mine.free):
            with pytest.raises(NotAllowed):
                look()

    def test_deeds_are_searched_in_all_they_say(self, panel: Panel):
        log = panel.store.audit_log
        log.record(MACHINE, Deed.IMPORTED, "Belt")
        log.record(panel.who, Deed.SAVED_THRESHOLD, "0.5", reason="fewer alarms")
        assert found(panel) == ["0.5", "Belt"]
        assert found(panel, "ALARM ") == ["0.5"]
        assert found(panel, "command line") == ["Belt"]
        assert found(panel, "nothing") == []

    @pytest.mark.parametrize("sign", ["%", "_", "/", "\\", "'", '"'])
    def test_a_sign_is_searched_for_as_it_is(self, panel: Panel, sign):
        for subject in ("Belt", f"100{sign}0"):
            panel.store.audit_log.record(MACHINE, Deed.IMPORTED, subject)
        assert found(panel, sign) == [f"100{sign}0"]
        assert found(panel, f"0{sign}0") == [f"100{sign}0"]

    @pytest.mark.parametrize("forged", ["\0", "\ud800", "x" * 10_000])
    def test_what_no_database_can_hold_is_nowhere(self, panel: Panel, forged):
        panel.store.audit_log.record(MACHINE, Deed.IMPORTED, "Belt")
        assert found(panel, forged) == []
        assert panel.count(DeedsWanted(forged)) == 0

    def test_deeds_of_one_person_and_of_one_kind(self, panel: Panel):
        log = panel.store.audit_log
        for number, who in enumerate((MACHINE, panel.who, panel.who)):
            log.record(who, Deed.IMPORTED if number < 2 else Deed.REMOVED_IMPORT, str(number))
        assert panel.who_there_is() == {panel.who.id: "you", 0: "the command line"}
        assert found(panel, by=panel.who.id) == ["2", "1"]
        assert found(panel, by=0) == ["0"]
        assert found(panel, by=panel.who.id, what=Deed.IMPORTED) == ["1"]
        assert found(panel, "2", by=panel.who.id, what=Deed.IMPORTED) == []

    def test_the_whole_log_is_there_a_page_at_a_time(self, panel: Panel):
        write_many(panel, 257)
        assert panel.count() == 257
        seen = [found(panel, page=page) for page in range(1, 7)]
        assert [len(page) for page in seen] == [50, 50, 50, 50, 50, 7]
        assert [one for page in seen for one in page] == [
            f"no. {number}" for number in range(256, -1, -1)
        ]
        assert found(panel, page=7) == []
        assert found(panel, "no. 7") == [*(f"no. {n}" for n in range(79, 69, -1)), "no. 7"]

    def test_the_sheet_runs_in_no_spreadsheet(self, panel: Panel):
        panel.store.audit_log.record(panel.who, Deed.IMPORTED, '=cmd|"/c calc"!A0', reason="+1")
        header, row = csv.reader("".join(panel.deeds_as_sheet()).splitlines())
        assert header == ["When (UTC)", "Who", "What", "Project", "About", "Why"]
        assert row[1:] == ["you", "had images read", "", '\'=cmd|"/c calc"!A0', "'+1"]

    def test_the_sheet_is_of_the_whole_log_and_never_whole_in_memory(self, panel: Panel):
        write_many(panel, 20_000)
        tracemalloc.start()
        try:
            size = sum(len(piece) for piece in panel.deeds_as_sheet())
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert size > 10_000_000
        assert peak < 5_000_000
        *_, last = csv.reader(io.StringIO("".join(panel.deeds_as_sheet(DeedsWanted("no. 1")))))
        assert last[4] == "no. 1"

    def test_a_ticket_is_for_one_owner_and_table_and_ten_minutes(self, panel: Panel, clock):
        store, settings = panel.store, panel.store.settings
        for subject in ("Belt", "Roof"):
            store.audit_log.record(panel.who, Deed.IMPORTED, subject)
        ticket = panel.ticket(DeedsWanted("Roof", panel.who.id, Deed.IMPORTED))
        _, *rows = csv.reader("".join(sheet_for(store, settings, ticket)).splitlines())
        assert [row[4] for row in rows] == ["Roof"]
        text, _, signature = ticket.partition(".")
        for forged in ("", ".", text, f".{signature}", f"x{ticket}", f"{ticket}0", "é.é"):
            with pytest.raises(NotAllowed, match="not good any more"):
                sheet_for(store, settings, forged)
        store.people.ensure("other", Role.OWNER)
        store.people.change(panel.who.id, role=Role.VIEWER, active=True, who=MACHINE)
        with pytest.raises(NotAllowed, match="Only an owner"):
            sheet_for(store, settings, ticket)
        store.people.change(panel.who.id, role=Role.OWNER, active=True, who=MACHINE)
        clock.advance(601)
        with pytest.raises(NotAllowed, match="not good any more"):
            sheet_for(store, settings, ticket)

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
