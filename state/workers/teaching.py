"""What a pool teaches a joint hypersphere behind the desk, once for each project.

projects/<id>/taught/model.safetensors, model.json    the second sphere, before any answer
"""

from pathlib import Path

import numpy as np

from anomaly_core.checkpoint import load_detector, save_detector
from anomaly_core.detectors.deep_svdd import DeepSVDD
from anomaly_core.detectors.joint.detector import JointSVDD
from anomaly_core.detectors.network import Hypersphere
from anomaly_core.detectors.tensors import to_pixels
from state.files import artifacts
from state.files.artifacts import Array
from state.workers.behind import Behind

BLOCK = 1024  # images reconstructed at a time; as floats, a large pool would fill the memory


class Teaching:
    """Has one project's pool teach, in a thread, and keeps what came of it."""

    def __init__(self, project: Path) -> None:
        self.project = project
        self.folder = project / "taught"
        self.over = False  # taken in by a model, or given up after an error
        self._behind: Behind[DeepSVDD] | None = None

    @property
    def there(self) -> bool:
        """Whether the pool has taught already."""
        return self.folder.is_dir()

    def go_on(self, detector: JointSVDD) -> bool:
        """Begin, or look whether it has ended; whether the second sphere is there now."""
        if self._behind is None and not self.there:
            pool = artifacts.read_array(self.project / "pool.npy")
            self._behind = Behind(lambda callbacks: detector.taught_by(pool, callbacks))
        if self._behind is not None and self._behind.done:
            behind, self._behind = self._behind, None
            self._keep(behind.result())
        return self.there

    def taught(self) -> DeepSVDD:
        """Return the second sphere as it was before any answer."""
        return load_detector(self.folder, DeepSVDD)

    def _keep(self, second: DeepSVDD) -> None:
        artifacts.publish(self.folder, lambda folder: save_detector(second, folder))


def write_reconstructions(folder: Path, pool: Array, detector: Hypersphere) -> None:
    """Write what the detector makes of each image of the pool."""
    made = artifacts.new_array(folder, "reconstructions", pool.shape, np.uint8)
    for start in range(0, len(pool), BLOCK):
        block = slice(start, start + BLOCK)
        made[block] = to_pixels(detector.reconstruct(pool[block]))
    made.flush()
