"""A hypersphere in the joint space of two: a backbone's features, and what the pool has taught.

The first is drawn at once, so that labeling can begin; the second is pretrained on the pool behind
the desk. The squared distance to the center is the weighted sum of theirs, and the weights are what
the answers so far speak for.
"""

import inspect
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from anomaly_core.datasets.base import Images, Labels
from anomaly_core.datasets.reading import resize_tensor
from anomaly_core.datasets.scenario import ANOMALOUS, UNLABELED
from anomaly_core.detectors.base import (
    Embeddings,
    Family,
    Maps,
    Reconstructions,
    Scores,
)
from anomaly_core.detectors.checks import check_labels, check_pool
from anomaly_core.detectors.collapse import radius_of
from anomaly_core.detectors.deep_svdd import DeepSVDD
from anomaly_core.detectors.joint.evidence import Distances, SphereEvidence
from anomaly_core.detectors.joint.shrinking import shares, shrunk
from anomaly_core.detectors.network import Hypersphere, history_as_rows
from anomaly_core.detectors.pretrained.detector import FeatureSVDD, Precision
from anomaly_core.detectors.tensors import sample_of
from anomaly_core.errors import InvalidInput
from anomaly_core.features import FeatureCache
from anomaly_core.features.rows import Features
from anomaly_core.progress import Callback

Items = NDArray[np.int64]

LARGEST_SIDE = 32  # pixels; of larger images the second sphere sees smaller ones
USUAL_SHARE = 0.2  # of the second sphere, until answers tell more, where it sees whole images
SHORT_UPDATES = {"update_steps": 25, "learning_rate": 6e-4}  # half the steps, twice as long
SAMPLE = 2_000  # images that draw the sphere after each round
MOST_TAUGHT = 60_000  # images of a pool at most that teach the second sphere
TEACHERS = 20_000  # unlabeled images at most that an update of the second sphere draws from
BLOCK = 256  # images resized at a time
TINY = 1e-12  # for pools in which nothing varies


