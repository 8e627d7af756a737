"""Deep SVDD on the features of a frozen backbone.

Nothing has to be learned before the first score: features are whitened by what is normal in the
pool, so that the squared distance to the center is the Mahalanobis distance. Labels turn the space
by Deep SAD (Ruff et al. 2020), held near to where it began, as adapted features without a hold
collapse (Reiss et al. 2021, "PANDA").
"""

import inspect
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from anomaly_core import losses
from anomaly_core.cores import cores_for
from anomaly_core.datasets.base import Images, Labels
from anomaly_core.datasets.scenario import ANOMALOUS, NORMAL, UNLABELED
from anomaly_core.detectors.base import Embeddings, Family, Maps, Scores
from anomaly_core.detectors.checks import check_images, check_labels, check_pool, check_validation
from anomaly_core.detectors.collapse import radius_of
from anomaly_core.detectors.network import Hypersphere, history_as_rows, history_of_rows
from anomaly_core.detectors.pretrained.head import Head
from anomaly_core.detectors.pretrained.pooling import POOLING, place_features, pooled_features
from anomaly_core.detectors.tensors import best_device, in_blocks, on_every_core, sample_of, seeded
from anomaly_core.detectors.whitening import fit_whitening, share_left_out
from anomaly_core.errors import CheckpointError
from anomaly_core.features import FeatureCache
from anomaly_core.features.rows import Features
from anomaly_core.networks.backbones import Backbone, load_backbone
from anomaly_core.progress import Callback
from anomaly_core.training import EpochRecorder, train

SAMPLE = 2_000  # images that place the center and draw the sphere; more change nothing
FLOOR = 0.05  # of the median spread: a feature that hardly varies would count for all others
BLOCK = 64  # images at a time; their maps are large


