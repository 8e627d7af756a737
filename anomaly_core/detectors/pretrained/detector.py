"""Deep SVDD on the features of a frozen backbone.

Nothing has to be learned before the first score: features are whitened by what is normal in the
pool, so that the squared distance to the center is the Mahalanobis distance. Labels stretch the
space about the images that have them. The backbone stays as it is: adapted features collapse
(Reiss et al. 2021, "PANDA").
"""

import inspect
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from anomaly_core.datasets.base import Images, Labels
from anomaly_core.datasets.scenario import ANOMALOUS, NORMAL
from anomaly_core.detectors.base import Embeddings, Family, Maps, Scores
from anomaly_core.detectors.checks import check_images, check_labels, check_pool, check_validation
from anomaly_core.detectors.collapse import radius_of
from anomaly_core.detectors.network import Hypersphere
from anomaly_core.detectors.pretrained.head import SPAN, TINY, Head
from anomaly_core.detectors.pretrained.pooling import POOLING, place_features, pooled_features
from anomaly_core.detectors.tensors import best_device, in_blocks, on_every_core, sample_of, seeded
from anomaly_core.detectors.whitening import fit_whitening, share_left_out
from anomaly_core.errors import CheckpointError
from anomaly_core.features import FeatureCache
from anomaly_core.features.rows import Features
from anomaly_core.machine.cores import cores_for
from anomaly_core.networks.backbones import Backbone, load_backbone
from anomaly_core.progress import Callback

SAMPLE = 2_000  # images that place the center and draw the sphere; more change nothing
FLOOR = 0.05  # of the median spread: a feature that hardly varies would count for all others
BLOCK = 64  # images at a time; their maps are large
MOST_ANSWERS = 2_000  # that stretch the space; of more, a sample does


class Precision(StrEnum):
    """Of the features that a model is drawn round."""

    HALF = "half"
    SINGLE = "single"


