"""What a desk says between two rounds: what the model in use has learned, and whether to go on."""

from pathlib import Path
from threading import Lock

from state.errors import StoreDamaged
from state.files.gallery import Gallery
from state.projects.projects import Projects
from state.quality.audit import Quality
from state.store.models import Model
from state.store.projects import Project
from state.versions.latest import News, news
from state.versions.lineage import Lineage

MOST = 64  # models that are remembered
_told: dict[tuple[Path, int, float, int], str] = {}
_at_work = Lock()

STOP = "You could stop here: the last models agree on nearly all images."


def learned(projects: Projects, project: Project, model: Model) -> str:
    """What a model that serves learned, and whether labeling could stop; empty for the first.

    It is worked out once for each model, by one tab; the others go on meanwhile without it.
    """
    place = (projects.settings.data_dir, project.id, project.created_at, model.version)
    if place not in _told and _at_work.acquire(blocking=False):
        try:
            _told[place] = _worked_out(projects, project, model)
            for oldest in [*_told][:-MOST]:
                del _told[oldest]
        finally:
            _at_work.release()
    return _told.get(place, "")


def _worked_out(projects: Projects, project: Project, model: Model) -> str:
    try:
        known = news(Lineage(projects, project))
        if known is None or known.after.version != model.version:
            return ""
        gallery = Gallery(projects.settings.data_dir, project.id, known.after)
        stable = Quality(projects.store, project, gallery).advice.stable
        return f"{sentence(known)} {STOP}" if stable else sentence(known)
    except StoreDamaged:
        return ""  # which other parts of the page tell of


def sentence(known: News) -> str:
    """What a model learned, and what that moved."""
    normal, anomalous = known.learned(1), known.learned(-1)
    if normal + anomalous == 0:
        return "A better model is in use: it has learned more from the images themselves."
    answers = "1 new answer" if normal + anomalous == 1 else f"{normal + anomalous:,} new answers"
    found = "1 anomaly" if anomalous == 1 else f"{anomalous:,} anomalies"
    moved = "1 image" if known.flipped == 1 else f"{known.flipped:,} images"
    return f"It learned from {answers} and found {found} among them; {moved} crossed the line."
