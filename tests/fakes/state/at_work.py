"""Workers that only say that they work."""

from state.store.schema import JobState
from state.store.work import Job, Queue


def begin(queue: Queue, worker: str = "w1", pid: int = 1) -> Job | None:
    """Let a worker take the lease, if it can, and what has waited longest."""
    queue.take_lease(worker, "host", pid)
    return queue.claim(worker)


def end(queue: Queue, state: JobState, worker: str = "w1") -> Job:
    """Let a worker begin what has waited longest, end it like this, and go."""
    begun = begin(queue, worker)
    assert begun is not None, "nothing waits, or another has the lease"
    ended = queue.finish(begun.id, worker, state, "It ended.")
    queue.release_lease(worker)
    assert ended is not None
    return ended
