"""A day at a frozen threshold: counted hour by hour, and an alarm that comes when it should."""

import numpy as np
import pytest

from fanaoi_helpers import verdicts
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.verdicts import by_hour, control_chart


def test_each_hour_is_judged_at_the_same_threshold():
    rng = np.random.default_rng(0)
    hours, labels, p_go = rng.integers(6, 14, 400), rng.integers(0, 2, 400), rng.random(400)
    day = by_hour(hours, labels, p_go, 0.3)
    assert list(day) == sorted(set(hours.tolist()))
    for hour, seen in day.items():
        here = hours == hour
        assert seen == verdicts.judge(labels[here], p_go[here], 0.3)
    assert sum(seen.escapes for seen in day.values()) == verdicts.judge(labels, p_go, 0.3).escapes


def test_an_hour_of_one_label_has_no_rate_of_the_other():
    day = by_hour([1, 1, 2], [1, 1, 0], [0.9, 0.2, 0.1], 0.5)
    assert day[1].overkill_rate == 0.5 and day[1].escape_rate is None and day[2].overkill_rate is None


def a_day(seed, slope=0.0, each=25, spread=1.5):
    rng = np.random.default_rng(seed)
    hours = np.repeat(np.arange(8), each)
    return hours, rng.normal(5 - slope * np.maximum(hours - 2, 0), spread)


def test_the_limits_are_shewharts():
    hours, scores = a_day(1)
    chart = control_chart(hours, scores)
    groups = [scores[hours == hour] for hour in range(2)]
    spread = np.sqrt(np.mean([group.var(ddof=1) for group in groups]))  # equal groups: the pooled one
    assert chart.center == pytest.approx(np.mean(groups))
    assert chart.high - chart.center == pytest.approx(np.full(8, 3 * spread / 5))
    assert chart.center - chart.low == pytest.approx(np.full(8, 3 * spread / 5))
    assert chart.means == pytest.approx([scores[hours == hour].mean() for hour in range(8)])
    assert chart.counts.tolist() == [25] * 8


def test_a_good_day_seldom_alarms_and_a_drifting_one_does():
    good = [control_chart(*a_day(seed)).alarm for seed in range(60)]
    assert sum(alarm is not None for alarm in good) <= 12
    bad = [control_chart(*a_day(seed, slope=0.6)).alarm for seed in range(60)]
    assert all(alarm is not None for alarm in bad) and np.median(bad) <= 4


def test_references_take_away_how_units_differ():
    rng = np.random.default_rng(2)
    unit = rng.normal(5, 3, 12)
    hours = np.repeat(np.arange(6), 12)
    scores = np.tile(unit, 6) + rng.normal(0, 0.1, 72) - 0.3 * (hours >= 3)
    assert control_chart(hours, scores).alarm is None
    paired = control_chart(hours, scores, reference=np.tile(unit, 6))
    assert paired.alarm == 3 and abs(paired.center) < 0.1
    assert "alarm in hour 3" in str(paired) and "within the limits" in str(control_chart(hours, scores))


def test_more_photographs_have_narrower_limits_and_order_does_not_matter():
    hours = np.array([2, 1, 1, 1, 1, 2, 3, 3])
    scores = np.array([5.0, 4, 5, 6, 5, 6, 5, 9])
    chart = control_chart(hours, scores)
    assert chart.hours.tolist() == [1, 2, 3] and chart.counts.tolist() == [4, 2, 2]
    assert chart.high[0] < chart.high[1] == chart.high[2]


def test_the_first_hours_set_limits_and_do_not_alarm():
    scores = [5.0, 5.1, 3.0, 3.1, 4.0, 4.1, 1.0, 1.1]
    chart = control_chart([1, 1, 2, 2, 3, 3, 4, 4], scores)
    assert chart.outside.tolist() == [True, True, False, True] and chart.alarm == 4
    assert not chart.steady and "not steady themselves" in str(chart)
    assert control_chart([1, 1, 2, 2], [5, 5.1, 5, 5.1]).steady


def test_scores_that_repeat_exactly_do_not_alarm_at_a_breath():
    hours = [1, 1, 2, 2, 3, 3, 4, 4]
    assert control_chart(hours, [5.0] * 6 + [5.05] * 2).alarm is None
    assert control_chart(hours, [5.0] * 6 + [5.5] * 2).alarm == 4


def test_what_makes_no_sense_is_refused_in_a_sentence():
    good = [1, 1, 2, 2], [4.0, 5.0, 4.0, 5.0]
    for words, told in (
        (lambda: by_hour([1], [1, 0], [0.1, 0.9], 0.5), "hours has shape (1,)"),
        (lambda: by_hour([1, np.nan], [1, 0], [0.1, 0.9], 0.5), "hours holds NaN or infinity"),
        (
            lambda: by_hour(["a", "b"], [1, 0], [0.1, 0.9], 0.5),
            "hours is ['a', 'b'], but it must be a row of",
        ),
        (lambda: by_hour([1, 1], [1, 0], [0.1, 0.9], 2), "threshold is 2"),
        (lambda: by_hour([1, 1], [1, 3], [0.1, 0.9], 0.5), "labels holds 3"),
        (lambda: control_chart([], []), "scores has shape (0,)"),
        (lambda: control_chart([1, 1], [4, np.inf]), "scores holds NaN or infinity"),
        (lambda: control_chart(*good, reference=[1.0]), "reference has shape (1,)"),
        (
            lambda: control_chart([1, 1], [4.0, 5.0]),
            "hours holds only 1, but the first 2 hours set the limits",
        ),
        (lambda: control_chart([1, 2, 3], [4, 5, 6]), "take 2 or more an hour"),
    ):
        with pytest.raises(WorkbookError) as refused:
            words()
        assert told in str(refused.value) and "\n" not in str(refused.value)
