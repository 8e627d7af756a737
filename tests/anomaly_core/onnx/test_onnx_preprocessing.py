"""What a model file does to images is what the app shows the model, within a grey level."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx_models import pieces
from PIL import Image

from anomaly_core.importing.fitting import Fit, fitted
from anomaly_core.onnx.facts import Prepared
from anomaly_core.onnx.preprocessing import preprocessing_graph

SIZES = [(100, 150), (64, 64), (427, 301), (40, 23), (13, 200)]


def session_of(made):
    model = preprocessing_graph(made)
    onnx.checker.check_model(model, full_check=True)
    return onnxruntime.InferenceSession(model.SerializeToString())


@pytest.mark.parametrize("colour", [False, True], ids=["grey", "colour"])
@pytest.mark.parametrize("fit", Fit)
def test_images_of_any_size_are_made_as_the_app_makes_them(fit, colour):
    session = session_of(Prepared(64, 64, fit, colour))
    for size in SIZES:
        for images in (pieces(3, *size), pieces(3, *size)[..., :1]):
            (made,) = session.run(None, {"images": images})
            shown = [Image.fromarray(np.squeeze(image)) for image in images]
            expected = np.stack([fitted(image, 64, fit, colour) for image in shown])
            assert made.shape == expected.shape
            apart = np.abs(made - expected)
            assert apart.max() <= 1
            assert (apart > 0).mean() < 0.01  # ties that Pillow's fixed-point weights break


def test_enlarged_ones_are_two_levels_off_at_most():
    images = pieces(4, 43, 43)
    (made,) = session_of(Prepared(64, 64, colour=True)).run(None, {"images": images})
    expected = np.stack([fitted(Image.fromarray(one), 64, Fit.STRETCH, True) for one in images])
    assert np.abs(made - expected).max() <= 2


@pytest.mark.parametrize("fit", Fit)
def test_those_of_the_size_already_stay_as_they_are(fit):
    images = pieces(2, 48, 48)
    (made,) = session_of(Prepared(48, 48, fit, True)).run(None, {"images": images})
    np.testing.assert_array_equal(made, images)


def test_a_model_of_images_that_are_no_squares_stretches_to_them():
    images = pieces(2, 60, 80)
    (made,) = session_of(Prepared(30, 40, colour=True)).run(None, {"images": images})
    expected = [np.asarray(Image.fromarray(one).resize((40, 30), 2)) for one in images]
    assert np.abs(made - np.stack(expected)).max() <= 1
