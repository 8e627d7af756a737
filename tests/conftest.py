"""What every test shares: torch keeps to one thread, so that results and times are steady."""

import pytest
import torch

torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _one_thread():
    """Undo what a test of the command line, which picks a number for its machine, leaves behind."""
    yield
    torch.set_num_threads(1)
