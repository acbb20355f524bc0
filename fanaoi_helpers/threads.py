"""Working on many photographs at once: decoders, hashes and OpenCV let go of Python's lock, so threads do."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from itertools import islice
from threading import Event

AHEAD = 16  # batches that wait to be worked on or fetched: this bounds the memory


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_order(
    work: Callable, items: Iterable, *, batch: int = 8, pool: ThreadPoolExecutor | None = None
) -> Iterator:
    """Yield ``work(item)`` in the order of ``items``; threads go a little ahead, not far.

    Args:
        work: called in a thread with each item.
        items: as many as there are.
        batch: items that a thread works on between two reports.
        pool: the threads; None: up to 8 of its own.

    >>> list(in_order(abs, [3, -2, -1]))
    [3, 2, 1]
    """

    stopped = Event()  # by Ctrl-C, or by whoever wants no more: what has begun ends, nothing else begins

    def several(some: list) -> list:
        return [work(item) for item in some if not stopped.is_set()]

    items, ahead = iter(items), deque()
    with nullcontext(pool) if pool else ThreadPoolExecutor(min(8, cores())) as threads:
        try:
            while some := list(islice(items, batch)):
                ahead.append(threads.submit(several, some))
                if len(ahead) > AHEAD:
                    yield from ahead.popleft().result()
            while ahead:
                yield from ahead.popleft().result()
        finally:
            stopped.set()
            for waiting in ahead:
                waiting.cancel()
