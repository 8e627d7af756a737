"""Desks work things out one after the other, and a mistake of one holds up nobody."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from state.labeling.turns import in_turn


def test_nobody_is_at_work_at_the_same_time():
    at_work = threading.Semaphore(1)

    @in_turn
    def work(number):
        assert at_work.acquire(blocking=False)
        threading.Event().wait(0.001)
        at_work.release()
        return number

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(40))) == list(range(40))


def test_what_goes_wrong_leaves_the_turn_to_the_next():
    @in_turn
    def break_down():
        raise RuntimeError("broken")

    with ThreadPoolExecutor(2) as pool:
        for _ in range(2):
            with pytest.raises(RuntimeError, match="broken"):
                pool.submit(break_down).result(10)


def test_one_piece_of_work_may_be_part_of_another():
    inner = in_turn(lambda: "done")
    assert in_turn(lambda: inner())() == "done"
