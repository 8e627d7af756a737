"""What published files hash to, and which of them are no longer what was published.

The row of a model version keeps these hashes, `state.store.models.Model.files`.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal, read a piece at a time; raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hashes_of(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file in a folder, by its path there with forward slashes."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256_of(path) for path in files}


def torn(folder: Path, files: Mapping[str, str]) -> list[str]:
    """Return which of the files are missing, cannot be read, or hash to something else.

    What lies in the folder besides does not count.
    """
    return [name for name, sha256 in files.items() if not is_whole(folder / name, sha256)]


def is_whole(path: Path, sha256: str) -> bool:
    """Whether a file can be read and hashes to this."""
    try:
        return sha256_of(path) == sha256
    except OSError:
        return False
