"""Where a distance comes from, for a detector that draws no map: its gradient on the pixels."""

import numpy as np
import torch
from numpy.typing import NDArray

from anomaly_core import losses
from anomaly_core.datasets.base import Images
from anomaly_core.detectors.checks import check_images
from anomaly_core.detectors.network import Hypersphere
from anomaly_core.detectors.tensors import to_tensor

Gradients = NDArray[np.float32]  # (n, height, width), summed over colours


def distance_gradient(detector: Hypersphere, images: Images) -> Gradients:
    """Return how the distance to the center of images (n, *shape) changes with each pixel.

    In units of distance per unit of a pixel's value (0 black, 1 white): where it is positive, a
    brighter pixel moves the image away from the center. With several centers, the nearest one
    counts. For a detector whose network `encoder` embeds whole images. Raises `NotFitted`.
    Simonyan, Vedaldi and Zisserman 2014, "Deep Inside Convolutional Networks".
    """
    encoder = detector.networks()["encoder"]
    check_images(images)
    x = to_tensor(images).to(detector.device).requires_grad_()
    squared = losses.squared_distance(encoder(x), detector.c_)
    distance = squared.clamp_min(torch.finfo(squared.dtype).tiny).sqrt()
    (gradient,) = torch.autograd.grad(distance.sum(), x)
    result: Gradients = gradient.cpu().numpy()
    return result if images.ndim == 3 else result.sum(axis=3)
