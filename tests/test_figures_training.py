"""The pictures of a run show the numbers that they are given."""

import numpy as np
import pytest

from fanaoi_helpers.figures import training


def texts(figure):
    """Return every annotation and text of the figure's first axes."""
    return [text.get_text() for text in figure.axes[0].texts]


def test_split_bars_tell_both_counts_of_each_part():
    figure = training.split_bars({"train": (52, 56), "sealed test": (18, 17)})
    assert texts(figure) == ["52 + 56", "18 + 17"]
    go, ng = figure.axes[0].containers
    assert [bar.get_width() for bar in go] == [52, 18]
    assert [bar.get_x() for bar in ng] == [52, 18]


def test_layer_bars_tell_shares():
    figure = training.layer_bars({"conv1": 896, "conv2": 18_496, "dense1": 2_654_336, "verdict": 129})
    assert texts(figure)[2] == "2,654,336  (99.27%)"
    assert texts(training.layer_bars({"nothing": 0})) == ["0  (0.00%)"]


def test_learning_curves_draw_training_and_validation():
    history = {"loss": [3, 2], "val_loss": [4, 5], "accuracy": [0.5, 0.6], "val_accuracy": [0.4, 0.3]}
    figure = training.learning_curves(history)
    drawn = [line.get_ydata().tolist() for axes in figure.axes for line in axes.lines]
    assert drawn == [[3, 2], [4, 5], [0.5, 0.6], [0.4, 0.3]]
    marks = [axes.lines[-1].get_xdata() for axes in training.learning_curves(history, kept=2).axes]
    assert marks == [[2, 2], [2, 2]]
    loss, accuracy = training.learning_curves(history, majority=0.7).axes
    assert len(loss.lines) == 2 and list(accuracy.lines[-1].get_ydata()) == [0.7, 0.7]


@pytest.mark.parametrize("threshold", [0.0, 0.42, 1.0])
def test_score_histogram_counts_every_photograph(threshold):
    rng = np.random.default_rng(0)
    labels, p_go = rng.integers(0, 2, 50), rng.random(50)
    figure = training.score_histogram(labels, p_go, threshold)
    heights = [sum(bar.get_height() for bar in container) for container in figure.axes[0].containers]
    assert heights == [np.sum(labels == 0), np.sum(labels == 1)]
    assert texts(figure) == [f"threshold {threshold:.2f}"]


def test_confusion_names_each_outcome_with_its_denominator():
    shown = texts(training.confusion(escapes=5, ng_total=180, overkill=7, go_total=190))
    assert shown == ["7", "overkill: 3.7% of 190", "183", "right: 96.3% of 190",
                     "175", "right: 97.2% of 180", "5", "escape: 2.8% of 180"]  # fmt: skip
    assert "overkill: of none" in texts(training.confusion(0, 3, 0, 0))


def test_errors_by_size_puts_each_photograph_in_its_row():
    figure = training.errors_by_size(["scratch", "label_missing", "scratch"], [3, 20, 9], [True, True, False])
    found, escaped = (points.get_offsets().tolist() for points in figure.axes[0].collections)
    assert found == [[3, 1], [20, 0]]
    assert escaped == [[9, 1]]
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["label missing", "scratch"]
    assert training.errors_by_size([], [], []).axes, "no known defect is an empty picture, not an error"
