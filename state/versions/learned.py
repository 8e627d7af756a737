"""What a desk says between two rounds: what the model in use has learned, and whether to go on."""

from functools import lru_cache

from state.errors import StoreDamaged
from state.files.gallery import Gallery
from state.projects.projects import Projects
from state.quality.audit import Quality
from state.store.models import Model
from state.store.projects import Project
from state.versions.latest import News, news
from state.versions.lineage import Lineage

STOP = "You could stop here: the last models agree on nearly all images."


def learned(projects: Projects, project: Project, model: Model) -> str:
    """What a model that serves learned, and whether labeling could stop; empty for the first.

    It is worked out once for each model, so that a key costs nothing.
    """
    return _learned(projects, project.id, project.created_at, model.version)


@lru_cache(maxsize=64)
def _learned(projects: Projects, project_id: int, _created: float, version: int) -> str:
    project = projects.store.projects.get(project_id)
    try:
        known = news(Lineage(projects, project))
        if known is None or known.after.version != version:
            return ""
        gallery = Gallery(projects.settings.data_dir, project_id, known.after)
        stable = Quality(projects.store, project, gallery).advice.stable
        return f"{sentence(known)} {STOP}" if stable else sentence(known)
    except StoreDamaged:
        return ""  # which other parts of the page tell of


def sentence(known: News) -> str:
    """What a model learned, and what that moved."""
    normal, anomalous = known.learned(1), known.learned(-1)
    answers = "1 new answer" if normal + anomalous == 1 else f"{normal + anomalous:,} new answers"
    found = "1 anomaly" if anomalous == 1 else f"{anomalous:,} anomalies"
    moved = "1 image" if known.flipped == 1 else f"{known.flipped:,} images"
    return f"It learned from {answers} and found {found} among them; {moved} changed sides."
