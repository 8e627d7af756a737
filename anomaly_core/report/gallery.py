"""Pictures of what each contestant makes of the evaluation images."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anomaly_core.datasets.letters import class_name
from anomaly_core.datasets.scenario import NORMAL, LabeledImages
from anomaly_core.detectors.base import Detector, Scores
from anomaly_core.report.pictures import SheetRow, difference, sheet, titled

SIDE_BY_SIDE = "side-by-side.png"
COLUMNS = 12
FLAGGED = 60  # pictures of single images a contestant; the scores name the rest

Items = NDArray[np.int64]
SHEETS = {
    "most-anomalous": "Highest scores",
    "hardest-normal": "Normal images with the highest scores",
    "most-typical": "Lowest scores",
}


def draw_gallery(
    folder: Path,
    metrics: Mapping[str, Any],
    test: LabeledImages,
    scores: Mapping[str, Scores],
    detectors: Mapping[str, Detector],
    shown: Items,
) -> None:
    """Draw what all make of the same images, and the pictures of each contestant."""
    for result in metrics["contestants"]:
        name = result["name"]
        pictures = folder / "pictures" / name
        names = metrics.get("classes", ())
        ContestantPictures(pictures, test, scores[name], detectors[name], names).draw(
            result["threshold"]
        )
    images = np.asarray(test.images[shown])
    rows = [SheetRow("image", images)]
    for result in metrics["contestants"]:
        if result["reconstructs"]:
            rows += attempt(detectors[result["name"]], images, f", {result['title']}")
    captions = [short(type_) for type_ in test.provenance.types[shown]]
    (folder / "pictures" / SIDE_BY_SIDE).write_bytes(sheet(rows, captions))


def attempt(detector: Detector, images: NDArray[np.uint8], whose: str = "") -> list[SheetRow]:
    """A detector's reconstructions of images, and where they differ."""
    made = (detector.reconstruct(images) * 255).round().astype(np.uint8)
    differs = SheetRow(f"difference{whose}", difference(images, made))
    return [SheetRow(f"reconstruction{whose}", made), differs]


class ContestantPictures:
    """The pictures of one contestant."""

    def __init__(
        self,
        folder: Path,
        test: LabeledImages,
        scores: Scores,
        detector: Detector,
        names: Sequence[str] = (),
    ) -> None:
        self.names = names
        self.folder = folder
        self.test = test
        self.scores = scores
        self.detector = detector

    def draw(self, threshold: float) -> None:
        """Write every picture."""
        falling = np.argsort(-self.scores, kind="stable")
        normal = falling[self.test.y[falling] == NORMAL]
        chosen = {
            "most-anomalous": falling[:COLUMNS],
            "hardest-normal": normal[:COLUMNS],
            "most-typical": falling[::-1][:COLUMNS],
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, items in chosen.items():
            if len(items):
                (self.folder / f"{name}.png").write_bytes(self.sheet(items))
        self.draw_flagged(falling[self.scores[falling] > threshold][:FLAGGED])

    def sheet(self, items: Items) -> bytes:
        """Images, and their reconstructions and differences where there are any."""
        images = np.asarray(self.test.images[items])
        rows = [SheetRow("image", images)]
        if self.detector.reconstructs:
            rows += attempt(self.detector, images)
        types = self.test.provenance.types
        return sheet(rows, [f"{short(types[i])}\n{self.scores[i]:.3g}" for i in items])

    def draw_flagged(self, items: Items) -> None:
        """Write each flagged image on its own, titled with what was made of it."""
        folder = self.folder / "flagged"
        folder.mkdir(exist_ok=True)
        images = np.asarray(self.test.images[items])
        predicted = self.predict(images)
        readings = self.detector.readings(images) if len(images) else {}
        for place, item in enumerate(items):
            guess = f"predicted {predicted[place]}, " if predicted else ""
            name = class_name(self.test.classes[item], self.names)
            truth = f"is {name}, {self.test.provenance.types[item]}"
            told = ", ".join(f"{name} {values[place]:.3g}" for name, values in readings.items())
            title = f"{guess}{told}\n{truth}"
            (folder / f"{place + 1:03d}-item-{item}.png").write_bytes(titled(images[place], title))

    def predict(self, images: NDArray[np.uint8]) -> list[str]:
        """Names of the predicted classes, none where the detector predicts none."""
        if not self.detector.needs_classes or not len(images):
            return []
        return [class_name(int(label), self.names) for label in self.detector.predict(images)]


def short(type_: str) -> str:
    """Return a type short enough for a caption."""
    return str(type_).replace(" + rotation", "+turn").replace("rotation", "turned")
