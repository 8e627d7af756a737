"""What is published of a project and of a version of its model: how it is written."""

import logging
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from anomaly_core.checkpoint import save_detector
from anomaly_core.detectors.joint.detector import JointSVDD
from anomaly_core.detectors.network import Hypersphere
from anomaly_core.errors import CollapseWarning, InvalidInput
from anomaly_core.loop.learner import ActiveLearner
from anomaly_core.projection import like_before, map_hypersphere
from anomaly_core.query import Query
from state.errors import StoreDamaged
from state.files import artifacts
from state.files.artifacts import Array
from state.files.hashes import hashes_of, sha256_of
from state.files.sweeping import sweep_project
from state.files.unfinished import Kind, marked, spare
from state.files.versions import hashes_known
from state.store.batches import Extent
from state.store.models import Model, NewModel
from state.store.store import Store
from state.workers.own.standing import StandingItems

log = logging.getLogger("ringfence.trainer")


@dataclass(frozen=True)
class Made:
    """A model to publish: the learner, what it follows and what it knows; see `NewModel`.

    `like` is a model with the labels of which it does, where it has learned nothing since.
    """

    learner: ActiveLearner[Hypersphere]
    version: int
    parent: int | None
    last_seq: int = 0  # of the events that its labels include
    seconds: float = 0.0  # that training took
    notes: Sequence[str] = ()
    grown: Mapping[int, Extent] = field(default_factory=dict)
    over: int | None = None
    like: Model | None = None

    @property
    def labels(self) -> dict[str, int]:
        """What it has learned from."""
        if self.like is None:
            return {"last_seq": self.last_seq, "label_count": self.learner.labels_bought}
        return {"last_seq": self.like.last_seq, "label_count": self.like.label_count}

    @property
    def anomalies_found(self) -> int:
        """How many of the labels are anomalous."""
        if self.like is None:
            return self.learner.anomalies_found
        return int(self.like.metrics["anomalies_found"])


class VersionFiles(NamedTuple):
    """Where the files of a version lie in the data directory, and what each hashes to."""

    directory: str
    files: dict[str, str]


@dataclass(frozen=True)
class Publisher:
    """Publishes for one trainer of a project, as long as that has the lease.

    What raises Overtaken has changed nothing that another trainer has published.
    """

    store: Store
    data_dir: Path
    project_id: int
    worker: str  # the name of the trainer

    def held(self) -> AbstractContextManager[None]:
        """Keep the lease within a block, which must be short; see `Queue.holding`."""
        return self.store.work.training(self.project_id).holding(self.worker)

    def publish(
        self, version: int, write: Callable[[Path], None], row: Callable[[VersionFiles], NewModel]
    ) -> Model:
        """Publish a version whose files `write` makes and whose `row` tells of them.

        Raises what `Models.publish` raises.
        """
        folder = artifacts.new_version_folder(self.data_dir, self.project_id, version)
        try:
            with marked(folder, Kind.CLAIM) as temporary:
                write(temporary)
                files = VersionFiles(self._directory(folder), hashes_of(temporary))
                artifacts.settle(temporary, folder)
                model = self.store.models.publish(row(files), self.worker)
        except InvalidInput:  # no row points at it, and none will
            self.sweep()
            raise
        return model

    def add(self, model: Model, arrays: Mapping[str, Array], metrics: Mapping[str, Any]) -> Model:
        """Add to a version what it was measured on, and what that tells; raises Overtaken."""
        folder = self.data_dir / model.directory
        artifacts.replace_arrays(folder, arrays, self.held)
        added = {f"{name}.npy": sha256_of(folder / f"{name}.npy") for name in arrays}
        files = hashes_known(model) | added
        return self.store.models.amend(model, self.worker, files=files, metrics=metrics)

    def renew(self, version: int, arrays: Mapping[str, Array]) -> None:
        """Put arrays in the place of those of a version; raises Overtaken.

        They come in a folder of their own with its other files, so that whoever reads has either
        all that is old or all that is new.
        """
        model = self.store.models.version(self.project_id, version)
        assert model is not None
        before = self.data_dir / model.directory
        folder = artifacts.new_version_folder(self.data_dir, self.project_id, version)
        known = hashes_of(before) if model.files is None else model.files
        kept = {name: known[name] for name in known if name.removesuffix(".npy") not in arrays}
        with marked(folder, Kind.CLAIM) as temporary:
            artifacts.link_files(before, temporary, kept)
            artifacts.write_arrays(temporary, arrays)
            fresh = {f"{name}.npy": sha256_of(temporary / f"{name}.npy") for name in arrays}
            artifacts.settle(temporary, folder)
            spare(before)
            self.store.models.amend(
                model, self.worker, files=kept | fresh, directory=self._directory(folder)
            )

    def sweep(self) -> None:
        """Remove what killed trainers of the project have left."""
        sweep_project(self.store, self.data_dir, self.project_id)

    def _directory(self, folder: Path) -> str:
        return folder.relative_to(self.data_dir).as_posix()


def serving(detector: Hypersphere) -> dict[str, Any]:
    """What is told of a joint hypersphere: which of its two serves and why."""
    if not isinstance(detector, JointSVDD):
        return {}
    return {"taught": detector.second_ is not None, "reason": detector.reason()}


def write_model(
    folder: Path,
    learner: ActiveLearner[Hypersphere],
    items: StandingItems,
    proposals: Query,
    before: Path | None,
) -> None:
    """Write a model version: the detector, and what the desk shows of it.

    Its map is turned like that of the version `before`, a folder, where there is one.
    """
    save_detector(learner.detector, folder)
    artifacts.write_arrays(
        folder,
        {
            **pool_arrays(learner, items, before),
            "proposals": proposals.items,
            "utilities": proposals.utilities,
        },
    )


def pool_arrays(
    learner: ActiveLearner[Hypersphere], items: StandingItems, before: Path | None
) -> dict[str, NDArray[np.floating[Any]]]:
    """Where each item of the pool lies: its score, its place in latent space and on the map.

    The map is turned like that in the folder `before`, of a version that served.
    """
    located = map_hypersphere(learner.embeddings, learner.detector.c_.cpu().numpy())
    arrays: dict[str, NDArray[np.floating[Any]]] = {
        "scores": learner.scores,
        "embeddings": learner.embeddings.astype(np.float16),  # to find neighbors, not to score
        "map": np.stack([np.sqrt(learner.scores), located.angle], axis=1),
    }
    arrays = {name: items.spread(array) for name, array in arrays.items()}
    if before is not None:
        with suppress(StoreDamaged):  # what cannot be read is no reason to publish nothing
            arrays["map"] = like_before(arrays["map"], artifacts.read_array(before / "map.npy"))
    return arrays


def timed(work: Callable[[], object]) -> float:
    """Do the work and return the seconds it took."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


@contextmanager
def collapse_notes() -> Iterator[list[str]]:
    """Collect the sentences of collapse warnings, so that the app can show them; log others."""
    notes: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", CollapseWarning)
        yield notes
    for one in caught:
        if issubclass(one.category, CollapseWarning):
            notes.append(str(one.message))
        else:
            log.warning("%s", one.message)
