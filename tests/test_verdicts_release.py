"""What a release needs besides: cost curves, a band that pays, claims, log-odds, escapes per million."""

import math

import numpy as np
import pytest
from test_verdicts_line import random_scores

from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.station import Policy, read_policy, write_policy
from fanaoi_helpers.verdicts import (
    Counts,
    at_least,
    at_most,
    at_prevalence,
    cost_curve,
    detectability,
    exact,
    judge,
    log_odds,
    pooled,
    review_bin,
    review_for_costs,
    threshold_for_costs,
    threshold_for_overkill,
    units_needed,
    zero_escape_bound,
)

# ---- Costs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ng_rate", [None, 0.01])
@pytest.mark.parametrize("seed", range(12))
def test_the_curve_costs_what_judging_at_each_threshold_costs(seed, ng_rate):
    labels, scores, rng = random_scores(seed, most=40, digits=1)
    share = np.mean(labels == 0) if ng_rate is None else ng_rate
    curve = cost_curve(labels, scores, 50, 3, ng_rate)
    assert (np.diff(curve.edges) >= 0).all() and curve.edges[[0, -1]].tolist() == [0, 1]
    assert (curve.ng_total, curve.go_total) == (np.sum(labels == 0), np.sum(labels == 1))
    tries = [*curve.thresholds, *rng.random(10), *scores[:5], 0.0, 1.0]
    for threshold in tries:
        seen = judge(labels, scores, threshold)
        cost = share * seen.escape_rate * 50 + (1 - share) * seen.overkill_rate * 3
        assert curve.at(threshold) == pytest.approx(cost, abs=1e-12)
    for gap in range(len(curve.thresholds) - (curve.edges[-2] == 1)):
        seen = judge(labels, scores, curve.thresholds[gap])
        assert (curve.escapes[gap], curve.overkill[gap]) == (seen.escapes, seen.overkill)
    chosen = threshold_for_costs(labels, scores, 50, 3, ng_rate)
    assert curve.at(chosen) == pytest.approx(min(curve.at(threshold) for threshold in tries))


@pytest.mark.parametrize("ng_rate", [None, 0.02])
@pytest.mark.parametrize("seed", range(16))
def test_no_band_about_the_threshold_costs_less(seed, ng_rate):
    labels, scores, rng = random_scores(seed, most=40, digits=1)
    escape_cost, overkill_cost, review_cost = rng.choice([0.5, 2, 20, 300], 3)
    costs = {"escape_cost": escape_cost, "overkill_cost": overkill_cost, "review_cost": review_cost}
    share = np.mean(labels == 0) if ng_rate is None else ng_rate
    threshold = threshold_for_costs(labels, scores, escape_cost, overkill_cost, ng_rate)

    def cost(low, high):
        seen = review_bin(scores, low, high, fans_per_shift=1, seconds_each=1, labels=labels, ng_rate=share)
        return (
            share * seen.escapes / seen.ng_total * escape_cost
            + (1 - share) * seen.overkill / seen.go_total * overkill_cost
            + seen.share * review_cost
        )

    low, high = review_for_costs(labels, scores, threshold, **costs, ng_rate=ng_rate)
    assert low <= threshold <= high
    values = np.unique(np.r_[0, scores, 1])
    tries = [0.0, *((values[1:] + values[:-1]) / 2), threshold, 1.0]
    best = min(cost(a, b) for a in tries if a <= threshold for b in tries if b >= threshold)
    assert cost(low, high) == pytest.approx(best, abs=1e-9)
    Policy(threshold, (low, high))


def test_where_review_is_dear_nothing_is_left_to_it():
    labels, scores = [0, 0, 1, 0, 1, 1], [0.1, 0.2, 0.3, 0.5, 0.75, 0.9]
    costs = {"escape_cost": 5, "overkill_cost": 5}
    assert review_for_costs(labels, scores, 0.4, **costs, review_cost=100) == (0.4, 0.4)
    low, high = review_for_costs(labels, scores, 0.4, **costs, review_cost=0.01)
    assert low < 0.3 and high > 0.5


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (lambda: cost_curve([1, 1], [0.1, 0.2], 1, 1), "All 2 labels are GO"),
        (lambda: cost_curve([1, 0], [0.1, 0.2], 0, 1), "escape_cost is 0"),
        (lambda: cost_curve([1, 0], [0.1, 0.2], 1, 1, 1), "ng_rate is 1"),
        (lambda: cost_curve([1, 0], [0.1, 0.2], 1, 1).at(2), "threshold is 2"),
        (
            lambda: review_for_costs([1, 0], [0.1, 0.2], -1, escape_cost=1, overkill_cost=1, review_cost=1),
            "threshold is -1",
        ),
        (
            lambda: review_for_costs([1, 0], [0.1, 0.2], 0.5, escape_cost=1, overkill_cost=1, review_cost=0),
            "review_cost is 0",
        ),
    ],
)
def test_costs_that_make_no_sense_are_refused(words, told):
    with pytest.raises(WorkbookError) as refused:
        words()
    assert told in str(refused.value)


# ---- Claims -----------------------------------------------------------------------------------------------


