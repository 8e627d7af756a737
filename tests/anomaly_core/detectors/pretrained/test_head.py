"""The map from features to the space of the sphere: what answers do to it."""

import numpy as np
import pytest
import torch
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF

from anomaly_core.detectors.pretrained.head import SPAN, Head

FEATURES, NOISE, TRUST = 6, 0.2, 0.3


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def placed(rng):
    head = Head(FEATURES, FEATURES)
    matrix = rng.normal(size=(FEATURES, FEATURES))
    head.place(rng.normal(size=FEATURES), matrix, rng.uniform(0.5, 2, FEATURES))
    return head


@pytest.fixture
def answered(rng):
    y = torch.tensor([1, 1, -1, 1, -1])
    return torch.from_numpy(rng.normal(size=(5, FEATURES))).float(), y


def distances(head, features):
    return head(features).square().sum(dim=1).numpy()


@pytest.fixture
def features(rng):
    return torch.from_numpy(rng.normal(size=(20, FEATURES))).float()


def test_without_answers_it_is_whitening(placed, features):
    torch.testing.assert_close(placed(features), placed.whiten(features))
    assert placed.stretch(features).tolist() == [[1]] * 20


def test_the_logarithm_is_the_mean_of_whitening_and_a_gaussian_process(placed, answered, features):
    before = distances(placed, features)
    known, y = answered
    placed.learn(known, y, NOISE, TRUST)
    process = GaussianProcessRegressor(RBF(np.sqrt(FEATURES / 2)), alpha=NOISE, optimizer=None)
    spread = placed.spread.numpy()
    process.fit(known.numpy() / spread, -y.numpy())
    expected = SPAN * process.predict(features.numpy() / spread)
    made = np.log(distances(placed, features))
    np.testing.assert_allclose(made, (1 - TRUST) * np.log(before) + TRUST * expected, atol=1e-4)


def test_images_keep_their_direction(placed, answered, features):
    before = placed.whiten(features)
    placed.learn(*answered, NOISE, TRUST)
    ratio = placed(features) / before
    torch.testing.assert_close(ratio, placed.stretch(features).expand_as(ratio))


def test_the_same_answer_twice_is_believed_more(placed, answered):
    known, y = answered
    placed.learn(known, y, NOISE, TRUST)
    once = placed.stretch(known)
    placed.learn(torch.cat([known, known]), torch.cat([y, y]), NOISE, TRUST)
    moved = (placed.stretch(known) / once)[:, 0]
    assert (moved[y < 0] > 1).all()


def test_forgetting_leaves_nothing(placed, answered, features):
    before = placed(features)
    placed.learn(*answered, NOISE, TRUST)
    assert not torch.allclose(placed(features), before)
    placed.forget()
    assert torch.equal(placed(features), before)


def test_the_center_itself_stays_finite(placed, answered):
    placed.learn(*answered, NOISE, TRUST)
    assert torch.isfinite(placed(placed.offset[None])).all()