class FeatureSVDD(Hypersphere):
    """A hypersphere round the features that a backbone gives of what is normal.

    Parameters
    ----------
    backbone : name of a network, see `anomaly_core.networks.backbones`; `weights` its file.
    contamination : expected share of anomalies among the unlabeled; half as many again are
        left out of the pull.
    nu : share allowed outside the radius `R_`.
    eta : weight of the labeled term.
    hold : weight of the term that keeps the space near to where it began.

    Fitted attributes: `head_`, `c_` (latent,) which is 0, `R_` (a distance), `rounds_`.

    """

    kind: ClassVar[str] = Family.FEATURES
    fitted_by: ClassVar[str] = "head_"
    explains: ClassVar[bool] = True

    def __init__(
        self,
        *,
        backbone: str = "drawn",
        weights: str | None = None,
        contamination: float = 0.1,
        nu: float = 0.1,
        eta: float = 1.0,
        hold: float = 0.01,
        update_steps: int = 50,
        batch_size: int = 128,
        learning_rate: float = 3e-3,
        seed: int = 0,
    ) -> None:
        self.backbone = backbone
        self.weights = weights
        self.contamination = contamination
        self.nu = nu
        self.eta = eta
        self.hold = hold
        self.update_steps = update_steps
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.seed = seed
        self.keep_features(None)

    def keep_features(self, folder: Path | None) -> None:
        """Keep what the backbone makes of images in a folder, or in memory."""
        self.cache = FeatureCache(folder)

    def fit(
        self,
        images: Images,
        callbacks: Sequence[Callback] = (),
        *,
        validation: Images | None = None,
        classes: Labels | None = None,
        validation_classes: Labels | None = None,
    ) -> Self:
        """Draw the sphere round the features of (n, height, width[, 3]) uint8 images."""
        check_images(images)
        check_pool(images)
        check_validation(images, validation)
        self._load_backbone()
        self.image_shape_ = images.shape[1:]
        self.rounds_, self.R_, self.history_ = 0, 0.0, []
        sample = sample_of(images, SAMPLE, self.seed)
        self._place(self._features(sample, callbacks))
        return self._finish_round(sample)

    def update(self, images: Images, y: Labels, callbacks: Sequence[Callback] = ()) -> Self:
        """Turn the space by labels `y` (n,) of `images`: +1 normal, -1 anomalous, 0 unlabeled.

        It starts anew from the whitened space each time, so that what was withdrawn leaves no
        trace; without any anomalous label the space is that.
        """
        self._check_ready(images)
        check_pool(images)
        check_labels(images, y)
        self.rounds_ += 1
        self.forget()
        if (y == ANOMALOUS).any():
            self._descend(images, y, callbacks)
        return self._finish_round(sample_of(images, SAMPLE, self.seed))

    def forget(self) -> None:
        """Go back to the space as it was before any answer; the next update learns anew."""
        self._check_fitted()
        nn.init.eye_(self.head_.turn.weight)

    def score(self, images: Images) -> tuple[Scores, Embeddings]:
        """Return squared distances (n,) and embeddings (n, latent) about the center, which is 0."""
        self._check_ready(images)
        features = self._features(images)
        z = np.empty((len(images), self.latent), np.float32)
        with torch.inference_mode():
            for start in range(0, len(z), SAMPLE):
                block = torch.from_numpy(np.array(features[start : start + SAMPLE])).float()
                z[start : start + SAMPLE] = self.head_(block.to(self.device)).cpu().numpy()
        return np.square(z).sum(axis=1), z

    def explain(self, images: Images) -> Maps:
        """Return the distance of each pixel's surroundings, (n, height, width), in units of `R_`.

        The head is linear, so that an image lies at the mean of where its places lie.
        """
        self._check_ready(images)
        size = self.image_shape_[:2]

        def maps(x: Tensor) -> Tensor:
            places = place_features(self.backbone_, x).movedim(1, -1)  # (n, rows, columns, f)
            d = self.head_(places).square().sum(dim=-1).sqrt()
            return F.interpolate(d[:, None], size, mode="bilinear", align_corners=False)[:, 0]

        return in_blocks(maps, images, self.device, BLOCK)

    @property
    def turned(self) -> bool:
        """Whether answers have turned the space."""
        return bool(self.head_.strain() > 0)

    @property
    def latent(self) -> int:
        """Number of latent coordinates."""
        return len(self.head_.turn.weight)

    def networks(self) -> Mapping[str, nn.Module]:
        """Return the head, all that is learned; raises `NotFitted`."""
        self._check_fitted()
        return {"head": self.head_}

    def description(self) -> dict[str, Any]:
        """Return parameters and fitted numbers as plain values, and which backbone it is on."""
        self._check_fitted()
        return {
            "parameters": {name: getattr(self, name) for name in PARAMETERS},
            "image_shape": list(self.image_shape_),
            "features": self.head_.whitening.in_features,
            "latent": self.latent,
            "backbone": {**self.backbone_.card, "fingerprint": self.backbone_.fingerprint},
            "rounds": self.rounds_,
            "R": self.R_,
            "history": history_as_rows(self.history_),
        }

    @classmethod
    def restore(cls, description: dict[str, Any], tensors: dict[str, Tensor]) -> Self:
        """Rebuild a fitted detector; `CheckpointError` where its backbone has other weights."""
        detector = cls(**description["parameters"])
        detector._load_backbone()
        if detector.backbone_.fingerprint != description["backbone"]["fingerprint"]:
            raise CheckpointError(
                f"The backbone {detector.backbone} has other weights than when this model was "
                "trained; bring those back, or train it anew."
            )
        detector.image_shape_ = tuple(map(int, description["image_shape"]))
        detector._build(int(description["features"]), int(description["latent"]))
        detector._load(tensors)
        detector.rounds_, detector.R_ = int(description["rounds"]), float(description["R"])
        detector.history_ = history_of_rows(description["history"])
        return detector

    def _load_backbone(self) -> None:
        self.device = best_device()
        weights = Path(self.weights) if self.weights else None
        self.backbone_: Backbone = load_backbone(self.backbone, weights).to(self.device)

    def _build(self, features: int, latent: int) -> None:
        with seeded(self.seed):  # as layers draw weights even where they are given others
            self.head_ = Head(features, latent).to(self.device)
        self.c_ = torch.zeros(latent, device=self.device)

    def _features(self, images: Images, callbacks: Sequence[Callback] = ()) -> Features:
        """Features of images, (n, features) float16, computed once for each."""
        known_by = f"{self.backbone_.fingerprint} {POOLING}"
        return self.cache.features(
            images,
            lambda x: on_every_core(
                lambda part: pooled_features(self.backbone_, part.to(self.device)), x, BLOCK
            ),
            known_by,
            BLOCK * cores_for(torch.get_num_threads()),
            callbacks,
        )

    def _place(self, features: Features) -> None:
        """Whiten by what is normal, and put the center in its middle."""
        f = np.asarray(features, np.float64)
        middle, spread = f.mean(axis=0), f.std(axis=0)
        spread = np.maximum(spread, FLOOR * np.median(spread) or 1.0)
        whitening = fit_whitening((f - middle) / spread, self.contamination, 1, self.seed)
        matrix = whitening.matrix / spread[:, None]
        offset = middle + spread * (whitening.centers[0] @ np.linalg.pinv(whitening.matrix))
        self._build(f.shape[1], f.shape[1])
        self.head_.place(offset, matrix)

    def _descend(self, images: Images, y: Labels, callbacks: Sequence[Callback]) -> None:
        """Take gradient steps on the turn of the space; whitening and center stay."""
        unlabeled = self._whitened(sample_of(images[y == UNLABELED], SAMPLE, self.seed))
        if len(unlabeled):
            d = unlabeled.square().sum(dim=1)
            normal = d.argsort()[: len(d) - int(share_left_out(self.contamination) * len(d))]
            unlabeled = unlabeled[normal]
        sides = [self._whitened(images[y == side]) for side in (NORMAL, ANOMALOUS)]
        optimizer = torch.optim.Adam([self.head_.turn.weight], lr=self.learning_rate)
        generator = torch.Generator().manual_seed(self.round_seed)

        def distance(z: Tensor) -> Tensor:
            turned: Tensor = self.head_.turn(z)
            return turned.square().sum(dim=1)

        def loss() -> Tensor:
            total = self.hold * self.head_.strain()
            if len(unlabeled):
                rows = torch.randint(len(unlabeled), (self.batch_size,), generator=generator)
                total = total + distance(unlabeled[rows.to(self.device)]).mean()
            for z, sign in zip(sides, (1, -1), strict=True):
                if len(z):
                    labels = torch.full((len(z),), sign, device=self.device)
                    total = total + self.eta * losses.deep_sad(distance(z), labels)
            return total

        steps = self.update_steps
        recorder = EpochRecorder("updating", steps, steps, self.history_, None)
        train("updating", loss, optimizer, steps, callbacks, after_step=recorder)

    @torch.no_grad()
    def _whitened(self, images: Images) -> Tensor:
        features = torch.from_numpy(np.array(self._features(images))).float()
        return self.head_.whiten(features.to(self.device))

    def _finish_round(self, sample: Images) -> Self:
        """Draw the sphere round the pool as it now lies, and say so if it has collapsed."""
        self.R_ = radius_of(self.decision_function(sample), self.nu)
        return self


PARAMETERS = tuple(inspect.signature(FeatureSVDD).parameters)
