"""What the model in use makes of an image file that a program sends."""

from dataclasses import dataclass

from anomaly_core.datasets.base import Images
from anomaly_core.errors import InvalidInput, NotFitted
from anomaly_core.importing.fitting import Choices, Fit
from state.explore.drawing import seen_as, seen_as_own
from state.explore.tried import try_image
from state.files.gallery import Gallery
from state.labeling.desk import Desk
from state.store.people import MACHINE
from state.store.schema import Answer
from state.store.store import Store
from state.workers.scorer_client import Scoring


@dataclass(frozen=True)
class JudgedImage:
    """What a model version makes of an image.

    `score` is the squared distance to the center, `percentile` the share of the pool that scores
    lower, 0 to 1. The verdict is anomalous beyond the threshold in use.
    """

    project: str
    model_version: int
    score: float
    percentile: float
    threshold: float
    verdict: Answer


def judge(store: Store, scoring: Scoring, called: str, data: bytes) -> JudgedImage:
    """Score an image file by the model in use of the project of that name or number.

    It is fitted as the images of the pool are. Raises InvalidInput for what is no such project or
    no image, NotFitted before there is a model, and what `Scoring.score` does.
    """
    project = store.projects.called(called)
    desk = Desk(store, store.settings, project.id, MACHINE)
    if desk.gallery is None or desk.rule is None:
        raise NotFitted("The first model is being prepared; try again when it is there.")
    trial = try_image(scoring, desk.gallery, as_the_pool(desk.gallery, data), desk.rule.threshold)
    return JudgedImage(
        project.name,
        desk.gallery.model.version,
        trial.scored.score,
        trial.percentile / 100,
        trial.threshold,
        Answer.ANOMALOUS if trial.odd else Answer.NORMAL,
    )


def as_the_pool(gallery: Gallery, data: bytes) -> Images:
    """An image file as the model sees those of the pool; raises InvalidInput for none."""
    if gallery.own is not None:
        return seen_as_own(gallery.project, data)
    height, width, *channels = gallery.of_project("pool").shape[1:]
    if height != width:
        raise InvalidInput("Images of this project are no squares, so that none can be sent.")
    return seen_as(Choices(height, Fit.STRETCH, colour=bool(channels)), data)
