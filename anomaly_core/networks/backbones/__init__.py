"""Frozen networks that turn images into features, with weights that come from elsewhere."""

from anomaly_core.networks.backbones.base import Backbone, Preprocessing
from anomaly_core.networks.backbones.loading import BACKBONES, load_backbone

__all__ = ["BACKBONES", "Backbone", "Preprocessing", "load_backbone"]
