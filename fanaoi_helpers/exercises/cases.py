"""Cases on which a function is tried: drawn by Hypothesis, the same each time, and made small to be shown."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

SMALLER = 300  # trials that make a failing case small
PATIENCE = 1.0  # seconds for them


class _Fails(Exception):
    """A case on which an answer is wrong."""


class _TimeIsUp(BaseException):
    """Ends the search at once; Hypothesis itself passes over an Exception and goes on."""


def written(
    code: CodeType, names: Mapping[str, object], parameters: Sequence[str]
) -> "SearchStrategy[tuple]":
    """Return the strategy that a sheet's code writes down.

    It gives each parameter a strategy, or ``cases`` one of argument tuples, also as a composite. Beside the
    ``names`` it may use ``st`` and ``hnp``, Hypothesis' strategies.
    """
    from hypothesis import strategies
    from hypothesis.extra import numpy

    space = {**names, "st": strategies, "hnp": numpy}
    exec(code, space)
    if "cases" in space:
        return space["cases"]() if callable(space["cases"]) else space["cases"]
    return strategies.tuples(*(space[parameter] for parameter in parameters))


def drawn(cases: Callable, count: int, seed: int) -> list[tuple]:
    """Return about so many cases, small ones first; the same ones for the same seed."""
    found: list[tuple] = []
    _explore(cases(), found.append, count, seed, shrink=False)
    return sorted(found, key=size_of)


def smallest(cases: Callable, wrong: Callable[[tuple], bool], count: int, seed: int) -> tuple | None:
    """Return a small case for which an answer is ``wrong``, None where none is found.

    Up to ``count`` cases are drawn before one must be found, the same that :func:`drawn` draws by ``seed``.
    """
    best: list[tuple] = []
    end = time.monotonic() + PATIENCE

    def look(case: tuple) -> None:
        if time.monotonic() > end:
            raise _TimeIsUp
        if wrong(case):
            best[:] = [case]
            raise _Fails

    try:
        _explore(cases(), look, count, seed, shrink=True)
    except (Exception, _TimeIsUp):  # the first: that it fails
        pass
    return best[0] if best else None


def size_of(value: object) -> float:
    """Return how much there is to read in an argument; more digits count a little."""
    if isinstance(value, (list, tuple, set, frozenset, dict)):
        return 1 + sum(map(size_of, value.values() if isinstance(value, dict) else value))
    if isinstance(value, (str, np.ndarray)):
        return 1.0 + np.size(value) if isinstance(value, np.ndarray) else 1 + len(value)
    small = isinstance(value, (int, float)) and abs(value) < 1e300
    return 1 + (np.log10(1 + abs(value)) / 10 if small else 0)


def _explore(
    cases: "SearchStrategy[tuple]", look: Callable[[tuple], None], count: int, number: int, shrink: bool
) -> None:
    """Let Hypothesis hand case after case to ``look``; silent, without a file, a clock or a memory."""
    from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings

    phases = [Phase.generate, Phase.shrink] if shrink else [Phase.generate]

    @seed(number)
    @settings(
        max_examples=count,
        phases=phases,
        database=None,
        deadline=None,
        verbosity=Verbosity.quiet,
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def explored(case: tuple) -> None:
        look(case)

    with _without_traces():
        explored()


@contextmanager
def _without_traces() -> Iterator[None]:
    """Keep Hypothesis from reading the source of whatever is imported here, and from leaving its folder.

    It would draw the constants that it finds there: other cases for each learner, and a second of work.
    """
    from hypothesis import configuration
    from hypothesis.internal.conjecture import providers

    own = getattr(providers, "_get_local_constants", None)
    with TemporaryDirectory() as folder:
        configuration.set_hypothesis_home_dir(Path(folder))
        if own is not None:
            none = type(providers.GLOBAL_CONSTANTS)()
            providers._get_local_constants = lambda: none
        try:
            yield
        finally:
            if own is not None:
                providers._get_local_constants = own
            configuration.set_hypothesis_home_dir(None)
