"""What is dear to make and never changed is made by one of the tests' processes, for all."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest


def once(shared: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder that only the first who asks for it has to `make`; the others wait."""
    own = shared.getbasetemp()
    place = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder, part = place / name, place / f"{name}.part"
    with (place / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            make(part)
            part.rename(folder)
    return folder
