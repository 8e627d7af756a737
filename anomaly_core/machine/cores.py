"""How many cores a process takes of a machine that it shares with others."""

import os


def share_of_cores() -> int:
    """Return half of the machine's cores, at least one.

    Threads that outnumber the free cores wait for each other: two of them on two busy cores made
    a training step of our small networks fifteen times slower, and the eigenvectors of a
    covariance of features a hundred times.
    """
    return max(1, (os.cpu_count() or 2) // 2)


def cores_for(threads: int) -> int:
    """Return how many groups of so many threads the machine has cores for, at least one."""
    return max(1, (os.cpu_count() or 1) // threads)


def allowed_cores() -> int:
    """Return how many cores this process may use, as a scheduler has set it; at least one."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
