"""One sentence says what the newest model changed."""

import numpy as np
import pytest

from state.labeling.moved import what_moved
from state.labeling.payload import Sent, deliver


@pytest.fixture
def taught(workshop):
    """Two models; the second has moved every score."""
    workshop.answer(10)
    workshop.rounds().update([])
    return workshop


def test_the_first_model_changed_nothing(workshop):
    assert what_moved(workshop.desk()) == ""


def test_radius_crossings_and_auroc_are_told(taught):
    before, after = taught.store.models.all(taught.id)
    sides = [
        taught.array(f"models/{model.version}/map")[:, 0] > model.metrics["R"]
        for model in (before, after)
    ]
    crossed = int(np.sum(sides[0] != sides[1]))
    assert crossed > 1
    then, now = (f"{model.metrics['auroc']:.3f}"[1:] for model in (before, after))
    expected = (
        f"Model 2: R {before.metrics['R']:.3g} → {after.metrics['R']:.3g}, "
        f"{crossed} images crossed the line, AUROC {then} → {now}."
    )
    assert what_moved(taught.desk()) == expected
    sent = Sent()
    sent.follow({"client": "tab", "beat": "1"})
    assert deliver(taught.desk(), sent)["moved"] == expected
    assert deliver(taught.desk(), sent)["moved"] == expected  # also where the map is there


def test_a_quality_that_nobody_knows_is_left_out(taught):
    desk = taught.desk()
    del desk.model.metrics["auroc"]
    assert "AUROC" not in what_moved(desk)
    assert "crossed the line." in what_moved(desk)


def test_what_cannot_be_compared_is_not_told(taught):
    desk = taught.desk()
    (taught.version_folder(1) / "map.npy").unlink()
    assert what_moved(desk) == ""
