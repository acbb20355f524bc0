"""Calling a learner's function: quiet, watched, and never longer or larger than a notebook can bear."""

import contextlib
import ctypes
import inspect
import io
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from types import FrameType

import numpy as np

from .answers import Unreadable, described

SECONDS = 10  # for all cases of an answer together
BYTES = 10**9  # more than before the answer was called
TOO_LONG = f"it takes more than {SECONDS} seconds. Is there a loop that never ends?"
TOO_MUCH = f"it takes more than {BYTES // 10**9} GB of memory. Does something grow with each round?"
LOOKED = 0.02  # seconds between two looks
AGAIN = 0.5  # seconds until a function that caught the first stop is stopped again
PRINTED = 2000  # letters kept of what is printed
# A signal wakes a function that sleeps. This one does nothing where nobody waits for it.
SIGNAL = getattr(signal, "SIGURG", None)


def refuse_what_is_no_function(answer: object) -> None:
    """Refuse what can't be called, or gives nothing when it is.

    Raises:
        Unreadable: with a sentence that says what came.
    """
    if not callable(answer) or isinstance(answer, type):
        came = "the result of a call" if hasattr(answer, "shape") else described(answer)
        how = "" if isinstance(answer, type) else ": its name, without brackets"
        raise Unreadable(f"You gave {came}; expected the function itself{how}.")
    if inspect.iscoroutinefunction(answer) or inspect.isasyncgenfunction(answer):
        raise Unreadable("Your function begins with `async def`; expected `def` alone.")
    if inspect.isgeneratorfunction(answer):
        raise Unreadable("Your function has a `yield`, so it returns a generator; expected a `return`.")


def parameters(function: Callable) -> list[str]:
    """Return the names of a function's parameters, [] where they can't be seen."""
    try:
        return list(inspect.signature(function).parameters)
    except Exception:
        return []


class Stopped(BaseException):
    """An answer was stopped; no `except Exception` of its own catches this."""


class Watch:
    """Stops the thread that enters it when it takes too long or too much memory, by raising :class:`Stopped`.

    The import of a library, which takes seconds and memory of its own, starts clock and memory again.
    """

    def __enter__(self) -> "Watch":
        self._thread = threading.get_ident()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self.says = ""  # why it stopped the answer
        in_main = threading.current_thread() is threading.main_thread()
        self._by_signal = SIGNAL is not None and in_main
        if self._by_signal:
            self._before = signal.signal(SIGNAL, self._signalled)
        self._watcher = threading.Thread(target=self._look, daemon=True)
        self._watcher.start()
        return self

    def __exit__(self, *error: object) -> None:
        try:
            with self._lock:
                self._over.set()
        except Stopped:  # at the very last moment: the answer was done
            self._over.set()
        if not self._by_signal and self.says:
            with contextlib.suppress(Stopped):
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), None)
        self._watcher.join()
        if self._by_signal:
            signal.signal(SIGNAL, self._before)

    def _look(self) -> None:
        import psutil

        process = psutil.Process()
        imported = -1
        while not self._over.wait(LOOKED):
            if len(sys.modules) != imported:
                imported, start, before = len(sys.modules), time.monotonic(), _own_memory(process)
            if time.monotonic() - start > SECONDS:
                self._stop(TOO_LONG)
            elif _own_memory(process) - before > BYTES:
                self._stop(TOO_MUCH)

    def _stop(self, says: str) -> None:
        with self._lock:
            if self._over.is_set():
                return
            self.says = self.says or says
            if self._by_signal:
                signal.pthread_kill(self._thread, SIGNAL)
            else:
                stopped = ctypes.py_object(Stopped)
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), stopped)
        self._over.wait(AGAIN)

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        if self.says and not self._over.is_set():
            raise Stopped
        if callable(self._before):
            self._before(number, frame)


def _own_memory(process: object) -> int:
    """Return a process' memory in bytes, without files that are only mapped, where the system tells."""
    info = process.memory_info()
    return info.rss - getattr(info, "shared", 0)


class _Kept(io.StringIO):
    """Keeps the beginning of what is printed: a loop may print without end."""

    def write(self, text: str) -> int:
        if self.tell() < PRINTED:
            super().write(text[:PRINTED])
        return len(text)


@contextlib.contextmanager
def quietly() -> Iterator[io.StringIO]:
    """Keep what is printed or displayed inside, and what would end the kernel; gives what is printed.

    IPython's `exit` raises SystemExit there, as Python's does.
    """
    kept = _Kept()
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    with contextlib.ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        stack.enter_context(np.errstate(all="ignore"))
        stack.enter_context(contextlib.redirect_stdout(kept))
        stack.enter_context(contextlib.redirect_stderr(kept))
        stack.callback(setattr, sys, "stdin", sys.stdin)
        sys.stdin = io.StringIO()  # Python's own exit() closes it
        if shell is not None:
            from IPython.core.displaypub import CapturingDisplayPublisher

            stack.callback(setattr, shell, "display_pub", shell.display_pub)
            stack.callback(delattr, shell, "ask_exit")  # the class has its own
            shell.display_pub = CapturingDisplayPublisher()
            shell.ask_exit = _leave
        yield kept


def _leave(*args: object) -> None:
    raise SystemExit
