"""A backbone that has only ever seen drawn images."""

from anomaly_core.networks.drawn.backbone import SHA256, drawn_backbone

__all__ = ["SHA256", "drawn_backbone"]
