"""Deep SVDD and its semi-supervised update, Deep SAD.

Ruff et al. 2018, "Deep One-Class Classification"; Ruff et al. 2020, "Deep Semi-Supervised Anomaly
Detection". A pretrained encoder maps images to a latent space in which normal ones lie close to a
fixed center `c`; the anomaly score is the squared distance to it.
"""

import copy
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from anomaly_core import losses
from anomaly_core.datasets.base import Images, Labels, Shape
from anomaly_core.datasets.scenario import ANOMALOUS
from anomaly_core.detectors.augmentation import AffineJitter
from anomaly_core.detectors.autoencoder import Autoencoder
from anomaly_core.detectors.base import (
    Embeddings,
    Family,
    Maps,
    Reconstructions,
    Scores,
    Supervision,
    TrainingObjective,
)
from anomaly_core.detectors.batches import Batches
from anomaly_core.detectors.checks import (
    check_centers,
    check_images,
    check_labels,
    check_pool,
    check_validation,
)
from anomaly_core.detectors.collapse import radius_of
from anomaly_core.detectors.network import Hypersphere, history_as_rows, history_of_rows
from anomaly_core.detectors.tensors import (
    BLOCK,
    best_device,
    in_blocks,
    on_every_core,
    sample_of,
    seeded,
)
from anomaly_core.detectors.whitening import apply_whitening, fit_whitening, share_left_out
from anomaly_core.networks import networks_named
from anomaly_core.occlusion import occlusion_maps
from anomaly_core.progress import Callback
from anomaly_core.training import EpochRecorder, share_of, train

DEFAULT_JITTER = AffineJitter()
CENTER_FLOOR = 0.02  # a center entry at zero can be met by a zero weight (Ruff et al. 2018)
CENTER_SAMPLE = 10_000  # images that place the centers; more change nothing and cost time
RADIUS_SAMPLE = 2_000  # images that draw the sphere after each round
PART = 256  # images that one core embeds at a time


