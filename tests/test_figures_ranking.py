"""The picture of a comparison: every method in its row, the best one bold, a curve where there is one."""

import numpy as np
import pytest

from fanaoi_helpers.compare import METHODS, comparison, curve
from fanaoi_helpers.figures import ranking


def found(points=3, names=("hog_svm", "borrowed")):
    """Return a comparison made up: 40 photographs, methods ever better."""
    labels = np.repeat([0, 1], 20)
    outcomes = {}
    for number, name in enumerate(names):
        right = np.arange(40) % 20 >= 8 - 3 * number
        value = float(right.mean())
        outcomes[name] = comparison.Outcome(
            METHODS[name],
            value,
            (value - 0.1, value + 0.1),
            value,
            (value - 0.2, 1.0),
            3,
            20,
            1,
            20,
            5.0,
            0.9,
            right,
        )
    return comparison.Comparison(
        folder="my_photos",
        classes=("NG", "GO"),
        photographs={"GO": 20, "NG": 20},
        units={"GO": 20, "NG": 20},
        by="serial",
        folds=4,
        majority=0.5,
        commoner="GO",
        afforded=0.05,
        outcomes=outcomes,
        chosen=outcomes[names[-1]],
        choices=(names[-1],) * 4,
        best=names[-1],
        curve=tuple(curve.Point(5 * 2**n, 0.8, 0.7, 0.7 + 0.05 * n, 0.6) for n in range(points)),
        coarse=None,
        notes=(),
        bootstrap=comparison.Bootstrap(labels, np.arange(40)),
    )


EXAMPLES = {"comparison of methods": lambda: ranking.comparison(found())}


def test_every_method_has_its_row_and_the_best_is_bold():
    first, second, third = ranking.comparison(found()).axes
    words = [label.get_text() for label in first.get_yticklabels()]
    assert words[0] == "always saying GO" and words[1:3] == ["HOG + linear SVM", "borrowed convolutions"]
    weights = [label.get_fontweight() for label in first.get_yticklabels()]
    assert [word for word, weight in zip(words, weights, strict=True) if weight == "bold"] == [words[2]]
    assert second.get_title(loc="left") == "AUC" or second.get_title() == "AUC"
    assert [label.get_text() for label in third.get_xticklabels()] == ["5", "10", "20", "all"]


@pytest.mark.parametrize("points", [0, 1])
def test_without_a_curve_there_is_no_panel_for_it(points):
    assert len(ranking.comparison(found(points)).axes) == (3 if points else 2)


def test_every_number_stands_in_its_own_panel():
    figure = ranking.comparison(found(names=tuple(METHODS)))
    figure.canvas.draw()
    for axes in figure.axes[:2]:
        room = axes.get_window_extent()
        assert len(axes.texts) == len(METHODS) + 1
        for text in axes.texts:
            box = text.get_window_extent()
            assert box.x0 >= room.x0 and box.x1 <= room.x1, text.get_text()
