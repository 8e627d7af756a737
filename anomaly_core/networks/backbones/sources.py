"""Where published weights are looked for, and where they come from if a person asks for it."""

import hashlib
import http.client
import tempfile
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

import torch

from anomaly_core.errors import WeightsError
from anomaly_core.networks.backbones.published import PublishedWeights, published_for
from anomaly_core.networks.backbones.weights import sha256_of
from anomaly_core.progress import Progress

Opener = Callable[[str], BinaryIO]
"""Opens a URL for reading; raises OSError where that is not possible."""

PATIENCE = 30  # seconds without a byte
CHUNK = 2**20  # bytes


def open_url(url: str) -> BinaryIO:
    """Open a URL; raises OSError where nobody answers."""
    opened: BinaryIO = urllib.request.urlopen(url, timeout=PATIENCE)
    return opened


@dataclass(frozen=True)
class WeightsSource:
    """What is published for a network, a folder that may have it, and a way to fetch it.

    Without a `folder` it is the one where torch keeps what was downloaded. `name_file` and `ask`
    tell what a person can do where there are no weights: name a file, or ask for the download.
    """

    published: Callable[[str], Sequence[PublishedWeights]] = published_for
    folder: Path | None = None
    opener: Opener = open_url
    name_file: str = "name a file that holds them"
    ask: str = "have them downloaded"

    def find(self, name: str, download: bool, progress: Progress) -> tuple[Path, str]:
        """Return the first published file that is in the folder, else a download, and say which.

        Raises `WeightsError` where there is none, or a damaged one.
        """
        folder, published = self.folder or torch_folder(), self.published(name)
        for weights in published:
            file = folder / weights.file
            if file.is_file():
                if not sha256_of(file).startswith(weights.digest):
                    raise WeightsError(f"{file} is damaged; delete it and load {name} again.")
                return file, f"torchvision's cache, published at {weights.url}"
        first = published[0]
        if not download:
            raise WeightsError(
                f"The weights of {name} are not on this machine; put {first.file} into {folder}, "
                f"{self.name_file}, or {self.ask}."
            )
        file = fetch(first, folder, progress, self.opener, self.name_file)
        return file, f"downloaded from {first.url}"


def torch_folder() -> Path:
    """Return where torch keeps weights that were downloaded."""
    return Path(torch.hub.get_dir()) / "checkpoints"


def fetch(
    weights: PublishedWeights, folder: Path, progress: Progress, opener: Opener, name_file: str
) -> Path:
    """Download weights into `folder`, where a file appears only once it is whole.

    Raises `WeightsError` where they cannot be had, or differ from the published ones.
    """
    unfinished = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
            unfinished = Path(file.name)
            with opener(weights.url) as source:
                digest = copied(source, file.file, weights, progress)
        if not digest.startswith(weights.digest):
            raise WeightsError(
                f"{weights.file} arrived damaged; download it again, or name a file of your own."
            )
        return unfinished.replace(folder / weights.file)
    except (OSError, http.client.HTTPException) as error:
        raise WeightsError(
            f"{weights.file} could not be downloaded; check the internet connection and the room "
            f"on the disk, put it into {folder}, or {name_file}."
        ) from error
    finally:
        if unfinished:
            unfinished.unlink(missing_ok=True)


def copied(
    source: BinaryIO, target: IO[bytes], weights: PublishedWeights, progress: Progress
) -> str:
    """Copy a download, telling how far it is; returns the SHA-256."""
    digest, received = hashlib.sha256(), 0
    message = f"Downloading {weights.file} ({weights.size / 2**20:.0f} MB)"
    progress(0.0, message)
    while chunk := source.read(CHUNK):
        target.write(chunk)
        digest.update(chunk)
        received += len(chunk)
        progress(min(1.0, received / max(1, weights.size)), message)
    return digest.hexdigest()
