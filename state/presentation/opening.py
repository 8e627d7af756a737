"""Which model is presented, by which evidence, and at which threshold."""

from dataclasses import dataclass, field

import numpy as np

from anomaly_core.threshold.intervals import Interval, auroc_interval
from anomaly_core.threshold.judged import Judged
from state.errors import StoreDamaged
from state.explore.pool_map import written
from state.files.gallery import Gallery
from state.labeling.desk import Desk
from state.presentation.values import Better
from state.quality.held_out import held_out_quality
from state.quality.tuning import Basis, Evidence, Tuning, tuning_of
from state.store.models import Model, ancestry

CHOSEN_HERE = "It was chosen on the same images, so new ones may do a bit worse."


@dataclass(frozen=True)
class Opening:
    """What is presented; two are equal when all that is said of them is.

    `trusted` is whether the evidence is fit to promise anything from.
    """

    key: tuple[object, ...]
    tuning: Tuning = field(compare=False)
    evidence: Evidence = field(compare=False)
    trusted: bool
    in_production: bool
    threshold: float
    purpose: str
    owners: tuple[str, ...]
    better: Better | None


def opening_of(desk: Desk) -> Opening | None:
    """Settle what is presented; `None` before the first model has been measured.

    It is the model named for production, else the one in use, and it opens at the rule for it, see
    `state.labeling.rule`.
    """
    tuning, in_production = _tuning(desk)
    if tuning is None:
        return None
    trusted = next((basis for basis in tuning.bases if basis is not Basis.LABELED), None)
    found = tuning.evidence(trusted) if trusted else None
    evidence = found if found is not None and len(found.items) else _nothing(tuning)
    threshold, purpose = _threshold(tuning, evidence)
    model, project = tuning.gallery.model, desk.project
    owners = tuple(person.name for person in desk.store.people.all() if person.may_manage)
    return Opening(
        key=(
            str(desk.settings.data_dir),
            project.id,
            project.name,
            model.id,
            written(tuning.gallery.version / "scores.npy"),
            evidence.data_hash,
            evidence.secret,
            owners,
        ),
        tuning=tuning,
        evidence=evidence,
        trusted=bool(len(evidence.items)),
        in_production=in_production,
        threshold=threshold,
        purpose=purpose,
        owners=owners,
        better=_better(tuning, evidence),
    )


def _tuning(desk: Desk) -> tuple[Tuning | None, bool]:
    named = desk.store.promotions.production(desk.project.id)
    models = desk.store.models.all(desk.project.id)
    found = [model for model in models if named and model.version == named.version]
    if found and measured(found[0]):
        gallery = Gallery(desk.settings.data_dir, desk.project.id, found[0])
        return Tuning(desk, gallery), True
    return tuning_of(desk), False


def measured(model: Model) -> bool:
    """Whether a model has scored the held-out images."""
    return "auroc" in model.metrics


def _better(tuning: Tuning, evidence: Evidence) -> Better | None:
    """An earlier model whose AUROC, with how sure that is, the one shown falls short of.

    By held-out images it is the best one that led here, by random answers the one before.
    """
    shown, desk = tuning.gallery.model, tuning.desk
    before = ancestry(desk.store.models.all(desk.project.id), shown.version)[:-1]
    if evidence.basis is Basis.HELD_OUT:
        known = [one for one in before if one.metrics.get("auroc")]
        before = sorted(known, key=lambda one: one.metrics["auroc"])
    if not before:
        return None
    earlier = Gallery(desk.settings.data_dir, desk.project.id, before[-1])
    try:
        then = _quality(tuning.evidence(evidence.basis, earlier), earlier)
    except StoreDamaged:
        return None  # the model that is presented is whole
    now = _quality(evidence, tuning.gallery)
    if then is None or now is None or now.value >= then.low:
        return None
    return Better(before[-1].version, then, now)


def _quality(evidence: Evidence, gallery: Gallery) -> Interval | None:
    if evidence.basis is Basis.HELD_OUT:
        return held_out_quality(gallery)
    return auroc_interval(evidence.judged.y, evidence.judged.scores)


def _nothing(tuning: Tuning) -> Evidence:
    """The pool without any truth to judge by."""
    none = np.empty(0, np.int64)
    pool = tuning.gallery.scores
    images = tuning.gallery.pictures
    return Evidence(Basis.RANDOM, none, Judged(none, np.empty(0, np.float32), pool), images)


def _threshold(tuning: Tuning, evidence: Evidence) -> tuple[float, str]:
    """Where to open, and why there."""
    rule = tuning.rule
    if rule.saved is not None:
        chosen_here = rule.saved.data_hash == evidence.data_hash
        return rule.threshold, f"{rule.origin} {CHOSEN_HERE}" if chosen_here else rule.origin
    other = tuning.points()[:1]
    of_another = f" (One was saved for model {other[0].model_version}.)" if other else ""
    return rule.threshold, f"{rule.origin}{of_another}"
