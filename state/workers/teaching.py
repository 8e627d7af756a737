"""What a pool teaches a joint hypersphere behind the desk, once for each project.

After an error it is given up until the next trainer comes up.

projects/<id>/taught/model.safetensors, model.json    the second sphere, before any answer
"""

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import numpy as np

from anomaly_core.checkpoint import load_detector, save_detector
from anomaly_core.detectors.base import Family
from anomaly_core.detectors.deep_svdd import DeepSVDD
from anomaly_core.detectors.joint.detector import JointSVDD
from anomaly_core.detectors.network import Hypersphere
from anomaly_core.detectors.tensors import to_pixels
from anomaly_core.loop.behind import Behind
from anomaly_core.progress import Callback
from state.files import artifacts
from state.files.artifacts import Array, Within
from state.store.models import Model
from state.store.projects import Project
from state.store.store import Store

BLOCK = 1024  # images reconstructed at a time; as floats, a large pool would fill the memory


class Teaching:
    """Has one project's pool teach, in a thread, and keeps what came of it."""

    def __init__(
        self, store: Store, data_dir: Path, project: Project, within: Within = nullcontext
    ) -> None:
        """What is kept is put in its place `within` a context, such as the trainer's lease."""
        self.store = store
        self.project = project
        self.source = artifacts.project_folder(data_dir, project.id)
        self.folder = self.source / "taught"
        self.over = project.detector.get("family") != Family.JOINT  # no need, done, or given up
        self._within = within
        self._behind: Behind[DeepSVDD] | None = None

    @property
    def awaited(self) -> bool:
        """Whether a model is still to come, the first, that knows what the pool teaches."""
        first = self.store.batches.of(self.project.id)[:1]
        if self.over or not all(one.complete for one in first):  # all of it is to teach
            return False
        models = self.store.models.all(self.project.id)
        self.over = any(map(knows_it, models))
        return bool(models) and not self.over

    @property
    def there(self) -> bool:
        """Whether the pool has taught already."""
        return self.folder.is_dir()

    def go_on(self, detector: JointSVDD) -> bool:
        """Begin, or look whether it has ended; whether the second sphere is there now."""
        if self._behind is None and not self.there:
            size = self.store.projects.get(self.project.id).pool_size
            pool = artifacts.read_array(self.source / "pool.npy")[:size]
            self._behind = Behind(lambda callbacks: self._teach(detector, pool, callbacks))
        if self._behind is not None and self._behind.done:
            behind, self._behind = self._behind, None
            self._keep(behind.result())
        return self.there

    def give_up(self) -> None:
        """Leave it at the first sphere, until another trainer tries again."""
        self.over = True

    def stop(self) -> None:
        """End what is under way; nothing comes of it."""
        if self._behind is not None:
            self._behind.stop()
            self._behind = None

    def taught(self) -> DeepSVDD:
        """Return the second sphere as it was before any answer."""
        return load_detector(self.folder, DeepSVDD)

    def _teach(self, detector: JointSVDD, pool: Array, callbacks: Sequence[Callback]) -> DeepSVDD:
        return detector.taught_by(pool, callbacks)

    def _keep(self, second: DeepSVDD) -> None:
        artifacts.publish(self.folder, lambda folder: save_detector(second, folder), self._within)


def knows_it(model: Model) -> bool:
    """Whether a model has taken in what the pool teaches."""
    return bool(model.metrics.get("taught"))


def write_reconstructions(folder: Path, pool: Array, detector: Hypersphere) -> None:
    """Write what the detector makes of each image of the pool."""
    made = artifacts.new_array(folder, "reconstructions", pool.shape, np.uint8)
    for start in range(0, len(pool), BLOCK):
        block = slice(start, start + BLOCK)
        made[block] = to_pixels(detector.reconstruct(pool[block]))
    made.flush()
