"""The published arrays of a project, and of one of its model versions."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from propcache import cached_property

from state.errors import StoreDamaged
from state.files import artifacts
from state.files.artifacts import Array
from state.files.pictures import OwnPictures, Pictures, own_pictures
from state.files.versions import damage, file_seems_whole
from state.store.models import Model
from state.store.projects import Project


class PoolFiles:
    """The images of a project by item number, memory-mapped, which are there before any model."""

    def __init__(self, data_dir: Path, project_id: int) -> None:
        self.data_dir = data_dir
        self.project = artifacts.project_folder(data_dir, project_id)

    def are_of(self, project: Project) -> bool:
        """Whether they are there, and of this project: another database may have left others."""
        path = self.project / artifacts.STAMP
        return path.exists() and artifacts.read_json(path) == artifacts.stamp(project.created_at)

    def of_project(self, name: str) -> Array:
        """Return an array that was fixed when the project was prepared."""
        return artifacts.read_array(self.project / f"{name}.npy")

    @cached_property
    def own(self) -> OwnPictures | None:
        """The files that people see, where the images are their own."""
        return own_pictures(self.data_dir, self.project)

    @property
    def pictures(self) -> Pictures:
        """What people see of the items of the pool, by item number."""
        own: Pictures | None = self.own
        return self.of_project("pool") if own is None else own

    @property
    def held_out_pictures(self) -> Pictures:
        """What people see of the held-out images, by their rows."""
        own: Pictures | None = own_pictures(self.data_dir, self.project, "test-sources")
        return self.of_project("test") if own is None else own

    @property
    def reconstructions(self) -> Array | None:
        """What the detector makes of each image; `None` where it reconstructs nothing."""
        there = (self.project / "reconstructions.npy").exists()
        return self.of_project("reconstructions") if there else None

    @cached_property
    def audit(self) -> NDArray[np.int64]:
        """Items set aside to measure quality."""
        return artifacts.read_audit(self.project)


class Gallery(PoolFiles):
    """The published arrays of a project and one model version, by item number, memory-mapped."""

    def __init__(self, data_dir: Path, project_id: int, model: Model) -> None:
        super().__init__(data_dir, project_id)
        self.version = data_dir / model.directory
        self.model = model
        self._opened: dict[str, Array] = {}

    def of_model(self, name: str) -> Array:
        """Return an array that the model version brought; of the one in use, only if it is whole.

        Raises StoreDamaged.
        """
        if name not in self._opened:
            if self.model.active and not file_seems_whole(self.data_dir, self.model, f"{name}.npy"):
                raise StoreDamaged(damage(self.model.version))
            self._opened[name] = np.asarray(artifacts.read_array(self.version / f"{name}.npy"))
        return self._opened[name]

    @cached_property
    def items(self) -> NDArray[np.int64]:
        """The items that the version knows: neither taken back nor come later."""
        return np.flatnonzero(~np.isnan(self.of_model("scores")))

    def knows(self, items: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of some items the version knows."""
        scores = self.of_model("scores")
        there = (items >= 0) & (items < len(scores))
        there[there] = ~np.isnan(scores[items[there]])
        return there

    @property
    def scores(self) -> NDArray[np.floating[Any]]:
        """The scores of the items that it knows, in their order."""
        return np.asarray(self.of_model("scores")[self.items])

    @property
    def embeddings(self) -> Array | None:
        """Where the items lie in latent space; `None` for a model older than these files."""
        there = (self.version / "embeddings.npy").exists()
        return self.of_model("embeddings") if there else None

    @property
    def R(self) -> float:  # noqa: N802
        """Radius of the hypersphere, a distance."""
        return float(self.model.metrics["R"])
