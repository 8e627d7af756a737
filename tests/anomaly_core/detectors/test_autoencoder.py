"""Pretraining learns to give images back, in a number of steps that is fixed beforehand."""

import numpy as np
import pytest
import torch

from anomaly_core.detectors.autoencoder import Autoencoder
from anomaly_core.detectors.tensors import seeded, to_tensor
from anomaly_core.networks import NETWORKS, networks_named
from anomaly_core.progress import StepReport

pytestmark = pytest.mark.trains

SHAPE = (10, 8)


def pretrained(images, steps: int = 60, network: str = "mlp", seed: int = 0, callbacks=()):
    encoder, decoder = networks_named(network)
    with seeded(0):
        autoencoder = Autoencoder(encoder(SHAPE), decoder(SHAPE))
    return autoencoder.pretrain(
        images,
        steps=steps,
        batch_size=32,
        learning_rate=5e-3,
        generator=torch.Generator().manual_seed(seed),
        callbacks=callbacks,
    )


@pytest.fixture(scope="module")
def bars() -> np.ndarray:
    """Images of one bright column each."""
    images = np.zeros((64, *SHAPE), np.uint8)
    images[np.arange(64), :, np.arange(64) % 8] = 255
    return images


@pytest.mark.parametrize("network", NETWORKS)
def test_pretraining_learns_to_give_images_back(bars, network):
    autoencoder = pretrained(bars, network=network)
    with torch.no_grad():
        x_hat = autoencoder(to_tensor(bars))
    assert x_hat.shape == bars.shape
    assert (x_hat.argmax(dim=2) == torch.from_numpy(bars).int().argmax(dim=2)).float().mean() > 0.9


def test_steps_are_reported_as_pretraining(bars):
    reports: list[StepReport] = []
    pretrained(bars, steps=25, callbacks=[reports.append])
    assert [(report.stage, report.step, report.steps) for report in reports] == [
        ("pretraining", step, 25) for step in (10, 20, 25)
    ]
    assert reports[-1].loss < reports[0].loss


def test_it_comes_back_ready_for_use(bars):
    assert not any(module.training for module in pretrained(bars, steps=2).modules())


def test_batches_are_drawn_by_the_generator_given(bars):
    first, again, other = (
        pretrained(bars, steps=3, seed=seed).encoder[1].weight for seed in (1, 1, 2)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
