"""What a model file says of itself, in the `metadata_props` of ONNX: plain text by name."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from anomaly_core.importing.fitting import Fit

FORMAT = 1
UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)
MAP, EXPLAIN = "map", "explain"  # an output, and the input that asks for it


@dataclass(frozen=True)
class Prepared:
    """What images of any size are made before they are scored, within the graph.

    `height` and `width` in pixels, the way there, and whether in colour.
    """

    height: int
    width: int
    fit: Fit = Fit.STRETCH
    colour: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        """(height, width[, 3]) of what the detector sees."""
        return (self.height, self.width, *([3] if self.colour else []))


@dataclass(frozen=True)
class Parity:
    """How far onnxruntime's scores lie from those of torch, of real images.

    `largest` and `median` are relative differences, `verdicts` how many images change sides.
    """

    images: int
    largest: float
    median: float
    verdicts: int


@dataclass(frozen=True)
class ModelFacts:
    """Where a model comes from, what it does to images first, and at which scores it flags.

    `weights` has the SHA-256 of each file that the weights are from, by its name. `threshold` is
    the name of the one among `thresholds` that holds unless another is given.
    """

    project: str
    version: int
    detector: str
    ringfence: str
    weights: Mapping[str, str]
    thresholds: Mapping[str, float]
    threshold: str
    preprocessing: Prepared
    parity: Parity | None = None

    def to_props(self) -> dict[str, str]:
        """Return what `from_props` takes back; all but words and numbers is JSON."""
        values = {"format": FORMAT, **asdict(self)}
        return {
            name: value if isinstance(value, str) else json.dumps(value, sort_keys=True)
            for name, value in values.items()
        }

    @classmethod
    def from_props(cls, props: Mapping[str, str]) -> Self:
        """Rebuild them; raises as `UNREADABLE` lists for those of another file."""
        if props["format"] != str(FORMAT):
            raise ValueError("another format")
        read: dict[str, Any] = {
            name: json.loads(props[name])
            for name in ("version", "weights", "thresholds", "preprocessing", "parity")
        }
        seen = read["preprocessing"]
        thresholds = {name: float(value) for name, value in read["thresholds"].items()}
        if not all(map(math.isfinite, [*thresholds.values(), thresholds[props["threshold"]]])):
            raise ValueError("a threshold that is no number")
        return cls(
            project=props["project"],
            version=int(read["version"]),
            detector=props["detector"],
            ringfence=props["ringfence"],
            weights=read["weights"],
            thresholds=thresholds,
            threshold=props["threshold"],
            preprocessing=Prepared(**{**seen, "fit": Fit(seen["fit"])}),
            parity=Parity(**read["parity"]) if read["parity"] else None,
        )
