"""Blocks scored by the workers of a Ray cluster, or of a local Ray: `pip install 'ray[data]'`.

Ray Data hands each block to one of a pool of actors, which loads the model once. An actor that is
lost is started again, and does its block again: the same rows in the same place.
"""

import json
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from anomaly_core.errors import InvalidInput, RingfenceError
from anomaly_core.scoring.blocks import BlockScorer, BlockTask, Outcome, Outcomes, ScoringJob
from anomaly_core.scoring.piles import Listed

LOCAL = "local"  # the address of a Ray of this machine that is started and ended here
WAVE = 4096  # blocks whose names are with Ray at a time
NO_RAY = "Ray is not installed; run pip install -r requirements-ray.txt, or leave out --ray."


class RayScorer:
    """An actor that scores blocks, a row of a Ray dataset each."""

    def __init__(self, job: ScoringJob) -> None:
        self.scorer = BlockScorer(job)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Score the blocks of a batch, and return what became of each."""
        done = [self.scorer.score(task_of(text)) for text in batch["task"]]
        return dict(zip(Outcome._fields, map(list, zip(*done, strict=True)), strict=True))


def text_of(task: BlockTask) -> str:
    """A block as it is sent to an actor."""
    return json.dumps([task.number, task.images])


def task_of(text: str) -> BlockTask:
    """The block that `text_of` wrote."""
    number, images = json.loads(text)
    return BlockTask(number, [Listed(*one) for one in images])


def require_ray() -> Any:
    """Return the module ray, with `ray.data`; raises `InvalidInput` where it is not installed."""
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise InvalidInput(NO_RAY) from error
    return ray


@contextmanager
def joined(address: str, cores: int | None = None) -> Iterator[Any]:
    """Join the Ray at an address, or start one for as long as it is needed; returns ray.

    Raises `InvalidInput` where there is none.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # tells nobody what is done here
    ray = require_ray()
    told: dict[str, Any] = {"configure_logging": False, "log_to_driver": False}
    if address == LOCAL:
        told |= {"num_cpus": cores, "include_dashboard": False}
    try:
        ray.init(address=address, **told)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise InvalidInput(f"No Ray answers at {address}; give its address, or none.") from error
    try:
        yield ray
    finally:
        ray.shutdown()


def score_on_ray(
    job: ScoringJob, tasks: Iterable[BlockTask], address: str = LOCAL, workers: int | None = None
) -> Outcomes:
    """Score blocks by actors of Ray, as many as `workers` or as there are cores.

    Files, model and output have to be found at the same paths on every machine. Raises
    `InvalidInput` where there is no Ray, `RingfenceError` for what an actor could not do.
    """
    left = iter(tasks)
    with joined(address, workers) as ray:
        count = workers or int(ray.cluster_resources().get("CPU", 1))
        ray.data.DataContext.get_current().enable_progress_bars = False
        while wave := [{"task": text_of(task)} for task in islice(left, WAVE)]:
            waiting = ray.data.from_items(wave, override_num_blocks=len(wave))
            scored = waiting.map_batches(
                RayScorer,
                fn_constructor_args=[job],
                batch_size=1,
                compute=ray.data.ActorPoolStrategy(size=min(count, len(wave))),
                num_cpus=1,
            )
            logging.getLogger("ray.data").setLevel(logging.ERROR)  # the bar is ours
            try:
                for row in scored.iter_rows():
                    yield Outcome(**row)
            except ray.exceptions.RayError as error:
                raise cause_of(error) from error


def cause_of(error: BaseException) -> RingfenceError:
    """What went wrong in an actor, in a sentence."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, RingfenceError):
            return cause
        cause = getattr(cause, "cause", None) or cause.__cause__
    return RingfenceError(
        f"Ray could not score all blocks ({type(error).__name__}); run the same command again, "
        "which goes on where this one stopped."
    )
