"""How well a model version told the held-out images apart, with how sure that is."""

import numpy as np

from anomaly_core.datasets.scenario import ANOMALOUS, NORMAL
from anomaly_core.threshold.intervals import Interval, interval_of_auroc
from state.files.gallery import Gallery


def held_out_quality(gallery: Gallery) -> Interval | None:
    """The AUROC that was measured on them, and its 95% interval; `None` where there is none."""
    value = gallery.model.metrics.get("auroc")
    if value is None:
        return None
    truth = gallery.of_project("truth/test")
    m, n = (int(np.count_nonzero(truth == kind)) for kind in (ANOMALOUS, NORMAL))
    return interval_of_auroc(value, m, n) if m and n else None
