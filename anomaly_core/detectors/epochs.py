"""What the detectors share that pass over their images epoch by epoch."""

import inspect
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Generic, Self, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from anomaly_core.datasets.base import Images, Labels, Shape
from anomaly_core.datasets.scenario import ANOMALOUS
from anomaly_core.detectors.checks import (
    check_classes,
    check_images,
    check_labels,
    check_pool,
    check_sides,
    check_validation,
)
from anomaly_core.detectors.network import NetworkDetector, history_as_rows, history_of_rows
from anomaly_core.detectors.tensors import BLOCK, best_device, seeded, to_tensor
from anomaly_core.progress import Callback
from anomaly_core.training import EpochRecorder, train

N = TypeVar("N", bound=nn.Module)


class EpochDetector(NetworkDetector, Generic[N]):
    """Trains one network for `epochs` passes over the images, and for fewer in an update.

    A subclass makes the network, gives the loss of a batch, and scores. Fitted attributes:
    `network_`, and `classes_`, the distinct classes, ascending, where they are needed.
    """

    epochs: int
    update_epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float = 0.0
    seed: int
    network_: N
    classes_: tuple[int, ...]

    @abstractmethod
    def make_network(self, image_shape: Shape) -> N:
        """Return a new network for images of this size, and for `classes_`."""

    @abstractmethod
    def loss(self, x: Tensor, targets: Tensor | None) -> Tensor:
        """Return the mean loss of a batch (batch, height, width); `targets` index `classes_`."""

    def measure(self, images: Images, targets: Tensor | None) -> None:
        """Take from the training images what scoring needs besides the network."""

    def fit(
        self,
        images: Images,
        callbacks: Sequence[Callback] = (),
        *,
        validation: Images | None = None,
        classes: Labels | None = None,
        validation_classes: Labels | None = None,
    ) -> Self:
        """Train on (n, height, width) uint8 images; raises `InvalidInput`."""
        check_images(images)
        check_pool(images)
        check_sides(images)
        check_validation(images, validation)
        targets = self._start(images, classes)
        held_out = self._held_out(validation, validation_classes)
        self._train("training", images, targets, self.epochs, callbacks, held_out)
        return self

    def update(
        self,
        images: Images,
        y: Labels,
        callbacks: Sequence[Callback] = (),
        *,
        classes: Labels | None = None,
    ) -> Self:
        """Go on training on all images but those labeled anomalous, from where it stands.

        Without any anomalous label the model stays as it is. Images whose classes are needed and
        not given are taken to be of those that the detector predicts.
        """
        self._check_ready(images)
        check_pool(images)
        check_labels(images, y)
        self.rounds_ += 1
        kept = y != ANOMALOUS
        if not kept.all() and np.count_nonzero(kept) > 1:
            given = None if classes is None else classes[kept]
            targets = self._targets_or_predicted(images[kept], given)
            self._train("updating", images[kept], targets, self.update_epochs, callbacks)
        return self

    def networks(self) -> Mapping[str, nn.Module]:
        """Return the fitted network; raises `NotFitted`."""
        self._check_fitted()
        return {"network": self.network_}

    def description(self) -> dict[str, Any]:
        """Return parameters and fitted numbers as plain values, for a checkpoint."""
        self._check_fitted()
        return {
            "parameters": {name: getattr(self, name) for name in self.parameter_names()},
            "image_shape": list(self.image_shape_),
            "classes": list(self.classes_),
            "rounds": self.rounds_,
            "history": history_as_rows(self.history_),
        }

    @classmethod
    def restore(cls, description: dict[str, Any], tensors: dict[str, Tensor]) -> Self:
        """Rebuild a fitted detector from `description` and `tensors`."""
        detector = cls(**description["parameters"])
        shape, classes = (tuple(map(int, description[of])) for of in ("image_shape", "classes"))
        detector._build(shape, classes)
        detector._load(tensors)
        detector.rounds_ = int(description["rounds"])
        detector.history_ = history_of_rows(description["history"])
        return detector

    @classmethod
    def parameter_names(cls) -> tuple[str, ...]:
        """Return the names of the constructor's parameters."""
        return tuple(inspect.signature(cls).parameters)

    def _start(self, images: Images, classes: Labels | None) -> Tensor | None:
        """Make a new network, with weights that depend on the seed alone."""
        found: tuple[int, ...] = ()
        if self.needs_classes:
            found = tuple(np.unique(check_classes(images, classes)).tolist())
        self._build(images.shape[1:], found)
        return self._targets(classes)

    def _build(self, image_shape: Shape, classes: tuple[int, ...]) -> None:
        self.device = best_device()
        self.classes_ = classes
        with seeded(self.seed):
            self.network_ = self.make_network(image_shape).to(self.device)
        self.rounds_, self.history_, self.image_shape_ = 0, [], image_shape

    def _targets(self, classes: Labels | None) -> Tensor | None:
        """Return the place of each class in `classes_`."""
        if classes is None or not self.needs_classes:
            return None
        return torch.from_numpy(np.searchsorted(self.classes_, classes))

    def labels_at(self, places: NDArray[np.int64]) -> Labels:
        """Return the classes at places in `classes_`."""
        classes: Labels = np.array(self.classes_, np.int64)
        return np.asarray(classes[places])

    def _targets_or_predicted(self, images: Images, classes: Labels | None) -> Tensor | None:
        if self.needs_classes and classes is None:
            classes = self.predict(images)
        return self._targets(classes)

    def _held_out(
        self, images: Images | None, classes: Labels | None
    ) -> tuple[Images, Tensor | None] | None:
        """Return what the validation loss is measured on; without its classes it may have none."""
        if images is None or not len(images) or (self.needs_classes and classes is None):
            return None
        if self.needs_classes:
            known = np.isin(check_classes(images, classes), self.classes_)
            return images[known], self._targets(np.asarray(classes)[known])
        return images, None

    def _train(
        self,
        stage: str,
        images: Images,
        targets: Tensor | None,
        epochs: int,
        callbacks: Sequence[Callback],
        held_out: tuple[Images, Tensor | None] | None = None,
    ) -> None:
        """Pass over the images `epochs` times in an order drawn anew for each."""
        steps_per_epoch = max(1, len(images) // self.batch_size)
        steps = epochs * steps_per_epoch
        rows = shuffled(len(images), self.batch_size, self.round_seed)
        optimizer = torch.optim.Adam(
            self.network_.parameters(), lr=self.learning_rate, weight_decay=self.weight_decay
        )
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, max_lr=self.learning_rate, total_steps=max(1, steps)
        )

        def loss_of_batch() -> Tensor:
            batch = next(rows)
            x = to_tensor(images[batch.numpy()]).to(self.device)
            return self.loss(x, None if targets is None else targets[batch].to(self.device))

        def validate() -> float:
            assert held_out is not None
            return self._mean_loss(*held_out)

        recorder = EpochRecorder(
            stage, steps, steps_per_epoch, self.history_, validate if held_out else None
        )
        self.network_.train()
        with seeded(self.round_seed):  # for noise that the network draws
            train(stage, loss_of_batch, optimizer, steps, callbacks, schedule, recorder)
        self.network_.eval()
        self.measure(images, targets)

    @torch.no_grad()
    def _mean_loss(self, images: Images, targets: Tensor | None) -> float:
        """Return the mean loss of images that are not trained on."""
        self.network_.eval()
        total = 0.0
        for start in range(0, len(images), BLOCK):
            block = slice(start, start + BLOCK)
            x = to_tensor(images[block]).to(self.device)
            part = None if targets is None else targets[block].to(self.device)
            total += float(self.loss(x, part)) * len(x)
        self.network_.train()
        return total / len(images)


def shuffled(count: int, size: int, seed: int) -> Iterator[Tensor]:
    """Yield batches of `size` rows without end, each row once in a pass, the rest left over.

    What does not fill a batch is left out of its pass: it is another part in each.
    """
    generator = torch.Generator().manual_seed(seed)
    size = min(size, count)
    while True:
        order = torch.randperm(count, generator=generator)
        yield from torch.split(order[: count - count % size], size)
