"""Pictures that are drawn while others are learned from."""

import multiprocessing

import numpy as np
import pytest
import torch

from anomaly_core.networks.drawn.bank import Drawers, PictureBank
from anomaly_core.networks.drawn.pictures import draw_labeled

SIDE = 16


def block(first, count):
    """Pictures whose every value is their number."""
    numbers = np.arange(first, first + count)
    pictures = np.broadcast_to(numbers[:, None, None, None], (count, SIDE, SIDE, 3))
    return pictures.astype(np.uint8), numbers


@pytest.mark.process
def test_processes_draw_what_is_drawn_without():
    with (
        Drawers(SIDE, seed=3, first=5, block=4, processes=2) as drawers,
        Drawers(SIDE, seed=3, first=5, block=4, processes=0) as alone,
    ):
        for _ in range(4):
            (pictures, kinds), (expected, named) = drawers.next_block(), alone.next_block()
            assert np.array_equal(pictures, expected)
            assert np.array_equal(kinds, named)
        assert drawers.number == alone.number == 5 + 4 * 4
        assert len(drawers.waiting) < 2 * drawers.ahead
    assert not multiprocessing.active_children()


def test_numbers_and_kinds():
    with Drawers(SIDE, seed=3, first=5, block=2, processes=0) as drawers:
        (blocks,) = drawers.ready()
    for place, number in enumerate((5, 6)):
        picture, kind = draw_labeled((3, number), SIDE)
        assert np.array_equal(blocks[0][place], picture)
        assert blocks[1][place] == kind


def test_a_bank_keeps_the_last_pictures():
    bank = PictureBank(5, SIDE, torch.device("cpu"))
    bank.put(block(0, 3))
    assert bank.filled == 3
    bank.put(block(3, 3))
    assert bank.filled == 5
    assert sorted(bank.kinds.tolist()) == [1, 2, 3, 4, 5]


def test_a_batch_is_of_what_is_there():
    bank = PictureBank(50, SIDE, torch.device("cpu"))
    bank.put(block(1, 3))
    pictures, kinds = bank.batch(40, torch.Generator().manual_seed(0))
    assert pictures.shape == (40, 3, SIDE, SIDE)
    assert set(kinds.tolist()) == {1, 2, 3}
    assert torch.equal(pictures[:, 0, 0, 0].long(), kinds)