class JointSVDD(Hypersphere):
    """Two hyperspheres, weighted by evidence.

    Parameters
    ----------
    contamination : expected share of anomalies among the unlabeled.
    nu : share allowed outside the radius `R_`.
    at_once : whether `fit` has the pool teach; otherwise `taught_by` and `adopt` do.
    features, pool : parameters of the two, see `FeatureSVDD` and `DeepSVDD`.

    Fitted attributes: `first_`, `second_` (`None` until the pool has taught), `share_` of the
    second, `c_` (latent,) which is 0, `R_` (a distance), `rounds_`.

    """

    kind: ClassVar[str] = Family.JOINT
    fitted_by: ClassVar[str] = "first_"
    explains: ClassVar[bool] = True

    first_: FeatureSVDD
    second_: DeepSVDD | None
    evidence_: SphereEvidence

    def __init__(
        self,
        *,
        contamination: float = 0.1,
        nu: float = 0.1,
        at_once: bool = True,
        features: Mapping[str, Any] | None = None,
        pool: Mapping[str, Any] | None = None,
        seed: int = 0,
    ) -> None:
        self.contamination = contamination
        self.nu = nu
        self.at_once = at_once
        self.features = dict(features or {})
        self.pool = dict(pool or {})
        self.seed = seed
        self.keep_features(None)

    def keep_features(self, folder: Path | None) -> None:
        """Keep what the backbone makes of images in a folder, or in memory."""
        self.cache = FeatureCache(folder)
        if hasattr(self, "first_"):
            self.first_.cache = self.cache

    @property
    def reconstructs(self) -> bool:  # type: ignore[override]
        """Whether `reconstruct` can be asked: once the pool has taught."""
        return getattr(self, "second_", None) is not None

    def fit(
        self,
        images: Images,
        callbacks: Sequence[Callback] = (),
        *,
        validation: Images | None = None,
        classes: Labels | None = None,
        validation_classes: Labels | None = None,
    ) -> Self:
        """Draw the first sphere round (n, height, width[, 3]) uint8 images, or both at once."""
        self._begin()
        self.first_ = FeatureSVDD(
            **{"contamination": self.contamination, "seed": self.seed} | self.features
        )
        self.first_.cache = self.cache
        self.first_.fit(images, callbacks, validation=validation)
        self._settle()
        if self.at_once:
            self.adopt(self.taught_by(images, callbacks, validation=validation))
        return self._finish_round(images)

    def taught_by(
        self,
        images: Images,
        callbacks: Sequence[Callback] = (),
        *,
        validation: Images | None = None,
    ) -> DeepSVDD:
        """Return a second sphere that the pool has taught; nothing of this detector changes."""
        self._check_ready(images)
        told = {"contamination": self.contamination, "seed": self.seed, **SHORT_UPDATES}
        held_out = None if validation is None else self._smaller(validation)
        second = DeepSVDD.of_plain(told | self.pool)
        few = sample_of(np.arange(len(images)), MOST_TAUGHT, self.seed)
        rows = few if len(few) < len(images) else None
        return second.fit(self._smaller(images, rows), callbacks, validation=held_out)

    def adopt(self, second: DeepSVDD) -> None:
        """Take a sphere that `taught_by` gave; the next update weighs it in.

        What the first has learned from answers is forgotten until then, so that earlier answers
        judge both alike.
        """
        self._check_fitted()
        self.first_.forget()
        self.second_ = second
        self.evidence_, self.share_ = SphereEvidence(), self._usual_share()
        self.c_ = torch.zeros(self.first_.latent, device=self.device)

    def update(self, images: Images, y: Labels, callbacks: Sequence[Callback] = ()) -> Self:
        """Learn from labels `y` (n,) of `images`: +1 normal, -1 anomalous, 0 unlabeled.

        Answers that are new are first held against what each sphere thought of them.
        """
        self._check_ready(images)
        check_pool(images)
        check_labels(images, y)
        self.rounds_ += 1
        learns = bool((y == ANOMALOUS).any() or self.first_.stretched)
        if self.second_ is not None:
            if len(self.c_) != self._latent():  # it has been adopted since
                self._weigh(self._offsets(sample_of(images, SAMPLE, self.seed)))
            new = self.evidence_.unseen(y)
            self.evidence_.add(new, self._distances(images[new]))
            others = self._distances(images[self._unlabeled(y, SAMPLE)])
            self.share_ = self.evidence_.share(y, self._usual_share(), self.share_, others)
        self.first_.update(images, y, callbacks)
        if self.second_ is not None:
            few = np.sort(np.concatenate([np.flatnonzero(y), self._unlabeled(y, TEACHERS)]))
            self.second_.update(self._smaller(images, few), y[few], callbacks)
        return self._finish_round(images, weigh=learns)

    def score(self, images: Images) -> tuple[Scores, Embeddings]:
        """Return squared distances (n,) and embeddings (n, latent) about the center, which is 0."""
        self._check_ready(images)
        features = self.first_.look_at(images)
        z = np.empty((len(images), self._latent()), np.float32)
        for start in range(0, len(z), SAMPLE):
            block = slice(start, start + SAMPLE)
            z[block] = self._joined(self._offsets(images[block], features[block]))
        return np.einsum("nl,nl->n", z, z), z

    def explain(self, images: Images) -> Maps:
        """Return how far out each pixel's surroundings lie for the first sphere, in its units."""
        self._check_ready(images)
        return self.first_.explain(images)

    def reconstruct(self, images: Images) -> Reconstructions:
        """Return what the second sphere's autoencoder makes of each image, 0 to 1."""
        self._check_ready(images)
        if self.second_ is None:
            raise InvalidInput("This model learns no reconstruction before the pool has taught it.")
        made = self.second_.reconstruct(self._smaller(images))
        return resized(made, images.shape[1:3])

    def reason(self) -> str:
        """Say in a sentence which sphere serves and why."""
        name = self.first_.backbone
        seen = "was learned from drawn pictures" if name == "drawn" else f"{name} has learned"
        if self.second_ is None:
            return f"What {seen} serves; what this pool teaches follows."
        second = round(100 * self.share_)
        told = len(self.evidence_.items)
        judged = f"as {told} answer{'s' * (told != 1)} so far {'suggest' + 's' * (told == 1)}"
        ending = judged if told else "until answers tell more"
        return (
            f"{100 - second} % of the score comes from what {seen}, {second} % from what was "
            f"learned from this pool, {ending}."
        )

    def networks(self) -> Mapping[str, nn.Module]:
        """Return the networks of both spheres; raises `NotFitted`."""
        self._check_fitted()
        named = {f"first.{name}": net for name, net in self.first_.networks().items()}
        if self.second_ is not None:
            named |= {f"second.{name}": net for name, net in self.second_.networks().items()}
        return named

    def tensors(self) -> dict[str, Tensor]:
        """Return every fitted tensor by name, for a checkpoint; raises `NotFitted`."""
        self._check_fitted()
        kept = {
            "evidence.items": torch.from_numpy(self.evidence_.items),
            "evidence.distances": torch.from_numpy(self.evidence_.distances),
        }
        parts = {"first": self.first_, "second": self.second_}
        for name, part in parts.items():
            if part is not None:
                kept |= {f"{name}.{key}": value for key, value in part.tensors().items()}
        return kept

    def description(self) -> dict[str, Any]:
        """Return parameters and fitted numbers as plain values, for a checkpoint."""
        self._check_fitted()
        return {
            "parameters": {name: getattr(self, name) for name in PARAMETERS},
            "image_shape": list(self.image_shape_),
            "first": self.first_.description(),
            "second": self.second_.description() if self.second_ is not None else None,
            "share": self.share_,
            "usual": self.usual_.tolist(),
            "latent": len(self.c_),
            "rounds": self.rounds_,
            "R": self.R_,
            "history": history_as_rows(self.history_),
        }

    @classmethod
    def restore(cls, description: dict[str, Any], tensors: dict[str, Tensor]) -> Self:
        """Rebuild a fitted detector from `description` and `tensors`."""
        detector = cls(**description["parameters"])
        detector._begin()
        detector.first_ = FeatureSVDD.restore(description["first"], named(tensors, "first"))
        detector.first_.cache = detector.cache
        if description["second"] is not None:
            detector.second_ = DeepSVDD.restore(description["second"], named(tensors, "second"))
        detector._settle()
        detector.evidence_ = SphereEvidence(
            tensors["evidence.items"].numpy(), tensors["evidence.distances"].numpy()
        )
        detector.share_, detector.R_ = float(description["share"]), float(description["R"])
        detector.rounds_ = int(description["rounds"])
        detector.usual_ = np.array(description["usual"], np.float32)
        detector.c_ = torch.zeros(int(description["latent"]), device=detector.device)
        detector._join_histories()
        return detector

    def _begin(self) -> None:
        self.rounds_, self.R_, self.share_ = 0, 0.0, 0.0
        self.second_ = None
        self.evidence_ = SphereEvidence()
        self.usual_ = np.ones(2, np.float32)  # squared distance of a usual image to each center

    def _settle(self) -> None:
        """Take from the first sphere what both have in common."""
        self.device, self.image_shape_ = self.first_.device, self.first_.image_shape_
        self.share_ = self._usual_share()

    def _usual_share(self) -> float:
        """The second sphere's share before any answer: less where it sees images made smaller."""
        return USUAL_SHARE * min(1.0, (LARGEST_SIDE / max(self.image_shape_[:2])) ** 2)

    def _latent(self) -> int:
        second = 0 if self.second_ is None else self.second_.c_.shape[-1]
        return self.first_.latent + second

    def _smaller(self, images: Images, rows: Items | None = None) -> Images:
        """Images, or some rows of them, as the second sphere sees them."""
        height, width = images.shape[1:3]
        scale = LARGEST_SIDE / max(height, width)
        if scale >= 1:
            return images if rows is None else images[rows]
        size = (max(1, round(height * scale)), max(1, round(width * scale)))
        rows = np.arange(len(images)) if rows is None else rows
        make = levels_in if self.first_.precision_ is Precision.SINGLE else resized
        smaller = np.empty((len(rows), *size, *images.shape[3:]), np.uint8)
        for start in range(0, len(smaller), BLOCK):
            block = slice(start, start + BLOCK)
            smaller[block] = make(images[rows[block]], size).round().clip(0, 255)
        return smaller

    def _unlabeled(self, y: Labels, count: int) -> Items:
        """A sample of the unlabeled items, in their order."""
        return sample_of(np.flatnonzero(y == UNLABELED), count, self.seed)

    def _distances(self, images: Images) -> Distances:
        """Squared distances (n, 2) to both centers; that of a usual image is 1."""
        if self.second_ is None or not len(images):
            return np.empty((0, 2), np.float32)
        first = self.first_.decision_function(images)
        second = self.second_.decision_function(self._smaller(images))
        return np.stack([first, second], axis=1) / self.usual_

    def _offsets(self, images: Images, features: Features | None = None) -> list[Embeddings]:
        """Where images lie about each center, (n, latent) each."""
        known = self.first_.look_at(images) if features is None else features
        parts = [self.first_.lie(known)[1]]
        if self.second_ is not None:
            z = self.second_.embed(self._smaller(images))
            parts.append(z - self.second_.c_.cpu().numpy())
        return parts

    def _joined(self, offsets: list[Embeddings]) -> Embeddings:
        """Where images lie about the joint center, (n, latent), from where they lie about each."""
        shares = (1.0, 0.0) if len(offsets) == 1 else (1 - self.share_, self.share_)
        scales = np.sqrt(np.array(shares, np.float32) / self.usual_)
        scaled = [part * scale for part, scale in zip(offsets, scales, strict=False)]
        return np.concatenate(scaled, axis=1)

    def _finish_round(self, images: Images, weigh: bool = True) -> Self:
        """Weigh the spheres anew, and draw the joint one round the pool as it now lies."""
        offsets = self._offsets(sample_of(images, SAMPLE, self.seed))
        if weigh:
            self._weigh(offsets)
        self._join_histories()
        self.R_ = radius_of(np.square(self._joined(offsets)).sum(axis=1), self.nu)
        return self

    def _join_histories(self) -> None:
        """Tell of the losses of the second sphere; the first is not trained in steps."""
        self.history_ = self.second_.history_ if self.second_ is not None else []

    def _weigh(self, offsets: list[Embeddings]) -> None:
        """Measure how far from each center a usual image lies, so that both count alike."""
        squared = [np.square(z).sum(axis=1) for z in offsets]
        usual = [max(float(np.median(d)), TINY) for d in squared]
        self.usual_ = np.array([*usual, 1.0][:2], np.float32)
        self.c_ = torch.zeros(self._latent(), device=self.device)


