"""What the inspector and the galleries say is what numpy finds in the published files."""

import json

import numpy as np
import pytest
from some import some

from anomaly_core.errors import InvalidInput
from state.explore.galleries import Wall, exhibits
from state.explore.inspector import Inspection, losses
from state.explore.truth import reveal
from state.labeling.second_look.review import Review, SecondLook


@pytest.fixture(scope="module")
def taught_once(grow):
    def steps(workshop) -> None:
        workshop.answer(20)
        workshop.rounds().update([])

    return grow(steps)


@pytest.fixture
def taught(open_workshop, taught_once):
    return open_workshop(copy_of=taught_once)


def test_standings_follow_an_item_through_the_versions(taught):
    for item in (0, 17, 349):
        for standing in Inspection(taught.desk(), item).placements:
            scores = taught.array(f"models/{standing.version}/scores")
            assert standing.score == scores[item]
            assert standing.percentile == pytest.approx(100 * np.sum(scores < scores[item]) / 350)
            assert standing.rank == np.sort(scores)[::-1].tolist().index(scores[item]) + 1
            assert standing.outside == (np.sqrt(scores[item]) > standing.R)


def test_the_difference_is_signed_and_between_black_and_white(taught):
    one = Inspection(taught.desk(), 5)
    expected = taught.array("pool")[5] / 255 - taught.array("reconstructions")[5] / 255
    difference = some(one.difference)
    np.testing.assert_allclose(difference, expected)
    assert difference.min() < 0 < difference.max()


def test_neighbors_are_the_nearest_labeled_of_either_kind(taught):
    one, labels = Inspection(taught.desk(), 5), taught.desk().labels
    z = taught.array("models/2/embeddings").astype(np.float32)
    for found, y in zip(one.neighbors, (1, -1), strict=True):
        others = [item for item in labels.items[labels.y == y].tolist() if item != 5]
        others.sort(key=lambda item: np.sum((z[item] - z[5]) ** 2))
        assert found == others[:4]


def test_origin_tells_the_truth_and_nothing_where_nobody_knows_it(taught):
    classes = taught.array("truth/pool-classes")
    anomalous = int(np.flatnonzero(taught.array("truth/pool") < 0)[0])
    assert Inspection(taught.desk(), anomalous).origin is None  # nobody has asked to see it
    reveal(taught.desk())
    told = some(Inspection(taught.desk(), anomalous).origin)
    assert told.startswith(f"class {classes[anomalous]}, other classes, row ")
    (taught.folder / "truth" / "pool-classes.npy").unlink()
    assert Inspection(taught.desk(), anomalous).origin is None


@pytest.mark.parametrize("item", [-1, 350])
def test_there_is_no_item_beyond_the_pool(taught, item):
    with pytest.raises(InvalidInput, match="numbered 0 to 349"):
        Inspection(taught.desk(), item)


def test_losses_are_those_the_model_recorded(taught):
    rows = losses(taught.desk().gallery)
    description = json.loads((taught.version_folder(2) / "model.json").read_text())
    assert rows == description["history"]
    assert [row["stage"] for row in rows].count("updating") == 1
    assert {"pretraining", "fitting"} <= {row["stage"] for row in rows}
    (taught.version_folder(2) / "model.json").write_text("broken")
    assert losses(taught.desk().gallery) == []


# -- galleries -------------------------------------------------------------------------------


def errors(workshop):
    difference = workshop.array("pool").astype(float) - workshop.array("reconstructions")
    return np.mean((difference / 255) ** 2, axis=(1, 2))


def away(workshop):
    return np.abs(
        np.sqrt(workshop.array("models/2/scores").astype(float)) - workshop.desk().gallery.R
    )


@pytest.mark.parametrize(
    ("wall", "key", "rising"),
    [
        (Wall.MOST_ANOMALOUS, lambda shop: shop.array("models/2/scores"), False),
        (Wall.MOST_TYPICAL, lambda shop: shop.array("models/2/scores"), True),
        (Wall.WORST_RECONSTRUCTED, errors, False),
        (Wall.BEST_RECONSTRUCTED, errors, True),
        (Wall.BOUNDARY, away, True),
    ],
)
def test_a_gallery_holds_what_stands_out_most(taught, wall, key, rising):
    values = key(taught)
    shown = [values[one.item] for one in exhibits(taught.desk(), wall, 12)]
    expected = np.sort(values)[:12] if rising else np.sort(values)[::-1][:12]
    np.testing.assert_allclose(shown, expected, rtol=1e-4)


def test_the_notes_hold_the_numbers(taught):
    scores, z = taught.array("models/2/scores"), errors(taught)
    first = exhibits(taught.desk(), Wall.MOST_ANOMALOUS, 1)[0]
    assert first.note == f"score {scores.max():.3g}"
    assert exhibits(taught.desk(), Wall.WORST_RECONSTRUCTED, 1)[0].note == f"error {z.max():.4f}"


def test_suspected_mistakes_are_those_of_review(workshop):
    workshop.answer(20)
    workshop.answer(4, wrong=True)
    workshop.rounds().update([])
    desk = workshop.desk()
    shown = [one.item for one in exhibits(desk, Wall.SUSPECTED)]
    assert shown == Review(desk).queues[SecondLook.SUSPECTED]
    assert shown
