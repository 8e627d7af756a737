"""From uint8 images to float tensors and back, in blocks that fit the cache and the memory."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits
from torch import Tensor

from anomaly_core.datasets.base import Images
from anomaly_core.machine.cores import cores_for, share_of_cores

Item = TypeVar("Item", bound=np.generic)

BLOCK = 1024  # images per forward pass outside training; larger ones fall out of the cache


def to_tensor(images: Images) -> Tensor:
    """Convert (n, height, width) uint8 to float32 between 0 and 1."""
    return torch.from_numpy(np.array(images)).float().div_(255)


def to_pixels(x: NDArray[np.float32]) -> Images:
    """Convert images (n, height, width) between 0 and 1 to uint8."""
    return (x * 255).round().astype(np.uint8)


def in_blocks(
    function: Callable[[Tensor], Tensor],
    images: Images,
    device: torch.device,
    block_size: int = BLOCK,
) -> NDArray[np.float32]:
    """Apply a network to any number of images, some at a time and without gradients."""
    results: NDArray[np.float32] | None = None
    with torch.inference_mode():
        for start in range(0, max(1, len(images)), block_size):
            block = slice(start, start + block_size)
            result = function(to_tensor(images[block]).to(device)).cpu().numpy()
            if results is None:
                results = np.empty((len(images), *result.shape[1:]), result.dtype)
            results[block] = result
    assert results is not None
    return results


def on_every_core(function: Callable[[Tensor], Tensor], x: Tensor, part: int) -> Tensor:
    """Apply a network to parts of a batch at the same time, on all cores, without gradients.

    For what somebody waits for. Threads within a part would wait for each other after every layer,
    and for long where another process has their core; these meet once, at the end.
    """
    threads = torch.get_num_threads()

    def apply(rows: Tensor) -> Tensor:
        torch.set_num_threads(threads)  # which holds for the thread of Python that says so
        with torch.inference_mode():
            return function(rows)

    parts = torch.split(x, part)
    if len(parts) == 1:
        return apply(x)
    with ThreadPoolExecutor(cores_for(threads)) as workers:
        return torch.cat(list(workers.map(apply, parts)))


def sample_of(items: NDArray[Item], size: int, seed: int | tuple[int, ...]) -> NDArray[Item]:
    """Draw `size` images, or others, that stand for many, in their order; all of a few."""
    if len(items) <= size:
        return items
    rng = np.random.default_rng(seed)
    return items[np.sort(rng.choice(len(items), size, replace=False))]


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed torch's global generator inside the block and restore it afterwards.

    Layers draw their initial weights from the global generator and take no other.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        yield


def leave_room() -> None:
    """Have torch, numpy and what else is loaded leave half of the cores: see `share_of_cores`."""
    torch.set_num_threads(share_of_cores())
    threadpool_limits(share_of_cores())


def best_device() -> torch.device:
    """Return the accelerator if there is one, else the CPU."""
    accelerator = torch.accelerator.current_accelerator(check_available=True)
    return accelerator or torch.device("cpu")