class FeatureSVDD(Hypersphere):
    """A hypersphere round the features that a backbone gives of what is normal.

    Parameters
    ----------
    backbone : name of a network, see `anomaly_core.networks.backbones`; `weights` its file.
    contamination : expected share of anomalies among the unlabeled; half as many again are
        left out of the pull.
    nu : share allowed outside the radius `R_`.
    noise : variance of an answer, which is +1 or -1, about the truth.

    Fitted attributes: `head_`, `c_` (latent,) which is 0, `R_` (a distance), `rounds_`, and
    `precision_` of the features, which is half in older models until their next update.

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
        noise: float = 0.1,
        seed: int = 0,
    ) -> None:
        self.backbone = backbone
        self.weights = weights
        self.contamination = contamination
        self.nu = nu
        self.noise = noise
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
        self.rounds_, self.R_, self.history_, self.precision_ = 0, 0.0, [], Precision.SINGLE
        sample = self.look_at(sample_of(images, SAMPLE, self.seed), callbacks)
        self._place(sample)
        return self._finish_round(sample)

    def update(self, images: Images, y: Labels, callbacks: Sequence[Callback] = ()) -> Self:
        """Stretch the space by labels `y` (n,) of `images`: +1 normal, -1 anomalous, 0 unlabeled.

        It starts anew from the whitened space each time, so that what was withdrawn leaves no
        trace; without any anomalous label the space is that.
        """
        self._check_ready(images)
        check_pool(images)
        check_labels(images, y)
        self.rounds_ += 1
        self.precision_ = Precision.SINGLE
        self.forget()
        sample = self.look_at(sample_of(images, SAMPLE, self.seed))
        if (y == ANOMALOUS).any():
            self._stretch(images, y, self._spread(sample))
        return self._finish_round(sample)

    def forget(self) -> None:
        """Go back to the space as it was before any answer; the next update learns anew."""
        self._check_fitted()
        self.head_.forget()

    def score(self, images: Images) -> tuple[Scores, Embeddings]:
        """Return squared distances (n,) and embeddings (n, latent) about the center, which is 0."""
        self._check_ready(images)
        return self.lie(self.look_at(images))

    def explain(self, images: Images) -> Maps:
        """Return the distance of each pixel's surroundings, (n, height, width), in units of `R_`.

        Whitening is linear, so that an image lies at the mean of where its places lie; what
        answers did to the image is done to its places.
        """
        self._check_ready(images)
        size = self.image_shape_[:2]

        def maps(x: Tensor) -> Tensor:
            places = place_features(self.backbone_, x).movedim(1, -1)  # (n, rows, columns, f)
            d = self.head_.whiten(places).square().sum(dim=-1).sqrt()
            return F.interpolate(d[:, None], size, mode="bilinear", align_corners=False)[:, 0]

        with torch.inference_mode():
            stretch = self.head_.stretch(self._tensor(self.look_at(images))).cpu().numpy()
        made: Maps = in_blocks(maps, images, self.device, BLOCK) * stretch[:, :, None]
        return made

    @property
    def stretched(self) -> bool:
        """Whether answers have stretched the space."""
        return len(self.head_.pull) > 0

    @property
    def latent(self) -> int:
        """Number of latent coordinates."""
        return self.head_.whitening.out_features

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
            "precision": self.precision_,
            "rounds": self.rounds_,
            "R": self.R_,
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
        answered = len(tensors["head.pull"])
        detector.precision_ = Precision(description.get("precision", Precision.HALF))
        detector._build(int(description["features"]), int(description["latent"]), answered)
        detector._load(tensors)
        detector.rounds_, detector.R_ = int(description["rounds"]), float(description["R"])
        detector.history_ = []
        return detector

    def _load_backbone(self) -> None:
        self.device = best_device()
        weights = Path(self.weights) if self.weights else None
        self.backbone_: Backbone = load_backbone(self.backbone, weights).to(self.device)

    def _build(self, features: int, latent: int, answered: int = 0) -> None:
        with seeded(self.seed):  # as layers draw weights even where they are given others
            self.head_ = Head(features, latent, answered).to(self.device)
        self.c_ = torch.zeros(latent, device=self.device)

    def look_at(self, images: Images, callbacks: Sequence[Callback] = ()) -> Features:
        """Return features of images, (n, features), computed once for each."""
        known_by = f"{self.backbone_.fingerprint} {POOLING}"
        features = self.cache.features(
            images,
            lambda x: on_every_core(
                lambda part: pooled_features(self.backbone_, part.to(self.device)), x, BLOCK
            ),
            known_by,
            BLOCK * cores_for(torch.get_num_threads()),
            callbacks,
        )
        return features if self.precision_ is Precision.SINGLE else rounded(features)

    def _place(self, features: Features) -> None:
        """Whiten by what is normal, and put the center in its middle."""
        f = np.asarray(features, np.float64)
        middle, spread = f.mean(axis=0), f.std(axis=0)
        spread = np.maximum(spread, FLOOR * np.median(spread) or 1.0)
        whitening = fit_whitening((f - middle) / spread, self.contamination, 1, self.seed)
        matrix = whitening.matrix / spread[:, None]
        offset = middle + spread * (whitening.centers[0] @ np.linalg.pinv(whitening.matrix))
        self._build(f.shape[1], f.shape[1])
        self.head_.place(offset, matrix, spread)

    def _stretch(self, images: Images, y: Labels, spread: float) -> None:
        """Have the answers stretch the space; they count the more, the more anomalies are known."""
        answered = answers_of(y, self.seed)
        reach = np.count_nonzero(y == ANOMALOUS) * spread
        told = torch.from_numpy(y[answered]).to(self.device)
        features = self._tensor(self.look_at(images[answered]))
        self.head_.learn(features, told, self.noise, reach / (reach + SPAN))

    def _spread(self, sample: Features) -> float:
        """Spread of the logarithms of squared distances of what is taken to be normal."""
        d = np.sort(self.lie(sample)[0])
        normal = d[: len(d) - int(share_left_out(self.contamination) * len(d))]
        return float(np.log(np.maximum(normal, TINY)).std())

    def lie(self, features: Features) -> tuple[Scores, Embeddings]:
        """Return squared distances (n,) and embeddings (n, latent) of features (n, features)."""
        z = np.empty((len(features), self.latent), np.float32)
        with torch.inference_mode():
            for start in range(0, len(z), SAMPLE):
                block = self._tensor(features[start : start + SAMPLE])
                z[start : start + SAMPLE] = self.head_(block).cpu().numpy()
        return np.einsum("nl,nl->n", z, z), z

    def _tensor(self, features: Features) -> Tensor:
        return torch.from_numpy(np.array(features)).float().to(self.device)

    def _finish_round(self, sample: Features) -> Self:
        """Draw the sphere round the pool as it now lies, and say so if it has collapsed."""
        self.R_ = radius_of(self.lie(sample)[0], self.nu)
        return self


def rounded(features: Features) -> Features:
    """Return features as half precision keeps them, what it cannot hold clipped."""
    largest = np.finfo(np.float16).max
    return features.clip(-largest, largest).astype(np.float16).astype(np.float32)


def answers_of(y: Labels, seed: int) -> Labels:
    """Return the items with an answer in `y` (n,); of very many a sample, normal ones last."""
    odd = sample_of(np.flatnonzero(y == ANOMALOUS), MOST_ANSWERS // 2, seed)
    normal = sample_of(np.flatnonzero(y == NORMAL), MOST_ANSWERS - len(odd), seed)
    return np.concatenate([odd, normal])


PARAMETERS = tuple(inspect.signature(FeatureSVDD).parameters)
