"""The first part of a model file: images of any size made what the app would show the model.

The same as `anomaly_core.importing.fitting`, in ONNX: bilinear and antialiased, first across, then
down, each rounded to grey levels as Pillow does, within a level or, where it enlarges, two. Images
that have the size already stay as they are.
"""

from typing import TYPE_CHECKING

from anomaly_core.importing.fitting import Fit
from anomaly_core.onnx.facts import Prepared

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto

OPSET = 18  # the first whose Resize is antialiased
IR = 10  # of the file's format; onnxruntime 1.18 and newer read it

HEAD = """
<ir_version: {ir}, opset_import: ["": {opset}]>
fit (uint8[n, height, width, channels] images) => (float[{shape}] pixels)
<int64[1] zero = {{0}}, int64[1] one = {{1}}, int64[1] two = {{2}}, float half = {{0.5}},
 int64[2] planes = {{2, 3}}, int64[2] size = {{{h}, {w}}}, int64[1] colours = {{1}}> {{
    planar = Transpose<perm = [0, 3, 1, 2]>(images)
    whole = Cast<to = 1>(planar)
"""

# the square in the middle
CROP = """
    around = Shape<start = 2>(whole)
    shorter = ReduceMin<keepdims = 1>(around)
    rest = Sub(around, shorter)
    corner = Div(rest, two)
    end = Add(corner, shorter)
    kept = Slice(whole, corner, end, planes)
"""
# as large as fits into the square
PAD = """
    around = Shape<start = 2>(whole)
    longest = ReduceMax<keepdims = 1>(around)
    wide = Mul(around, size)
    wide_exact = Cast<to = 11>(wide)
    longest_exact = Cast<to = 11>(longest)
    scaled = Div(wide_exact, longest_exact)
    rounded = Round(scaled)
    whole_pixels = Cast<to = 7>(rounded)
    inner = Max(whole_pixels, one)
"""
# only across, then only down, as Pillow does
RESIZE = """
    count = Shape<start = 0, end = 3>({source})
    last = Slice({target}, one, two, zero)
    flat = Concat<axis = 0>(count, last)
    across = Resize<mode = "linear", antialias = 1, exclude_outside = 1>({source}, , , flat)
    across_up = Add(across, half)
    across_levels = Floor(across_up)
    counts = Shape<start = 0, end = 2>({source})
    full = Concat<axis = 0>(counts, {target})
    down = Resize<mode = "linear", antialias = 1, exclude_outside = 1>(across_levels, , , full)
    down_up = Add(down, half)
    levels = Floor(down_up)
"""
# in the middle, on black
BORDER = """
    room = Sub(size, inner)
    before = Div(room, two)
    after = Sub(room, before)
    none = Concat<axis = 0>(zero, zero)
    pads = Concat<axis = 0>(none, before, none, after)
    square = Pad(levels, pads)
"""
COLOUR = """
    three = Constant<value = int64[4] {{1, 3, 1, 1}}>()
    spread = Expand({source}, three)
    pixels = Transpose<perm = [0, 2, 3, 1]>(spread)
"""
GREY = """
    mean = ReduceMean<keepdims = 0>({source}, colours)
    mean_up = Add(mean, half)
    pixels = Floor(mean_up)
"""


def preprocessing_graph(made: Prepared) -> "ModelProto":
    """Return the graph from `images` (n, height, width, 1 or 3) uint8 to `pixels`.

    These are (n, height, width[, 3]) float, 0 to 255, in the model's own size.
    """
    from onnx import parser

    source, target, body = "whole", "size", ""
    if made.fit is Fit.CROP:
        source, body = "kept", CROP
    elif made.fit is Fit.PAD:
        target, body = "inner", PAD
    body += RESIZE.format(source=source, target=target)
    if made.fit is Fit.PAD:
        body += BORDER
    end = COLOUR if made.colour else GREY
    body += end.format(source="square" if made.fit is Fit.PAD else "levels")
    shape = ", ".join(["n", *map(str, made.shape)])
    head = HEAD.format(ir=IR, opset=OPSET, shape=shape, h=made.height, w=made.width)
    made_graph = parser.parse_model(head + body + "}")
    forget_unused(made_graph.graph)
    return made_graph


def forget_unused(graph: "GraphProto") -> None:
    """Leave out constants that this way needs none of."""
    used = {name for node in graph.node for name in node.input}
    kept = [one for one in graph.initializer if one.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
