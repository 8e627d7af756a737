"""A1: role by activity by every function that changes something, generated from the code."""

import ast
import io
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from answering import answer
from service_layer import BENEATH, KEEPS_GOING, LOOKS, STATE, listed, public
from workshop import Workshop

from anomaly_core.errors import RingfenceError
from anomaly_core.importing.fitting import Choices, Fit
from anomaly_core.recipes.plan import Plan
from state.errors import NotAllowed, Reason
from state.explore.truth import reveal
from state.files.imports import ImportPlan, new_import
from state.labeling.desk import Desk
from state.labeling.inbox import take_in
from state.labeling.review import Review
from state.labeling.selection import send, take_off
from state.projects.backbones import NetworkChoice
from state.projects.projects import ProjectForm
from state.quality.tuning import Basis, Tuning
from state.store.drafts import AnswerDraft, Refusal, UndoDraft
from state.store.people import MACHINE, Annotator
from state.store.schema import Answer, EventKind, JobKind, Purpose, Role
from state.upkeep.backup import back_up
from state.versions.lineage import Lineage

Act = Callable[[Workshop, Annotator], Any]
CHANGES: dict[str, tuple[Role, Act]] = {}


def changes(name: str, least: Role) -> Callable[[Act], Act]:
    """Note which role a function asks for, and how it is called."""

    def noted(act: Act) -> Act:
        CHANGES[name] = least, act
        return act

    return noted


def desk(shop: Workshop, who: Annotator) -> Desk:
    return Desk(shop.store, shop.settings, shop.id, who)


def said(shop: Workshop, who: Annotator, **values: Any) -> Any:
    ids = {"uuid": str(uuid.uuid4()), "project_id": shop.id, "annotator_id": who.id}
    return ids | {"pressed_at": time.time()} | values


def draft(shop: Workshop, who: Annotator, item: int = 5) -> AnswerDraft:
    return AnswerDraft(**said(shop, who, item=item, answer=Answer.NORMAL))


def undo(shop: Workshop, who: Annotator) -> UndoDraft:
    return UndoDraft(**said(shop, who))


def allowed(outcome: Any) -> None:
    if isinstance(outcome, Refusal) and outcome.reason is Reason.NOT_ALLOWED:
        raise NotAllowed(outcome.sentence)


def lineage(shop: Workshop) -> Lineage:
    return Lineage(shop.projects, shop.store.projects.get(shop.id))


def imported(shop: Workshop) -> Any:
    found = new_import(shop.settings.data_dir)
    found.set_plan(ImportPlan("/nowhere", choices=Choices(28, Fit.PAD, False)))
    return found


def pile(shop: Workshop) -> Path:
    folder = shop.settings.data_dir / "pile"
    folder.mkdir(exist_ok=True)
    return folder


PEOPLE, EVENTS = "store/people.py People", "store/events.py EventLog"
IMPORTS, PROJECTS = "projects/imports.py Imports", "projects/projects.py Projects"
RUNS, SHELF, LINEAGE = (
    "projects/runs.py Runs",
    "projects/shelf.py Shelf",
    "versions/lineage.py Lineage",
)
REVIEW, SELECTION = "labeling/review.py Review", "labeling/selection.py"
FRESH = count(20)  # items that nobody has answered
OWNER, ANNOTATOR = Role.OWNER, Role.ANNOTATOR


