"""The pictures of notebook 07 show the numbers that they are given."""

import numpy as np
import pytest
from figure_checks import assert_readable_and_whole
from matplotlib.patches import Rectangle

from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.figures import overfitting


def test_by_heart_draws_every_seed_and_their_mean():
    known, new = [[0.5, 1.0], [0.7, 0.8]], [[0.5, 0.6], [0.5, 0.7]]
    figure = overfitting.by_heart([10, 20], known, new, [[0.7, 0.1]] * 2, [[0.7, 0.9]] * 2)
    assert_readable_and_whole(figure)
    drawn = [list(line.get_ydata()) for line in figure.axes[0].lines]
    assert drawn[:3] == [known[0], known[1], [0.6, 0.9]]
    assert np.allclose(drawn[5], [0.5, 0.65])
    one = overfitting.by_heart([10, 20], known[:1], new[:1], [[0.7, 0.1]], [[0.7, 0.9]])
    assert [list(line.get_ydata()) for line in one.axes[1].lines] == [[0.7, 0.1], [0.7, 0.9]]


def test_side_by_side_puts_each_training_in_its_row():
    known, new = {"nothing": [1.0, 0.9], "dropout": [0.8]}, {"nothing": [0.6, 0.7], "dropout": [0.62]}
    figure = overfitting.side_by_side(known, new, base="nothing")
    assert_readable_and_whole(figure)
    dots = [points.get_offsets().tolist() for points in figure.axes[0].collections]
    assert dots == [[[1.0, 0], [0.9, 0]], [[0.6, 0], [0.7, 0]], [[0.8, 1]], [[0.62, 1]]]
    assert [text.get_text() for text in figure.axes[0].texts] == ["0.65", "0.62"]
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["nothing", "dropout"]
    with pytest.raises(WorkbookError, match="the same trainings"):
        overfitting.side_by_side({"a": [1]}, {"b": [1]})
    with pytest.raises(WorkbookError, match="base is 'c'"):
        overfitting.side_by_side({"a": [1]}, {"a": [1]}, base="c")


def test_score_bars_tell_the_mean_and_mark_what_is_not_to_be_trusted():
    figure = overfitting.score_bars({"claimed": [0.983], "folds": [0.6, 0.76, 0.87, 0.78]}, ["folds"])
    assert_readable_and_whole(figure)
    claimed, folds = (bars[0] for bars in figure.axes[0].containers)
    assert (claimed.get_width(), round(folds.get_width(), 4)) == (0.983, 0.7525)
    assert claimed.get_hatch() and not folds.get_hatch()
    assert [text.get_text() for text in figure.axes[0].texts] == ["98.3%", "75.2%"]


def test_stress_curves_draw_a_panel_for_each_change():
    curves = {"shift in mm": ([0, 4], {"one": [1, 0.5], "other": [0.9, 0.5]})}
    figure = overfitting.stress_curves(curves | {"turn": (["0", "180"], {"one": [1, 0.5]})})
    assert_readable_and_whole(figure)
    first, second = figure.axes
    assert [line.get_ydata().tolist() for line in first.lines[:2]] == [[1, 0.5], [0.9, 0.5]]
    assert (first.get_xlabel(), second.get_xlabel()) == ("shift in mm", "turn")


def test_label_table_frames_what_was_said_otherwise():
    kept = [[1, 0], [1, 1]]
    figure = overfitting.label_table(["flip", "shift"], ["hand", "dust"], kept, [[1, 0], [0, 1]])
    assert_readable_and_whole(figure)
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts == ["keeps it", "changes it", "keeps it", "keeps it"]
    frames = [p for p in figure.axes[0].patches if isinstance(p, Rectangle) and not p.get_fill()]
    assert [(round(p.get_x()), round(p.get_y())) for p in frames] == [(0, 1)]
    untouched = overfitting.label_table(["flip", "shift"], ["hand", "dust"], kept)
    assert all(p.get_fill() for p in untouched.axes[0].patches)
    with pytest.raises(WorkbookError, match="one number for each pair"):
        overfitting.label_table(["flip"], ["hand"], kept)
