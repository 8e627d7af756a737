"""What an update of the default detector costs, beside the work that it cannot avoid.

    python -m benchmarks.waiting.updates [--rounds 7]

An update is all that stands between an answer and the next proposals: both spheres learn, the whole
pool is scored, and 2,000 items are lined up. Unavoidable are the same optimizer steps on tensors
that are ready, and one pass of the pool through what has changed. The pools are bundled digits,
shifted so that no two are the same, and digits enlarged to tiles of 128 x 128 with grain.
"""

import argparse
import copy
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

from anomaly_core.datasets.base import Images
from anomaly_core.detectors.deep_svdd import DeepSVDD
from anomaly_core.detectors.joint.detector import JointSVDD
from anomaly_core.detectors.tensors import in_blocks, leave_room
from anomaly_core.loop.learner import ActiveLearner
from anomaly_core.query import strategy_named
from benchmarks.rounds import timed
from benchmarks.waiting.first_question import digits

POOLS = {"28 x 28": (5_000, 10_000), "128 x 128": (1_300,)}
BATCH, QUEUE = 10, 2_000
PRETRAINING = 50  # steps; how well the second sphere was taught changes no times


def pool_of(side: str, count: int) -> Images:
    """Digits as they are, or enlarged to tiles with grain of their own."""
    images, _ = digits(count)
    if side == "28 x 28":
        return images
    large = np.kron(images, np.ones((1, 5, 5), np.uint8))[:, 6:134, 6:134]
    grain = np.random.default_rng(0).integers(0, 32, large.shape, np.uint8)
    return np.asarray(large // 2 + grain)


def measure(images: Images, rounds: int, folder: Path) -> tuple[list[float], list[float]]:
    """Seconds of each update, and of the unavoidable work right after it."""
    detector = JointSVDD(at_once=False, pool={"pretrain_steps": PRETRAINING})
    detector.keep_features(folder)
    learner = ActiveLearner(detector, images, strategy_named("auto")).fit()
    detector.adopt(detector.taught_by(images))
    rng, updates, bare = np.random.default_rng(0), [], []
    for _ in range(rounds):
        items = learner.query(BATCH).items
        answers = rng.permutation(np.resize([1, -1], len(items)))
        updates.append(timed(one_update, learner, items, answers))
        bare.append(timed(unavoidable, detector, images))
    return updates[1:], bare[1:]  # the first loads what later ones have


def one_update(learner: ActiveLearner[JointSVDD], items: np.ndarray, answers: np.ndarray) -> None:
    """From the last answer to the next proposals."""
    learner.update(items, answers)
    learner.queue(BATCH, QUEUE)


def unavoidable(detector: JointSVDD, images: Images) -> None:
    """Take the same optimizer steps on tensors that are ready, and score the pool once."""
    first, second = detector.first_, detector.second_
    assert isinstance(second, DeepSVDD)
    encoder = copy.deepcopy(second.encoder_).eval()
    features = torch.rand(len(images), first.latent)
    small = torch.rand(second.batch_size + second.labeled_batch_size, *second.image_shape_)
    descend(encoder, small, second.update_steps)
    with torch.inference_mode():
        first.head_(features)
    pool = np.zeros((len(images), *second.image_shape_), np.uint8)
    in_blocks(encoder, pool, second.device)


def descend(network: torch.nn.Module, x: torch.Tensor, steps: int) -> None:
    """Take optimizer steps on one batch."""
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-4)
    for _ in range(steps):
        optimizer.zero_grad(set_to_none=True)
        network(x).square().sum(dim=1).mean().backward()
        optimizer.step()


def main() -> int:
    """Measure every pool and print a table with the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    leave_room()
    print("| pool | update (s) | slowest (s) | unavoidable (s) | ratio |\n|---|---|---|---|---|")
    for side, counts in POOLS.items():
        for count in counts:
            with tempfile.TemporaryDirectory() as folder:
                updates, bare = map(
                    np.array, measure(pool_of(side, count), options.rounds + 1, Path(folder))
                )
            ratio = np.median(updates / bare)
            print(
                f"| {count:,} of {side} | {np.median(updates):.2f} | {updates.max():.2f} "
                f"| {np.median(bare):.2f} | {ratio:.1f} |",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
