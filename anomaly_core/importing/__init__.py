"""Images of any size and kind from anybody: opened, examined, and made alike."""

from anomaly_core.importing.base import ImageEntry, ImageRefusal, ImageSource, Listing
from anomaly_core.importing.examining import Decoded, Examined, decode, examine, thumbnail
from anomaly_core.importing.findings import Finding, Findings, find
from anomaly_core.importing.fitting import Choices, Fit, fitted, suggest
from anomaly_core.importing.sources.opening import open_source

__all__ = [
    "Choices",
    "Decoded",
    "Examined",
    "Finding",
    "Findings",
    "Fit",
    "ImageEntry",
    "ImageRefusal",
    "ImageSource",
    "Listing",
    "decode",
    "examine",
    "find",
    "fitted",
    "open_source",
    "suggest",
    "thumbnail",
]
