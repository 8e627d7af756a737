"""What every source of images gives: a listing, and the bytes of one file at a time."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol


class ImageEntry(NamedTuple):
    """An image that can be asked for, and what its source knows about it.

    `path` is relative, with forward slashes and an extension, and unique in its source: the key
    of the image. `group` names what belongs together, such as a patient or a part.
    """

    path: str
    label: str | None = None
    split: str | None = None
    group: str | None = None


@dataclass(frozen=True)
class ImageRefusal:
    """A file that is no image to be had, and one sentence that says why."""

    path: str
    reason: str


@dataclass(frozen=True)
class Listing:
    """All that a source holds: images in order, what was refused, what to know of both."""

    entries: tuple[ImageEntry, ...]
    refusals: tuple[ImageRefusal, ...] = ()
    notes: tuple[str, ...] = ()


class ImageSource(Protocol):
    """Where images are imported from."""

    def listing(self) -> Listing:
        """Every image, without decoding more than a few."""

    def read(self, path: str) -> bytes:
        """The file of one entry; rows of arrays are PNG files. Raises `Refused`."""
