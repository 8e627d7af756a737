"""What the drawn backbone learns: which views are of one picture, and what was drawn on it.

Sources: Chen et al. 2020, "A Simple Framework for Contrastive Learning of Visual Representations"
(SimCLR); Kataoka et al. 2020, "Pre-training without Natural Images", whose classes, as ours, are
the parameters of a program that draws.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from anomaly_core.losses import nt_xent
from anomaly_core.networks.drawn.network import PREPROCESSING, WIDTHS, DrawnNetwork
from anomaly_core.networks.drawn.pictures import KINDS

TEMPERATURE = 0.2
EARLIER = 0.5  # weight of the contrast of the stage before the last
HIDDEN, PROJECTED = 1024, 128  # values of a projection


def projection(channels: int) -> nn.Sequential:
    """Return a head (n, channels) -> (n, 128) that contrast acts on, dropped after training."""
    return nn.Sequential(
        nn.Linear(channels, HIDDEN, bias=False),
        nn.BatchNorm1d(HIDDEN),
        nn.ReLU(),
        nn.Linear(HIDDEN, PROJECTED),
    )


class Pretraining(nn.Module):
    """The network with the heads that it is trained with."""

    def __init__(self) -> None:
        super().__init__()
        self.network = DrawnNetwork()
        self.last = projection(WIDTHS[-1])
        self.earlier = projection(WIDTHS[-2])
        self.kinds = nn.Linear(WIDTHS[-1], len(KINDS))

    def forward(self, one: Tensor, other: Tensor, kinds: Tensor) -> tuple[Tensor, Tensor]:
        """Return the loss of two views (n, 3, h, w) in 0..1 of each picture, and the accuracy.

        `kinds` (n,) says what the pictures are of; the accuracy, 0 to 1, is that of telling it.
        Under autocast the network computes in the lower precision, the losses in float32.
        """
        x = (torch.cat([one, other]) - PREPROCESSING.mean[0]) / PREPROCESSING.std[0]
        *_, before, maps = self.network(x.contiguous(memory_format=torch.channels_last))
        pooled, earlier = maps.mean((2, 3)), before.mean((2, 3))  # (2 n, channels)
        kinds = kinds.repeat(2)
        logits, z, z_earlier = self.kinds(pooled), self.last(pooled), self.earlier(earlier)
        with torch.autocast(x.device.type, enabled=False):
            loss = F.cross_entropy(logits.float(), kinds)
            for weight, projected in ((1.0, z), (EARLIER, z_earlier)):
                z1, z2 = projected.float().chunk(2)
                loss = loss + weight * nt_xent(z1, z2, TEMPERATURE)
        return loss, (logits.argmax(1) == kinds).float().mean()
