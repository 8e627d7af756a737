"""What changed since the last model, beside what numpy finds in the published files."""

import shutil

import numpy as np
import pytest
from workshop import Workshop

from state.versions.latest import news
from state.versions.lineage import Lineage


@pytest.fixture(scope="module")
def shop(tmp_path_factory, prepared):
    data_dir = tmp_path_factory.mktemp("news") / "data"
    shutil.copytree(prepared, data_dir)
    with Workshop(data_dir) as opened:
        yield opened


def told(shop):
    return news(Lineage(shop.projects, shop.store.projects.get(shop.id)))


def test_the_first_model_has_no_news_and_the_next_tells_what_it_learned(shop):
    assert told(shop) is None
    rounds = shop.rounds()
    right = shop.answer(8)
    wrong = shop.answer(4, wrong=True)
    rounds.update([])
    known, truth = told(shop), shop.array("truth/pool")
    y = np.concatenate([truth[right], -truth[wrong]])
    assert (known.before.version, known.after.version) == (1, 2)
    assert (known.learned(1), known.learned(-1)) == ((y > 0).sum(), (y < 0).sum())
    assert known.revised == 0
    first, second = (shop.store.models.all(shop.id)[at].metrics["auroc"] for at in (0, 1))
    assert known.gained == pytest.approx(second - first)
    old, new = (shop.array(f"models/{version}/scores") for version in (1, 2))
    flags = [scores > np.quantile(scores.astype(np.float64), 0.9) for scores in (old, new)]
    assert known.flipped == (flags[0] != flags[1]).sum() > 0
    percentiles = [(scores[:, None] > scores).mean(axis=1) for scores in (old, new)]
    furthest = np.sort(np.abs(percentiles[1] - percentiles[0]))[::-1][:5]
    moved = known.drift.moved(5)
    np.testing.assert_allclose(np.abs(percentiles[1] - percentiles[0])[moved], furthest)


def test_a_label_that_was_taken_back_is_revised(shop):
    shop.store.events.undo(project_id=shop.id, annotator_id=shop.me.id, uuid="u1", pressed_at=1.0)
    shop.rounds().update([])
    known = told(shop)
    assert (known.revised, known.learned(1), known.learned(-1)) == (1, 0, 0)
