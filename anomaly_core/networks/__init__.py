"""Encoders and decoders; the layer sizes can be read at a glance."""

from anomaly_core.networks.mlp import MLPDecoder, MLPEncoder

__all__ = ["MLPDecoder", "MLPEncoder"]
