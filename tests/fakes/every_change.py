"""Every function that changes something, with the role that the grid of roles asks for."""

import io
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

from answering import answer
from sqlalchemy import select, update
from workshop import Workshop

from anomaly_core.importing.fitting import Choices, Fit
from anomaly_core.recipes.plan import Plan
from state.errors import NotAllowed, Reason
from state.explore.listing import ImageTable, RowsWanted
from state.explore.truth import reveal
from state.exporting.leaving import export_labels
from state.exporting.returning import import_labels
from state.exporting.scores import export_scores
from state.files.imports import ImportFolder, ImportPlan, new_import
from state.labeling.desk import Desk
from state.labeling.inbox import take_in
from state.labeling.second_look.review import Review
from state.labeling.selection import send, take_off
from state.projects.backbones import NetworkChoice
from state.projects.projects import ProjectForm
from state.quality.tuning import Basis, Tuning
from state.store.database import writing
from state.store.drafts import AnswerDraft, Refusal, UndoDraft
from state.store.people import MACHINE, Annotator
from state.store.projects import NewProject
from state.store.schema import Answer, EventKind, JobKind, Purpose, Role, model
from state.upkeep.backup import back_up
from state.versions.lineage import Lineage


@dataclass(frozen=True)
class Change:
    """A function that changes something: the least role it asks for, and how it is called.

    `act` is given the workshop, the person, and what `begin` has made for it to be done to.
    """

    least: Role
    act: Callable[..., Any]
    begin: Callable[[Workshop], Any] | None = None

    def of(self, shop: Workshop, who: Annotator) -> Callable[[], Any]:
        """Get everything ready; returns what does it."""
        given = () if self.begin is None else (self.begin(shop),)
        return lambda: self.act(shop, who, *given)


CHANGES: dict[str, Change] = {}


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


def imported(shop: Workshop) -> ImportFolder:
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
REVIEW, SELECTION = "labeling/second_look/review.py Review", "labeling/selection.py"
FRESH = count(20)  # items that nobody has answered
OWNER, ANNOTATOR = Role.OWNER, Role.ANNOTATOR


def table() -> None:
    """Every function that changes something, with the role that the grid of roles asks for."""
    plan = Plan(recipe="three-autoencoders")

    def one(name: str, least: Role, act: Callable[..., Any], begin: Any = None) -> None:
        CHANGES[name] = Change(least, act, begin)

    one(f"{PEOPLE}.add", OWNER, lambda s, me: s.store.people.add("new", Role.VIEWER, me))
    one(f"{PEOPLE}.change", OWNER, other_changed, somebody)
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
    one(f"{IMPORTS}.retry", OWNER, lambda s, me, it: s.projects.imports.retry(it, me), imported)
    one(f"{IMPORTS}.see", OWNER, seen, imported)
    one(f"{IMPORTS}.mark", OWNER, marked, imported)
    one(f"{IMPORTS}.remove", OWNER, lambda s, me, it: s.projects.imports.remove(it, me), imported)
    one(f"{PROJECTS}.create", OWNER, lambda s, me: s.projects.create(ProjectForm(name="n"), me))
    one(f"{PROJECTS}.add_images", OWNER, lambda s, me, it: s.projects.add_images(*it, me), own_pool)
    one(f"{PROJECTS}.take_back", OWNER, lambda s, me, it: s.projects.take_back(it, 1, me), grown)
    one(f"{PROJECTS}.retry", OWNER, lambda s, me, it: s.projects.retry(it, me), new_project)
    one(f"{PROJECTS}.stop", OWNER, lambda s, me, it: s.projects.stop(s.id, it, me), training)
    choice = NetworkChoice("resnet18")
    one(f"{PROJECTS}.download_weights", OWNER, lambda s, me: downloaded(s, me, choice))
    one(f"{RUNS}.ask", OWNER, lambda s, me: s.projects.runs.ask(plan, me))
    one(f"{RUNS}.stop", OWNER, lambda s, me, it: s.projects.runs.stop(it, me), run)
    one(f"{RUNS}.resume", OWNER, lambda s, me, it: s.projects.runs.resume(it, me), old_run)
    one(f"{RUNS}.remove", OWNER, lambda s, me, it: s.projects.runs.remove(it, me), old_run)
    one(f"{SHELF}.change", OWNER, renamed, new_project)
    one(f"{SHELF}.archive", OWNER, lambda s, me: archived(s, me))
    one(f"{SHELF}.remove", OWNER, removed, new_project)
    one(f"{SHELF}.restore", OWNER, lambda s, me, it: s.projects.shelf.restore(it, me), gone)
    one("quality/tuning.py Tuning.save", OWNER, lambda s, me: saved(s, me))
    one(f"{LINEAGE}.roll_back", OWNER, rolled_back)
    one(f"{LINEAGE}.name_production", OWNER, lambda s, me: lineage(s).name_production(1, me, "ok"))
    one(f"{LINEAGE}.bundle", OWNER, lambda s, me: lineage(s).bundle(1, me))
    one(f"{LINEAGE}.onnx", OWNER, lambda s, me: lineage(s).onnx(1, me))
    one(f"{LINEAGE}.onnx_apart", OWNER, lambda s, me: lineage(s).onnx_apart(1, me))
    one("explore/listing.py ImageTable.export", OWNER, lambda s, me: table_taken(s, me))
    one("explore/truth.py reveal", OWNER, lambda s, me: reveal(desk(s, me)))
    one("exporting/leaving.py export_labels", OWNER, lambda s, me: labels_out(s, me))
    one("exporting/scores.py export_scores", OWNER, lambda s, me: scores_out(s, me))
    one("exporting/returning.py import_labels", OWNER, labels_in, file_of_labels)
    one("upkeep/backup.py back_up", OWNER, lambda s, me: saved_by(s, me))


