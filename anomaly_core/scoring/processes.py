"""Blocks scored by processes of this machine, each on one core, a few at a time."""

import multiprocessing
import os
import signal
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from itertools import islice

from anomaly_core.errors import RingfenceError
from anomaly_core.machine.parents import end_with
from anomaly_core.scoring.blocks import BlockScorer, BlockTask, Outcome, Outcomes, ScoringJob

AHEAD = 2  # blocks a process that wait for it, so that none waits for the list
LOST = (
    "A worker process was ended, perhaps as memory ran out; run the same command again, which "
    "goes on where this one stopped, with fewer --workers."
)
MINE: list[BlockScorer] = []  # of this process, where it is one of several


def score_here(job: ScoringJob, tasks: Iterable[BlockTask]) -> Outcomes:
    """Score blocks in this process, one after the other."""
    with closing(BlockScorer(job)) as scorer:
        yield from map(scorer.score, tasks)


def score_in_processes(job: ScoringJob, tasks: Iterable[BlockTask], workers: int) -> Outcomes:
    """Score blocks in so many processes, in the order in which they are done.

    Each decodes and scores whole blocks, so that no pixels go from one to another. However long
    the list is, only a few blocks of names are in memory. Raises `RingfenceError` where a process
    was killed.
    """
    left = iter(tasks)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, begin, (os.getpid(), job)) as pool:
        under_way: set[Future[Outcome]] = set()
        try:
            while True:
                more = islice(left, workers * AHEAD - len(under_way))
                under_way |= {pool.submit(score_one, task) for task in more}
                if not under_way:
                    return
                done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
        except BrokenProcessPool as error:
            raise RingfenceError(LOST) from error
        finally:
            pool.shutdown(cancel_futures=True)


def begin(parent: int, job: ScoringJob) -> None:
    """Make ready a process that scores; Ctrl+C is for its parent, which lets it finish a block."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with(parent)
    MINE.append(BlockScorer(job))


def score_one(task: BlockTask) -> Outcome:
    """Score a block in a process that `begin` made ready."""
    return MINE[0].score(task)
