"""Work in a thread: its result, its error, and its end."""

import threading

import pytest
from waiting import wait_until

from anomaly_core.errors import Cancelled
from anomaly_core.loop.behind import Behind
from anomaly_core.progress import StepReport

REPORT = StepReport("pretraining", 1, 2, 0.5)


def test_the_result_is_there_once_the_work_is_done():
    gate = threading.Event()
    behind = Behind(lambda callbacks: gate.wait(60) and 7)
    assert not behind.done
    gate.set()
    assert behind.result() == 7
    assert behind.done


def test_it_does_not_hold_up_who_began_it():
    names: list[str] = []
    Behind(lambda callbacks: names.append(threading.current_thread().name)).result()
    assert names != [threading.current_thread().name]


def test_an_error_is_raised_where_the_result_is_asked_for():
    behind = Behind(lambda callbacks: 1 // 0)
    wait_until(lambda: behind.done, 60)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            behind.result()


def test_it_is_stopped_at_its_next_report():
    reports: list[int] = []

    def without_end(callbacks):
        while True:
            reports.append(len(reports))
            for callback in callbacks:
                callback(REPORT)

    behind = Behind(without_end)
    wait_until(lambda: len(reports) > 1, 60)
    assert not behind.done
    behind.stop()
    assert behind.done
    with pytest.raises(Cancelled):
        behind.result()


def test_stopping_what_is_done_keeps_its_result():
    behind = Behind(lambda callbacks: 7)
    assert behind.result() == 7
    behind.stop()
    assert behind.result() == 7
