"""A fitted detector scores images of its own size and type, and any number of them."""

import numpy as np
import pytest

from anomaly_core.errors import InvalidInput

METHODS = ("decision_function", "embed", "reconstruct")


@pytest.mark.parametrize("method", METHODS)
def test_images_of_another_size_are_refused(fitted_once, method):
    with pytest.raises(InvalidInput, match="28 x 30 pixels cannot be scored by a model of 28 x 28"):
        getattr(fitted_once, method)(np.zeros((3, 28, 30), np.uint8))


@pytest.mark.parametrize("method", METHODS)
def test_images_that_are_no_bytes_are_refused(fitted_once, method):
    with pytest.raises(InvalidInput, match="of uint8"):
        getattr(fitted_once, method)(np.zeros((3, 28, 28), np.float32))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("count", [0, 1])
def test_none_and_one_image_are_scored(fitted_once, method, count):
    assert len(getattr(fitted_once, method)(np.zeros((count, 28, 28), np.uint8))) == count
