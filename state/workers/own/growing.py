"""The pool of a project while images of a person's own are still being read.

What has been read is scored by the model that serves, a block at a time, and in steps that grow
becomes part of the pool with a model version that knows it. All of it is done by the trainer when
nobody waits for it.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from anomaly_core.datasets.base import Images
from anomaly_core.detectors.base import Embeddings, Scores
from anomaly_core.detectors.network import Hypersphere
from anomaly_core.detectors.tensors import to_pixels
from anomaly_core.importing.fitting import Choices
from anomaly_core.loop.learner import ActiveLearner
from state.files import artifacts
from state.files.artifacts import Within
from state.files.imports import Block, ImportFolder, import_named
from state.files.pictures import imports_in
from state.store.batches import Extent, ImageBatch
from state.workers.own.images import FEWEST, OwnImages, places_of, seen

FACTOR = 4  # by which a batch has grown before a version is published for it
SCORED = 32  # images at a time, so that a round never waits long


@dataclass
class Arriving:
    """A batch as far as it has been read; what has come lies in the pool's files from `start` on.

    `scores` and `embeddings` are those of model `version`, of the first images that came.
    """

    batch: ImageBatch
    found: ImportFolder
    blocks: int  # that were taken over
    items: int  # in them
    start: int  # number of the first item that no model version knows
    version: int = 0
    scores: list[Scores] = field(default_factory=list)
    embeddings: list[Embeddings] = field(default_factory=list)

    @property
    def fresh(self) -> int:
        """How many images no model version knows."""
        return self.batch.start + self.items - self.start

    @property
    def scored(self) -> int:
        """How many of them have their score."""
        return sum(map(len, self.scores))

    @property
    def complete(self) -> bool:
        """Whether everything that is to come has."""
        return self.found.listed and self.blocks == self.found.block_count

    @property
    def due(self) -> bool:
        """Whether a version is to be published for what has come."""
        if self.scored < self.fresh:
            return False
        return self.complete or self.items >= max(FEWEST, FACTOR * self.batch.items)

    @property
    def extent(self) -> dict[int, Extent]:
        """How far the batch is, for the version that knows it."""
        return {self.batch.number: Extent(self.items, self.complete)}


class Growing:
    """Takes over what is read for one project, a little at a time."""

    def __init__(self, data_dir: Path, own: OwnImages, folder: Path, within: Within) -> None:
        """Files in `folder`, the project's, change `within` the lease of its trainer."""
        self.within = within
        self.data_dir = data_dir
        self.own = own
        self.folder = folder
        self.arriving: Arriving | None = None

    def of(self, batches: list[ImageBatch]) -> Arriving | None:
        """The batch that is coming in, `None` while none is."""
        coming = [one for one in batches if one.stands and not one.complete]
        if not coming:
            self.arriving = None
        elif self.arriving is None or self.arriving.batch != coming[0]:
            self.arriving = self._begin(coming[0])
        return self.arriving

    def _begin(self, batch: ImageBatch) -> Arriving | None:
        found = import_named(self.data_dir, batch.import_name)
        if found is None or not found.listed:
            return None
        blocks = items = 0
        while items < batch.items:
            items += len(Block(found.block_folder(blocks)))
            blocks += 1
        return Arriving(batch, found, blocks, items, batch.start + batch.items)

    def take_over(self, one: Arriving, detector: Hypersphere) -> bool:
        """Put the next block that was read into the pool's files; whether there was any."""
        if one.complete or not one.found.there(one.blocks):
            return False
        block = Block(one.found.block_folder(one.blocks))
        at = one.batch.start + one.items
        images = seen(one.found, block, self._choices(one.found))
        self._make_room(one.batch)
        places = places_of(one.batch.number, one.blocks, len(block))
        artifacts.put_rows(self.folder / "sources.npy", at, places, self.within)
        artifacts.put_rows(self.folder / "pool.npy", at, images, self.within)
        made = self.folder / "reconstructions.npy"
        if made.exists() and len(block):
            artifacts.put_rows(made, at, to_pixels(detector.reconstruct(images)), self.within)
        one.blocks, one.items = one.blocks + 1, one.items + len(block)
        return True

    def score(self, one: Arriving, learner: ActiveLearner[Hypersphere], version: int) -> bool:
        """Score the next images that came; whether there were any."""
        if one.version != version:
            one.version, one.scores, one.embeddings = version, [], []
        if one.scored == one.fresh:
            return False
        begin = one.start + one.scored
        images = self.pool[begin : begin + min(SCORED, one.fresh - one.scored)]
        scores, embeddings = learner.detector.score(images)
        one.scores.append(scores)
        one.embeddings.append(embeddings)
        return True

    @property
    def pool(self) -> Images:
        """All images whose files are in the pool, also those that no model version knows."""
        return artifacts.read_array(self.folder / "pool.npy")

    def _choices(self, found: ImportFolder) -> Choices:
        """How the model sees the images of this project."""
        choices = self.own.choices or found.plan.choices
        assert choices is not None
        return choices

    def _make_room(self, batch: ImageBatch) -> None:
        """Have the project's files know the import of a batch, and tell which one an item is of."""
        imports = imports_in(self.folder)
        if len(imports) <= batch.number:
            unread = [""] * (batch.number - len(imports))  # taken back before anything was read
            told = {
                "imports": [*imports, *unread, batch.import_name],
                "images": self.own.to_json(),
            }
            artifacts.add_files(
                self.folder, lambda to: artifacts.write_json(to / "own.json", told), self.within
            )
        sources = artifacts.read_array(self.folder / "sources.npy")
        if sources.shape[1] == 2:  # written before there were batches
            first = np.zeros((len(sources), 1), np.int64)
            wider = np.hstack([first, sources])
            artifacts.replace_arrays(self.folder, {"sources": wider}, self.within)


def joined(one: Arriving) -> tuple[Scores, Embeddings]:
    """The scores (m,) and embeddings (m, latent) of all that came."""
    return np.concatenate(one.scores), np.concatenate(one.embeddings)
