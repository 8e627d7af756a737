"""The files of a training: a checkpoint to go on from, a log of its losses, its weights."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from anomaly_core.errors import CheckpointError, WeightsError
from anomaly_core.networks.backbones.weights import COUNTER, UNREADABLE

CHECKPOINT, LOG, WEIGHTS = "checkpoint.pt", "losses.jsonl", "weights.safetensors"
FORMAT = 1  # of checkpoints


def write_whole(file: Path, write: Callable[[Path], object]) -> None:
    """Have a file written elsewhere and moved to its place once it is whole.

    What was there before stays until then, and for good if `write` raises.
    """
    unfinished = file.with_name(f"{file.name}.part")
    try:
        write(unfinished)
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def save_checkpoint(folder: Path, state: Mapping[str, Any]) -> None:
    """Write what a training needs to go on, in the place of what was there."""
    written = {"format": FORMAT, **state}
    write_whole(folder / CHECKPOINT, lambda file: torch.save(written, file))


def read_checkpoint(folder: Path) -> dict[str, Any]:
    """Read what `save_checkpoint` wrote, onto the CPU; raises `CheckpointError`."""
    file = folder / CHECKPOINT
    if not file.is_file():
        raise CheckpointError(f"There is no training to go on with in {folder}; start one there.")
    try:
        state: dict[str, Any] = dict(torch.load(file, map_location="cpu", weights_only=True))
    except UNREADABLE as error:
        raise CheckpointError(f"{file} is damaged; start anew in another folder.") from error
    if state.pop("format", None) != FORMAT:
        raise CheckpointError(f"{file} is of another format; start anew in another folder.")
    return state


def append_row(folder: Path, row: Mapping[str, float]) -> None:
    """Add a line to the log."""
    with (folder / LOG).open("a") as log:
        log.write(json.dumps(row) + "\n")


def read_rows(folder: Path) -> list[dict[str, float]]:
    """Read the log, without a last line that was cut off; empty where there is none."""
    if not (folder / LOG).is_file():
        return []
    whole, _, _ = (folder / LOG).read_text().rpartition("\n")
    return [json.loads(line) for line in whole.splitlines()]


def drop_rows_after(folder: Path, views: int) -> None:
    """Shorten the log to what a checkpoint knows of, as the rest is gone through again."""
    lines = [json.dumps(row) + "\n" for row in read_rows(folder) if row["views"] <= views]
    write_whole(folder / LOG, lambda file: file.write_text("".join(lines)))


def save_weights(file: Path, network: nn.Module, about: Mapping[str, object]) -> None:
    """Write weights in half precision as safetensors, with a few words on how they were made."""
    half = {
        key: tensor.detach().cpu().half().contiguous()
        for key, tensor in network.state_dict().items()
        if not key.endswith(COUNTER)
    }
    told = {key: str(value) for key, value in about.items()}
    write_whole(file, lambda unfinished: save_file(half, unfinished, told))
    file.chmod(0o644)  # safetensors leaves it to its owner alone


def read_about(file: Path) -> dict[str, str]:
    """Return what `save_weights` was told of how weights were made; raises `WeightsError`."""
    try:
        with safe_open(file, "pt") as opened:
            return dict(opened.metadata() or {})
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"{file} holds no weights; name a file that training wrote.") from error
