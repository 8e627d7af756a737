"""The images of a project: read, a part of them set aside, and published before any model.

People answer the first of them while torch is still being loaded, so nothing here needs it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anomaly_core.datasets import dataset_of
from anomaly_core.datasets.base import Images
from anomaly_core.datasets.scenario import Scenario, ScenarioData, build_scenario, check_budget
from anomaly_core.detectors.base import AT_ONCE
from anomaly_core.errors import InvalidInput
from anomaly_core.loop.audit import draw_audit, draw_more
from anomaly_core.progress import Progress
from state.files import artifacts
from state.files.artifacts import Array
from state.files.gallery import PoolFiles
from state.files.unfinished import is_marked
from state.store.batches import Extent
from state.store.projects import Project
from state.store.store import Store
from state.workers.own.images import OwnImages, OwnSources, await_images, own_data

NOT_OURS = (
    "The data directory has models of a project {0} that this database does not know; use the "
    "database that does, or move the folder projects/{0} away."
)


@dataclass(frozen=True)
class PublishedPool:
    """The images (n, ...) of a pool; `grown` is how far its batches of own images have come."""

    images: Images
    grown: Mapping[int, Extent] = field(default_factory=dict)


class PoolPublisher:
    """Publishes the images of one project for a trainer, `worker`, while that has the lease."""

    def __init__(self, store: Store, data_dir: Path, project: Project, worker: str) -> None:
        self.store = store
        self.data_dir = data_dir
        self.project = project
        self.worker = worker
        self.scenario = Scenario.from_json(project.scenario)
        self.folder = artifacts.project_folder(data_dir, project.id)

    def publish(self, progress: Progress) -> PublishedPool:
        """Read the images and publish them, with what is known of them.

        A dataset that is published is not read anew: it may have changed, and people have answered.
        Raises InvalidInput where there are models already, and what reading raises.
        """
        own_images = OwnImages.of(self.project.detector)
        there = PoolFiles(self.data_dir, self.project.id)
        published = there if there.are_of(self.project) else None
        if published is not None and own_images is None:
            self._require_no_models()
            pool = published.of_project("pool")
            self.store.projects.set_pool_size(self.project.id, len(pool))
            return PublishedPool(pool)
        progress(0.0, "Reading the images")
        data, own = self._read(own_images, progress)
        if own is None or own.complete:
            check_budget(self.project.budget, len(data.pool))
        audit = self._audit_of(len(data.pool), published)
        artifacts.publish(
            self.folder,
            lambda folder: write_data(folder, data, own, audit, self.project),
            self._held_before_any_model,
        )
        if own is None:
            self.store.projects.set_pool_size(self.project.id, len(data.pool))
            return PublishedPool(data.pool)
        return PublishedPool(data.pool, {0: Extent(len(data.pool), own.complete)})

    def _read(
        self, own: OwnImages | None, progress: Progress
    ) -> tuple[ScenarioData, OwnSources | None]:
        """Read the images; of a person's own also where each item's file lies."""
        if own is not None:
            at_once = self.project.detector.get("family") in AT_ONCE
            await_images(self.data_dir, own, at_once, progress)
            return own_data(self.data_dir, own, self.scenario.seed, progress)
        given = self.project.detector.get("root")
        name = self.scenario.dataset
        root = artifacts.dataset_root(self.data_dir, name, Path(given) if given else None)
        dataset = dataset_of(self.scenario, root, given is None, progress)
        return build_scenario(self.scenario, dataset), None

    def _audit_of(self, size: int, published: PoolFiles | None) -> NDArray[np.int64]:
        """What measures quality; what was drawn of images that are published already stays."""
        share = self.project.detector.get("audit_share", 0.0)
        budget, seed = self.project.budget, self.scenario.seed
        if published is None:
            return draw_audit(size, budget, share, seed)
        came = range(len(published.of_project("pool")), size)
        return draw_more(published.audit, came, budget, share, seed)

    @contextmanager
    def _held_before_any_model(self) -> Iterator[None]:
        """Keep the lease while the files of a project are put in place, which are there but once.

        Raises what `_require_no_models` raises.
        """
        with self.store.work.training(self.project.id).holding(self.worker):
            self._require_no_models()
            yield

    def _require_no_models(self) -> None:
        """Raise InvalidInput where there are models, which only another database knows."""
        if any(not is_marked(path) for path in self.folder.glob("models/*")):
            raise InvalidInput(NOT_OURS.format(self.project.id))


def write_data(
    folder: Path,
    data: ScenarioData,
    own: OwnSources | None,
    audit: NDArray[np.int64],
    project: Project,
) -> None:
    """Write what a scenario fixed, the truth apart from the images.

    The truth of a pool that nobody knows, empty, is not written.
    """
    artifacts.write_json(folder / artifacts.STAMP, artifacts.stamp(project.created_at))
    parts = {"test": data.test, "validation": data.validation}
    artifacts.write_arrays(
        folder,
        {
            "pool": data.pool,
            "audit": audit,
            **(truth_of(data) if len(data.truth) else {}),
            **{name: part.images for name, part in parts.items()},
            **{f"truth/{name}": part.y for name, part in parts.items()},
            **{f"truth/{name}-classes": part.classes for name, part in parts.items()},
            **{
                f"truth/{name}-provenance": part.provenance.to_records()
                for name, part in parts.items()
            },
        },
    )
    if own is not None:
        own.write(folder)


def truth_of(data: ScenarioData) -> dict[str, Array]:
    """What is known of the pool."""
    return {
        "truth/pool": data.truth,
        "truth/pool-classes": data.classes,
        "truth/pool-provenance": data.provenance.to_records(),
    }