PARAMETERS = tuple(inspect.signature(JointSVDD).parameters)


def named(tensors: Mapping[str, Tensor], part: str) -> dict[str, Tensor]:
    """Return the tensors of one part, without its name."""
    prefix = f"{part}."
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def levels_in(images: Images, size: tuple[int, int]) -> NDArray[np.float32]:
    """Shrink images (n, height, width[, 3]) to `size` (height, width), in whole grey levels."""
    down, across = (
        torch.from_numpy(shares(*lengths)) for lengths in zip(images.shape[1:3], size, strict=True)
    )
    block = torch.from_numpy(np.array(images)).float()
    if block.ndim == 3:
        return shrunk(block, down, across).numpy()
    return shrunk(block.movedim(3, 1), down, across).movedim(1, 3).numpy()


def resized(images: NDArray[Any], size: tuple[int, ...]) -> NDArray[np.float32]:
    """Scale images (n, height, width[, 3]) to `size` (height, width), some at a time."""
    if images.shape[1:3] == size:
        return images
    made = np.empty((len(images), *size, *images.shape[3:]), np.float32)
    for start in range(0, len(images), BLOCK):
        block = torch.from_numpy(np.array(images[start : start + BLOCK])).float()
        planes = block[:, None] if block.ndim == 3 else block.movedim(3, 1)
        scaled = resize_tensor(planes, (size[0], size[1]))
        made[start : start + BLOCK] = scaled[:, 0] if block.ndim == 3 else scaled.movedim(1, 3)
    return made
