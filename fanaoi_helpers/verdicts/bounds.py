"""What counts prove: bounds of a rate, what zero escapes prove, and how many units a proof takes."""

import math
from typing import NamedTuple

from ..errors import WorkbookError, number, whole_number

MOST = 1_000_000_000_000  # units


class Bounds(NamedTuple):
    """The bounds of a rate, 0..1; both belong to it."""

    low: float
    high: float


def wilson(k: int, n: int, confidence: float = 0.95) -> Bounds:
    """Return Wilson's two-sided bounds of a rate of which ``k`` in ``n`` were seen.

    With p = k / n and z the normal quantile of (1 + confidence) / 2 (Wilson, "Probable inference, the law of
    succession, and statistical inference", J. Am. Stat. Assoc. 22, 1927)::

        (p + z²/2n ± z · sqrt(p(1 - p)/n + z²/4n²)) / (1 + z²/n)

    They hold the true rate in about the wanted share of studies. Where they must hold it in at least that
    share, take `exact`.

    Args:
        k: how many of them, 0..n: escapes, for instance.
        n: how many in all, 1 or more: NG units inspected, for instance. Units, not photographs: the shots of
            a unit are no independent trials.
        confidence: between 0 and 1.

    >>> low, high = wilson(2, 100)
    >>> round(low, 4), round(high, 4)
    (0.0055, 0.07)
    """
    return _bounds(k, n, confidence, "wilson")


def exact(k: int, n: int, confidence: float = 0.95) -> Bounds:
    """Return Clopper and Pearson's two-sided bounds of a rate of which ``k`` in ``n`` were seen.

    The lower bound is the rate at which k or more in n have the chance (1 - confidence) / 2, the upper one
    that at which k or fewer have it (Clopper and Pearson, "The use of confidence or fiducial limits
    illustrated in the case of the binomial", Biometrika 26, 1934). They hold the true rate in at least the
    wanted share of studies, and so are a little wide.

    Args: as in `wilson`.

    >>> low, high = exact(2, 100)
    >>> round(low, 4), round(high, 4)
    (0.0024, 0.0704)
    """
    return _bounds(k, n, confidence, "exact")


def at_most(k: int, n: int, confidence: float = 0.95) -> float:
    """Return the rate that ``k`` in ``n`` prove at most: Clopper and Pearson's one-sided upper bound.

    At that rate, k or fewer in n would have the chance 1 - confidence. It is the bound for a claim ("at most
    1 % escape"); those of `exact` share the doubt between both sides. With k = 0 it is `zero_escape_bound`.

    Args: as in `wilson`.

    >>> round(at_most(0, 100), 4), round(at_most(2, 100), 4)
    (0.0295, 0.0616)
    """
    from scipy.stats import beta

    n = whole_number("n", n, 1, MOST)
    k, confidence = whole_number("k", k, 0, n), between("confidence", confidence, "0.95")
    return 1.0 if k == n else float(beta.ppf(confidence, k + 1, n - k))


def at_least(k: int, n: int, confidence: float = 0.95) -> float:
    """Return the rate that ``k`` in ``n`` prove at least: Clopper and Pearson's one-sided lower bound.

    Args: as in `wilson`.

    >>> at_least(0, 100), round(at_least(2, 100), 4)
    (0.0, 0.0036)
    """
    n = whole_number("n", n, 1, MOST)
    return 1 - at_most(n - whole_number("k", k, 0, n), n, confidence)


def zero_escape_bound(n: int, confidence: float = 0.95) -> float:
    """Return the rate that 0 escapes of ``n`` NG units prove at most.

    At that rate, no escape in n would have the chance 1 - confidence: ``1 - (1 - confidence)^(1/n)``, the
    one-sided bound of Clopper and Pearson. At 95 % it is about 3/n, the *rule of three* (Hanley and
    Lippman-Hand, "If nothing goes wrong, is everything all right?", JAMA 249, 1983), never more.

    Args:
        n: NG units inspected, 1 or more.
        confidence: between 0 and 1.

    >>> round(zero_escape_bound(100), 4)  # the rule of three says 0.03
    0.0295
    """
    n = whole_number("n", n, 1, MOST)
    return -math.expm1(math.log1p(-between("confidence", confidence, "0.95")) / n)


def units_needed(rate: float, confidence: float = 0.95, escapes: int = 0) -> int:
    """Return how many NG units must be inspected, with so many escapes at most, to prove an escape rate.

    The smallest n at which a line with that rate would let ``escapes`` or fewer pass with a chance of at most
    1 - confidence: the one-sided bound of Clopper and Pearson, as in `zero_escape_bound`. Without an escape
    it is about 3 / rate, by the rule of three.

    Args:
        rate: the highest escape rate to be accepted, between 0 and 1.
        confidence: between 0 and 1.
        escapes: that may be seen among them, 0 or more.

    >>> units_needed(0.01), units_needed(0.001)
    (299, 2995)
    >>> units_needed(0.01, escapes=2)
    628
    """
    rate, confidence = between("rate", rate, "0.01"), between("confidence", confidence, "0.95")
    escapes = whole_number("escapes", escapes, 0, 1_000_000)
    needed = math.log1p(-confidence) / math.log1p(-rate)
    if needed * (escapes + 1) > MOST:
        raise WorkbookError(f"rate is {rate:g}, but nobody inspects more than {MOST:,} units: raise it.")
    # 2 is 2, even where the logarithms make it 2.0000000000000004
    low = max(1, math.ceil(needed * (1 - 1e-12)))
    if not escapes:
        return low
    from scipy.stats import binom

    def proven(n: int) -> bool:
        return binom.cdf(escapes, n, rate) <= (1 - confidence) * (1 + 1e-12)

    low, high = max(low, escapes + 1) - 1, max(low, escapes + 1)
    while not proven(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if proven(middle) else (middle, high)
    return high


def between(name: str, value: float, such_as: str) -> float:
    """Return ``value`` as a float between 0 and 1, neither of the two, or refuse it by ``name``."""
    if number(name, value, 0, 1) in (0, 1):
        raise WorkbookError(f"{name} is {value!r}, but it must lie between 0 and 1, such as {such_as}.")
    return float(value)


def _bounds(k: int, n: int, confidence: float, method: str) -> Bounds:
    from scipy.stats import binomtest

    n = whole_number("n", n, 1, MOST)
    k = whole_number("k", k, 0, n)
    low, high = binomtest(k, n).proportion_ci(between("confidence", confidence, "0.95"), method)
    return Bounds(float(low), float(high))
