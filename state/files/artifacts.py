"""The files of a project: what is where, and how a file comes to be there whole or not at all.

projects/<id>/
    pool.npy, reconstructions.npy          images by item number; the latter if models make
                                           them, of a joint hypersphere once the pool has taught
    own.json, sources.npy,                 of images of a person's own: the imports, and for each
              test-sources.npy             image which of them, block and place, see
                                           `state.files.imports`
    project.json                           when the project was created, whose images these are
    audit.npy                              items set aside to measure quality
    test.npy, validation.npy               held-out images
    truth/pool.npy, pool-classes.npy,      for evaluation only; no query or training step sees these
          test.npy, test-classes.npy, validation.npy, validation-classes.npy
          and -provenance.npy of each      (from `Provenance.to_records`; not in older projects)
    models/<version>-<token>/              no file of it ever changes; its row says what each one
                                           hashes to; `models/<version>/` in older projects. Scores
                                           of the pool that are caught up come in another folder
        model.safetensors, model.json      the detector
        scores.npy, map.npy                by item number: score; distance and angle; NaN for what
                                           was taken back, shorter than a pool that has grown since
        embeddings.npy                     by item number: place in latent space, in half precision
        proposals.npy, utilities.npy       items to ask, best first, and why
        test-scores.npy, validation-scores.npy
    maps/<version>-<weights>/<item>.npz    where its distance comes from, once asked for; computed
                                           anew where it is damaged
    random/                                see `state.workers.baseline.rounds`
    taught/                                see `state.workers.teaching`
imports/                                   see `state.files.imports`
examples/                                  see `state.files.examples`
features/                                  what backbones made of images, by content

What is only being written has a mark beside it, see `state.files.unfinished`. What one trainer puts
in place, it puts there while it has the lease, so that one that was overtaken changes nothing.
"""

import json
import math
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache
from pathlib import Path
from tokenize import TokenError
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from anomaly_core.machine.publishing import flush
from state.errors import StoreDamaged
from state.files.unfinished import marked, replace

STAMP = "project.json"
PIECE = 1 << 20  # bytes that are written at a time while others may have to wait
Array = NDArray[Any]
Within = Callable[[], AbstractContextManager[object]]
"""Gives the context in which files are put in place, such as the lease of who does it."""


def project_folder(data_dir: Path, project_id: int) -> Path:
    """Return the folder of a project, which need not exist yet."""
    return data_dir / "projects" / str(project_id)


def dataset_root(data_dir: Path, dataset: str, own: Path | None) -> Path | None:
    """Return the folder of a dataset: its own, or for `mnist` the one it is downloaded to."""
    return own or (data_dir / "datasets" if dataset == "mnist" else None)


def new_version_folder(data_dir: Path, project_id: int, version: int) -> Path:
    """Return a folder for a model version that nobody has; once it is published its row tells."""
    name = f"{version}-{secrets.token_hex(4)}"
    return project_folder(data_dir, project_id) / "models" / name


def features_folder(data_dir: Path) -> Path:
    """Return the folder of what backbones made of images, shared by all projects."""
    return data_dir / "features"


def run_folder(data_dir: Path, run_id: int) -> Path:
    """Return the folder of a run, which need not exist yet."""
    return data_dir / "runs" / str(run_id)


def publish(folder: Path, write: Callable[[Path], None], within: Within = nullcontext) -> None:
    """Let `write` fill a temporary folder, flush it to disk and put it in the place of `folder`.

    It gets there `within` a context, which may refuse by raising: then everything stays as it was.
    """
    with filled(folder, write) as temporary:
        with within():
            replace(temporary, folder)
        opened.cache_clear()  # arrays of the folder that went
        flush(folder.parent)


@contextmanager
def filled(folder: Path, write: Callable[[Path], None]) -> Iterator[Path]:
    """Give a temporary folder that `write` has filled, flushed to disk; gone after the block."""
    with marked(folder) as temporary:
        write(temporary)
        flush_all(temporary)
        yield temporary


def settle(temporary: Path, folder: Path) -> None:
    """Flush a filled folder to disk and rename it to `folder`, which nobody has."""
    flush_all(temporary)
    temporary.rename(folder)
    flush(folder.parent)


def flush_all(folder: Path) -> None:
    """Force a folder with all that is in it to disk."""
    for path in (*folder.rglob("*"), folder):
        flush(path)


def write_arrays(folder: Path, arrays: Mapping[str, Array]) -> None:
    """Write each array as `<name>.npy`; a name may lead into a folder below."""
    for name, array in arrays.items():
        path = folder / f"{name}.npy"
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, array, allow_pickle=False)


def write_json(path: Path, values: Mapping[str, Any]) -> None:
    """Write plain values as a file."""
    path.write_text(json.dumps(values), encoding="utf-8")


