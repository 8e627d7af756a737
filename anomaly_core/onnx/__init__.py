"""Models that run where there is neither Ringfence nor torch: one ONNX file, and what scores by it."""

from anomaly_core.onnx.scorer import OnnxScorer

__all__ = ["OnnxScorer"]
