"""The fully convolutional hypersphere: a distance at every place, and so a map of what is odd.

Liznerski et al. 2021, "Explainable Deep One-Class Classification". Trained on the pool itself
against synthetic defects: places where nothing was painted are pulled to the center, painted ones
are pushed away. Labels count through the places of an image that lie farthest out.
"""

import inspect
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from anomaly_core import losses
from anomaly_core.datasets.base import Images, Labels, Shape
from anomaly_core.datasets.scenario import ANOMALOUS
from anomaly_core.detectors.base import Embeddings, Family, Maps, Scores
from anomaly_core.detectors.batches import Batches
from anomaly_core.detectors.checks import (
    check_images,
    check_labels,
    check_pool,
    check_sides,
    check_validation,
)
from anomaly_core.detectors.collapse import radius_of
from anomaly_core.detectors.fcdd.defects import with_defects
from anomaly_core.detectors.fcdd.network import LATENT, PlaceNetwork
from anomaly_core.detectors.network import Hypersphere, history_as_rows, history_of_rows
from anomaly_core.detectors.tensors import best_device, in_blocks, sample_of, seeded
from anomaly_core.detectors.whitening import share_left_out
from anomaly_core.progress import Callback
from anomaly_core.training import EpochRecorder, share_of, train

FARTHEST = 5  # places that decide over an image
RADIUS_SAMPLE = 2_000  # images that draw the sphere after each round
BLOCK = 64  # images at a time outside training: their maps are large


