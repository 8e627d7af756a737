"""Images scored as they arrive in a folder."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from anomaly_core.importing.sources.trees import FencedFolder, is_image
from anomaly_core.scoring.blocks import BlockScorer, BlockTask, Outcomes, ScoringJob
from anomaly_core.scoring.parts import Parts
from anomaly_core.scoring.piles import BLOCK, Listed
from anomaly_core.scoring.rows import rows_of

EVERY = 1.0  # seconds between two looks
Size = tuple[int, int]  # bytes, and when they were written


@dataclass
class Arrivals:
    """What has arrived whole in a folder since the last look: its size stood still in between.

    What could not be scored, such as a copy that stalled, arrives again once it has changed.
    """

    folder: Path
    known: set[str]
    growing: dict[str, Size | None] = field(default_factory=dict)
    failed: dict[str, Size | None] = field(default_factory=dict)

    def look(self) -> list[str]:
        """The images that are new and no longer grow, each once, by their paths."""
        found = FencedFolder(self.folder, most=2**62).walk().paths
        sizes = {path: self._size(path) for path in found if self._is_new(path)}
        self.failed = {path: size for path, size in self.failed.items() if path in sizes}
        stood = {path for path, size in sizes.items() if size and size == self.growing.get(path)}
        whole = sorted(path for path in stood if sizes[path] != self.failed.get(path))
        self.known |= set(whole)
        self.growing = sizes
        return whole

    def fail(self, paths: Iterable[str]) -> None:
        """Some of the images of the last look could not be scored."""
        for path in paths:
            self.known.discard(path)
            self.failed[path] = self.growing[path]

    def _is_new(self, path: str) -> bool:
        return path not in self.known and is_image(path)

    def _size(self, path: str) -> Size | None:
        try:
            told = (self.folder / path).stat()
        except OSError:  # it has gone again
            return None
        return (told.st_size, told.st_mtime_ns) if told.st_size else None


def score_arrivals(job: ScoringJob, parts: Parts, wait: Callable[[float], object]) -> Outcomes:
    """Score what arrives in a folder until somebody stops it; what has a score is known.

    Each look that finds something makes a part, of a block at most.
    """
    there = parts.there()
    numbers = count(there[-1] + 1 if there else 0)
    arrivals = Arrivals(job.images, {row.file for row in parts.rows() if not row.error})
    with closing(BlockScorer(job)) as scorer:
        while True:
            for images in in_blocks(arrivals.look()):
                number = next(numbers)
                outcome = scorer.score(BlockTask(number, images))
                if outcome.errors:
                    arrivals.fail(row.file for row in rows_of(parts.read(number)) if row.error)
                yield outcome
            wait(EVERY)


def in_blocks(paths: Sequence[str]) -> Iterator[list[Listed]]:
    """Paths, so many at a time as a block has at most."""
    for start in range(0, len(paths), BLOCK):
        yield [Listed(path) for path in paths[start : start + BLOCK]]