def table() -> None:
    """Every function that changes something, with the role that the grid of roles asks for."""
    plan = Plan(recipe="three-autoencoders")

    def one(name: str, least: Role, act: Act) -> None:
        changes(name, least)(act)

    one(f"{PEOPLE}.add", OWNER, lambda s, me: s.store.people.add("new", Role.VIEWER, me))
    one(f"{PEOPLE}.change", OWNER, lambda s, me: other_changed(s, me))
    one(f"{PEOPLE}.set_keys", ANNOTATOR, lambda s, me: s.store.people.set_keys(me, {"skip": "k"}))
    one(f"{EVENTS}.accept", ANNOTATOR, lambda s, me: s.store.events.accept(draft(s, me)))
    one(f"{EVENTS}.undo", ANNOTATOR, lambda s, me: s.store.events.undo(**said(s, me)))
    one(f"{EVENTS}.submit", ANNOTATOR, lambda s, me: submitted(s, me))
    one(f"{EVENTS}.relabel", ANNOTATOR, lambda s, me: relabeled(s, me))
    one("store/promotions.py Promotions.promote", OWNER, lambda s, me: promoted(s, me))
    one("labeling/inbox.py take_in", ANNOTATOR, lambda s, me: taken(s, me))
    one(f"{REVIEW}.settle", OWNER, lambda s, me: settled(s, me))
    one(f"{REVIEW}.take_back", OWNER, lambda s, me: taken_back(s, me))
    one(f"{REVIEW}.unflag", ANNOTATOR, lambda s, me: unflagged(s, me))
    one(f"{SELECTION} send", ANNOTATOR, lambda s, me: send(desk(s, me), [7, 8]))
    one(f"{SELECTION} take_off", ANNOTATOR, lambda s, me: take_off(desk(s, me)))
    one(f"{IMPORTS}.begin", OWNER, lambda s, me: s.projects.imports.begin(pile(s), me))
    one(f"{IMPORTS}.upload", OWNER, lambda s, me: uploaded(s, me))
    one(f"{IMPORTS}.retry", OWNER, lambda s, me: s.projects.imports.retry(imported(s), me))
    one(f"{IMPORTS}.see", OWNER, lambda s, me: seen(s, me))
    one(f"{IMPORTS}.mark", OWNER, lambda s, me: marked(s, me))
    one(f"{IMPORTS}.remove", OWNER, lambda s, me: s.projects.imports.remove(imported(s), me))
    one(f"{PROJECTS}.create", OWNER, lambda s, me: s.projects.create(ProjectForm(name="n"), me))
    one(f"{PROJECTS}.add_images", OWNER, lambda s, me: s.projects.add_images(s.id, "x", me))
    one(f"{PROJECTS}.take_back", OWNER, lambda s, me: s.projects.take_back(s.id, 1, me))
    one(f"{PROJECTS}.retry", OWNER, lambda s, me: s.projects.retry(s.id, me))
    one(f"{PROJECTS}.stop", OWNER, lambda s, me: stopped(s, me))
    choice = NetworkChoice("resnet18")
    one(f"{PROJECTS}.download_weights", OWNER, lambda s, me: downloaded(s, me, choice))
    one(f"{RUNS}.ask", OWNER, lambda s, me: s.projects.runs.ask(plan, me))
    one(f"{RUNS}.stop", OWNER, lambda s, me: s.projects.runs.stop(run(s), me))
    one(f"{RUNS}.resume", OWNER, lambda s, me: s.projects.runs.resume(run(s, over=True), me))
    one(f"{RUNS}.remove", OWNER, lambda s, me: s.projects.runs.remove(run(s, over=True), me))
    one(f"{SHELF}.archive", OWNER, lambda s, me: s.projects.shelf.archive(s.id, me))
    one(f"{SHELF}.remove", OWNER, lambda s, me: removed(s, me))
    one(f"{SHELF}.restore", OWNER, lambda s, me: s.projects.shelf.restore(s.id, me))
    one("quality/tuning.py Tuning.save", OWNER, lambda s, me: saved(s, me))
    one(f"{LINEAGE}.roll_back", OWNER, lambda s, me: lineage(s).roll_back(1, me))
    one(f"{LINEAGE}.name_production", OWNER, lambda s, me: lineage(s).name_production(1, me, "ok"))
    one(f"{LINEAGE}.bundle", OWNER, lambda s, me: lineage(s).bundle(1, me))
    one("explore/truth.py reveal", OWNER, lambda s, me: reveal(desk(s, me)))
    one("upkeep/backup.py back_up", OWNER, lambda s, me: saved_by(s, me))


