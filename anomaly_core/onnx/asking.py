"""What may be asked of a graph beside its images: another threshold, and maps, which cost more.

Both are initializers that are inputs as well, so that they have a default.
"""

import copy
from typing import TYPE_CHECKING

import numpy as np

from anomaly_core.onnx.facts import EXPLAIN, MAP, Prepared

if TYPE_CHECKING:
    from onnx import GraphProto, NodeProto


def decide(graph: "GraphProto", threshold: float) -> None:
    """Add the verdict, whether the score is above a `threshold` that is given or the default."""
    from onnx import TensorProto, helper, numpy_helper

    default = np.float32(below(threshold))
    graph.input.append(helper.make_tensor_value_info("threshold", TensorProto.FLOAT, []))
    graph.initializer.append(numpy_helper.from_array(np.array(default), "threshold"))
    graph.node.append(helper.make_node("Greater", ["score", "threshold"], ["verdict"], "decide"))
    graph.output.append(helper.make_tensor_value_info("verdict", TensorProto.BOOL, ["n"]))


def below(threshold: float) -> float:
    """The largest float32 that is no more: a float32 is above both or above neither."""
    nearest = np.float32(threshold)
    return float(
        nearest if float(nearest) <= threshold else np.nextafter(nearest, np.float32(-np.inf))
    )


def map_if_asked(graph: "GraphProto", seen: Prepared, usually: bool) -> None:
    """Draw maps only where `explain` says so; `usually` is what it says by default.

    Without, there are none: (0, height, width). onnxruntime computes all of a graph whatever is
    fetched, and the distances of all places cost as much as half of a backbone.
    """
    from onnx import TensorProto, helper, numpy_helper

    kept, drawing = parted(graph)
    size = [seen.height, seen.width]
    maps, no_maps = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["maps", *size])
        for name in ("drawn", "left_out")
    )
    none = numpy_helper.from_array(np.zeros([0, *size], np.float32))
    nothing = helper.make_node("Constant", [], ["left_out"], value=none)
    choice = helper.make_node("If", [EXPLAIN], [MAP], "map_if_asked")
    for name, branch in (
        ("then_branch", helper.make_graph(drawing, "draw", [], [maps])),
        ("else_branch", helper.make_graph([nothing], "leave_out", [], [no_maps])),
    ):
        choice.attribute.append(helper.make_attribute(name, branch))
    del graph.node[:]
    graph.node.extend([*kept, choice])
    for one in graph.output:
        if one.name == MAP:
            one.type.tensor_type.shape.dim[0].dim_param = "maps"
    graph.input.append(helper.make_tensor_value_info(EXPLAIN, TensorProto.BOOL, []))
    graph.initializer.append(numpy_helper.from_array(np.array(usually), EXPLAIN))


def parted(graph: "GraphProto") -> tuple[list["NodeProto"], list["NodeProto"]]:
    """Return the nodes that other outputs need, and those for maps alone, which come out `drawn`.

    Both are copies, in their order.
    """
    needed = {one.name for one in graph.output if one.name != MAP}
    kept, drawing = [], []
    for node in reversed(graph.node):
        if needed.isdisjoint(node.output):
            drawing.append(copy.deepcopy(node))
        else:
            kept.append(copy.deepcopy(node))
            needed.update(node.input)
    inside = {name for node in drawing for name in node.output}
    for node in drawing:
        node.output[:] = ["drawn" if name == MAP else name for name in node.output]
    outside = [one for one in graph.value_info if one.name not in inside]
    del graph.value_info[:]
    graph.value_info.extend(outside)
    return kept[::-1], drawing[::-1]