def somebody(shop: Workshop) -> Annotator:
    return shop.store.people.ensure("other", Role.VIEWER)


def other_changed(shop: Workshop, who: Annotator, other: Annotator) -> None:
    shop.store.people.change(other.id, role=Role.ANNOTATOR, active=True, who=who)


def new_project(shop: Workshop, images: str | None = None) -> int:
    name = f"project {next(FRESH)}"
    new = NewProject(name=name, scenario={}, detector={}, strategy="margin", budget=9, batch_size=3)
    return shop.store.projects.create(replace(new, import_name=images)).id


def own_pool(shop: Workshop) -> tuple[int, str]:
    """A project of somebody's own images, and an import for it."""
    return new_project(shop, imported(shop).name), imported(shop).name


def grown(shop: Workshop) -> int:
    """A project of somebody's own images that came in two batches."""
    project_id, name = own_pool(shop)
    shop.store.batches.add(project_id, name)
    return project_id


def gone(shop: Workshop) -> int:
    """A project that was removed."""
    return shop.store.projects.remove(new_project(shop)).id


def renamed(shop: Workshop, who: Annotator, project_id: int) -> None:
    terms = shop.store.projects.get(project_id).terms
    shop.projects.shelf.change(project_id, replace(terms, name=f"{terms.name} renamed"), who)


def archived(shop: Workshop, who: Annotator) -> None:
    stands = shop.store.projects.get(shop.id).archived_at is None
    shop.projects.shelf.archive(shop.id, who, stands)


def submitted(shop: Workshop, who: Annotator) -> None:
    (outcome,) = shop.store.events.submit([draft(shop, who, 6)])
    allowed(outcome)


def relabeled(shop: Workshop, who: Annotator) -> None:
    shop.store.events.relabel(draft(shop, who, 9), undo(shop, who))


def promoted(shop: Workshop, who: Annotator) -> None:
    shop.store.promotions.promote(
        project_id=shop.id, version=1, purpose=Purpose.DESK, annotator_id=who.id, reason=""
    )


def rolled_back(shop: Workshop, who: Annotator) -> None:
    serving = update(model).where(model.c.active)
    with writing(shop.store.engine) as connection:
        other = connection.scalar(select(model.c.id).where(model.c.active, model.c.version != 1))
        if other is None:  # there is but one, which is to come in the place of none
            connection.execute(serving.values(active=False))
    try:
        lineage(shop).roll_back(1, who)
    except BaseException:
        if other is None:
            with writing(shop.store.engine) as connection:
                connection.execute(update(model).where(model.c.version == 1).values(active=True))
        raise


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


def table_taken(shop: Workshop, who: Annotator) -> None:
    ImageTable(desk(shop, who)).export(RowsWanted())


def saved_by(shop: Workshop, who: Annotator) -> None:
    back_up(shop.store, shop.settings.data_dir.with_name(f"{uuid.uuid4()}.zip"), who)


def labels_out(shop: Workshop, who: Annotator) -> None:
    output = shop.settings.data_dir.with_name(f"{uuid.uuid4()}.csv")
    export_labels(shop.store, shop.store.projects.get(shop.id), who, "csv", output)


def scores_out(shop: Workshop, who: Annotator) -> None:
    output = shop.settings.data_dir.with_name(f"{uuid.uuid4()}.csv")
    export_scores(shop.store, shop.store.projects.get(shop.id), who, "csv", output)


def file_of_labels(shop: Workshop) -> Path:
    """A file of one answer, as Label Studio writes them."""
    said = {"completed_by": 7, "result": [{"type": "choices", "value": {"choices": ["normal"]}}]}
    file = shop.settings.data_dir.with_name(f"{uuid.uuid4()}.json")
    file.write_text(json.dumps([{"data": {"item": next(FRESH)}, "annotations": [said]}]))
    return file


def labels_in(shop: Workshop, who: Annotator, file: Path) -> None:
    import_labels(shop.store, shop.store.projects.get(shop.id), who, "label-studio", file)


def uploaded(shop: Workshop, who: Annotator) -> None:
    shop.projects.imports.upload([("a.jpg", io.BytesIO(b"x"))], who)


def seen(shop: Workshop, who: Annotator, found: ImportFolder) -> None:
    shop.projects.imports.see(found, Choices(32, Fit.PAD, True), who)


def marked(shop: Workshop, who: Annotator, found: ImportFolder) -> None:
    shop.projects.imports.mark(found, 0, "normal", who)


def training(shop: Workshop) -> int:
    return shop.queue.ask(JobKind.UPDATE).id


def downloaded(shop: Workshop, who: Annotator, choice: NetworkChoice) -> None:
    shop.projects.backbones.read = lambda *_: None  # type: ignore[assignment]
    shop.projects.download_weights(choice, who)


def run(shop: Workshop) -> int:
    return shop.projects.runs.queue.ask(JobKind.RUN, {"recipe": "three-autoencoders"}).id


def old_run(shop: Workshop) -> int:
    """A run that is over."""
    return shop.projects.runs.queue.cancel(run(shop)).id


def removed(shop: Workshop, who: Annotator, project_id: int) -> None:
    shop.projects.shelf.remove(project_id, shop.store.projects.get(project_id).name, who)


def saved(shop: Workshop, who: Annotator) -> None:
    tuning = Tuning(desk(shop, who), desk(shop, who).gallery)  # type: ignore[arg-type]
    tuning.save(1.0, "why", "by hand", tuning.evidence(Basis.HELD_OUT))


table()
NO_DEED = (EVENTS, PEOPLE + ".set_keys", "labeling/", "store/promotions.py")  # answers, own things
