"""The versions of a project's model: where each comes from, how good it is, what it is used for."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from propcache import cached_property

from anomaly_core.datasets.base import Labels
from anomaly_core.errors import InvalidInput
from anomaly_core.onnx.facts import ModelFacts
from anomaly_core.progress import Progress, silent
from anomaly_core.threshold.intervals import Interval, auroc_interval
from state.errors import StoreDamaged
from state.files.gallery import Gallery
from state.files.versions import require_whole, seems_whole
from state.labeling.rule import Rule, rule_of
from state.projects.backbones import Card
from state.projects.projects import Projects
from state.quality.audit import Quality
from state.quality.held_out import held_out_quality
from state.store.audit_log import Deed
from state.store.batches import taken_back
from state.store.models import Model, ancestry
from state.store.people import Annotator
from state.store.projects import Project
from state.store.promotions import OWNERS_ONLY, Promotion
from state.store.schema import JobKind, Purpose, Role, RoundTrigger
from state.store.work import FROM
from state.versions.backbone import card_of
from state.versions.bundle import bundle
from state.versions.differences import Change, Drift, changes
from state.versions.model_file import facts_of, onnx_of
from state.versions.onnx_apart import made_apart

ONLY_OWNERS_EXPORT = "Only an owner may download a model with its labels; ask one."


@dataclass(frozen=True)
class Entry:
    """One version. `estimate` is its AUROC by the audit slice, with how sure that is.

    `held_out` is the same by the held-out images, where their truth is known and it was measured.
    """

    model: Model
    estimate: Interval | None
    held_out: Interval | None
    leads: bool  # to the version that serves
    production: bool

    @property
    def version(self) -> int:
        """Its number."""
        return self.model.version

    @property
    def auroc(self) -> float | None:
        """Its AUROC on held-out images, where their truth is known and it has been measured."""
        return self.model.metrics.get("auroc")

    @property
    def average_precision(self) -> float | None:
        """Its average precision there."""
        return self.model.metrics.get("average_precision")


class Lineage:
    """All versions of one project as they stand now, and what can be done with them."""

    def __init__(self, projects: Projects, project: Project) -> None:
        self.projects = projects
        self.store = projects.store
        self.project = project
        self.data_dir: Path = projects.settings.data_dir
        self.models = self.store.models.all(project.id)
        self.promotions = self.store.promotions.all(project.id)

    @cached_property
    def serving(self) -> Model | None:
        """The version that the desk uses; `None` before the first."""
        return next((model for model in self.models if model.active), None)

    @cached_property
    def backbone(self) -> Card | None:
        """Which weights the features of the version in use are from; `None` if it has none."""
        return card_of(self.data_dir / self.serving.directory) if self.serving else None

    @cached_property
    def production(self) -> Promotion | None:
        """The version in production, by whom and why; `None` while nobody has named one."""
        named = (one for one in reversed(self.promotions) if one.purpose is Purpose.PRODUCTION)
        return next(named, None)

    @cached_property
    def entries(self) -> list[Entry]:
        """Every version, oldest first."""
        line = {model.version for model in ancestry(self.models, self._serving_version)}
        named = self.production.version if self.production else None
        return [
            Entry(
                model,
                self._estimate(model),
                held_out_quality(self.gallery(model)),
                model.version in line,
                model.version == named,
            )
            for model in self.models
        ]

    @property
    def _serving_version(self) -> int | None:
        return self.serving.version if self.serving else None

    @cached_property
    def _audited(self) -> tuple[NDArray[np.int64], Labels]:
        return Quality(self.store, self.project, self.gallery(self.models[0])).audited

    @property
    def audited_both(self) -> bool:
        """Whether normal and anomalous are among the random answers, so that an AUROC is."""
        return len(set(self._audited[1].tolist())) == 2

    def _estimate(self, model: Model) -> Interval | None:
        items, y = self._audited
        if not len(items):
            return None
        try:
            gallery = self.gallery(model)
            known = gallery.knows(items)
            scores = gallery.of_model("scores")[items[known]]
        except StoreDamaged:
            return None  # one damaged version must not hide the others, which may have to serve
        return auroc_interval(y[known], np.asarray(scores))

    def version(self, number: int) -> Model:
        """The model of that version; raises InvalidInput."""
        found = next((model for model in self.models if model.version == number), None)
        if found is None:
            raise InvalidInput(f"There is no model version {number}; choose another.")
        return found

    def gallery(self, model: Model) -> Gallery:
        """What a version published."""
        return Gallery(self.data_dir, self.project.id, model)

    @property
    def pair(self) -> tuple[int, int]:
        """The versions to compare unless others are asked for: the one that serves, its parent."""
        second = self._serving_version or 1
        parent = self.version(second).parent
        others = [model.version for model in self.models if model.version != second]
        return parent or (others[-1] if others else second), second

    @property
    def contamination(self) -> float:
        """The share of the pool that every version flags in a comparison, 0 to 1."""
        return float(self.project.scenario["contamination"])

    def drift(self, first: int, second: int) -> Drift:
        """How the pool's scores differ between two versions; raises what `version` raises."""
        one, other = (
            np.asarray(self.gallery(self.version(number)).of_model("scores"))
            for number in (first, second)
        )
        return Drift(one, other, self.contamination)

    def changes(self, first: int, second: int) -> list[Change]:
        """Labels that only one of two versions was trained with, or each otherwise."""
        one, other = self.version(first), self.version(second)
        history = self.store.events.history(self.project.id)
        return changes(history, one, other, self.gallery(one).audit)

    def roll_back(self, version: int, person: Annotator, reason: str = "") -> str:
        """Let a version serve, and say so; every other one stays.

        One that does not know the pool as it is now serves once it has scored it. Raises
        StoreDamaged if its files are not what was published, and what `promote` raises.
        """
        self.store.audit_log.require(person, Role.OWNER, OWNERS_ONLY)
        self._require_whole(version)
        at_once = self.knows_the_pool(version)
        self._promote(version, Purpose.DESK, person, reason, at_once)
        if at_once:
            return f"Model {version} is in use now; no other version and no answer was lost."
        self.projects.tend(self.project.id)
        return (
            f"The pool has changed since model {version}; it is in use in a moment, under a number "
            "of its own. No other version and no answer was lost."
        )

    def knows_the_pool(self, version: int) -> bool:
        """Whether a version has scored all images of the pool as it is now, and no others."""
        model, batches = self.version(version), self.store.batches.of(self.project.id)
        scored = len(self.gallery(model).of_model("scores"))
        gone = taken_back(batches)
        return scored == self.project.pool_size and gone == model.metrics.get("without", [])

    def name_production(self, version: int, person: Annotator, reason: str) -> str:
        """Name a version as the one in production, and say so; raises what `roll_back` raises."""
        self.store.audit_log.require(person, Role.OWNER, OWNERS_ONLY)
        if not reason.strip():
            raise InvalidInput("Say in a few words why this version; others will rely on it.")
        self._require_whole(version)
        self._promote(version, Purpose.PRODUCTION, person, reason)
        return f"Model {version} is in production now."

    def _promote(
        self, version: int, purpose: Purpose, person: Annotator, reason: str, at_once: bool = True
    ) -> None:
        deed = Deed.ROLLED_BACK if purpose is Purpose.DESK else Deed.NAMED_PRODUCTION
        with self.store.audit_log.doing(
            person,
            deed,
            f"model {version}",
            refusal=OWNERS_ONLY,
            project_id=self.project.id,
            reason=reason.strip(),
        ) as row:
            row.nothing = not self.store.promotions.promote(
                project_id=self.project.id,
                version=version,
                purpose=purpose,
                annotator_id=person.id,
                reason=reason,
                at_once=at_once,
            )
            if not row.nothing and not at_once:
                training = self.store.work.training(self.project.id)
                training.ask(JobKind.UPDATE, {FROM: version})

    def whole(self, version: int) -> bool:
        """Whether all files of a version seem to be what was published, as they were last read.

        Raises InvalidInput where there is no such version.
        """
        return seems_whole(self.data_dir, self.version(version))

    def _require_whole(self, version: int) -> None:
        require_whole(self.data_dir, self.version(version))

    def bundle(self, version: int, who: Annotator) -> bytes:
        """One version as a zip file to take away, for owners; see `state.versions.bundle`."""
        gallery, rule, facts = self._to_take(version, who)
        history = self.store.events.history(self.project.id)
        return bundle(self.project, gallery, history, rule, facts)

    def onnx(
        self, version: int, who: Annotator, zipped: bool = False, progress: Progress = silent
    ) -> tuple[bytes, ModelFacts]:
        """One version as a file of ONNX, for owners, and what it says of itself.

        `zipped`, it is in the zip file of `bundle`. Loads torch. Raises ExportRefused where
        onnxruntime would score otherwise.
        """
        gallery, rule, facts = self._to_take(version, who)
        made, facts = onnx_of(gallery, facts, progress)
        if zipped:
            history = self.store.events.history(self.project.id)
            made = bundle(self.project, gallery, history, rule, facts, made)
        return made, facts

    def onnx_apart(self, version: int, who: Annotator) -> bytes:
        """The file of `onnx`, made in a process of its own: a server never loads torch."""
        self._to_take(version, who)
        return made_apart(self.projects.settings, self.project.id, version)

    def _to_take(self, version: int, who: Annotator) -> tuple[Gallery, Rule, ModelFacts]:
        """A version that an owner takes away, by which rule it flags, and what it is."""
        self.store.audit_log.record(
            who,
            Deed.EXPORTED_MODEL,
            f"model {version}",
            refusal=ONLY_OWNERS_EXPORT,
            project_id=self.project.id,
        )
        return self.described(version)

    def described(self, version: int) -> tuple[Gallery, Rule, ModelFacts]:
        """A version, by which rule it flags, and what its files say of it; StoreDamaged if torn."""
        self._require_whole(version)
        gallery = self.gallery(self.version(version))
        rule = rule_of(self.store, self.project, gallery)
        points = self.store.models.operating_points(self.project.id)
        mine = [one for one in points if one.model_version == version]
        return gallery, rule, facts_of(self.project, gallery, rule, mine)

    def next_round(self, version: int) -> str:
        """What happens next, should a version serve: when it learns, from what, and as what."""
        return (
            f"The next round trains on from model {version} with every label that stands; its "
            f"model will be number {self.models[-1].version + 1}. {self._when()}"
        )

    def _when(self) -> str:
        project, fresh = self.project, self.projects.fresh(self.project.id)
        if self.projects.due(project.id):
            return "It is due already: it begins by itself, or with Try again where it was stopped."
        if project.remaining == 0:
            return "The budget is used up, so it begins only when an answer is changed."
        if project.round_trigger is not RoundTrigger.COUNT:
            return "It begins with new answers."
        wanted = max(1, min(project.batch_size - fresh, project.remaining))
        answers = "answer" if wanted == 1 else "answers"
        return f"It begins after {wanted:,} more {answers}."
