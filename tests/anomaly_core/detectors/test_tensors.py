"""Between bytes and tensors nothing is reordered, and no global state is left changed."""

import numpy as np
import pytest
import torch

from anomaly_core.detectors.tensors import (
    BLOCK,
    in_blocks,
    leave_room,
    on_every_core,
    seeded,
    to_tensor,
)

CPU = torch.device("cpu")


def test_bytes_become_shares_of_white():
    x = to_tensor(np.array([[[0, 51, 255]]], np.uint8))
    assert x.dtype == torch.float32
    assert torch.allclose(x, torch.tensor([[[0.0, 0.2, 1.0]]]))


def test_read_only_images_can_be_used_and_stay_as_they_are():
    images = np.full((2, 3, 3), 255, np.uint8)
    images.flags.writeable = False
    to_tensor(images).zero_()
    assert images.min() == 255


def test_blocks_are_put_together_in_order():
    count = 2 * BLOCK + 5
    images = np.zeros((count, 1, 2), np.uint8)
    images[:, 0, 0], images[:, 0, 1] = np.arange(count) // 256, np.arange(count) % 256
    blocks = []

    def read_number(x):
        blocks.append(len(x))
        return x[:, 0, 0] * 255 * 256 + x[:, 0, 1] * 255

    assert in_blocks(read_number, images, CPU).round().tolist() == list(range(count))
    assert blocks == [BLOCK, BLOCK, 5]


def test_seeded_repeats_draws_and_gives_the_global_generator_back():
    before = torch.get_rng_state()
    draws = []
    for seed in (1, 1, 2):
        with seeded(seed):
            draws.append(torch.rand(3).tolist())
    assert draws[0] == draws[1] != draws[2]
    assert torch.equal(torch.get_rng_state(), before)


def test_leave_room_takes_at_most_half_of_the_cores(monkeypatch):
    for cores, threads in ((8, 4), (3, 1), (1, 1), (None, 1)):
        monkeypatch.setattr("os.cpu_count", lambda cores=cores: cores)
        leave_room()
        assert torch.get_num_threads() == threads


@pytest.mark.parametrize("count", [0, 1, 5, 6])
def test_parts_on_every_core_come_back_in_order(count):
    seen = []

    def double(x):
        seen.append((len(x), torch.is_inference_mode_enabled(), torch.get_num_threads()))
        return 2 * x

    x = torch.arange(count * 3.0).reshape(count, 3)
    assert torch.equal(on_every_core(double, x, 2), 2 * x)
    assert sum(rows for rows, *_ in seen) == count
    assert {(inference, threads) for _, inference, threads in seen} == {(True, 1)}
