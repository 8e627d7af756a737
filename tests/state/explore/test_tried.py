"""What an image that is no item means, where a model has published little. See test_scorer.py."""

import numpy as np

from state.explore.tried import Trial
from state.workers.scorer_client import Scored


def test_a_model_without_embeddings_names_no_neighbors(workshop):
    workshop.answer(5)
    (workshop.version_folder(1) / "embeddings.npy").unlink()
    desk, image = workshop.desk(), workshop.array("pool")[0]
    trial = Trial(desk.gallery, image, Scored(1.0, np.zeros(32, np.float32), image), 2.0)
    assert trial.neighbors(desk.labels) == ([], [])
