"""The pictures of a release: they show the numbers that they are given, and are readable."""

import numpy as np
import pytest
from figure_checks import assert_readable_and_whole
from matplotlib.colors import to_hex

from fanaoi_helpers import fans, verdicts
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.figures import release
from fanaoi_helpers.figures.style import GO_COLOR, NG_COLOR, NG_HATCH
from fanaoi_helpers.verdicts import Counts

RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 2, 300)
P_GO = 1 / (1 + np.exp(-RNG.normal(np.where(LABELS == 1, 5, -5), 3)))
CURVE = verdicts.cost_curve(LABELS, P_GO, 200, 4, 0.005)
SIZES = RNG.uniform(0, 40, 400)
BINS = verdicts.detectability(SIZES, SIZES < 9, [0, 5, 10, 20, 40], RNG.choice(fans.DEFECTS, 400))
HOURS = RNG.integers(6, 14, 300)
CHART = verdicts.control_chart(HOURS, verdicts.log_odds(P_GO))
FINE = Counts(escapes=2, ng_total=100, overkill=2, go_total=100)
EXAMPLES = {
    "score_band": lambda: release.score_band(LABELS, P_GO, 0.5),
    "score_band with review": lambda: release.score_band(LABELS, P_GO, 0.5, (0.01, 0.99)),
    "score_band, saturated": lambda: release.score_band([0, 1, 1], [0.0, 1.0, 1.0], 1.0, (0, 1)),
    "score_band, threshold 0": lambda: release.score_band([0, 1], [0.5, 0.5], 0),
    "costs": lambda: release.costs_over_threshold(CURVE, 0.7),
    "costs, saturated": lambda: release.costs_over_threshold(
        verdicts.cost_curve([0, 1], [0.0, 1.0], 1e9, 0.01), 1.0
    ),
    "detectability": lambda: release.detectability(BINS),
    "detectability, all kinds": lambda: release.detectability(verdicts.pooled(BINS)),
    "detectability, many bins": lambda: release.detectability(
        verdicts.detectability([3, 7.5], [True, False], list(range(16)))
    ),
    "prevalence": lambda: release.prevalence(verdicts.at_prevalence(FINE, 0.005)),
    "prevalence, nothing wrong": lambda: release.prevalence(
        verdicts.at_prevalence(Counts(0, 9, 0, 9), 0.00001)
    ),
    "prevalence, all wrong": lambda: release.prevalence(verdicts.at_prevalence(Counts(9, 9, 9, 9), 0.37)),
    "drift": lambda: release.drift_day(HOURS, LABELS, P_GO, 0.5, CHART),
    "drift, no alarm": lambda: release.drift_day(HOURS, LABELS, P_GO, 0.5),
    "drift, one hour": lambda: release.drift_day([1, 1], [0, 1], [0.1, 0.9], 0.5),
    "drift, one label": lambda: release.drift_day([1, 2], [1, 1], [0.0, 1.0], 0.5),
}


@pytest.mark.parametrize("draw", EXAMPLES.values(), ids=EXAMPLES)
def test_pictures_are_readable_and_whole(draw):
    assert_readable_and_whole(draw())


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_the_scores_are_all_there_and_the_band_counts_its_own():
    figure = release.score_band(LABELS, P_GO, 0.5, (0.2, 0.9))
    (axes,) = figure.axes
    ng, go = axes.containers
    assert sum(bar.get_height() for bar in ng) == np.sum(LABELS == 0)
    assert sum(bar.get_height() for bar in go) == np.sum(LABELS == 1)
    assert (to_hex(ng[0].get_facecolor()), ng[0].get_hatch()) == (NG_COLOR.lower(), NG_HATCH)
    assert (to_hex(go[0].get_facecolor()), go[0].get_hatch() or "") == (GO_COLOR.lower(), "")
    words = [text.get_text() for text in axes.get_legend().get_texts()]
    assert words == ["NG", "GO", f"REVIEW: {np.sum((P_GO >= 0.2) & (P_GO < 0.9))}"]
    assert texts(axes) == ["REVIEW from 0.2 to 0.9"]
    band = axes.patches[-1].get_path().get_extents(axes.patches[-1].get_patch_transform())
    assert (band.x0, band.x1) == pytest.approx(tuple(np.log([0.25, 9])))


