"""What counts prove: bounds against sums of binomial tails, and the coverage that they promise."""

import math

import pytest

from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.verdicts import exact, units_needed, wilson, zero_escape_bound


def at_most(k, n, rate):
    """The chance of k or fewer in n at ``rate``, summed up."""
    return math.fsum(math.comb(n, i) * rate**i * (1 - rate) ** (n - i) for i in range(k + 1))


CASES = [(0, 1), (1, 1), (0, 20), (20, 20), (1, 20), (3, 50), (25, 50), (49, 50), (7, 400)]


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
@pytest.mark.parametrize(("k", "n"), CASES)
def test_exact_bounds_leave_the_tails_that_they_promise(k, n, confidence):
    low, high = exact(k, n, confidence)
    tail = (1 - confidence) / 2
    assert 0 <= low <= k / n <= high <= 1
    if k == 0:
        assert low == 0
    else:
        assert 1 - at_most(k - 1, n, low) == pytest.approx(tail, rel=1e-6)
    if k == n:
        assert high == 1
    else:
        assert at_most(k, n, high) == pytest.approx(tail, rel=1e-6)


@pytest.mark.parametrize(("confidence", "z"), [(0.95, 1.959963984540054), (0.99, 2.5758293035489004)])
@pytest.mark.parametrize(("k", "n"), CASES)
def test_wilson_bounds_are_where_the_score_test_just_rejects(k, n, confidence, z):
    bounds = wilson(k, n, confidence)
    assert bounds.low == 0 if k == 0 else bounds.low > 0
    assert bounds.high == 1 if k == n else bounds.high < 1
    for bound, open_end in ((bounds.low, 0), (bounds.high, 1)):
        if bound != open_end:
            score = (k / n - bound) / math.sqrt(bound * (1 - bound) / n)
            assert abs(score) == pytest.approx(z, rel=1e-9)


def test_exact_covers_at_least_what_it_promises_and_wilson_about_that():
    n = 40
    covered = {bounds: [] for bounds in (exact, wilson)}
    for rate in (step / 100 for step in range(2, 99, 3)):
        chances = [at_most(k, n, rate) - (at_most(k - 1, n, rate) if k else 0) for k in range(n + 1)]
        for bounds, shares in covered.items():
            held = [chance for k, chance in enumerate(chances) if bounds(k, n)[0] <= rate <= bounds(k, n)[1]]
            shares.append(math.fsum(held))
    assert min(covered[exact]) >= 0.95
    assert min(covered[wilson]) < 0.95  # it may fall short here and there …
    assert math.fsum(covered[wilson]) / len(covered[wilson]) == pytest.approx(0.95, abs=0.01)  # … not overall


@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.999])
@pytest.mark.parametrize("n", [1, 2, 59, 300, 10_000])
def test_zero_escapes_prove_the_rate_at_which_they_are_just_unlikely(n, confidence):
    bound = zero_escape_bound(n, confidence)
    assert (1 - bound) ** n == pytest.approx(1 - confidence, rel=1e-9)
    # One-sided: the upper end of two-sided bounds that leave twice the tail, where that makes sense.
    if confidence > 0.5:
        assert bound == pytest.approx(exact(0, n, 2 * confidence - 1).high, rel=1e-9)


def test_the_rule_of_three_is_near_and_never_below():
    for n in (30, 100, 1000, 100_000):
        assert 0.94 * 3 / n < zero_escape_bound(n) < 3 / n
    assert zero_escape_bound(10**9) == pytest.approx(-math.log(0.05) / 1e9, rel=1e-6)  # nothing cancels


@pytest.mark.parametrize("confidence", [0.75, 0.9, 0.95, 0.99])
@pytest.mark.parametrize("rate", [0.9, 0.5, 0.1, 0.05, 0.01, 0.001, 1e-6])
def test_so_many_units_prove_a_rate_and_one_fewer_does_not(rate, confidence):
    n = units_needed(rate, confidence)
    assert zero_escape_bound(n, confidence) <= rate * (1 + 1e-9)
    assert n == 1 or zero_escape_bound(n - 1, confidence) > rate * (1 + 1e-9)


def test_whole_answers_stay_whole():
    assert units_needed(0.5, 0.75) == 2 and units_needed(0.5, 0.875) == 3
    assert (
        units_needed(0.3, 0.51) == 2 and units_needed(0.2, 0.67232) == 5
    )  # the logarithms say a little more


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: wilson(0, 0), "n is 0"),
        (lambda: exact(0, 0), "n is 0"),
        (lambda: zero_escape_bound(0), "n is 0"),
        (lambda: exact(4, 3), "k is 4, but it must be a whole number from 0 to 3"),
        (lambda: wilson(-1, 3), "k is -1"),
        (lambda: wilson(1.5, 3), "k is 1.5"),
        (lambda: exact(1, 3, 95), "confidence is 95"),
        (lambda: exact(1, 3, 1), "confidence is 1, but it must lie between"),
        (lambda: zero_escape_bound(3, 0), "confidence is 0"),
        (lambda: units_needed(0), "rate is 0, but it must lie between"),
        (lambda: units_needed(1.0), "rate is 1.0"),
        (lambda: units_needed(1e-15), "nobody inspects"),
        (lambda: units_needed(float("nan")), "rate is nan"),
    ],
)
def test_what_makes_no_sense_is_refused(call, said):
    with pytest.raises(WorkbookError, match=said):
        call()
