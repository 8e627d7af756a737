"""What each family makes of pixels, as torch's exporter can follow it: one module a family.

Each maps pixels (n, height, width[, 3]) float, 0 to 255, in the size of the detector, to the
tensors named by `OUTPUTS`, as many as it gives: scores (n,), embeddings (n, latent) and maps
(n, height, width). They are those of `score` and `explain` of the detector.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from anomaly_core import losses
from anomaly_core.detectors.deep_svdd import DeepSVDD
from anomaly_core.detectors.fcdd.detector import FCDD, whole
from anomaly_core.detectors.joint.detector import JointSVDD
from anomaly_core.detectors.joint.shrinking import shares, shrunk
from anomaly_core.detectors.network import NetworkDetector
from anomaly_core.detectors.pretrained.detector import FeatureSVDD, Precision
from anomaly_core.detectors.pretrained.pooling import coarse_enough, placed, pooled
from anomaly_core.errors import ExportRefused
from anomaly_core.networks.channels import ChannelsFirst, ChannelsLast

OUTPUTS = ("score", "embedding", "map")
TOO_OLD = (
    "This version was trained before features were kept in single precision; train one more round "
    "and export that version."
)


class DeepSVDDGraph(nn.Module):
    """One embedding of the whole image; the distance to the nearest center."""

    def __init__(self, detector: DeepSVDD) -> None:
        super().__init__()
        self.encoder = detector.encoder_
        self.c = nn.Buffer(detector.c_)

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Return scores and embeddings."""
        z = self.encoder(pixels / 255)
        return losses.squared_distance(z, self.c), z


class FeatureSVDDGraph(nn.Module):
    """The means of a backbone's maps, and each place of them, through the head."""

    def __init__(self, detector: FeatureSVDD) -> None:
        super().__init__()
        self.backbone, self.head = detector.backbone_, detector.head_
        self.size = detector.image_shape_[:2]

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return scores, embeddings and maps."""
        maps = coarse_enough(self.backbone, self.backbone(pixels / 255))
        features = pooled(maps)
        stretch = self.head.stretch(features)
        z = self.head.whiten(features) * stretch
        return z.square().sum(dim=1), z, self.distances(placed(maps)) * stretch[:, :, None]

    def distances(self, places: Tensor) -> Tensor:
        """Return the distance at each pixel, (n, height, width), before answers stretch it."""
        d = self.head.whiten(places.movedim(1, -1)).square().sum(dim=-1).sqrt()
        return F.interpolate(d[:, None], self.size, mode="bilinear", align_corners=False)[:, 0]


class JointSVDDGraph(nn.Module):
    """Both spheres in one space, by their weights; the second sees large images smaller."""

    def __init__(self, detector: JointSVDD) -> None:
        super().__init__()
        self.first = FeatureSVDDGraph(detector.first_)
        second = detector.second_
        self.second = DeepSVDDGraph(second) if second is not None else None
        self.smaller = nn.Identity() if second is None else smaller(detector, second)
        shares = (1 - detector.share_, detector.share_) if second is not None else (1.0, 0.0)
        self.scales = nn.Buffer((torch.tensor(shares) / torch.from_numpy(detector.usual_)).sqrt())

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return scores, embeddings and the maps of the first."""
        _, z, maps = self.first(pixels)
        z = z * self.scales[0]
        if self.second is not None:
            _, other = self.second(self.smaller(pixels))
            z = torch.cat([z, (other - self.second.c) * self.scales[1]], dim=1)
        return z.square().sum(dim=1), z, maps


def smaller(detector: JointSVDD, second: DeepSVDD) -> nn.Module:
    """How the second sphere gets its pixels: as they are, or smaller."""
    size, small = detector.image_shape_[:2], second.image_shape_[:2]
    return nn.Identity() if size == small else Shrunk(size, small)


class Shrunk(nn.Module):
    """Pixels made smaller in whole grey levels."""

    def __init__(self, size: tuple[int, ...], small: tuple[int, ...]) -> None:
        super().__init__()
        self.down = nn.Buffer(torch.from_numpy(shares(size[0], small[0])))
        self.across = nn.Buffer(torch.from_numpy(shares(size[1], small[1])))
        self.first, self.last = ChannelsFirst(), ChannelsLast()

    def forward(self, pixels: Tensor) -> Tensor:
        """Return pixels (n, height, width[, 3]), 0 to 255."""
        made: Tensor = self.last(shrunk(self.first(pixels), self.down, self.across))
        return made


class FCDDGraph(nn.Module):
    """An embedding at every place; that of the image is where the farthest lie."""

    def __init__(self, detector: FCDD) -> None:
        super().__init__()
        self.network, self.size = detector.network_, detector.image_shape_[:2]

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return scores, embeddings and maps."""
        places = self.network(pixels / 255)
        z = whole(places)
        d = places.square().sum(dim=1, keepdim=True).sqrt()
        maps = F.interpolate(d, self.size, mode="bilinear", align_corners=False)[:, 0]
        return z.square().sum(dim=1), z, maps


GRAPHS: dict[type[NetworkDetector], Callable[[Any], nn.Module]] = {
    DeepSVDD: DeepSVDDGraph,
    FeatureSVDD: FeatureSVDDGraph,
    JointSVDD: JointSVDDGraph,
    FCDD: FCDDGraph,
}


def graph_of(detector: NetworkDetector) -> nn.Module:
    """Return the module of a fitted detector.

    Raises `ExportRefused` for other families, and for a version that is older than features in
    single precision: how a half is rounded differs from machine to machine.
    """
    make = GRAPHS.get(type(detector))
    if make is None:
        kinds = ", ".join(sorted(family.kind for family in GRAPHS))
        raise ExportRefused(
            f"A model of the kind {detector.kind} cannot be written as ONNX; these can: {kinds}."
        )
    first = detector.first_ if isinstance(detector, JointSVDD) else detector
    if isinstance(first, FeatureSVDD) and first.precision_ is Precision.HALF:
        raise ExportRefused(TOO_OLD)
    return make(detector).eval()
