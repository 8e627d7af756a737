"""Weights in files: read without running anything in them, and fitted into a network."""

import hashlib
import pickle
import re
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from anomaly_core.errors import WeightsError

COUNTER = "num_batches_tracked"  # of batch normalisation; older files do without
OLD_DENSENET = re.compile(r"(denselayer\d+\.(?:norm|relu|conv))\.([12]\.)")

UNREADABLE = (  # what torch and safetensors raise for files that hold something else
    *(ArithmeticError, AttributeError, EOFError, ImportError, LookupError, OSError),
    *(RuntimeError, TypeError, ValueError, pickle.UnpicklingError, SafetensorError),
)


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file, as hexadecimal digits."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def read_weights(file: Path) -> dict[str, Tensor]:
    """Read a safetensors file, or a state dict that torch saved, onto the CPU.

    Raises `WeightsError` where it is not there, or holds anything else.
    """
    if not file.is_file():
        raise WeightsError(f"There is no file {file}; name the file that holds the weights.")
    try:
        if file.suffix == ".safetensors":
            read = load_file(file)
        else:
            read = torch.load(file, map_location="cpu", weights_only=True)
    except UNREADABLE as error:
        raise not_weights(file) from error
    if not isinstance(read, Mapping) or not read:
        raise not_weights(file)
    if not all(isinstance(k, str) and isinstance(v, Tensor) for k, v in read.items()):
        raise not_weights(file)
    return {OLD_DENSENET.sub(r"\1\2", key): tensor for key, tensor in read.items()}


def not_weights(file: Path) -> WeightsError:
    """The error for a file that is damaged or something else."""
    return WeightsError(
        f"{file.name} is damaged or holds more than weights; give a safetensors file, or a state "
        "dict saved by torch."
    )


def fit_weights(
    name: str, file: Path, weights: Mapping[str, Tensor], network: nn.Module, used: nn.Module
) -> None:
    """Give `used`, the part of `network` that is kept, its weights from those of the whole.

    Heads that are not used may be missing, or have another number of classes. Raises
    `WeightsError` where the weights are those of another network.
    """
    parts = {part_of(key) for key in used.state_dict()}
    wanted = {key: value for key, value in network.state_dict().items() if part_of(key) in parts}
    given = {key: value for key, value in weights.items() if part_of(key) in parts}
    given |= {key: torch.tensor(0) for key in wanted if key.endswith(COUNTER) and key not in given}
    wrong = first_wrong(wanted, given)
    if wrong:
        raise WeightsError(
            f"{file.name} does not hold the weights of {name}: {wrong}; choose a file that was "
            "saved from this network."
        )
    state = OrderedDict((key, in_full(given[key])) for key in used.state_dict())
    state._metadata = used.state_dict()._metadata  # type: ignore[attr-defined]  # its version
    used.load_state_dict(state, assign=True)


def first_wrong(wanted: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> str | None:
    """Say what is the matter with the first weight that does not fit, if one does not."""
    for key, value in wanted.items():
        if key not in given:
            return f"{key} is missing"
        if given[key].shape != value.shape:
            there, here = (" x ".join(map(str, t.shape)) for t in (given[key], value))
            return f"{key} is {there} instead of {here}"
    return next((f"{key} has no place there" for key in given if key not in wanted), None)


def in_full(tensor: Tensor) -> Tensor:
    """Copy weights of any precision as float32, and counters as they are.

    In memory of its own a network computes the same to the last bit, wherever the file had them.
    """
    return tensor.to(torch.float32 if tensor.is_floating_point() else tensor.dtype, copy=True)


def part_of(key: str) -> str:
    """The part of a network, such as its classifier, that a weight belongs to."""
    return key.split(".", 1)[0]
