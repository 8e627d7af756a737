"""Images made smaller to the same grey levels everywhere: no float is rounded on the way.

Weights are whole multiples of 2^-16 and levels whole numbers below 2^8, so that every sum of one
pass fits into the 24 bits of a float32 whatever order it is taken in; torch, onnxruntime and any
processor then round the same numbers. As in Pillow, first across, then down.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

STEPS = 2**16  # into which the weights of a pixel are divided


def shrunk(levels: Tensor, down: Tensor, across: Tensor) -> Tensor:
    """Return whole grey levels (..., height', width') of such (..., height, width).

    `down` (height', height) and `across` (width', width) are of `shares`.
    """
    return torch.matmul(down, torch.matmul(levels, across.T).round()).round()


def shares(source: int, target: int) -> NDArray[np.float32]:
    """How much each of `source` pixels counts for each of fewer `target` ones, (target, source).

    Those of the bilinear, antialiased filter, in whole `STEPS`; they sum to 1.
    """
    scale = source / target
    middles = (np.arange(target) + 0.5) * scale
    away = np.abs(np.arange(source) + 0.5 - middles[:, None]) / scale
    weights = np.maximum(0, 1 - away)
    exact = weights / weights.sum(axis=1, keepdims=True) * STEPS
    whole = np.floor(exact)
    missing = (STEPS - whole.sum(axis=1)).astype(int)
    rank = np.argsort(np.argsort(whole - exact, axis=1, kind="stable"), axis=1)
    made: NDArray[np.float32] = ((whole + (rank < missing[:, None])) / STEPS).astype(np.float32)
    return made
