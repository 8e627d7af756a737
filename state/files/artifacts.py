"""The files of a project: what is where, and how a file comes to be there whole or not at all.

projects/<id>/
    pool.npy, reconstructions.npy          images by item number; the latter if models make
                                           them, of a joint hypersphere once the pool has taught
    own.json, sources.npy,                 of images of a person's own: the imports, and for each
              test-sources.npy             image which of them, block and place, see
                                           `state.files.imports`
    audit.npy                              items set aside to measure quality
    test.npy, validation.npy               held-out images
    truth/pool.npy, pool-classes.npy,      for evaluation only; no query or training step sees these
          test.npy, test-classes.npy, validation.npy, validation-classes.npy
          and -provenance.npy of each      (from `Provenance.to_records`; not in older projects)
    models/<version>/
        model.safetensors, model.json      the detector
        scores.npy, map.npy                by item number: score; distance and angle; NaN for what
                                           was taken back, shorter than a pool that has grown since
        embeddings.npy                     by item number: place in latent space, in half precision
        proposals.npy, utilities.npy       items to ask, best first, and why
        test-scores.npy, validation-scores.npy
        maps/<item>.npy                    where its distance comes from, once asked for
    random/                                see `state.workers.random_rounds`
    taught/                                see `state.workers.teaching`
imports/                                   see `state.files.imports`
examples/                                  see `state.files.examples`
features/                                  what backbones made of images, by content
"""

import fcntl
import json
import math
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from tokenize import TokenError
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from state.errors import StoreDamaged

Array = NDArray[Any]


def project_folder(data_dir: Path, project_id: int) -> Path:
    """Return the folder of a project, which need not exist yet."""
    return data_dir / "projects" / str(project_id)


def dataset_root(data_dir: Path, dataset: str, own: Path | None) -> Path | None:
    """Return the folder of a dataset: its own, or for `mnist` the one it is downloaded to."""
    return own or (data_dir / "datasets" if dataset == "mnist" else None)


def model_folder(data_dir: Path, project_id: int, version: int) -> Path:
    """Return the folder of a model version."""
    return project_folder(data_dir, project_id) / "models" / str(version)


def features_folder(data_dir: Path) -> Path:
    """Return the folder of what backbones made of images, shared by all projects."""
    return data_dir / "features"


def run_folder(data_dir: Path, run_id: int) -> Path:
    """Return the folder of a run, which need not exist yet."""
    return data_dir / "runs" / str(run_id)


def publish(folder: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a temporary folder, flush it to disk and rename it to `folder`.

    What stood at `folder` before, left by a process that died before it told the database, goes.
    """
    seal(filled(folder, write), folder)


def filled(folder: Path, write: Callable[[Path], None]) -> Path:
    """Let `write` fill a temporary folder beside `folder`, to be sealed; gone where it fails."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        temporary.chmod(0o755)  # a team shares the data directory
        write(temporary)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    return temporary


def seal(temporary: Path, folder: Path) -> None:
    """Flush a filled folder to disk and rename it to `folder`."""
    try:
        for path in (*temporary.rglob("*"), temporary):
            flush(path)
        if folder.exists():
            shutil.rmtree(folder)
        temporary.rename(folder)
        opened.cache_clear()  # arrays of the folder that went
        flush(folder.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def flush(path: Path) -> None:
    """Force a file or the entries of a folder to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_arrays(folder: Path, arrays: Mapping[str, Array]) -> None:
    """Write each array as `<name>.npy`; a name may lead into a folder below."""
    for name, array in arrays.items():
        path = folder / f"{name}.npy"
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, array, allow_pickle=False)


def write_json(path: Path, values: Mapping[str, Any]) -> None:
    """Write plain values as a file."""
    path.write_text(json.dumps(values), encoding="utf-8")


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
    """Create `<name>.npy` memory-mapped, to be filled piece by piece and flushed."""
    return np.lib.format.open_memmap(folder / f"{name}.npy", "w+", dtype, shape)


def put_rows(path: Path, start: int, rows: Array) -> None:
    """Put rows into an array file from row `start` on, which may be where it ends.

    Whoever reads meanwhile sees the file as it was, or with what has come. Raises `StoreDamaged`.
    """
    try:
        with path.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            version = np.lib.format.read_magic(file)
            shape, _, dtype = np.lib.format.read_array_header_1_0(file)
            begin = file.tell()
            if version != (1, 0) or shape[1:] != rows.shape[1:] or not start <= shape[0]:
                raise damaged(path)
            data = np.ascontiguousarray(rows, dtype)
            file.seek(begin + start * dtype.itemsize * math.prod(shape[1:]))
            file.write(data.data)
            flush_file(file)
            end = max(shape[0], start + len(rows))
            header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False}
            file.seek(0)  # the header has room for a longer shape
            np.lib.format.write_array_header_1_0(file, header | {"shape": (end, *shape[1:])})
            flush_file(file)
        os.utime(path, ns=(time.time_ns(),) * 2)  # writing twice within a tick would look like once
    except (FileNotFoundError, ValueError, TokenError) as error:
        raise damaged(path) from error


def flush_file(file: BinaryIO) -> None:
    """Force what was written to an open file to disk."""
    file.flush()
    os.fsync(file.fileno())


def replace_arrays(folder: Path, arrays: Mapping[str, Array]) -> None:
    """Add arrays to a published folder, or put new ones in their place, each at once."""
    add_files(folder, lambda temporary: write_arrays(temporary, arrays))


def add_files(folder: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a temporary folder with files for a published one, each put in at once."""
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as name:
        write(Path(name))
        for path in Path(name).iterdir():
            flush(path)
            path.replace(folder / path.name)
    flush(folder)


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
