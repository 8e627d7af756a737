"""The files of a model version: whether they are still what was published."""

from functools import lru_cache
from pathlib import Path

from state.errors import StoreDamaged
from state.files.hashes import sha256_of, torn
from state.store.models import Model

WEIGHTS = "model.safetensors"
CHECKPOINT = (WEIGHTS, "model.json")
NEEDED = (*CHECKPOINT, "scores.npy")


def hashes_known(model: Model) -> dict[str, str]:
    """The SHA-256 of a version's files by name; of an older one only that of the weights."""
    return {WEIGHTS: model.sha256} if model.files is None else model.files


def torn_files(data_dir: Path, model: Model) -> list[str]:
    """Which files of a version are missing or not what was published."""
    return torn(data_dir / model.directory, hashes_known(model)) + lacking(data_dir, model)


def lacking(data_dir: Path, model: Model) -> list[str]:
    """Which files a version cannot do without are not there, and have no known hash."""
    folder, known = data_dir / model.directory, hashes_known(model)
    return [one for one in NEEDED if one not in known and not (folder / one).exists()]


def require_whole(data_dir: Path, model: Model) -> None:
    """Raise StoreDamaged where a file of a version is missing or not what was published."""
    if torn_files(data_dir, model):
        raise StoreDamaged(damage(model.version))


def seems_whole(data_dir: Path, model: Model) -> bool:
    """Whether all files are what was published; each is read once for each time it was written."""
    seem = (file_seems_whole(data_dir, model, name) for name in hashes_known(model))
    return all(seem) and not lacking(data_dir, model)


def file_seems_whole(data_dir: Path, model: Model, name: str) -> bool:
    """The same of one file; one that was not hashed when it was published may be anything."""
    path, sha256 = data_dir / model.directory / name, hashes_known(model).get(name)
    if sha256 is None:
        return True
    try:
        found = path.stat()
        return _hash_of(path, found.st_mtime_ns, found.st_size) == sha256
    except OSError:
        return False  # which is asked again, as it may pass


@lru_cache(maxsize=4096)
def _hash_of(path: Path, written: int, size: int) -> str:
    return sha256_of(path)


def damage(version: int) -> str:
    """Say that a version's files are not what was published, and what to do."""
    return (
        f"The files of model {version} are missing or damaged; choose another version on Models, "
        "or restore a backup with ringfence restore."
    )