def stamp(created_at: float) -> dict[str, Any]:
    """What tells the images of a project, by when it was created, from those of another."""
    return {"created_at": created_at}


def read_json(path: Path) -> dict[str, Any]:
    """Read plain values that `write_json` wrote; raises `StoreDamaged`."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise damaged(path) from error
    if not isinstance(found, dict):
        raise damaged(path)
    return found


def new_array(folder: Path, name: str, shape: tuple[int, ...], dtype: type) -> np.memmap[Any, Any]:
    """Create `<name>.npy` memory-mapped, to be filled piece by piece and flushed.

    Raises OSError where there is no room for it, which filling it could only die of.
    """
    path = folder / f"{name}.npy"
    array: np.memmap[Any, Any] = np.lib.format.open_memmap(path, "w+", dtype, shape)
    with path.open("r+b") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, path.stat().st_size))
    return array


def put_rows(path: Path, start: int, rows: Array, within: Within = nullcontext) -> None:
    """Put rows into an array file from row `start` on, which may be where it ends.

    Whoever reads meanwhile sees the file as it was, or with what has come. Each step is done
    `within` a context, which may refuse by raising, and which keeps others waiting: so it writes a
    piece at most, and the disk is awaited outside of it. Raises `StoreDamaged`.
    """
    try:
        with path.open("r+b") as file:
            shape, dtype, begin = read_header(file)
            if shape[1:] != rows.shape[1:] or not start <= shape[0]:
                raise damaged(path)
            width = dtype.itemsize * math.prod(shape[1:])
            plain, many = np.ascontiguousarray(rows, dtype), max(1, PIECE // max(1, width))
            for first in range(0, len(plain), many):
                with within():
                    file.seek(begin + (start + first) * width)
                    file.write(plain[first : first + many].data)
                    file.flush()
            os.fsync(file.fileno())
            with within():
                shape, dtype, _ = read_header(file)
                end = max(shape[0], start + len(rows))
                header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False}
                file.seek(0)  # the header has room for a longer shape
                np.lib.format.write_array_header_1_0(file, header | {"shape": (end, *shape[1:])})
                file.flush()
            os.fsync(file.fileno())
        os.utime(path, ns=(time.time_ns(),) * 2)  # writing twice within a tick would look like once
    except (FileNotFoundError, ValueError, TokenError) as error:
        raise damaged(path) from error


def read_header(file: BinaryIO) -> tuple[tuple[int, ...], np.dtype[Any], int]:
    """Read shape and type of an array file, and where its rows begin; raises ValueError."""
    file.seek(0)
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError("another format")
    shape, _, dtype = np.lib.format.read_array_header_1_0(file)
    return shape, dtype, file.tell()


def replace_arrays(folder: Path, arrays: Mapping[str, Array], within: Within = nullcontext) -> None:
    """Add arrays to a published folder, or put new ones in their place, each at once."""
    add_files(folder, lambda temporary: write_arrays(temporary, arrays), within)


def add_files(folder: Path, write: Callable[[Path], None], within: Within = nullcontext) -> None:
    """Let `write` fill a temporary folder with files for a published one, each put in at once.

    They get there `within` a context, which may refuse by raising.
    """
    with filled(folder, write) as temporary:
        with within():
            for path in temporary.iterdir():
                path.replace(folder / path.name)
        flush(folder)


def link_files(folder: Path, to: Path, names: Iterable[str]) -> None:
    """Have files of a folder in another one too, by the same names; copied where that must be."""
    for name in names:
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(folder / name, to / name)
        except OSError:
            shutil.copy2(folder / name, to / name)


def read_array(path: Path) -> Array:
    """Open an array memory-mapped, and keep it open until another is put in its place.

    Raises `StoreDamaged` when it is missing or not an array.
    """
    try:
        return opened(path, path.stat().st_mtime_ns)
    except (OSError, ValueError, TokenError) as error:  # the last for a mangled header
        raise damaged(path) from error


def damaged(path: Path) -> StoreDamaged:
    """Say that a file cannot be used."""
    return StoreDamaged(
        f"The file {path.name} of this project is missing or damaged; "
        "restore a backup with ringfence restore, or create the project anew."
    )


def read_audit(folder: Path) -> NDArray[np.int64]:
    """Items a project has set aside to measure quality; none in one older than the audit."""
    path = folder / "audit.npy"
    return np.asarray(read_array(path)) if path.exists() else np.empty(0, np.int64)


@lru_cache(maxsize=256)
def opened(path: Path, written: int) -> Array:
    """Open an array memory-mapped, once for each time it was written."""
    array: Array = np.lib.format.open_memmap(path, mode="r")
    return array
