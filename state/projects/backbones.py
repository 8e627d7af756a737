"""Which network a project's features come from, and the weights that it needs for that.

Torch never runs where pages are drawn, so a process of its own reads and fetches weights.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from anomaly_core.detectors.base import Family
from anomaly_core.errors import InvalidInput, RingfenceError
from anomaly_core.progress import Progress, silent

log = logging.getLogger("ringfence.weights")

DRAWN = "drawn"  # the network that is part of Ringfence
SUGGESTED = (
    *("mobilenet_v3_small", "resnet18", "resnet50", "wide_resnet50_2"),
    *("efficientnet_b0", "convnext_tiny"),
)
"""Some of the networks of torchvision that can be named, small ones first."""
BROKEN = "The download has ended unexpectedly; the log has the details."

WITH_FEATURES = (Family.JOINT, Family.FEATURES)


@dataclass(frozen=True)
class NetworkChoice:
    """A network by name, and the file of its weights; without one, torchvision's own are meant."""

    name: str = DRAWN
    weights: Path | None = None

    @property
    def usual(self) -> bool:
        """Whether it is the one that every installation has."""
        return self == NetworkChoice()


@dataclass(frozen=True)
class Card:
    """What a person should know of weights: the network, where they are from, and the SHA-256."""

    name: str
    source: str
    file: str
    sha256: str

    @classmethod
    def of(cls, card: Mapping[str, Any]) -> Self:
        """The part of a backbone's card that is shown; raises KeyError where it lacks it."""
        return cls(**{field: str(card[field]) for field in cls.__dataclass_fields__})


Reader = Callable[[NetworkChoice, bool, Progress], Card]
"""Reads weights, with True those that it first downloads; raises as `load_backbone` does."""


@dataclass(frozen=True)
class Download:
    """How far a download is, 0 to 1, and what came of it: the card, or a sentence of trouble."""

    share: float = 0.0
    message: str = "Looking for the weights"
    card: Card | None = None
    trouble: str = ""

    @property
    def over(self) -> bool:
        """Whether there is nothing more to wait for."""
        return self.card is not None or bool(self.trouble)


class Backbones:
    """Checks and fetches weights through `read`; nothing is downloaded unless asked for.

    Safe to share between threads.
    """

    def __init__(self, read: Reader) -> None:
        self.read = read
        self._downloads: dict[str, Download] = {}  # the latest of each network
        self._lock = threading.Lock()

    def check(self, family: Family, chosen: NetworkChoice) -> None:
        """Refuse what could not give features: `InvalidInput`, for missing weights too."""
        if chosen.usual:
            return
        if family not in WITH_FEATURES:
            raise InvalidInput(
                "This model takes no features of another network; choose Automatic or Ready at "
                "once, or features from drawn pictures."
            )
        if chosen.name == DRAWN:
            raise InvalidInput(
                "The network for drawn pictures comes with its weights; leave the file out, or "
                "choose another network."
            )
        self.read(chosen, False, silent)

    def download(self, chosen: NetworkChoice) -> None:
        """Begin to fetch the published weights onto this server; raises `InvalidInput`.

        It goes on while nobody looks; see `downloaded`. One of a network is under way at a time.
        """
        if chosen.name == DRAWN:
            raise InvalidInput(
                "The weights for drawn pictures are part of Ringfence; choose another network to "
                "download its weights."
            )
        if chosen.weights is not None:
            raise InvalidInput(
                "A file of weights is named already; leave that field empty to download others."
            )
        with self._lock:
            latest = self._downloads.get(chosen.name)
            if latest is not None and not latest.over:
                return
            self._downloads[chosen.name] = Download()
        threading.Thread(target=self._fetch, args=[chosen], daemon=True).start()

    def downloaded(self, name: str) -> Download | None:
        """How far the latest download of a network's weights is; `None` where there was none."""
        return self._downloads.get(name)

    def _fetch(self, chosen: NetworkChoice) -> None:
        def progress(share: float, message: str) -> None:
            self._downloads[chosen.name] = Download(share, message)

        try:
            end = Download(card=self.read(chosen, True, progress))
        except RingfenceError as error:
            end = Download(trouble=str(error))
        except Exception:
            log.exception("the weights could not be downloaded")
            end = Download(trouble=BROKEN)
        self._downloads[chosen.name] = end
