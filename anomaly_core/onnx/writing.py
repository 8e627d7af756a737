"""A fitted detector as one graph of ONNX: preprocessing, the detector, and the verdict."""

import copy
import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING

import torch
from torch import nn

from anomaly_core.detectors.fcdd.detector import FCDD
from anomaly_core.detectors.network import NetworkDetector
from anomaly_core.errors import ExportRefused, InvalidInput
from anomaly_core.onnx.asking import decide, map_if_asked
from anomaly_core.onnx.facts import MAP, ModelFacts, Prepared
from anomaly_core.onnx.graphs import OUTPUTS, graph_of
from anomaly_core.onnx.preprocessing import IR, OPSET, preprocessing_graph

if TYPE_CHECKING:
    from onnx import ModelProto

MISSING = (
    "Writing ONNX needs three packages more; install them by pip install -r requirements-onnx.txt."
)


def onnx_model(detector: NetworkDetector, seen: Prepared, threshold: float) -> "ModelProto":
    """Return the graph from `images` and `threshold` to score, verdict, embedding and map.

    `images` are (n, height, width, 1 or 3) uint8 of any size, `threshold` a float that has the
    given default. Raises `ExportRefused` for a family that cannot be written, `InvalidInput`
    without the packages that it takes.
    """
    graph = graph_of(detector)
    if seen.shape != detector.image_shape_:
        raise ExportRefused("The images of this project have another size than its model's.")
    require_packages()
    made = joined(preprocessing_graph(seen), exported(graph, seen))
    if MAP in OUTPUTS[: len(made.graph.output)]:
        map_if_asked(made.graph, seen, isinstance(detector, FCDD))
    decide(made.graph, threshold)
    return made


def joined(first: "ModelProto", then: "ModelProto") -> "ModelProto":
    """Return both as one, the `pixels` of the first being those of the second."""
    from onnx import compose

    made = compose.add_prefix(first, "fit_", rename_inputs=False, rename_outputs=False)
    for part in ("node", "initializer", "value_info"):
        getattr(made.graph, part).extend(getattr(then.graph, part))
    del made.graph.output[:]
    made.graph.output.extend(then.graph.output)
    return made


def require_packages() -> None:
    """Raise `InvalidInput` where what is needed for ONNX is not installed."""
    try:
        import onnx
        import onnxruntime
        import onnxscript
    except ImportError as error:
        raise InvalidInput(MISSING) from error
    del onnx, onnxruntime, onnxscript


def exported(graph: nn.Module, seen: Prepared) -> "ModelProto":
    """Return what torch's exporter makes of a module, for any number of images."""
    cpu, pixels = on_cpu(graph), torch.zeros(3, *seen.shape)
    with torch.inference_mode():
        outputs = OUTPUTS[: len(cpu(pixels))]
    with quietly():
        program = torch.onnx.export(
            cpu,
            (pixels,),
            input_names=["pixels"],
            output_names=outputs,
            dynamic_shapes=({0: torch.export.Dim("n")},),
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    return plain(program.model_proto)


def on_cpu(graph: nn.Module) -> nn.Module:
    """The module itself, or a copy where it lives on an accelerator.

    A copy of torchvision's networks forgets that it is in evaluation mode.
    """
    if all(tensor.device.type == "cpu" for tensor in (*graph.parameters(), *graph.buffers())):
        return graph
    return copy.deepcopy(graph).cpu().eval()


@contextmanager
def quietly() -> Iterator[None]:
    """Keep to ourselves what torch's exporter has to say to those who write exporters."""
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield


def plain(made: "ModelProto") -> "ModelProto":
    """Leave out what an exporter notes of the machine it ran on, and of which line is whose."""
    made.ir_version = IR
    for described in (made, made.graph, *made.graph.node, *made.graph.value_info):
        described.ClearField("doc_string")
        described.ClearField("metadata_props")
    return made


def bytes_of(made: "ModelProto", facts: ModelFacts) -> bytes:
    """Return the content of a file that says what it is; the same model gives the same bytes."""
    made.producer_name, made.producer_version = "ringfence", facts.ringfence
    made.graph.name = "ringfence"
    del made.metadata_props[:]
    for name, value in sorted(facts.to_props().items()):
        made.metadata_props.add(key=name, value=value)
    content: bytes = made.SerializeToString(deterministic=True)
    return content
