"""What people see of an image: the file as it was given, or else the pixels that the model sees."""

import base64
import contextlib
import hmac
import io
import os
import secrets
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Protocol

import numpy as np
from PIL import Image

from anomaly_core.datasets.base import Images
from anomaly_core.importing.examining import decode
from state.errors import StoreDamaged
from state.files import artifacts
from state.files.artifacts import Array
from state.files.imports import Block, ImportFolder, Record, import_named

Picture = Images | bytes  # pixels, or an image file that every browser shows
SHOWN = {  # what browsers show, by the first bytes of the file
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG": "image/png",
    b"GIF8": "image/gif",
    b"RIFF": "image/webp",
    b"BM": "image/bmp",
}


class Pictures(Protocol):
    """Pictures by item number."""

    def __getitem__(self, item: int) -> Picture: ...


class OwnPictures:
    """The pictures of a project with images of a person's own.

    `imports` are those of its batches; `sources` (n, 3) tell of each item the batch, the block and
    the place in it.
    """

    def __init__(self, imports: Sequence[ImportFolder | None], sources: Array) -> None:
        self.imports = imports
        self.sources = sources

    def __getitem__(self, item: int) -> bytes:
        _, block, record = self._at(item)
        return block.thumbnail(record)

    def path(self, item: int) -> str:
        """What the file is called, in the folder or archive that it came from."""
        return self._at(item)[2].entry.path

    def name(self, item: int) -> str:
        """The name of its file alone: folders may tell what nobody who answers should know."""
        return PurePosixPath(self.path(item)).name

    def original(self, item: int) -> bytes:
        """The file, or where no browser shows it the same picture as PNG.

        Raises `StoreUnavailable` for one that stayed in place and has gone or changed.
        """
        found, block, record = self._at(item)
        with found.stayed() as source:
            data = block.original(record, source)
        return data if kind_of(data) else png(decode(data).pixels)

    def given(self, item: int) -> tuple[bytes, Path | None]:
        """The file as it was given, and where it is if it stayed in place in a folder.

        Raises what `original` raises.
        """
        found, block, record = self._at(item)
        with found.stayed() as source:
            data = block.original(record, source)
        place = Path(found.plan.source) / record.entry.path
        stayed = source is not None and place.is_file() and not place.is_symlink()
        return data, place if stayed else None

    def _at(self, item: int) -> tuple[ImportFolder, Block, Record]:
        batch, number, place = [0, *self.sources[item].tolist()][-3:]  # older files know of one
        found = self.imports[batch]
        if found is None:
            raise StoreDamaged(
                "The files of this import are gone; bring them back with ringfence restore."
            )
        block = block_in(found.block_folder(number))
        return found, block, block.records[place]


@lru_cache(maxsize=64)
def block_in(folder: Path) -> Block:
    """Return a block, whose records are read once."""
    return Block(folder)


def own_pictures(data_dir: Path, project: Path, sources: str = "sources") -> OwnPictures | None:
    """The pictures of a project by its folder; `None` where its images are those of a dataset."""
    if not (project / "own.json").is_file():
        return None
    imports = [import_named(data_dir, name) for name in imports_in(project)]
    if not any(imports):
        return None
    return OwnPictures(imports, artifacts.read_array(project / f"{sources}.npy"))


def imports_in(project: Path) -> list[str]:
    """The imports whose images are in the pool of a project, by its folder."""
    told = artifacts.read_json(project / "own.json")
    return list(told["imports"] if "imports" in told else [told["name"]])


def kind_of(data: bytes) -> str:
    """The media type of an image file that every browser shows; empty for others."""
    return next((kind for start, kind in SHOWN.items() if data.startswith(start)), "")


def data_uri(picture: Picture, largest: int | None = None) -> str:
    """Return a picture as a data URI; pixels with at most so many a side."""
    data = picture if isinstance(picture, bytes) else png(picture, largest)
    return f"data:{kind_of(data)};base64,{base64.b64encode(data).decode()}"


def pixels_of(picture: Picture) -> Images:
    """Return the pixels of a picture, (height, width[, 3]) uint8."""
    return decode(picture).pixels if isinstance(picture, bytes) else np.asarray(picture)


def png(pixels: Images, largest: int | None = None) -> bytes:
    """Encode (height, width[, 3]) uint8 as a PNG file, with at most so many pixels a side."""
    buffer, image = io.BytesIO(), Image.fromarray(np.asarray(pixels))
    if largest is not None:
        image.thumbnail((largest, largest))
    image.save(buffer, format="PNG")
    return buffer.getvalue()


def key_to(data_dir: Path, project_id: int) -> str:
    """A key that lets a browser fetch the pictures of one project."""
    return hmac.new(secret_of(data_dir), b"pictures %d" % project_id, "sha256").hexdigest()


def secret_of(data_dir: Path) -> bytes:
    """What only the servers of a data directory know: 32 bytes, drawn once."""
    path = data_dir / "secret"
    if not path.exists():
        drawn = data_dir / f".secret-{secrets.token_hex(8)}"
        drawn.touch(0o600)
        drawn.write_bytes(secrets.token_bytes(32))
        with contextlib.suppress(FileExistsError):  # another server was first
            os.link(drawn, path)
        drawn.unlink()
    return path.read_bytes()