def test_ticks_of_log_odds_are_probabilities():
    axes = release.score_band(LABELS, P_GO, 0.5).axes[0]
    for place, label in zip(axes.get_xticks(), axes.get_xticklabels(), strict=True):
        assert 1 / (1 + np.exp(-place)) == pytest.approx(float(label.get_text()))
    assert {"0.01", "0.5", "0.99"} <= {label.get_text() for label in axes.get_xticklabels()}


def test_the_costs_are_those_of_the_curve_and_the_chosen_one_is_marked():
    axes = release.costs_over_threshold(CURVE, 0.7).axes[0]
    escapes, overkill, both = (stairs.get_data() for stairs in axes.patches)
    assert both.values == pytest.approx(1000 * CURVE.costs)
    assert escapes.values + overkill.values == pytest.approx(both.values)
    assert both.edges == pytest.approx(verdicts.log_odds(CURVE.edges))
    (mark,) = [line for line in axes.lines if line.get_marker() == "D"]
    assert mark.get_xdata()[0] == pytest.approx(np.log(0.7 / 0.3))
    assert mark.get_ydata()[0] == pytest.approx(1000 * CURVE.at(0.7))
    assert texts(axes)[0].startswith("chosen: 0.7, ")


def test_detectability_draws_each_bin_with_its_bounds():
    bins = verdicts.detectability([1, 2, 7, 8, 9], [True, False, False, False, False], [0, 5, 10, 20])
    axes = release.detectability(bins).axes[0]
    bars = [line.get_ydata() for line in axes.lines if line.get_marker() == "_"]
    assert [list(bar) for bar in bars] == [list(bins[0].bounds), list(bins[1].bounds)]
    points = {line.get_marker(): line.get_ydata()[0] for line in axes.lines if line.get_marker() != "_"}
    assert points == {"X": 0.5, "o": 0.0}
    assert texts(axes) == ["1/2", "0/3"] and len(axes.patches) == 1, "the empty bin is gray"
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0", "5", "10", "20"]


def test_each_kind_has_its_panel():
    titles = [axes.get_title(loc="left") for axes in release.detectability(BINS).axes if axes.get_visible()]
    assert titles == [kind.replace("_", " ") for kind in sorted(fans.DEFECTS)]


def test_ten_thousand_fans_are_ten_thousand():
    left, right = release.prevalence(verdicts.at_prevalence(FINE, 0.005)).axes
    counts = [len(dots.get_offsets()) for dots in left.collections]
    assert counts == [49, 1, 199, 9751]
    assert left.get_title(loc="left") == "10,000 fans, 0.5% of them NG"
    ng, go = right.collections
    assert (len(ng.get_offsets()), len(go.get_offsets())) == (49, 199)
    assert right.get_title(loc="left") == "The NG box: 20% are NG"


def test_a_drift_day_shows_rates_and_alarm():
    hours, labels = [8, 8, 9, 9, 10, 10], [1, 0, 1, 0, 1, 0]
    p_go = [0.9, 0.1, 0.9, 0.6, 0.2, 0.1]
    chart = verdicts.control_chart(hours, [5, 5.1, 5, 5.1, 1, 1.1])
    cloud, rates, control = release.drift_day(hours, labels, p_go, 0.5, chart).axes
    assert [list(line.get_ydata()) for line in rates.lines] == [[0, 100, 0], [0, 0, 100]]
    assert control.get_title(loc="left").endswith("alarm in hour 10")
    go, ng = cloud.collections
    assert np.asarray(go.get_offsets())[:, 1] == pytest.approx(verdicts.log_odds(p_go[::2]))
    assert np.asarray(ng.get_offsets())[:, 1] == pytest.approx(verdicts.log_odds(p_go[1::2]))
    assert np.abs(go.get_offsets()[:, 0] - hours[::2]).max() < 0.5


@pytest.mark.parametrize(
    ("draw", "told"),
    [
        (lambda: release.score_band([1], [2.0], 0.5), "p_go holds 2"),
        (lambda: release.score_band([1], [0.2], 1.5), "threshold is 1.5"),
        (lambda: release.score_band([1], [0.2], 0.5, (-1, 0.6)), "review is -1"),
        (lambda: release.costs_over_threshold(CURVE, 7), "chosen is 7"),
        (lambda: release.detectability([]), "bins is empty"),
        (lambda: release.drift_day([1], [1, 0], [0.1, 0.2], 0.5), "hours has shape (1,)"),
    ],
)
def test_what_makes_no_sense_is_refused(draw, told):
    with pytest.raises(WorkbookError) as refused:
        draw()
    assert told in str(refused.value)
