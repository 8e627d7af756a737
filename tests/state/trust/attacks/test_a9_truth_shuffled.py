"""A9: whoever shuffles the truth gets the same models and the same proposals from the same answers.

Ground truth reaches neither training nor what is proposed; it is there to measure.
"""

import numpy as np
import pytest
from answering import answer

from state.store.schema import Answer

pytestmark = pytest.mark.trains

ROUNDS = 3
LEARNED = ("scores", "embeddings", "map", "proposals", "utilities")


def shuffle_truth(workshop):
    """Give every image the truth of another, of the pool and of what is held out."""
    rng = np.random.default_rng(3)
    for part in ("pool", "test", "validation"):
        paths = [workshop.folder / "truth" / f"{part}{kind}.npy" for kind in ("", "-classes")]
        order = rng.permutation(len(np.load(paths[0])))
        for path in paths:
            np.save(path, np.load(path)[order])


def loop(workshop):
    """Answer what is proposed, always in the same way; what each model made of it."""
    rounds, found = workshop.rounds(), []
    for _ in range(ROUNDS):
        desk = workshop.desk()
        asked = desk.queue[: desk.project.batch_size].tolist()
        for item in asked:
            answer(desk, item, Answer.ANOMALOUS if item % 7 == 0 else Answer.NORMAL)
        model = rounds.update([])
        folder = workshop.settings.data_dir / model.directory
        found.append((asked, {name: np.load(folder / f"{name}.npy") for name in LEARNED}, model))
    return found


def test_models_and_proposals_are_the_same_with_the_truth_shuffled(open_workshop, prepared):
    true, shuffled = (open_workshop(copy_of=prepared) for _ in range(2))
    shuffle_truth(shuffled)
    for (asked, arrays, model), (again, others, other) in zip(
        loop(true), loop(shuffled), strict=True
    ):
        assert asked == again
        for name, array in arrays.items():
            np.testing.assert_array_equal(array, others[name], err_msg=name)
        assert model.metrics["R"] == other.metrics["R"]
        assert abs(model.metrics["auroc"] - other.metrics["auroc"]) > 0.05  # it was shuffled
