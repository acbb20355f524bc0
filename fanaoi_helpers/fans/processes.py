"""What processes that work side by side need, so that Ctrl-C or a kill ends them all, and quietly."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

AT_WORK = threading.Lock()  # held while something is made that must not be left half done


@contextmanager
def ctrl_c_later() -> Iterator[None]:
    """Hold Ctrl-C back; a process started meanwhile never gets it, and so has no traceback to print.

    The terminal sends Ctrl-C to all processes, but it is this one that ends the others. A new
    process inherits that the signal is blocked; in this one a thread of NumPy may still get it, so that the
    handler has to wait as well.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # joblib starts it, which lets Ctrl-C in again
    held = []
    main = threading.current_thread() is threading.main_thread()
    handler = signal.signal(signal.SIGINT, lambda *_: held.append(1)) if main else None
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if main:
            signal.signal(signal.SIGINT, handler or signal.SIG_DFL)
        if held:
            signal.raise_signal(signal.SIGINT)


@contextmanager
def quiet_helpers() -> Iterator[None]:
    """Let no process started meanwhile tell what it finds to clean up, or import from the working folder.

    joblib starts them with ``-m``, which would run a user's numpy.py there (from Python 3.11 on).
    """
    before = {name: os.environ.get(name) for name in ("PYTHONWARNINGS", "PYTHONSAFEPATH")}
    ignored = "ignore:resource_tracker:UserWarning"
    os.environ["PYTHONWARNINGS"] = ",".join(filter(None, [before["PYTHONWARNINGS"], ignored]))
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def quiet_manager() -> Iterator[None]:
    """Let joblib's thread that hands out work print no traceback when work is taken away under its hands."""
    before = threading.excepthook

    def hook(failure: threading.ExceptHookArgs) -> None:
        if getattr(failure.thread, "name", "") != "ExecutorManagerThread":
            before(failure)

    threading.excepthook = hook
    try:
        yield
    finally:
        threading.excepthook = before


def end_with(chief: int) -> None:
    """Let this process end soon after ``chief``, even if that was killed, but with no file half written.

    By itself a process of joblib would wait for more to do, for minutes or for ever.
    """

    def watch() -> None:
        while os.getppid() == chief if os.name == "posix" else psutil.pid_exists(chief):
            time.sleep(0.2)
        with AT_WORK:
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