def other_changed(shop: Workshop, who: Annotator) -> None:
    other = shop.store.people.ensure("other", Role.VIEWER)
    shop.store.people.change(other.id, role=Role.ANNOTATOR, active=True, who=who)


def submitted(shop: Workshop, who: Annotator) -> None:
    (outcome,) = shop.store.events.submit([draft(shop, who, 6)])
    allowed(outcome)


def relabeled(shop: Workshop, who: Annotator) -> None:
    shop.store.events.relabel(draft(shop, who, 9), undo(shop, who))


def promoted(shop: Workshop, who: Annotator) -> None:
    shop.store.promotions.promote(
        project_id=shop.id, version=1, purpose=Purpose.DESK, annotator_id=who.id, reason=""
    )


def taken(shop: Workshop, who: Annotator) -> None:
    project = shop.store.projects.get(shop.id)
    event = {
        "uuid": str(uuid.uuid4()),
        "project": shop.id,
        "created": project.created_at,
        "annotator": who.id,
    }
    event |= {"item": 11, "kind": "answer", "answer": "normal", "pressed_at": 1.0}
    intake = take_in(shop.store, "n", [event], {who.id})
    for outcome in intake.refused.values():
        allowed(outcome)


def settled(shop: Workshop, who: Annotator) -> None:
    Review(desk(shop, who)).settle(12, Answer.NORMAL, "", str(uuid.uuid4()))


def taken_back(shop: Workshop, who: Annotator) -> None:
    item = next(FRESH)
    answer(shop.desk(), item)
    review = Review(shop.desk())
    review.settle(item, Answer.ANOMALOUS, "", str(uuid.uuid4()))
    word = review.last_word(item)
    assert word is not None
    Review(desk(shop, who)).take_back(word, str(uuid.uuid4()))


def unflagged(shop: Workshop, who: Annotator) -> None:
    flag = said(shop, who, item=14, kind=EventKind.FLAG)
    shop.store.people.change(who.id, role=Role.OWNER, active=True, who=MACHINE)
    shop.store.events.accept(AnswerDraft(**flag))
    shop.store.people.change(who.id, role=who.role, active=who.active, who=MACHINE)
    Review(desk(shop, who)).unflag(14, str(uuid.uuid4()))


def saved_by(shop: Workshop, who: Annotator) -> None:
    back_up(shop.store, shop.settings.data_dir / f"{uuid.uuid4()}.zip", who)


def uploaded(shop: Workshop, who: Annotator) -> None:
    shop.projects.imports.upload([("a.jpg", io.BytesIO(b"x"))], who)


def seen(shop: Workshop, who: Annotator) -> None:
    shop.projects.imports.see(imported(shop), Choices(32, Fit.PAD, True), who)


def marked(shop: Workshop, who: Annotator) -> None:
    shop.projects.imports.mark(imported(shop), 0, "normal", who)


def stopped(shop: Workshop, who: Annotator) -> None:
    shop.projects.stop(shop.id, shop.queue.ask(JobKind.UPDATE).id, who)


def downloaded(shop: Workshop, who: Annotator, choice: NetworkChoice) -> None:
    shop.projects.backbones.read = lambda *_: None  # type: ignore[assignment]
    shop.projects.download_weights(choice, who)


def run(shop: Workshop, over: bool = False) -> int:
    runs = shop.projects.runs
    asked = runs.queue.ask(JobKind.RUN, {"recipe": "three-autoencoders"})
    if over:
        runs.queue.cancel(asked.id)
    return asked.id


def removed(shop: Workshop, who: Annotator) -> None:
    shop.projects.shelf.remove(shop.id, shop.store.projects.get(shop.id).name, who)
    shop.projects.shelf.restore(shop.id, MACHINE)


def saved(shop: Workshop, who: Annotator) -> None:
    tuning = Tuning(desk(shop, who), desk(shop, who).gallery)  # type: ignore[arg-type]
    tuning.save(1.0, "why", "by hand", tuning.evidence(Basis.HELD_OUT))


