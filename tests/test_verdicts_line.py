"""From a test to a line: costs, rare NG, sizes of defects, the human's share, the attribute study."""

import warnings

import numpy as np
import pytest

from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.verdicts import (
    Counts,
    at_prevalence,
    attribute_study,
    calls,
    choose_threshold,
    detectability,
    exact,
    judge,
    review_bin,
    threshold_for_costs,
)


def random_scores(seed, most=60, digits=2):
    """Return labels (both occur), scores (every other seed: with ties), and what made them."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, most))
    labels = rng.permutation(np.r_[0, 1, rng.integers(0, 2, count - 2)])
    scores = np.clip(rng.normal(0.3 + 0.4 * labels, 0.3), 0, 1)
    return labels, np.round(scores, digits) if seed % 2 else scores, rng


# ---- Costs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ng_rate", [None, 0.005, 0.6])
@pytest.mark.parametrize("seed", range(25))
def test_no_threshold_costs_less(seed, ng_rate):
    labels, scores, rng = random_scores(seed)
    escape_cost, overkill_cost = rng.choice([0.1, 1, 3, 250], 2)
    ng_share = np.mean(labels == 0) if ng_rate is None else ng_rate

    def cost(threshold):
        seen = judge(labels, scores, threshold)
        return ng_share * seen.escape_rate * escape_cost + (1 - ng_share) * seen.overkill_rate * overkill_cost

    chosen = threshold_for_costs(labels, scores, escape_cost, overkill_cost, ng_rate)
    values = np.unique(np.r_[0, scores, 1])
    tries = [0.0, *((values[1:] + values[:-1]) / 2), 1.0]
    assert cost(chosen) == pytest.approx(min(map(cost, tries)), rel=1e-9, abs=1e-12)
    assert chosen == threshold_for_costs(labels, scores, 7 * escape_cost, 7 * overkill_cost, ng_rate)


@pytest.mark.parametrize("seed", range(10))
def test_equal_costs_choose_as_the_fewest_mistakes_do(seed):
    labels, scores, _ = random_scores(seed)
    assert threshold_for_costs(labels, scores, 40, 40) == choose_threshold(labels, scores)
    assert threshold_for_costs(labels, scores, 0.1, 0.1) == choose_threshold(labels, scores)


def test_dearer_escapes_raise_the_threshold_and_a_rare_ng_lowers_it():
    labels, scores, _ = random_scores(4)
    by_cost = [threshold_for_costs(labels, scores, cost, 1) for cost in (0.01, 0.3, 1, 3, 100)]
    assert by_cost == sorted(by_cost) and by_cost[0] < by_cost[-1]
    by_rate = [threshold_for_costs(labels, scores, 30, 1, rate) for rate in (0.001, 0.05, 0.5, 0.95)]
    assert by_rate == sorted(by_rate) and by_rate[0] < by_rate[-1]


def test_ties_are_broken_by_the_widest_gap():
    labels, scores = [0, 0, 1, 0, 1, 1], [0.1, 0.2, 0.3, 0.5, 0.75, 0.9]
    assert threshold_for_costs(labels, scores, 2, 2) == 0.625  # one overkill here, one escape at 0.25
    assert threshold_for_costs([0, 1], [0.25, 0.75], 9, 1) == 0.5


# ---- Prevalence -------------------------------------------------------------------------------------------


def test_ninety_eight_percent_mean_little_where_ng_is_rare():
    line = at_prevalence(Counts(1, 50, 1, 50), 0.005)
    assert (line.ng_total, line.go_total) == (50, 9950)
    assert (line.escapes, line.overkill) == (pytest.approx(1), pytest.approx(199))
    assert line.ng_among_called_ng == pytest.approx(49 / 248)
    assert line.go_among_called_go == pytest.approx(9751 / 9752)
    assert (line.escape_rate, line.overkill_rate) == (pytest.approx(0.02), pytest.approx(0.02))
    assert str(line) == (
        "Of 10,000 fans, 50 NG: 1.0 escapes (2.0% of all NG), 199.0 overkill (2.0% of all GO); "
        "of those called NG, 19.76% are NG; of those called GO, 99.99% are GO"
    )


@pytest.mark.parametrize("seed", range(5))
def test_at_the_tests_own_prevalence_the_shares_are_those_of_the_test(seed):
    labels, scores, _ = random_scores(seed)
    seen = judge(labels, scores, 0.5)
    line = at_prevalence(seen, seen.ng_total / len(labels))
    called_go = scores >= 0.5
    for share, truth, called in (
        (line.go_among_called_go, labels == 1, called_go),
        (line.ng_among_called_ng, labels == 0, ~called_go),
    ):
        assert share == (pytest.approx(truth[called].mean()) if called.any() else None)
    assert line.called_go + line.called_ng == pytest.approx(10_000)


def test_nothing_called_ng_has_no_share():
    line = at_prevalence(Counts(5, 5, 0, 5), 0.1)
    assert line.ng_among_called_ng is None and line.go_among_called_go == pytest.approx(0.9)
    assert "nothing is called NG" in str(line)


def test_rates_of_one_label_alone_say_nothing_of_a_line():
    with pytest.raises(WorkbookError, match="of no GO fan"):
        at_prevalence(Counts(0, 3, 0, 0), 0.1)
    with pytest.raises(WorkbookError, match="of no NG fan"):
        at_prevalence(Counts(0, 0, 0, 3), 0.1)
    with pytest.raises(WorkbookError, match="ng_rate is 0"):
        at_prevalence(Counts(0, 3, 0, 3), 0)


# ---- Detectability ----------------------------------------------------------------------------------------


def test_bins_are_by_kind_and_size_and_nothing_is_lost():
    rng = np.random.default_rng(3)
    edges = [0, 1, 2.5, 10]
    sizes = np.r_[rng.uniform(0, 10, 200), edges]
    kinds = rng.choice(["scratch", "chip"], 204)
    escaped = rng.random(204) < 1 / (1 + sizes)
    bins = detectability(sizes, escaped, edges, kinds)
    assert [(one.kind, one.low, one.high) for one in bins] == [
        (kind, low, high) for kind in ("chip", "scratch") for low, high in ((0, 1), (1, 2.5), (2.5, 10))
    ]
    assert sum(one.total for one in bins) == 204 and sum(one.escapes for one in bins) == escaped.sum()
    for one in bins:
        inside = [
            out
            for size, out, kind in zip(sizes, escaped, kinds, strict=True)
            if kind == one.kind and (one.low <= size < one.high or size == one.high == 10)
        ]
        assert (one.escapes, one.total) == (sum(inside), len(inside))
        assert one.rate == np.mean(inside) and one.bounds == exact(one.escapes, one.total)


def test_an_empty_bin_proves_nothing():
    first, second = detectability([3], [1], [0, 2, 4])
    assert (first.rate, first.total, tuple(first.bounds)) == (None, 0, (0, 1))
    assert second.rate == 1 and second.kind == ""


@pytest.mark.parametrize(
    ("sizes", "escaped", "edges", "said"),
    [
        ([1, np.nan], [0, 1], [0, 2], "sizes holds nan"),
        ([1, 3], [0, 1], [0, 2], "sizes holds 3, but the edges go from 0 to 2"),
        ([1], [0, 1], [0, 2], "escaped has shape .2,., but it must be a row of 1 number"),
        ([], [], [0, 2], "sizes has shape .0,."),
        ([1], [2], [0, 2], "escaped must hold"),
        ([1], [1], [2, 0], "rising"),
        ([1], [1], [1], "rising"),
        (["big"], [1], [0, 2], "sizes is ..big.., but it must be a row of numbers"),
    ],
)
def test_sizes_that_make_no_sense_are_refused(sizes, escaped, edges, said):
    with pytest.raises(WorkbookError, match=said):
        detectability(sizes, escaped, edges)


# ---- The human's share ------------------------------------------------------------------------------------


def test_an_empty_band_is_the_threshold():
    scores = np.random.default_rng(0).random(200).round(2)
    assert (calls(scores, 0.4, 0.4) == np.where(scores >= 0.4, "GO", "NG")).all()
    assert calls([0.0, 1.0], 0, 1).tolist() == ["REVIEW", "GO"]
    assert calls([np.nan], 0.5, 0.5).tolist() == ["REVIEW"]


def test_a_band_costs_minutes_and_saves_mistakes():
    labels, scores = [0, 0, 0, 1, 1, 1, 1, 1], [0.1, 0.45, 0.9, 0.3, 0.55, 0.7, 0.8, 0.2]
    found = review_bin(scores, 0.25, 0.6, fans_per_shift=4800, seconds_each=5, labels=labels)
    assert (found.reviewed, found.total, found.share) == (3, 8, 0.375)
    assert found.minutes_per_shift == pytest.approx(0.375 * 4800 * 5 / 60)
    assert (found.escapes, found.ng_total, found.overkill, found.go_total) == (1, 3, 1, 5)


def test_the_share_of_a_line_weighs_go_and_ng_as_they_come():
    labels, scores = [0, 0, 1, 1, 1, 1], [0.5, 0.5, 0.5, 0.9, 0.9, 0.9]  # all NG to review, a quarter of GO
    options = {"fans_per_shift": 1000, "seconds_each": 6, "labels": labels}
    line = review_bin(scores, 0.4, 0.6, **options, ng_rate=0.01)
    assert line.share == pytest.approx(0.01 * 1 + 0.99 * 0.25)
    assert line.minutes_per_shift == pytest.approx(line.share * 100)
    assert review_bin(scores, 0.4, 0.6, **options, ng_rate=1 / 3).share == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("low", "high", "more", "said"),
    [
        (0.6, 0.4, {}, "high is 0.4, but it must be a number from 0.6 to 1"),
        (-1, 0.4, {}, "low is -1"),
        (0.4, 0.6, {"seconds_each": -1}, "seconds_each"),
        (0.4, 0.6, {"fans_per_shift": 0}, "fans_per_shift"),
        (0.4, 0.6, {"ng_rate": 0.1, "labels": [1, 1]}, "ng_rate needs labels"),
        (0.4, 0.6, {"labels": [1]}, "shape"),
    ],
)
def test_a_band_that_makes_no_sense_is_refused(low, high, more, said):
    with pytest.raises(WorkbookError, match=said):
        review_bin(
            [0.1, 0.9], low, high, **{"labels": [0, 1], "fans_per_shift": 10, "seconds_each": 1} | more
        )


# ---- The attribute study ----------------------------------------------------------------------------------


def test_kappa_is_the_agreement_beyond_chance():
    """Worked by hand: 100 shots, 40 + 30 agree, 10 + 20 do not."""
    labels = [0] * 50 + [1] * 50
    human = [0] * 40 + [1] * 10 + [0] * 20 + [1] * 30
    study = attribute_study(labels, {"human": human, "truth itself": labels, "never": [1] * 100})
    one, itself, never = study.appraisers
    seen, chance = 0.7, 0.5 * 0.6 + 0.5 * 0.4
    assert one.kappa == pytest.approx((seen - chance) / (1 - chance))
    assert (one.miss_rate, one.false_alarm_rate) == (0.2, 0.4)
    assert (itself.kappa, itself.counts) == (1, Counts(0, 50, 0, 50))
    assert (never.kappa, never.miss_rate, never.false_alarm_rate) == (0, 1, 0)
    assert study.between[("human", "truth itself")] == one.kappa
    assert set(study.between) == {("human", "truth itself"), ("human", "never"), ("truth itself", "never")}
    assert one.repeatability is None and one.repeated == 0


def test_repeated_shots_of_a_unit_are_held_against_each_other():
    units = np.array(["a", "b", "a", "b", "a", "c"])
    study = attribute_study([1, 0, 1, 0, 1, 1], {"h": [1, 0, 0, 0, 1, 1], "m": [1] * 6}, units)
    assert [(judge.same, judge.repeated) for judge in study.appraisers] == [(1, 2), (2, 2)]
    assert study.appraisers[0].repeatability == 0.5


def test_where_kappa_is_not_defined_it_is_none_and_nothing_warns():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        study = attribute_study([1, 1], {"one": [1, 1], "other": [1, 1]})
    assert study.appraisers[0].kappa is None and study.between == {("one", "other"): None}
    assert study.appraisers[0].miss_rate is None


@pytest.mark.parametrize(
    ("labels", "verdicts", "units", "said"),
    [
        ([1, 0], {}, None, "dict of at least one"),
        ([1, 0], [1, 0], None, "dict of at least one"),
        ([1, 0], {"human": [1]}, None, "human has shape .1,., but it must be a row of 2 numbers"),
        ([1, 0], {"human": [1, 2]}, None, "human holds 2, but it must hold only 1 for GO and 0 for NG"),
        ([1, 0], {"human": ["GO", "NG"]}, None, "human is ..GO., .NG.., but it must be a row of 2 numbers"),
        ([], {"human": []}, None, "labels has shape .0,."),
        ([1, 0], {"human": [1, 0]}, ["a"], "units names 1 shots"),
        ([1, 0], {"human": [1, 0]}, ["a", "a"], "Unit 'a' is labeled GO"),
    ],
)
def test_a_study_that_makes_no_sense_is_refused(labels, verdicts, units, said):
    with pytest.raises(WorkbookError, match=said):
        attribute_study(labels, verdicts, units)
