"""Models that run where there is no torch: one file of ONNX, and what scores by it."""

from anomaly_core.onnx.scorer import OnnxScorer

__all__ = ["OnnxScorer"]