table()
RANKS = {Role.VIEWER: 0, Role.ANNOTATOR: 1, Role.OWNER: 2}
NO_DEED = (EVENTS, PEOPLE + ".set_keys", "labeling/", "store/promotions.py")  # answers, own things


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, prepared: Path) -> Iterator[Workshop]:
    """A project that all the attempts are made on."""
    data_dir = tmp_path_factory.mktemp("a1") / "data"
    shutil.copytree(prepared, data_dir)
    with Workshop(data_dir) as shop:
        shop.projects.imports._start = lambda found: None  # type: ignore[method-assign, assignment, return-value]
        yield shop


class TestA1Roles:
    def test_every_public_function_is_known(self):
        there, known = set(public()), listed(LOOKS) | listed(BENEATH) | set(CHANGES)
        assert there - known == set(), "say in which list it belongs, see service_layer.py"
        assert known - there == set(), "it is not there any more"

    def test_what_only_looks_writes_nothing(self):
        writing = ("_write(", "rmtree(", "unlink(", ".record(", "write_text(", "write_bytes(")
        there = public()
        for name in listed(LOOKS):
            code = ast.unparse(there[name])
            assert not any(sign in code for sign in writing), name

    def test_pages_change_nothing_past_the_functions_that_ask_who_may(self):
        beneath = {name.split()[1].split(".")[-1] for name in listed(BENEATH)} - KEEPS_GOING
        for file in (STATE.parent / "pages").rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Attribute) and node.attr in beneath:
                    place = ast.unparse(node.value)
                    assert ".store." not in place, f"{file}: {ast.unparse(node)}"
                    assert not place.endswith("queue"), f"{file}: {ast.unparse(node)}"

    @pytest.mark.parametrize("active", [True, False], ids=["active", "inactive"])
    @pytest.mark.parametrize("role", list(Role))
    @pytest.mark.parametrize("name", CHANGES)
    def test_the_grid(self, house: Workshop, name, role, active):
        least, act = CHANGES[name]
        someone = house.store.people.ensure(f"{role} {active}", role)
        who = replace(someone, active=active)
        house.store.people.change(who.id, role=role, active=active, who=MACHINE)
        before = len(house.store.audit_log.newest(10_000))
        if active and RANKS[role] >= RANKS[least]:
            try:
                act(house, who)
            except NotAllowed as error:
                pytest.fail(f"{role} may do this, but was told: {error}")
            except RingfenceError:
                return  # there is nothing to do it to; but they may
            if not name.startswith(NO_DEED):
                deeds = house.store.audit_log.newest(10_000)
                assert len(deeds) > before, "it left no row in the audit log"
                assert who.name in {deed.who for deed in deeds[: len(deeds) - before]}
        else:
            with pytest.raises(NotAllowed):
                act(house, who)

    def test_who_was_an_owner_a_moment_ago_is_none(self, house: Workshop):
        stale = house.store.people.ensure("was owner", Role.OWNER)
        house.store.people.change(stale.id, role=Role.OWNER, active=False, who=MACHINE)
        assert stale.may_manage
        with pytest.raises(NotAllowed):
            house.projects.shelf.archive(house.id, stale)

    def test_somebody_unknown_may_do_nothing(self, house: Workshop):
        forged = Annotator(10**6, "forged", Role.OWNER, True)
        with pytest.raises(NotAllowed):
            house.projects.shelf.archive(house.id, forged)

    def test_the_log_only_grows(self):
        for file in STATE.rglob("*.py"):
            code = file.read_text()
            assert "update(audit_log" not in code
            assert "delete(audit_log" not in code

    def test_the_log_outlives_its_project(self, tiny_workshop: Workshop):
        shop = tiny_workshop
        shop.projects.shelf.remove(shop.id, shop.store.projects.get(shop.id).name, shop.me)
        shop.store.projects.erase(shop.id)
        assert shop.store.audit_log.newest()[0].project == shop.id
