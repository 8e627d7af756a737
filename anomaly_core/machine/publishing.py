"""Files that are there whole or not at all, whatever ends the process that writes them."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

PART = ".part"  # behind the name of what is being written, or was left by a process that was killed


def published(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file beside its place, flush it, and put it there; raises what `write` raises."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}{PART}")
    try:
        write(draft)
        flush(draft)
        draft.replace(path)
        flush(path.parent)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def flush(path: Path) -> None:
    """Force a file, or the entries of a folder, to disk; raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
