"""One block of images scored: the function that processes, shards and Ray map over a list."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
from propcache import cached_property

from anomaly_core.datasets.base import Images
from anomaly_core.errors import InvalidInput, Refused
from anomaly_core.scoring.heatmaps import write_heatmaps
from anomaly_core.scoring.models import ModelCard, Scorer, load_scorer, read_card
from anomaly_core.scoring.parts import Parts
from anomaly_core.scoring.piles import Listed, Read, opened_reader
from anomaly_core.scoring.rows import ANOMALOUS, ScoreRow, verdict_of

PIECE = 64  # images that the model looks at at a time: a fixed number, as it may move the last bits


@dataclass(frozen=True)
class ScoringJob:
    """What a process has to know to score any block; all of it can be sent to another machine."""

    images: Path
    model: Path
    threshold: float
    output: Path
    maps: Path | None = None


class BlockTask(NamedTuple):
    """A block that is to be scored."""

    number: int
    images: Sequence[Listed]


class Outcome(NamedTuple):
    """What became of a block, in numbers of images."""

    images: int
    anomalous: int
    errors: int

    def plus(self, other: "Outcome") -> "Outcome":
        """Both together."""
        return Outcome(*map(sum, zip(self, other, strict=True)))


Outcomes = Generator[Outcome, None, None]
"""What becomes of one block after another; closed, it lets go of models and processes."""


@dataclass
class BlockScorer:
    """Scores blocks; the model is loaded with the first of them, and once."""

    job: ScoringJob
    held: ExitStack = field(default_factory=ExitStack)

    @cached_property
    def card(self) -> ModelCard:
        """What is known of the model."""
        return read_card(self.job.model)

    @cached_property
    def scorer(self) -> Scorer:
        """The model in memory; raises `InvalidInput` where it draws no maps and is asked for."""
        scorer = load_scorer(self.job.model)
        if self.job.maps is not None and not scorer.explains:
            raise InvalidInput("This model draws no maps of its distances; leave out --maps.")
        return scorer

    @cached_property
    def read(self) -> Read:
        """What reads the images."""
        return self.held.enter_context(opened_reader(self.job.images))

    @cached_property
    def parts(self) -> Parts:
        """Where blocks are put."""
        return Parts(self.job.output)

    def score(self, task: BlockTask) -> Outcome:
        """Score a block and put it in its place, whole."""
        rows = [
            row
            for start in range(0, len(task.images), PIECE)
            for row in self._piece(task.images[start : start + PIECE])
        ]
        self.parts.write(task.number, rows)
        return outcome_of(rows)

    def _piece(self, listed: Sequence[Listed]) -> Iterator[ScoreRow]:
        """The rows of a few images, in their order."""
        seen: dict[int, Images] = {}
        reasons: dict[int, str] = {}
        for place, one in enumerate(listed):
            try:
                if one.reason:
                    raise Refused(one.reason)
                seen[place] = self.card.seen_in(self.read(one.path))
            except Refused as refusal:
                reasons[place] = str(refusal)
        told = self._told([listed[place].path for place in seen], list(seen.values()))
        for place, one in enumerate(listed):
            yield ScoreRow(one.path, error=reasons[place]) if place in reasons else next(told)

    def _told(self, paths: Sequence[str], seen: Sequence[Images]) -> Iterator[ScoreRow]:
        """What the model says of images that it can see."""
        if not paths:
            return
        images, threshold = np.stack(seen), self.job.threshold
        scores = self.scorer.decision_function(images)
        shares = self.card.percentiles(scores)
        if self.job.maps is not None:
            write_heatmaps(self.job.maps, paths, self.scorer.explain(images))
        percentiles = [None] * len(paths) if shares is None else shares.tolist()
        for path, score, share in zip(paths, scores.tolist(), percentiles, strict=True):
            yield ScoreRow(path, score, share, verdict_of(score, threshold), threshold)

    def close(self) -> None:
        """Let go of what is open."""
        self.held.close()


def outcome_of(rows: Iterable[ScoreRow]) -> Outcome:
    """Count what is said in rows."""
    images = anomalous = errors = 0
    for row in rows:
        images += 1
        anomalous += row.verdict == ANOMALOUS
        errors += row.error is not None
    return Outcome(images, anomalous, errors)
