"""A fully convolutional network: an embedding at every place of an image, not one for the whole.

Liznerski et al. 2021, "Explainable Deep One-Class Classification" (FCDD).
"""

from torch import Tensor, nn

from anomaly_core.datasets.base import Shape
from anomaly_core.networks.channels import ChannelsFirst, channels_of

LATENT = 16
DEPTH = 64  # channels below the head
STRIDE = 4  # pixels from one place to the next


class PlaceNetwork(nn.Module):
    """3x3 convolutions, two of stride 2 and then dilated ones that look farther, and a head.

    `body` gives features (batch, 64, height / 4, width / 4), `head` embeddings (batch, 16, ...).
    """

    def __init__(self, image_shape: Shape) -> None:
        super().__init__()
        self.body = nn.Sequential(
            ChannelsFirst(),
            *layer(channels_of(image_shape), 24, stride=2),
            *layer(24, 48, stride=2),
            *layer(48, 48),
            *layer(48, 64, dilation=2),
            *layer(64, DEPTH, dilation=4),
        )
        self.head = nn.Conv2d(DEPTH, LATENT, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return embeddings (batch, 16, height / 4, width / 4), rounded up."""
        return self.head(self.body(x))  # type: ignore[no-any-return]


def layer(inputs: int, outputs: int, stride: int = 1, dilation: int = 1) -> tuple[nn.Module, ...]:
    """A convolution that keeps the size unless it has a stride; the edge is mirrored."""
    return (
        nn.Conv2d(
            inputs,
            outputs,
            3,
            stride=stride,
            padding=dilation,
            dilation=dilation,
            padding_mode="replicate",
            bias=False,
        ),
        nn.BatchNorm2d(outputs),
        nn.LeakyReLU(),
    )