class FCDD(Hypersphere):
    """A hypersphere round what each place of a normal image looks like.

    The score of an image is the squared distance that the mean of its `FARTHEST` places stands for.

    Parameters
    ----------
    contamination : expected share of anomalies among the unlabeled; half as many again are
        left out of the pull.
    nu : share allowed outside the radius `R_`.
    eta : weight of the labeled term.
    steps : of the first training; `update_steps` after each round.

    Fitted attributes: `network_`, `c_` (latent,) which is 0, `R_` (a distance), `rounds_`.

    """

    kind: ClassVar[str] = Family.FCDD
    explains: ClassVar[bool] = True

    def __init__(
        self,
        *,
        contamination: float = 0.1,
        nu: float = 0.1,
        eta: float = 1.0,
        steps: int = 800,
        update_steps: int = 40,
        batch_size: int = 16,
        labeled_batch_size: int = 8,
        learning_rate: float = 1e-3,
        update_learning_rate: float = 3e-4,
        weight_decay: float = 1e-6,
        seed: int = 0,
    ) -> None:
        self.contamination = contamination
        self.nu = nu
        self.eta = eta
        self.steps = steps
        self.update_steps = update_steps
        self.batch_size = batch_size
        self.labeled_batch_size = labeled_batch_size
        self.learning_rate = learning_rate
        self.update_learning_rate = update_learning_rate
        self.weight_decay = weight_decay
        self.seed = seed

    def fit(
        self,
        images: Images,
        callbacks: Sequence[Callback] = (),
        *,
        validation: Images | None = None,
        classes: Labels | None = None,
        validation_classes: Labels | None = None,
    ) -> Self:
        """Learn from (n, height, width[, 3]) uint8 images and from defects painted into them."""
        check_images(images)
        check_pool(images)
        check_sides(images)
        check_validation(images, validation)
        self._build(images.shape[1:])
        unlabeled = np.zeros(len(images), np.int64)
        self._descend("fitting", images, unlabeled, self.steps, callbacks, validation)
        return self._finish_round(images)

    def update(self, images: Images, y: Labels, callbacks: Sequence[Callback] = ()) -> Self:
        """Go on with labels `y` (n,) of `images`: +1 normal, -1 anomalous, 0 unlabeled.

        Without any anomalous label the model stays as it is: see `docs/decisions/0004`.
        """
        self._check_ready(images)
        check_pool(images)
        check_labels(images, y)
        self.rounds_ += 1
        if (y == ANOMALOUS).any():
            self._descend("updating", images, y, self.update_steps, callbacks)
        return self._finish_round(images)

    def score(self, images: Images) -> tuple[Scores, Embeddings]:
        """Return squared distances (n,) and embeddings (n, latent) that lie so far from `c_`."""
        self._check_ready(images)
        z: Embeddings = in_blocks(lambda x: whole(self.network_(x)), images, self.device, BLOCK)
        return np.square(z).sum(axis=1), z

    def explain(self, images: Images) -> Maps:
        """Return the distance to `c_` at each pixel, (n, height, width), in the unit of `R_`."""
        self._check_ready(images)
        size = self.image_shape_[:2]

        def maps(x: Tensor) -> Tensor:
            d = self.network_(x).square().sum(dim=1, keepdim=True).sqrt()
            return F.interpolate(d, size, mode="bilinear", align_corners=False)[:, 0]

        return in_blocks(maps, images, self.device, BLOCK)

    def networks(self) -> Mapping[str, nn.Module]:
        """Return the fitted network; raises `NotFitted`."""
        self._check_fitted()
        return {"network": self.network_}

    def description(self) -> dict[str, Any]:
        """Return parameters and fitted numbers as plain values, for a checkpoint."""
        self._check_fitted()
        return {
            "parameters": {name: getattr(self, name) for name in PARAMETERS},
            "image_shape": list(self.image_shape_),
            "rounds": self.rounds_,
            "R": self.R_,
            "history": history_as_rows(self.history_),
        }

    @classmethod
    def restore(cls, description: dict[str, Any], tensors: dict[str, Tensor]) -> Self:
        """Rebuild a fitted detector from `description` and `tensors`."""
        detector = cls(**description["parameters"])
        detector._build(tuple(map(int, description["image_shape"])))
        detector._load(tensors)
        detector.rounds_, detector.R_ = int(description["rounds"]), float(description["R"])
        detector.history_ = history_of_rows(description["history"])
        return detector

    def _build(self, image_shape: Shape) -> None:
        """Make the network, with weights that depend on the seed alone."""
        self.device = best_device()
        self.rounds_, self.R_, self.history_ = 0, 0.0, []
        self.image_shape_ = image_shape
        self.c_ = torch.zeros(LATENT, device=self.device)
        with seeded(self.seed):
            self.network_ = PlaceNetwork(image_shape).to(self.device)

    def _descend(
        self,
        stage: str,
        images: Images,
        y: Labels,
        steps: int,
        callbacks: Sequence[Callback],
        validation: Images | None = None,
    ) -> None:
        """Take gradient steps; an update leaves the batch-norm statistics as they are."""
        seed = self.round_seed
        size, labeled_size = self.batch_size, self.labeled_batch_size
        batches = Batches(
            images, y, size=size, labeled_size=labeled_size, augmentation=None, seed=seed
        )
        rng = np.random.default_rng(seed)
        rate = self.update_learning_rate if self.rounds_ else self.learning_rate
        optimizer = torch.optim.Adam(
            self.network_.parameters(), lr=rate, weight_decay=self.weight_decay
        )
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, max_lr=rate, total_steps=max(1, steps)
        )

        def loss_of_batch() -> Tensor:
            unlabeled, labeled, labels = batches.draw()
            return self._loss(unlabeled, labeled, labels.to(self.device), rng)

        def mean_distance() -> float:
            assert validation is not None
            self.network_.eval()
            mean = float(self.decision_function(validation).mean())
            self.network_.train()
            return mean

        validate = None if validation is None or not len(validation) else mean_distance
        part = steps if self.rounds_ else share_of(steps)
        recorder = EpochRecorder(stage, steps, max(1, part), self.history_, validate)
        self.network_.train(not self.rounds_)
        train(stage, loss_of_batch, optimizer, steps, callbacks, schedule, recorder)
        self.network_.eval()

    def _loss(
        self, unlabeled: Tensor, labeled: Tensor, y: Tensor, rng: np.random.Generator
    ) -> Tensor:
        """Pull clean places in and push painted ones out; labeled images by their farthest."""
        clean, painted, mask = self._painted(unlabeled, rng)
        x = torch.cat([clean, painted, labeled]).to(self.device)
        d = losses.pseudo_huber(self.network_(x))  # (batch, rows, columns)
        of_clean, of_painted, of_labeled = torch.split(d, [len(clean), len(painted), len(labeled)])
        loss = torch.zeros((), device=self.device)
        if len(clean):
            kept = losses.trimmed(of_clean.flatten(1).mean(1), share_left_out(self.contamination))
            loss = loss + kept.mean()
        if len(painted):
            share = F.adaptive_max_pool2d(mask[:, None].to(self.device), d.shape[1:])[:, 0]
            loss = loss + of_painted[share == 0].mean().nan_to_num()
            loss = loss + losses.outside(of_painted[share > 0]).mean().nan_to_num()
        if len(labeled):
            far = farthest(of_labeled)
            pull = of_labeled.flatten(1).mean(1) + far
            loss = loss + self.eta * torch.where(y > 0, pull, losses.outside(far)).mean()
        return loss

    def _painted(self, images: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Leave half of a batch as it is, and give the other half defects; with their masks."""
        half = len(images) // 2
        clean, rest = images[:half], images[half:]
        if not len(rest):
            return clean, rest, rest
        channels = rest.numpy() if rest.ndim == 4 else rest.numpy()[..., None]
        made, masks = with_defects(channels, rng)
        painted = torch.from_numpy(made)
        return clean, painted if rest.ndim == 4 else painted[..., 0], torch.from_numpy(masks)

    def _finish_round(self, images: Images) -> Self:
        """Draw the sphere round the pool as it now lies, and say so if it has collapsed."""
        sample = sample_of(images, RADIUS_SAMPLE, (self.seed, self.rounds_))
        scores = self.decision_function(sample)
        self.R_ = radius_of(scores, self.nu)
        return self


PARAMETERS = tuple(inspect.signature(FCDD).parameters)


def farthest(d: Tensor) -> Tensor:
    """Return the mean of the largest distances of each image, (batch,), of (batch, rows, ...)."""
    places = d.flatten(1)
    return places.topk(min(FARTHEST, places.shape[1]), dim=1).values.mean(dim=1)


def whole(z: Tensor) -> Tensor:
    """One embedding for each image, (batch, latent), of those at its places.

    It points to where the farthest places lie, as far out as their mean pseudo-Huber distance says.
    """
    d = losses.pseudo_huber(z).flatten(1)  # (batch, places)
    far = d.topk(min(FARTHEST, d.shape[1]), dim=1)
    rows = far.indices[:, None].expand(-1, z.shape[1], -1)
    direction = z.flatten(2).gather(2, rows).mean(dim=2)
    length = ((1 + far.values.mean(dim=1)).square() - 1).clamp_min(0).sqrt()
    return F.normalize(direction, dim=1) * length[:, None]