class DeepSVDD(Hypersphere):
    """A hypersphere round the embeddings of what is normal.

    Parameters
    ----------
    network : `conv`, `mlp` or `mlp-64`, see `anomaly_core.networks`.
    objective : what is done with the unlabeled images, see `TrainingObjective`.
    supervision : what is done with the labeled images, see `Supervision`.
    centers : number of hyperspheres, of which an image belongs to the nearest; more than one for
        normal images of several kinds.
    contamination : expected share of anomalies among the unlabeled; half as many again are
        left out of the pull.
    nu : share allowed outside the radius `R_`.
    eta : weight of the labeled term.
    contrast : weight of the contrastive term of pretraining; needs an augmentation.

    Fitted attributes: `autoencoder_` (pretrained, gives the reconstructions), `encoder_` (starts as
    a copy of the autoencoder's encoder, whitened), `c_` (latent,) or (centers, latent), `R_` (a
    distance, not squared), `rounds_`.

    """

    kind: ClassVar[str] = Family.DEEP_SVDD
    reconstructs: ClassVar[bool] = True
    explains: ClassVar[bool] = True
    fitted_by: ClassVar[str] = "c_"

    def __init__(
        self,
        *,
        network: str = "conv",
        objective: TrainingObjective = TrainingObjective.ONE_CLASS,
        supervision: Supervision = Supervision.DEEP_SAD,
        centers: int = 1,
        contamination: float = 0.1,
        nu: float = 0.1,
        eta: float = 1.0,
        pretrain_steps: int = 400,
        fit_steps: int = 0,
        update_steps: int = 50,
        batch_size: int = 64,
        labeled_batch_size: int = 64,
        pretrain_batch_size: int = 128,
        pretrain_learning_rate: float = 2e-3,
        contrast: float = 0.1,
        fit_learning_rate: float = 1e-4,
        learning_rate: float = 3e-4,
        weight_decay: float = 1e-6,
        augmentation: AffineJitter | None = DEFAULT_JITTER,
        seed: int = 0,
    ) -> None:
        self.network = network
        self.objective = objective
        self.supervision = supervision
        self.centers = centers
        self.contamination = contamination
        self.nu = nu
        self.eta = eta
        self.pretrain_steps = pretrain_steps
        self.fit_steps = fit_steps
        self.update_steps = update_steps
        self.batch_size = batch_size
        self.labeled_batch_size = labeled_batch_size
        self.pretrain_batch_size = pretrain_batch_size
        self.pretrain_learning_rate = pretrain_learning_rate
        self.contrast = contrast
        self.fit_learning_rate = fit_learning_rate
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.augmentation = augmentation
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
        """Pretrain on (n, height, width) uint8 images, copy the encoder, draw the sphere."""
        check_images(images)
        check_pool(images)
        check_validation(images, validation)
        check_centers(min(len(images), CENTER_SAMPLE), self.centers)
        self._build(images.shape[1:])
        self.autoencoder_.pretrain(
            images,
            steps=self.pretrain_steps,
            batch_size=self.pretrain_batch_size,
            learning_rate=self.pretrain_learning_rate,
            contrast=self.contrast,
            augmentation=self.augmentation,
            generator=torch.Generator().manual_seed(self.seed),
            callbacks=callbacks,
            history=self.history_,
            validation=validation,
        )
        self.encoder_ = copy.deepcopy(self.autoencoder_.encoder)
        self._place_centers(images)
        unlabeled = np.zeros(len(images), np.int64)
        self._descend("fitting", images, unlabeled, self.fit_steps, callbacks, validation)
        return self._finish_round(images)

    def update(self, images: Images, y: Labels, callbacks: Sequence[Callback] = ()) -> Self:
        """Warm-start on labels `y` (n,) of `images`: +1 normal, -1 anomalous, 0 unlabeled.

        Without any anomalous label the model stays as it is: see `docs/decisions/0004`.
        """
        self._check_ready(images)
        check_pool(images)
        check_labels(images, y)
        self.rounds_ += 1
        if (y == ANOMALOUS).any():  # pulling alone would draw anomalies in like the rest
            self._descend("updating", images, y, self.update_steps, callbacks)
        return self._finish_round(images)

    def score(self, images: Images) -> tuple[Scores, Embeddings]:
        """Return squared distances to the center (n,) and latent coordinates (n, latent).

        Raises `NotFitted`, and `InvalidInput` for images of another size or type.
        """
        self._check_ready(images)
        embed = partial(on_every_core, self.encoder_, part=PART)
        z = in_blocks(embed, images, self.device)
        return self._distance_of(z), z

    def reconstruct(self, images: Images) -> Reconstructions:
        """Return what the autoencoder makes of each image, (n, height, width), 0 to 1."""
        self._check_ready(images)
        return in_blocks(self.autoencoder_, images, self.device)

    def explain(self, images: Images) -> Maps:
        """Return how much nearer an image gets as its reconstruction takes over round each pixel.

        (n, height, width), in the unit of `R_`. Each image is embedded 50 times.
        """
        self._check_ready(images)

        def maps(x: Tensor) -> Tensor:
            return occlusion_maps(lambda x: self._distance(x).sqrt(), x, self.autoencoder_(x))

        return in_blocks(maps, images, self.device)

    def networks(self) -> Mapping[str, nn.Module]:
        """Return the autoencoder and the encoder; raises `NotFitted`."""
        self._check_fitted()
        return {"autoencoder": self.autoencoder_, "encoder": self.encoder_}

    def tensors(self) -> dict[str, Tensor]:
        """Return every fitted tensor by name, for a checkpoint; raises `NotFitted`."""
        return {**super().tensors(), "c": self.c_}

    def description(self) -> dict[str, Any]:
        """Return parameters and fitted numbers as plain values, for a checkpoint."""
        parameters = {name: getattr(self, name) for name in PARAMETERS}
        if self.augmentation:
            parameters["augmentation"] = asdict(self.augmentation)
        return {
            "parameters": parameters,
            "image_shape": list(self.image_shape_),
            "rounds": self.rounds_,
            "R": self.R_,
            "history": history_as_rows(self.history_),
        }

    @classmethod
    def of_plain(cls, parameters: Mapping[str, Any]) -> Self:
        """Make a detector with parameters that may be plain values, as in JSON."""
        given = dict(parameters)
        for name, choices in (("objective", TrainingObjective), ("supervision", Supervision)):
            if name in given:
                given[name] = choices(given[name])
        if isinstance(given.get("augmentation"), Mapping):
            given["augmentation"] = AffineJitter(**given["augmentation"])
        return cls(**given)

    @classmethod
    def restore(cls, description: dict[str, Any], tensors: dict[str, Tensor]) -> Self:
        """Rebuild a fitted detector from `description` and `tensors`."""
        detector = cls.of_plain(description["parameters"])
        detector._build(tuple(description["image_shape"]))
        detector.encoder_ = copy.deepcopy(detector.autoencoder_.encoder)
        detector.c_ = tensors["c"].to(detector.device)
        detector._load(tensors)
        detector.rounds_, detector.R_ = int(description["rounds"]), float(description["R"])
        detector.history_ = history_of_rows(description.get("history", []))
        return detector

    def _build(self, image_shape: Shape) -> None:
        """Make the networks, with weights that depend on the seed alone."""
        self.device = best_device()
        self.rounds_ = 0
        self.R_ = 0.0
        self.history_ = []
        self.image_shape_ = shape = image_shape
        encoder, decoder = networks_named(self.network)
        with seeded(self.seed):
            self.autoencoder_ = Autoencoder(encoder(shape), decoder(shape)).to(self.device)

    def _place_centers(self, images: Images) -> None:
        """Whiten the latent space by what is normal, and put the centers in its middle."""
        z = in_blocks(
            self.encoder_, sample_of(images, CENTER_SAMPLE, (self.seed, self.rounds_)), self.device
        )
        whitening = fit_whitening(z, self.contamination, self.centers, self.seed)
        apply_whitening(self.encoder_, whitening)
        c = keep_from_zero(whitening.centers).astype(np.float32)
        self.c_ = torch.from_numpy(c if self.centers > 1 else c[0]).to(self.device)

    def _distance_of(self, z: Embeddings) -> Scores:
        """Squared distances of any number of embeddings, without doubling their memory."""
        c = self.c_.cpu()
        blocks = torch.split(torch.from_numpy(z), BLOCK)
        return torch.cat([losses.squared_distance(block, c) for block in blocks]).numpy()

    def _distance(self, x: Tensor) -> Tensor:
        return losses.squared_distance(self.encoder_(x), self.c_)

    def _descend(
        self,
        stage: str,
        images: Images,
        y: Labels,
        steps: int,
        callbacks: Sequence[Callback],
        validation: Images | None = None,
    ) -> None:
        """Take gradient steps on the encoder; the center and the batch-norm statistics stay."""
        batches = Batches(
            images,
            y,
            size=self.batch_size,
            labeled_size=self.labeled_batch_size,
            augmentation=self.augmentation,
            seed=self.round_seed,
        )
        optimizer = torch.optim.Adam(
            self.encoder_.parameters(),
            lr=self.learning_rate if self.rounds_ else self.fit_learning_rate,
            weight_decay=self.weight_decay,
        )

        def loss_of_batch() -> Tensor:
            unlabeled, labeled, batch_y = batches.draw()
            d = self._distance(torch.cat([unlabeled, labeled]).to(self.device))
            return self._loss(d[: len(unlabeled)], d[len(unlabeled) :], batch_y.to(self.device))

        def mean_distance() -> float:
            assert validation is not None
            return float(self.decision_function(validation).mean())

        validate = None if validation is None or not len(validation) else mean_distance
        part = steps if self.rounds_ else share_of(steps)
        recorder = EpochRecorder(stage, steps, max(1, part), self.history_, validate)
        self.encoder_.eval()
        train(stage, loss_of_batch, optimizer, steps, callbacks, after_step=recorder)

    def _loss(self, unlabeled: Tensor, labeled: Tensor, y: Tensor) -> Tensor:
        """Pull the unlabeled (batch,) distances in, push or pull the labeled ones by `y`."""
        loss = torch.zeros((), device=self.device)
        if len(unlabeled):
            loss = loss + self._pull(unlabeled)
        if len(labeled):
            loss = loss + self.eta * LABELED_TERMS[self.supervision](labeled, y)
        return loss

    def _pull(self, d: Tensor) -> Tensor:
        """Pull in the unlabeled; what is taken to be anomalous is left out, or pushed as well."""
        if self.objective is TrainingObjective.LOE:
            return losses.loe(d, self.contamination)
        kept = losses.trimmed(d, share_left_out(self.contamination))
        if self.objective is TrainingObjective.ONE_CLASS:
            return losses.one_class(kept)
        self.R_ = float(losses.radius(kept.detach(), self.nu))
        return losses.soft_boundary(kept, self.R_, self.nu)

    def _finish_round(self, images: Images) -> Self:
        """Draw the sphere round the pool as it now lies, and say so if it has collapsed."""
        scores = self.decision_function(sample_of(images, RADIUS_SAMPLE, (self.seed, self.rounds_)))
        self.R_ = radius_of(scores, self.nu)
        return self


LABELED_TERMS: dict[Supervision, Callable[[Tensor, Tensor], Tensor]] = {
    Supervision.DEEP_SAD: losses.deep_sad,
    Supervision.NCE: losses.nce,
    Supervision.NONE: lambda d, y: torch.where(y > 0, d, 0).mean(),
}
PARAMETERS = tuple(inspect.signature(DeepSVDD).parameters)


def keep_from_zero(c: NDArray[np.float64]) -> NDArray[np.float64]:
    """Move entries of a center that lie near zero away from it, to their own side."""
    return np.where(np.abs(c) < CENTER_FLOOR, np.where(c < 0, -CENTER_FLOOR, CENTER_FLOOR), c)
