"""A bank of drawn pictures on the device that trains, which other processes keep renewing."""

import os
import signal
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import connection, get_context, parent_process
from threading import Thread
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from anomaly_core.networks.drawn.pictures import draw_labeled

AHEAD = 3  # blocks that wait for each process; what is drawn and not yet in the bank stays small

DrawnBlock = tuple[NDArray[np.uint8], NDArray[np.int64]]
"""Pictures (count, side, side, 3) and their kinds (count,)."""


def draw_block(start: int, count: int, side: int, seed: int) -> DrawnBlock:
    """Draw pictures `start` to `start + count` of a seed."""
    drawn = [draw_labeled((seed, number), side) for number in range(start, start + count)]
    return np.stack([picture for picture, _ in drawn]), np.array([kind for _, kind in drawn])


class Drawers:
    """Processes that draw the pictures of a seed from number `first` on, to be closed at the end.

    Blocks come in the order of their numbers however many processes draw, and none draws far
    ahead. Without processes they are drawn when asked for. Processes are spawned, so a script needs
    the usual `if __name__ == "__main__"`.
    """

    def __init__(self, side: int, seed: int, first: int, block: int, processes: int) -> None:
        self.side, self.seed, self.block = side, seed, block
        self.number = self.ordered = first  # of the next picture to give out, and to order
        self.waiting: deque[Future[DrawnBlock]] = deque()
        self.ahead = processes * AHEAD
        self.pool = (
            ProcessPoolExecutor(processes, get_context("spawn"), _alone) if processes else None
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the processes, each after the block it is drawing."""
        if self.pool:
            self.pool.shutdown(cancel_futures=True)

    def next_block(self) -> DrawnBlock:
        """Return the next pictures, and wait for them if need be."""
        self._order()
        if self.waiting:
            block = self.waiting.popleft().result()
        else:
            block = draw_block(self.number, self.block, self.side, self.seed)
        self.number += self.block
        return block

    def ready(self) -> Iterator[DrawnBlock]:
        """Yield the next pictures as far as they are drawn; without processes, one block."""
        self._order()
        for _ in range(self.ahead or 1):
            if self.waiting and not self.waiting[0].done():
                return
            yield self.next_block()

    def _order(self) -> None:
        while self.pool and len(self.waiting) < self.ahead:
            task = self.pool.submit(draw_block, self.ordered, self.block, self.side, self.seed)
            self.waiting.append(task)
            self.ordered += self.block


def _alone() -> None:
    """Have a process draw on one core, leave Ctrl+C to its parent, and end when that does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(1)
    parent = parent_process()
    assert parent is not None
    Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


class PictureBank:
    """The last `size` pictures that were drawn: (size, 3, side, side) uint8, with their kinds."""

    def __init__(self, size: int, side: int, device: torch.device) -> None:
        self.pictures = torch.zeros(size, 3, side, side, dtype=torch.uint8, device=device)
        self.kinds = torch.zeros(size, dtype=torch.long, device=device)
        self.filled = self.place = 0

    def put(self, block: DrawnBlock) -> None:
        """Take pictures in, in the place of the oldest once the bank is full."""
        pictures = torch.from_numpy(block[0]).permute(0, 3, 1, 2)
        kinds = torch.from_numpy(block[1])
        places = (self.place + torch.arange(len(kinds))) % len(self.kinds)
        places = places.to(self.kinds.device)
        self.pictures[places] = pictures.to(self.pictures.device)
        self.kinds[places] = kinds.to(self.kinds.device)
        self.place = (self.place + len(kinds)) % len(self.kinds)
        self.filled = min(len(self.kinds), self.filled + len(kinds))

    def batch(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw `count` pictures (count, 3, side, side) uint8 and their kinds (count,)."""
        device = self.kinds.device
        drawn = torch.randint(self.filled, (count,), generator=generator, device=device)
        return self.pictures[drawn], self.kinds[drawn]
