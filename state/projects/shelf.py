"""The list of projects: what is in each, changing one, archiving, removing with a day to regret."""

import logging
import shutil
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path

from anomaly_core.datasets.scenario import check_budget
from anomaly_core.errors import InvalidInput
from state.errors import UnknownProject
from state.files.artifacts import project_folder
from state.files.examples import KeptExamples, folder_of
from state.files.sweeping import sweep_all
from state.projects.imports import Imports
from state.projects.terms import check_overlap, check_rounds, what_changed
from state.store.audit_log import Deed, DeedUnderWay
from state.store.people import MACHINE, Annotator
from state.store.projects import LONG_AGO, Project, ProjectTerms
from state.store.store import Store

log = logging.getLogger("ringfence.projects")

SECONDS = 86_400.0  # that a removed project may still come back
OVER = "This project was deleted more than a day ago and cannot come back; restore a backup."
ONLY_OWNERS = "Only an owner may change, archive or delete projects; ask one of those on Team."


@dataclass(frozen=True)
class Line:
    """A project in the list; `auroc` is that of the model in use on held-out images, if known.

    `images` counts those in its pool, without what was taken out; `None` until they are known.
    """

    project: Project
    images: int | None
    models: int
    auroc: float | None
    last_activity: float  # epoch seconds


class Shelf:
    """Lists projects, and puts them away for the person who asks."""

    def __init__(self, store: Store, imports: Imports, data_dir: Path) -> None:
        self.store = store
        self.imports = imports
        self.data_dir = data_dir

    def lines(self) -> list[Line]:
        """Every project that was not removed, the one worked at last first."""
        return sorted(
            map(self._line, self.store.projects.all()), key=lambda one: -one.last_activity
        )

    def _line(self, project: Project) -> Line:
        models = self.store.models.all(project.id)
        serving = next((model for model in models if model.active), None)
        seen = [project.created_at, *(model.created_at for model in models)]
        answered = self.store.events.latest(project.id)
        return Line(
            project,
            self.images(project),
            len(models),
            serving.metrics.get("auroc") if serving else None,
            max([*seen, answered or 0.0]),
        )

    def images(self, project: Project) -> int | None:
        """How many images are in the pool of a project, `None` until that is known."""
        if project.pool_size is None:
            return None
        return project.pool_size - len(self.store.batches.gone(project.id))

    def change(self, project_id: int, terms: ProjectTerms, who: Annotator) -> None:
        """Let a project go on under other terms.

        Raises `DuplicateProject` where the name is taken, and `InvalidInput` for terms that do not
        go with its images or with what was answered already.
        """
        with self._doing(who, Deed.CHANGED_PROJECT, project_id) as row:
            check_rounds(terms.batch_size, terms.budget)
            before = self.store.projects.get(project_id)
            if before.pool_size and terms.budget > before.budget:
                check_budget(terms.budget, before.pool_size)
            row.subject = self.store.projects.set_terms(project_id, terms).name
            row.reason = what_changed(before.terms, terms)
            check_overlap(terms.overlap, self.store.events.standing(project_id))

    def archive(self, project_id: int, who: Annotator, archived: bool = True) -> None:
        """Put a project away from the first place of the list, or take it out again."""
        deed = Deed.ARCHIVED_PROJECT if archived else Deed.UNARCHIVED_PROJECT
        with self._doing(who, deed, project_id) as row:
            before = self.store.projects.get(project_id, lock=True)
            row.subject, row.nothing = before.name, (before.archived_at is not None) == archived
            if not row.nothing:
                self.store.projects.archive(project_id, archived)

    def lost(self, project: Project) -> str:
        """Say what goes with a project."""
        models = len(self.store.models.all(project.id))
        images = self.images(project) or 0
        return (
            f"{project.spent:,} labels, {models:,} models and {images:,} images as "
            "Ringfence holds them go with it; files that stayed in place are not touched. It can "
            "be brought back for a day."
        )

    def remove(self, project_id: int, typed: str, who: Annotator) -> None:
        """Remove a project whose name was typed to confirm it; raises `InvalidInput`."""
        with self._doing(who, Deed.DELETED_PROJECT, project_id) as row:
            before = self.store.projects.get(project_id, lock=True)
            row.subject, row.nothing = before.name, before.removed_at is not None
            if not row.nothing and typed.strip() != row.subject:
                raise InvalidInput(f"Type the name of the project, {row.subject}, to delete it.")
            self.store.projects.remove(project_id)

    def removed(self) -> list[Project]:
        """What was removed and may still come back, the last one first."""
        return [one for one in self.store.projects.removed() if not self._is_over(one)]

    def restore(self, project_id: int, who: Annotator) -> None:
        """Bring back what was removed; raises `DuplicateProject` where its name is taken.

        Raises `InvalidInput` after a day, when its files may be gone.
        """
        with self._doing(who, Deed.RESTORED_PROJECT, project_id) as row:
            before = self.store.projects.get(project_id, lock=True)
            if self._is_over(before):
                raise InvalidInput(OVER)
            row.nothing = before.removed_at is None
            row.subject = self.store.projects.restore(project_id).name

    def tidy(self) -> None:
        """Erase what was removed more than a day ago, files and all, and what kills have left."""
        sweep_all(self.store, self.data_dir)
        for project in filter(self._is_over, self.store.projects.removed()):
            if not self._ended(project):
                continue
            if not self._delete_files(project):
                log.warning("the files of project %d cannot be removed", project.id)
                continue  # it keeps its row, so that they are not taken for those of another
            imports = {batch.import_name for batch in self.store.batches.of(project.id)}
            self.store.projects.erase(project.id)
            for name in imports - self.imports.used():
                if (found := self.imports.named(name)) is not None:
                    with suppress(InvalidInput):  # a project was made of it meanwhile
                        self.imports.remove(found, MACHINE)

    def _ended(self, project: Project) -> bool:
        """Have a project not come back, and leave the row of that; `False` where it has."""
        try:
            with self._doing(MACHINE, Deed.ERASED_PROJECT, project.id) as row:
                now = self.store.projects.get(project.id, lock=True)
                over = self._is_over(now)
                row.nothing = not over or now.removed_at == LONG_AGO  # its files would not go
                row.subject = project.name
                if over:
                    self.store.projects.end(project.id)
        except UnknownProject:  # another server was first
            return False
        return over

    def _delete_files(self, project: Project) -> bool:
        """Remove the files of a project; whether all of them are gone."""
        folders = [project_folder(self.data_dir, project.id)]
        if examples := KeptExamples.of(project.detector):
            folders.append(folder_of(self.data_dir, examples.name))
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
        return not any(folder.exists() for folder in folders)

    def _is_over(self, project: Project) -> bool:
        """Whether a project was removed too long ago to come back."""
        removed_at = project.removed_at
        return removed_at is not None and self.store.clock() - removed_at >= SECONDS

    def _doing(
        self, who: Annotator, what: Deed, project_id: int
    ) -> AbstractContextManager[DeedUnderWay]:
        log = self.store.audit_log
        return log.doing(who, what, refusal=ONLY_OWNERS, project_id=project_id)
