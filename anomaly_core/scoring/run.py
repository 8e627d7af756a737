"""A list of images scored from its beginning, or from where a run before was stopped."""

import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from propcache import cached_property

from anomaly_core.errors import InvalidInput
from anomaly_core.machine.cores import allowed_cores
from anomaly_core.scoring.blocks import PIECE, BlockTask, Outcome, Outcomes, ScoringJob, outcome_of
from anomaly_core.scoring.heatmaps import require_writable
from anomaly_core.scoring.models import ModelCard, read_card
from anomaly_core.scoring.on_ray import require_ray, score_on_ray
from anomaly_core.scoring.parts import FORMATS, Parts
from anomaly_core.scoring.piles import BLOCK, Pile, blocks_in
from anomaly_core.scoring.processes import score_here, score_in_processes
from anomaly_core.scoring.rows import arrow
from anomaly_core.scoring.watching import score_arrivals

NOTHING = Outcome(0, 0, 0)
OnOutcome = Callable[[Outcome], object]
"""Called as blocks are done, with how many images each has."""


@dataclass(frozen=True)
class Request:
    """What somebody wants scored; `share` is shard i of n, counted from 1."""

    images: Path
    model: Path
    output: Path
    threshold: str | None = None
    maps: Path | None = None
    workers: int | None = None
    share: tuple[int, int] = (1, 1)
    ray: str | None = None

    def check(self) -> None:
        """Refuse, before any work is done, what cannot be carried out."""
        arrow()
        if self.ray is not None:
            require_ray()
        if self.output.suffix.lower() not in FORMATS:
            raise InvalidInput(f"Scores are written as {', '.join(FORMATS)}; end --output so.")
        if not self.output.absolute().parent.is_dir() or self.output.is_dir():
            raise InvalidInput(f"{self.output} is no file in a folder that exists; give one.")
        if self.parts.output.exists() and not self.parts.folder.exists():
            raise InvalidInput(f"{self.parts.output} exists already; delete it or name another.")
        if self.maps is not None:
            require_writable(self.maps)

    @property
    def parts(self) -> Parts:
        """Where the blocks are put; a shard has a file of its own."""
        number, of = self.share
        named = self.output.absolute()
        if of > 1:
            named = named.with_stem(f"{named.stem}-{number:05}-of-{of:05}")
        return Parts(named)

    @cached_property
    def card(self) -> ModelCard:
        """What is known of the model; raises `CheckpointError`."""
        return read_card(self.model)

    @property
    def job(self) -> ScoringJob:
        """What a process has to know, with paths that hold in any folder."""
        threshold = self.card.threshold(self.threshold)
        maps = self.maps and self.maps.absolute()
        output = self.parts.output
        return ScoringJob(self.images.absolute(), self.model.absolute(), threshold, output, maps)

    @property
    def place(self) -> Path:
        """Where the images lie, whoever asks; of a list that from which its paths start."""
        if self.images.is_dir():
            return self.images.resolve()
        return self.images.parent.resolve() / self.images.name

    def told(self, images: str) -> dict[str, Any]:
        """What must be the same for scores to stand in one file."""
        return {
            "model": self.card.fingerprint,
            "images": [str(self.place), images],
            "threshold": self.card.threshold(self.threshold),
            "share": list(self.share),
            "maps": self.maps is not None,
            "block": [BLOCK, PIECE],
        }


@dataclass
class Run:
    """A list that is scored block by block."""

    request: Request
    pile: Pile
    done: Outcome = NOTHING
    before: int = 0

    @property
    def total(self) -> int:
        """How many images there are in all blocks of this shard."""
        last = -(-self.pile.count // BLOCK) - 1
        blocks = blocks_in(self.pile, self.request.share)
        short = BLOCK * (last + 1) - self.pile.count if last in blocks else 0
        return BLOCK * len(blocks) - short

    def score(self, on_outcome: OnOutcome = lambda outcome: None) -> None:
        """Score what is missing, then make one file of all blocks; raises as `Parts.begun` does."""
        parts = self.request.parts
        with parts.begun(self.request.told(self.pile.fingerprint)):
            there = set(parts.there())
            if there:
                found = outcome_of(parts.rows())
                self.before = found.images
                self._count(found, on_outcome)
            blocks = blocks_in(self.pile, self.request.share)
            missing = [number for number in blocks if number not in there]
            tasks = (BlockTask(number, self.pile.block(number)) for number in missing)
            with closing(self._scored(tasks, len(missing))) as outcomes:
                for outcome in outcomes:
                    self._count(outcome, on_outcome)
            parts.merge()
            parts.remove()

    def _scored(self, tasks: Iterable[BlockTask], count: int) -> Outcomes:
        """Have blocks scored by whoever is asked to."""
        request, job = self.request, self.request.job
        if request.ray is not None and count:
            return score_on_ray(job, tasks, request.ray, request.workers)
        workers = min(request.workers or allowed_cores(), count)
        return score_in_processes(job, tasks, workers) if workers > 1 else score_here(job, tasks)

    def _count(self, outcome: Outcome, on_outcome: OnOutcome) -> None:
        self.done = self.done.plus(outcome)
        on_outcome(outcome)


def watch(
    request: Request,
    on_outcome: OnOutcome = lambda outcome: None,
    wait: Callable[[float], object] = time.sleep,
) -> None:
    """Score what arrives in a folder until Ctrl+C, then make one file of all that was scored.

    The blocks stay, so that a later watch knows what it has scored. Raises as `Parts.begun` does.
    """
    if not request.images.is_dir():
        raise InvalidInput(f"{request.images} is no folder; give one in which images arrive.")
    parts = request.parts
    with parts.begun(request.told("arriving")):
        try:
            with closing(score_arrivals(request.job, parts, wait)) as outcomes:
                for outcome in outcomes:
                    on_outcome(outcome)
        except KeyboardInterrupt:
            parts.merge(latest=True)
