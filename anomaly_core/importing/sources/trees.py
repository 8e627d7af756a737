"""Folders and archives of image files, which are never left by a link or a name."""

import os
import stat
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

from propcache import cached_property

from anomaly_core.datasets.image_folder import UNREADABLE, Archive, Folder, Tree
from anomaly_core.datasets.reading import SUFFIXES
from anomaly_core.errors import InvalidInput, Refused
from anomaly_core.importing.base import ImageEntry, ImageRefusal, Listing
from anomaly_core.importing.sources.archives import LARGEST_FILE, MOST_FILES, too_many, why_not
from anomaly_core.importing.sources.layout import arranged_by_folders, without_ground_truth
from anomaly_core.importing.sources.masks import without_masks

NO_IMAGE = "It is no image that can be read: JPEG, PNG, WebP, TIFF, BMP and GIF are."
NO_TEXT = "Its name is no valid text; give it another."
GONE = "It cannot be read any more; put it back, or import again without it."
LEFT_BY_SYSTEMS = ("thumbs.db", "desktop.ini")


@dataclass
class Walk:
    """The files that a tree holds, and what in it cannot be taken."""

    paths: list[str] = field(default_factory=list)
    refusals: list[ImageRefusal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def refuse(self, path: str, reason: str) -> None:
        """Leave something out, and say why."""
        self.refusals.append(ImageRefusal(path, reason))


class Fenced(Tree, Protocol):
    """A tree that gives nothing from outside it."""

    def walk(self) -> Walk:
        """Everything that is not hidden, in any order."""


@dataclass(frozen=True)
class FencedFolder(Folder):
    """A tree on disk; links out of it are refused, also where one appears later.

    `most` is how many files it may have, `None` for what any source may.
    """

    most: int | None = None

    def walk(self) -> Walk:
        """Every ordinary file below the root; raises `InvalidInput` for too many."""
        found, home, waiting = Walk(), Path(self._home), [""]  # folders, with a slash at the end
        while waiting:
            folder = waiting.pop()
            try:
                with os.scandir(self.root / folder) as scan:
                    inside = list(scan)
            except OSError:
                found.refuse(folder[:-1], "The folder cannot be opened; allow it.")
                continue
            for one in inside:
                path = folder + one.name
                if is_hidden(one.name):
                    continue
                if one.name.isascii() and one.is_file(follow_symlinks=False):  # nearly all
                    found.paths.append(path)
                elif reason := why_not_taken(one, home):
                    found.refuse(printable(path), reason)
                elif one.is_dir(follow_symlinks=False):
                    waiting.append(f"{path}/")
                else:
                    found.paths.append(path)
            if len(found.paths) > (self.most or MOST_FILES):
                raise too_many(self.root.name)
        return found

    def open(self, path: str) -> IO[bytes]:
        """Open one of the files; raises `Refused` for a link out, a device or a giant."""
        place = self.root / path
        opened = os.open(place, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
        try:
            told = os.fstat(opened)
            if not stat.S_ISREG(told.st_mode) or not place_of(opened, place).startswith(self._home):
                raise Refused("It is no ordinary file in this folder; put the file itself there.")
            if told.st_size > LARGEST_FILE:
                raise Refused(f"It is larger than {LARGEST_FILE >> 20:,} MB; make it smaller.")
            return os.fdopen(opened, "rb")
        except BaseException:
            os.close(opened)
            raise

    @cached_property
    def _home(self) -> str:
        """Where the root really is, with a slash at the end."""
        return f"{str(self.root.resolve()).rstrip('/')}/"


class FencedArchive(Archive):
    """A tree in a zip file from anybody."""

    def walk(self) -> Walk:
        """Every entry that can be unpacked without harm; of two of one name the last."""
        found, last = Walk(), {one.filename: one for one in self.file.infolist()}
        for name, info in last.items():
            if info.is_dir() or is_hidden(name):
                continue
            if reason := why_not(info):
                found.refuse(name, reason)
            else:
                found.paths.append(name)
        again = len(self.file.infolist()) - len(last)
        if again:
            found.notes.append(
                f"{counted(again, 'file is', 'files are')} in the archive once more under the same "
                "name; the last of each was taken."
            )
        return found

    def open(self, path: str) -> IO[bytes]:
        """Open one of the entries; raises `Refused` for one that is not taken."""
        if reason := why_not(self.file.getinfo(path)):
            raise Refused(reason)
        return self.file.open(path)


@dataclass(frozen=True)
class TreeSource:
    """Image files in a folder or archive; folders may be splits and classes."""

    tree: Fenced

    def listing(self) -> Listing:
        """The images by their paths, masks left out; raises `InvalidInput` for too many."""
        found = self.tree.walk()
        paths = []
        for path in found.paths:
            if is_image(path):
                paths.append(path)
            else:
                found.refuse(path, NO_IMAGE)
        paths.sort()
        images, truth = without_ground_truth(paths)
        if truth:
            found.notes.append(
                f"{counted(len(truth), 'file', 'files')} in ground_truth, beside the splits, "
                "are masks and were left out."
            )
        images, notes = without_masks(images, self.read)
        notes = [*found.notes, *notes, *spelled_twice(images)]
        refusals = sorted(found.refusals, key=lambda one: one.path)
        return Listing(arranged_by_folders(images), tuple(refusals), tuple(notes))

    def read(self, path: str) -> bytes:
        """The bytes of one file; raises `Refused`."""
        return read_from(self.tree, path)


@dataclass(frozen=True)
class OneFile:
    """A single image file."""

    path: Path

    def listing(self) -> Listing:
        """The one image."""
        return Listing((ImageEntry(self.path.name),))

    def read(self, path: str) -> bytes:
        """Its bytes; raises `Refused`."""
        if path != self.path.name:
            raise Refused(GONE)
        return read_from(FencedFolder(self.path.parent), path)


def read_from(tree: Tree, path: str) -> bytes:
    """The bytes of one file in a tree; raises `Refused`, whatever is wrong with it."""
    try:
        with tree.open(path) as file:
            return file.read()
    except (FileNotFoundError, KeyError) as error:
        raise Refused(GONE) from error
    except (*UNREADABLE, zipfile.LargeZipFile) as error:
        raise Refused("It cannot be unpacked or read, being damaged; copy it again.") from error


def place_of(opened: int, path: Path) -> str:
    """Where an open file really is; `path` is what it was opened by."""
    try:
        return str(Path(f"/proc/self/fd/{opened}").readlink())
    except FileNotFoundError:  # no Linux
        return str(path.resolve())


def why_not_taken(one: os.DirEntry[str], home: Path) -> str | None:
    """Say why something in a folder is not taken, or None where it may be."""
    if printable(one.name) != one.name:
        return NO_TEXT
    try:
        if one.is_symlink():
            target = Path(one.path).resolve(strict=True)
            if not target.is_relative_to(home):
                return "It is a link out of the folder, which is not followed; copy the file here."
            if target.is_dir():
                return "It is a link to a folder, which is not followed; its files count there."
        if not one.is_dir() and not one.is_file():
            return "It is neither file nor folder; leave it out."
    except (OSError, RuntimeError):  # nothing there, or links that go in circles
        return "It is a link that leads nowhere; leave it out."
    return None


def is_image(path: str) -> bool:
    """Whether a file is named like an image."""
    return path.lower().endswith(SUFFIXES)


def is_hidden(path: str) -> bool:
    """Whether a file is there for a system or program, not for people."""
    if not path.startswith(".") and "/." not in path and "__MACOSX" not in path:  # nearly all
        return path.rpartition("/")[2].lower() in LEFT_BY_SYSTEMS
    parts = path.split("/")
    hidden = any(part.startswith(".") and part not in (".", "..") for part in parts)
    return hidden or "__MACOSX" in parts or parts[-1].lower() in LEFT_BY_SYSTEMS


def printable(name: str) -> str:
    """The name with what is no text replaced."""
    return name if name.isascii() else name.encode("utf-8", "replace").decode()


def spelled_twice(paths: Sequence[str]) -> Iterator[str]:
    """Say how many names look the same, being written with other accents."""
    if all(map(str.isascii, paths)):
        return
    same = Counter(unicodedata.normalize("NFC", path) for path in paths)
    again = sum(count - 1 for count in same.values())
    if again:
        yield (
            f"{counted(again, 'name looks', 'names look')} like another and differ only in how "
            "accents are stored; each is an image of its own."
        )


def counted(count: int, one: str, many: str) -> str:
    """A number and what it counts."""
    return f"{count:,} {one if count == 1 else many}"


def opened_folder(root: Path, most: int | None = None) -> TreeSource:
    """The images below a folder; raises `InvalidInput` where it cannot be opened."""
    try:
        os.scandir(root).close()
    except OSError as error:
        raise InvalidInput(f"{root.name} cannot be opened; allow it or choose another.") from error
    return TreeSource(FencedFolder(root, most))
