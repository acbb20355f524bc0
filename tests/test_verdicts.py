"""Escapes, overkill and the threshold, against scikit-learn and against trying every threshold."""

import json
import subprocess
import sys

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, confusion_matrix, roc_auc_score

from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.verdicts import auc, choose_threshold, judge


def random_case(seed):
    """Return labels (both occur), scores with ties, and a threshold that may equal a score."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 80))
    labels = rng.permutation(np.r_[0, 1, rng.integers(0, 2, count - 2)])
    scores = np.clip(rng.normal(0.3 + 0.4 * labels, 0.3), 0, 1)
    scores = np.round(scores, int(rng.integers(1, 4))) if seed % 2 else scores
    threshold = float(rng.choice(scores)) if seed % 3 else float(rng.random())
    return labels, scores.astype([np.float64, np.float32][seed % 5 == 0]), threshold


@pytest.mark.parametrize("seed", range(40))
def test_judge_agrees_with_scikit_learn(seed):
    labels, scores, threshold = random_case(seed)
    verdicts = judge(labels, scores, threshold)
    calls = (scores.astype(np.float64) >= threshold).astype(int)
    (_, escapes), (overkill, _) = confusion_matrix(labels, calls, labels=[0, 1])
    assert (verdicts.escapes, verdicts.overkill) == (escapes, overkill)
    assert (verdicts.ng_total, verdicts.go_total) == ((labels == 0).sum(), (labels == 1).sum())
    assert verdicts.accuracy == pytest.approx(accuracy_score(labels, calls))
    assert verdicts.balanced == pytest.approx(balanced_accuracy_score(labels, calls))
    assert verdicts.majority == max(np.sum(labels == 0), np.sum(labels == 1)) / len(labels)
    assert verdicts.auc == auc(labels, scores) == pytest.approx(roc_auc_score(labels, scores))
    assert verdicts.escape_rate == escapes / verdicts.ng_total
    assert verdicts.overkill_rate == overkill / verdicts.go_total
    assert json.loads(json.dumps(verdicts.as_dict(), allow_nan=False)) == verdicts.as_dict()


def test_a_score_at_the_threshold_is_go():
    assert judge([0], [0.5], 0.5).escapes == 1
    assert judge([1], [0.5], 0.5).overkill == 0
    assert judge([1, 0], [1.0, 0.0], 1.0).accuracy == 1
    assert judge([1, 0], [1.0, 0.0], 0.0).escapes == 1


def test_one_label_alone_has_no_auc_and_no_rate_of_the_other():
    verdicts = judge([1, 1], [0.9, 0.2], 0.5)
    assert verdicts.auc is None and verdicts.escape_rate is None and verdicts.overkill_rate == 0.5
    assert json.loads(json.dumps(verdicts.as_dict()))["auc"] is None
    assert "need both labels" in str(verdicts) and verdicts.balanced is None and verdicts.luck is None
    assert verdicts.worth == "No NG was judged: whether NG would be found is not known."
    assert judge([0], [0.9], 0.5).overkill_rate is None


def test_judging_counts_and_does_not_rank_until_somebody_asks():
    words = (
        "import sys; from fanaoi_helpers.verdicts import judge; found = judge([1, 0], [0.9, 0.1], 0.5);"
        "assert 'sklearn' not in sys.modules; assert found.auc == 1 and 'sklearn' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", words], check=True)
    assert judge([1, 0], [0.9, 0.1], 0.5) == judge([1, 0], [0.8, 0.2], 0.5)  # the same counts


def test_as_dict_has_the_names_of_metrics_json_and_plain_numbers():
    scores = np.array([0.9, 0.6, 0.1], np.float32)
    found = judge(np.array([1, 0, 0]), scores, 0.5, units=["A", "B", "B"]).as_dict()
    numbers = {"threshold", "accuracy", "majority", "balanced", "auc", "luck", "escapes", "ng_total",
               "ng_units", "overkill", "go_total", "go_units"}  # fmt: skip
    assert set(found) == numbers | {"worth"} and type(found["worth"]) is str
    assert {type(found[name]) for name in numbers} == {int, float}
    assert (found["ng_total"], found["ng_units"], found["go_total"], found["go_units"]) == (2, 1, 1, 1)
    unknown = judge(np.array([1, 0, 0]), scores, 0.5).as_dict()
    assert unknown["ng_units"] is None and unknown["go_units"] is None


def test_verdicts_read_as_a_sentence():
    found = judge([1, 1, 0, 0], [0.9, 0.4, 0.6, 0.1], 0.5)
    assert str(found) == (
        "GO when P(GO) >= 0.500: accuracy 50.0% (always saying GO: 50.0%), balanced 50.0%, AUC 0.750, "
        "escapes 1 of 2 NG, overkill 1 of 2 GO"
    )
    lines = found.with_units([3, 3, 4, 5]).described().splitlines()
    assert lines[:2] == [
        "accuracy 50.0% (always saying GO: 50.0%), balanced 50.0%, AUC 0.750",
        "escapes 1 of 2 NG (2 units), overkill 1 of 2 GO (1 unit)",
    ]


def mistakes(labels, scores, threshold):
    return int(np.sum((np.asarray(scores, np.float64) >= threshold) != np.asarray(labels)))


@pytest.mark.parametrize("seed", range(60))
def test_no_threshold_makes_fewer_mistakes(seed):
    labels, scores, _ = random_case(seed)
    chosen = choose_threshold(labels, scores)
    assert 0 <= chosen <= 1 and isinstance(chosen, float)
    values = np.unique(np.r_[0, scores.astype(np.float64), 1])
    tries = [0.0, *((values[1:] + values[:-1]) / 2), 1.0]
    fewest = min(mistakes(labels, scores, threshold) for threshold in tries)
    assert mistakes(labels, scores, chosen) == fewest
    # No gap with as few mistakes is wider than the one that was chosen.
    gap = np.searchsorted(values, chosen)
    width = values[gap] - values[gap - 1] if gap else 0
    widths = [
        high - low
        for low, high in zip(values, values[1:], strict=False)
        if mistakes(labels, scores, (low + high) / 2) == fewest
    ]
    assert width == pytest.approx(max(widths, default=width))
    order = np.random.default_rng(seed).permutation(len(labels))
    assert choose_threshold(labels[order].tolist(), scores[order].tolist()) == chosen


@pytest.mark.parametrize(
    ("labels", "scores", "expected"),
    [
        ([0, 1], [0.2, 0.6], 0.4),  # the middle of the gap
        ([0, 1], [0.0, 1.0], 0.5),
        ([0, 0, 1, 0, 1, 1], [0.1, 0.2, 0.3, 0.4, 0.8, 0.9], 0.6),  # one mistake here and at 0.25: the wider
        ([0, 1], [1.0, 1.0], 0.5),  # all scores 1: nothing can be called NG
        ([0, 1], [0.0, 0.0], 0.5),  # all scores 0: only NG or, at 0, GO
    ],
)
def test_which_gap_is_taken(labels, scores, expected):
    assert choose_threshold(labels, scores) == pytest.approx(expected)


def test_ties_between_gaps_go_to_the_one_nearest_to_a_half_then_to_the_higher():
    # One mistake at 0.1875 and at 0.5625 (gaps of 0.125): 0.5625 is nearer to 0.5.
    assert choose_threshold([0, 1, 0, 1], [0.125, 0.25, 0.5, 0.625]) == 0.5625
    assert choose_threshold([0, 1, 0, 1], [0.375, 0.5, 0.75, 0.875]) == 0.4375
    # All GO below 0.25 or all NG above 0.75: both have one mistake and are as far from 0.5.
    assert choose_threshold([1, 0], [0.25, 0.75]) == 0.875


def test_neighboring_scores_are_still_told_apart():
    low = 0.3
    for _ in range(4):  # the middle of two neighbors is one of them, by turns the lower and the higher
        high = float(np.nextafter(low, 1))
        assert mistakes([0, 1], [low, high], choose_threshold([0, 1], [low, high])) == 0
        low = high


@pytest.mark.parametrize(
    ("labels", "scores", "said"),
    [
        ([0, 1], [0.1], "shape"),
        ([0, 1], [[0.1], [0.2]], r"flatten the model's output with \[:, 0\]"),
        ([[0, 1]], [[0.1, 0.2]], "shape"),
        ([], [], "at least 1"),
        ([0, 2], [0.1, 0.2], "labels holds 2"),
        ([0, float("nan")], [0.1, 0.2], "labels holds nan"),
        ([0, 1], [0.1, float("nan")], "p_go holds nan"),
        ([0, 1], [0.1, 1.5], "p_go holds 1.5"),
        ([0, 1], [-0.1, 0.5], "p_go holds -0.1"),
        (["GO", "NG"], [0.1, 0.5], "labels is \\['GO', 'NG'\\], but it must be an array of numbers"),
        ([0, 1], None, "p_go is None"),
    ],
)
def test_input_that_makes_no_sense_is_refused(labels, scores, said):
    for call in (lambda: judge(labels, scores, 0.5), lambda: choose_threshold(labels, scores)):
        with pytest.raises(WorkbookError, match=said):
            call()


@pytest.mark.parametrize("threshold", [-0.1, 1.1, float("nan"), None, "0.5"])
def test_a_threshold_that_makes_no_sense_is_refused(threshold):
    with pytest.raises(WorkbookError, match="threshold is"):
        judge([0, 1], [0.1, 0.9], threshold)


def test_a_threshold_needs_both_labels():
    for label, name in ((1, "GO"), (0, "NG")):
        with pytest.raises(WorkbookError, match=f"All 3 labels are {name}"):
            choose_threshold([label] * 3, [0.1, 0.2, 0.3])
