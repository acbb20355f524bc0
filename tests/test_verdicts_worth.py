"""What a score is worth: the sentence, against luck that is tried out, and units that are few."""

import itertools

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier

from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.verdicts import judge


def judged(escapes, ng, overkill, go, units=None):
    """Return verdicts of so many photographs, scored 0 or 1, of as many units of NG and of GO."""
    labels = np.repeat([0, 1], [ng, go])
    p_go = np.repeat([1.0, 0.0, 0.0, 1.0], [escapes, ng - escapes, overkill, go - overkill])
    if units is not None:
        units = np.r_[np.arange(ng) % units[0], 1000 + np.arange(go) % units[1]]
    return judge(labels, p_go, 0.5, units)


@pytest.mark.parametrize("seed", range(8))
def test_luck_is_what_all_ways_of_dealing_out_the_verdicts_show(seed):
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.r_[0, 1, rng.integers(0, 2, 6)])
    p_go = rng.random(8)
    found = judge(labels, p_go, 0.5)
    called = p_go >= 0.5
    as_well = [
        labels[list(which)].sum() >= labels[called].sum()  # as many are called GO, but any of them
        for which in itertools.combinations(range(8), called.sum())
    ]
    assert found.luck == pytest.approx(np.mean(as_well))


@pytest.mark.parametrize("go", [30, 200, 397])
def test_always_saying_one_label_is_never_called_better(go):
    labels = np.repeat([1, 0], [go, 400 - go])
    rule = DummyClassifier(strategy="most_frequent").fit(labels[:, None], labels)
    found = judge(labels, rule.predict(labels[:, None]).astype(float), 0.5)
    assert found.accuracy == found.majority and found.balanced == 0.5 and found.luck == 1
    assert found.worth.startswith(f"No better than always saying {found.commoner}: ")


def test_verdicts_by_lot_are_seldom_called_better_and_good_ones_always():
    rng = np.random.default_rng(0)
    labels = np.repeat([1, 0], [190, 76])
    by_lot = [judge(labels, rng.random(266), 0.5).worth for _ in range(300)]
    assert np.mean(["etter than always" not in told for told in by_lot]) <= 0.06
    good = np.clip(0.5 + 0.3 * (2 * labels - 1) + rng.normal(0, 0.3, 266), 0, 1)
    assert judge(labels, good, 0.5).worth == ""


def test_one_unit_photographed_often_is_one_unit():
    """60 photographs of 3 + 3 units, one GO unit called NG: by photograph beyond doubt, by unit no proof."""
    found = judged(0, 30, 10, 30, units=(3, 3))
    assert judged(0, 30, 10, 30).luck < 1e-4 < 0.05 < found.luck
    assert found.worth.startswith(
        "Not shown to be better than always saying GO: on 3 GO and 3 NG units verdicts dealt out by lot "
    )
    few = "The 30 GO are 3 units: even with all of them right, up to 63% of GO may be called wrong"
    assert few in found.worth and found.mistakes.endswith("overkill 10 of 30 GO (3 units)")


def test_a_unit_is_right_where_most_of_its_photographs_are():
    units = ["A", "A", "A", "B", "B", "C", "D"]
    found = judge([1, 1, 1, 1, 1, 0, 0], [0.9, 0.9, 0.1, 0.9, 0.1, 0.2, 0.9], 0.5, units)
    counts = found.by_unit
    assert (counts.go_right, counts.go_units, counts.ng_right, counts.ng_units) == (1, 2, 1, 2)
    both = judge([1, 0], [0.9, 0.1], 0.5, ["A", "A"])
    assert (both.go_units, both.ng_units) == (1, 1), "a unit with photographs of both labels"


def test_scores_may_rank_where_the_threshold_does_not_tell():
    """As on real photographs of tiles: 74 of 76 NG called GO, accuracy 72.5 % against 71.7 %, AUC 0.74."""
    rng = np.random.default_rng(3)
    labels = np.repeat([0, 1], [76, 193])
    p_go = np.clip(0.55 + 0.08 * labels + rng.normal(0, 0.09, 269), 0.3, 1)
    p_go[:2] = 0.1
    found = judge(labels, p_go, 0.222)
    assert found.escapes == 74 and found.overkill == 0 and found.auc > 0.7
    assert found.worth.startswith(
        "Not shown to be better than always saying GO: on 193 GO and 76 NG photographs"
    )
    assert "do as well in 7.9% of tests. Its scores do rank GO above NG (AUC 0." in found.worth
    assert "try another threshold" not in judged(74, 76, 0, 193).worth, "an AUC of 0.51"


def test_what_tells_but_is_right_less_often_is_said_to_be_both():
    found = judged(1, 20, 60, 400)
    assert found.balanced > 0.8 and found.accuracy < found.majority
    said = (
        "Right no more often than always saying GO, though it does tell GO from NG: verdicts dealt out by lot"
    )
    assert found.worth.startswith(said)


def test_few_photographs_are_told_as_few():
    assert "12 NG are few: even with all of them right, up to 22% of NG may" in judged(1, 12, 0, 40).worth
    assert judged(1, 29, 0, 60).worth == "", "at 29 it is 10 %"


@pytest.mark.parametrize("units", [[1, 2], [[1, 2, 3]], 3, []])
def test_units_must_fit(units):
    with pytest.raises(WorkbookError, match="units has the shape"):
        judge([1, 0, 1], [0.1, 0.2, 0.3], 0.5, units)
