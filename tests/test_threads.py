import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from fanaoi_helpers.threads import AHEAD, in_order


def test_results_come_in_order_from_several_threads():
    # The first two items wait for each other, so one thread alone would never end.
    met = threading.Barrier(2, timeout=30)

    def work(item):
        if item < 2:
            met.wait()
        return 10 * item

    with ThreadPoolExecutor(2) as pool:
        assert list(in_order(work, range(50), batch=1, pool=pool)) == list(range(0, 500, 10))


def test_no_more_is_taken_up_than_may_wait():
    taken = []

    def items():
        for item in range(1000):
            taken.append(item)
            yield item

    results = in_order(abs, items(), batch=3)
    assert next(results) == 0
    assert len(taken) == 3 * (AHEAD + 1)
    results.close()
    assert len(taken) == 3 * (AHEAD + 1)


def test_an_error_reaches_who_asked():
    results = in_order(lambda item: 1 // item, [1, 0], batch=1)
    assert next(results) == 1
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_whoever_stops_waits_for_what_has_begun_alone():
    begun, go_on = [], threading.Event()

    def work(item):
        begun.append(item)
        go_on.wait(30)

    stopper = threading.Timer(0.5, go_on.set)
    stopper.start()

    def items():
        yield from range(100)
        while len(begun) < 2:
            time.sleep(0.01)
        raise KeyboardInterrupt  # as Ctrl-C does, while photographs are decoded

    with pytest.raises(KeyboardInterrupt), ThreadPoolExecutor(2) as pool:
        list(in_order(work, items(), batch=50, pool=pool))
    stopper.join()
    assert sorted(begun) == [0, 50]  # of 100 that were handed out
