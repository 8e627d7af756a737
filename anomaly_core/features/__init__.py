"""What a frozen network makes of images, computed once."""

from anomaly_core.features.cache import FeatureCache

__all__ = ["FeatureCache"]
