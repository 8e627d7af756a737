"""Networks that tell classes apart, from (batch, height, width[, 3]), both sides at least 8."""

from torch import Tensor, nn

from anomaly_core.datasets.base import Shape
from anomaly_core.networks.autoencoders import dense, pooled
from anomaly_core.networks.channels import ChannelsFirst, channels_of
from anomaly_core.networks.conv import halvings

FEATURES = 32  # channels of the features that are classified and reconstructed


class ConvClassifier(nn.Module):
    """Three convolutions and max-pools, 16 - 32 - 64, and two dense layers, 128 - classes."""

    def __init__(self, image_shape: Shape, classes: int) -> None:
        super().__init__()
        height, width = halvings(image_shape, 3)[-1]
        self.encoder = nn.Sequential(
            ChannelsFirst(),
            *pooled(channels_of(image_shape), 16),
            *pooled(16, 32),
            *pooled(32, 64),
            nn.Flatten(),
            nn.Linear(64 * height * width, 128),
            nn.ReLU(),
        )
        self.head = nn.Linear(128, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return one logit a class, (batch, classes)."""
        return self.head(self.encoder(x))  # type: ignore[no-any-return]


class FeatureNetwork(nn.Module):
    """Features of channels 16 - 32 that are classified, and reconstructed as well."""

    def __init__(self, image_shape: Shape, classes: int) -> None:
        super().__init__()
        height, width = halvings(image_shape, 2)[-1]
        size = FEATURES * height * width
        self.encoder = nn.Sequential(
            ChannelsFirst(),
            *pooled(channels_of(image_shape), 16),
            *pooled(16, FEATURES),
            nn.Flatten(),
        )
        self.classifier = nn.Sequential(*dense(size, 128, classes))
        self.compress = nn.Sequential(*dense(size, 128, 32))
        self.restore = nn.Sequential(nn.ReLU(), *dense(32, 128, size))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return features (batch, f), what the autoencoder makes of them, and class logits."""
        f = self.encoder(x)
        return f, self.restore(self.compress(f)), self.classifier(f)

    def encode(self, x: Tensor) -> Tensor:
        """Return the codes of the features, (batch, latent)."""
        return self.compress(self.encoder(x))  # type: ignore[no-any-return]
