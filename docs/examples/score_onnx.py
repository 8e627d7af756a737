"""Score images with onnxruntime and numpy alone: python score_onnx.py belt.onnx images.npy."""

import sys

import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession(sys.argv[1])
images = np.load(sys.argv[2])  # (n, height, width[, 3]) uint8, of any size
given = {"images": images if images.ndim == 4 else images[..., None]}
if len(sys.argv) > 3:  # another threshold than the saved one
    given["threshold"] = np.array(float(sys.argv[3]), np.float32)
for score, odd in zip(*session.run(["score", "verdict"], given), strict=True):
    print(f"{score:.9g}\t{'anomalous' if odd else 'normal'}")
