"""Images scored as they arrive in a folder."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from anomaly_core.importing.sources.trees import FencedFolder, is_image
from anomaly_core.scoring.blocks import BlockScorer, BlockTask, Outcome, ScoringJob
from anomaly_core.scoring.parts import Parts
from anomaly_core.scoring.piles import BLOCK, Listed

EVERY = 1.0  # seconds between two looks
Size = tuple[int, int]  # bytes, and when they were written


@dataclass
class Arrivals:
    """What has arrived whole in a folder since the last look: its size stood still in between."""

    folder: Path
    known: set[str]
    growing: dict[str, Size | None] = field(default_factory=dict)

    def look(self) -> list[str]:
        """The images that are new and no longer grow, each once, by their paths."""
        found = FencedFolder(self.folder, most=2**62).walk().paths
        sizes = {path: self._size(path) for path in found if self._is_new(path)}
        whole = [path for path, size in sizes.items() if size and size == self.growing.get(path)]
        self.known |= set(whole)
        self.growing = sizes
        return sorted(whole)

    def _is_new(self, path: str) -> bool:
        return path not in self.known and is_image(path)

    def _size(self, path: str) -> Size | None:
        try:
            told = (self.folder / path).stat()
        except OSError:  # it has gone again
            return None
        return (told.st_size, told.st_mtime_ns) if told.st_size else None


def score_arrivals(
    job: ScoringJob, parts: Parts, wait: Callable[[float], object]
) -> Iterator[Outcome]:
    """Score what arrives in a folder until somebody stops it; what was scored before is known.

    Each look that finds something makes a part, of a block at most.
    """
    there = parts.there()
    numbers = count(there[-1] + 1 if there else 0)
    arrivals = Arrivals(job.images, {row.file for row in parts.rows()})
    with closing(BlockScorer(job)) as scorer:
        while True:
            for images in in_blocks(arrivals.look()):
                yield scorer.score(BlockTask(next(numbers), images))
            wait(EVERY)


def in_blocks(paths: Sequence[str]) -> Iterator[list[Listed]]:
    """Paths, so many at a time as a block has at most."""
    for start in range(0, len(paths), BLOCK):
        yield [Listed(path) for path in paths[start : start + BLOCK]]