def chance(k, n, rate):
    """The chance of k or fewer in n at ``rate``, summed up."""
    return math.fsum(math.comb(n, i) * rate**i * (1 - rate) ** (n - i) for i in range(k + 1))


@pytest.mark.parametrize(("k", "n"), [(0, 1), (0, 60), (1, 60), (7, 60), (59, 60), (60, 60)])
@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95])
def test_one_sided_bounds_leave_the_chance_that_they_promise(k, n, confidence):
    high, low = at_most(k, n, confidence), at_least(k, n, confidence)
    if k < n:
        assert chance(k, n, high) == pytest.approx(1 - confidence)
    else:
        assert high == 1
    if k:
        assert 1 - chance(k - 1, n, low) == pytest.approx(1 - confidence)
    else:
        assert low == 0 and high == pytest.approx(zero_escape_bound(n, confidence))
    if confidence > 0.5:
        assert high == pytest.approx(exact(k, n, 2 * confidence - 1).high)
        assert low == pytest.approx(exact(k, n, 2 * confidence - 1).low)


@pytest.mark.parametrize("escapes", [0, 1, 2, 5])
@pytest.mark.parametrize(("rate", "confidence"), [(0.05, 0.95), (0.3, 0.8), (0.02, 0.99), (0.9, 0.6)])
def test_the_units_of_a_claim_are_just_enough(escapes, rate, confidence):
    n = units_needed(rate, confidence, escapes)
    assert at_most(escapes, n, confidence) <= rate * (1 + 1e-9)
    assert n - 1 <= escapes or at_most(escapes, n - 1, confidence) > rate
    for wrong, told in ((-1, "escapes is -1"), (0.5, "escapes is 0.5"), (True, "escapes is True")):
        with pytest.raises(WorkbookError, match=told):
            units_needed(rate, confidence, wrong)


# ---- The line ---------------------------------------------------------------------------------------------


def test_escapes_per_million_are_of_the_fans_delivered():
    line = at_prevalence(Counts(1, 10, 1, 10), 0.5)
    assert line.escapes_per_million == pytest.approx(1e5)
    assert at_prevalence(Counts(0, 10, 10, 10), 0.5).escapes_per_million is None


def test_pooled_bins_are_those_of_all_kinds_in_one():
    rng = np.random.default_rng(0)
    sizes, kinds, edges = rng.uniform(0, 9, 200), rng.choice(list("abc"), 200), [0, 1, 4, 9, 20]
    escaped = sizes < 3
    assert pooled(detectability(sizes, escaped, edges, kinds)) == detectability(sizes, escaped, edges)
    assert pooled([]) == []


def test_log_odds_undo_the_sigmoid_as_far_as_float32_does():
    logits = np.linspace(-11.9, 11.9, 200)
    assert log_odds(1 / (1 + np.exp(-logits))) == pytest.approx(logits)
    rounded = (1 / (1 + np.exp(-logits))).astype(np.float32)
    assert np.abs(log_odds(rounded) - logits).max() < 0.02
    assert log_odds([0, 1e-30, 1 - 1e-15, 1]).tolist() == [-12, -12, 12, 12]
    for wrong in (float("nan"), -0.1, 1.1):
        with pytest.raises(WorkbookError, match="p_go holds .*, but each must lie from 0 to 1"):
            log_odds([0.5, wrong])


@pytest.mark.parametrize(
    "policy", [Policy(0.25), Policy(1 / 3, (0.1, 0.9)), Policy(0.5, (0.5, 0.5), "ab" * 32)]
)
def test_a_written_policy_is_read_as_it_was(tmp_path, policy):
    path = write_policy(tmp_path / "new" / "policy.json", policy)
    assert read_policy(path) == policy
    with pytest.raises(WorkbookError, match="could not be written"):
        write_policy(path / "below.json", policy)
    assert read_policy(path) == policy


# The strictest threshold that overkill allows ---------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_no_stricter_threshold_keeps_the_limit_for_overkill(seed):
    rng = np.random.default_rng(seed)
    labels = np.concatenate([[0, 1], rng.integers(0, 2, 40)])
    p_go = np.round(rng.random(42), rng.integers(1, 4))  # with ties
    share = rng.choice([0, 0.05, 0.25, rng.random() * 0.9])
    threshold = threshold_for_overkill(labels, p_go, share)
    assert judge(labels, p_go, threshold).overkill_rate <= share + 1e-9
    for stricter in p_go[p_go > threshold]:
        kept = judge(labels, p_go, stricter)
        if kept.overkill_rate <= share + 1e-9:  # then all thresholds up to this score give the same verdicts
            assert kept.overkill == judge(labels, p_go, threshold).overkill
            assert kept.escapes == judge(labels, p_go, threshold).escapes


def test_a_limit_for_overkill_that_makes_no_sense_gets_a_sentence():
    for share in (-0.1, 1, np.nan, "few"):
        with pytest.raises(WorkbookError, match="^at_most is "):
            threshold_for_overkill([0, 1], [0.1, 0.9], share)
    with pytest.raises(WorkbookError, match="All 2 labels are NG"):
        threshold_for_overkill([0, 0], [0.1, 0.9], 0.1)
