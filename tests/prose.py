"""Numbers in the notebooks' prose that no cell shows: each phrase as it stands there, and what computes it.

``lint.proven`` takes a number in prose for proven if it stands in a phrase here, and ``test_prose.py`` holds
every phrase against the notebook's text and against what its function computes.
"""

from collections.abc import Callable

import numpy as np

from fanaoi_helpers import byhand, fans
from fanaoi_helpers.exercises import full_run
from fanaoi_helpers.exercises.losses.surprise import DIGIT

# Notebook 03 -------------------------------------------------------------------------------------------


def one_more_in_score() -> str:
    pairs = [(2, 1), (102, 101)]
    (ratio,) = {round(float(np.divide(*byhand.softmax(pair))), 3) for pair in pairs}
    listed = " or ".join(f"{one} and {other}" for one, other in pairs)
    return f"One more in score is always e = {ratio} times as probable, whether the scores are {listed}"


def a_tenth_of_it() -> str:
    costs = np.log(1) - np.log(0.1)
    return f"from 0.1 to {0.1 * np.exp(-costs):g} costs as much as from 1 to 0.1"


def the_handouts_digit_adds_up() -> str:
    return f"The ten probabilities add up to {DIGIT.sum():.2f}"


def the_digit_that_would_agree() -> str:
    rest = DIGIT.sum() - DIGIT[3]
    return f"With `p_true = {1 - rest:.2f}` in the parameters cell the two agree"


def confident_and_wrong() -> str:
    pays = byhand.binary_cross_entropy([0], [0.999])
    twice = 1 - np.exp(-2 * pays)
    return f"a model that says 0.999 and is wrong pays {pays:.1f}, and {twice:.6f} costs twice that"


def smoothed_label() -> str:
    from fanaoi_helpers.cnn import keras

    p, loss = 0.8, keras.losses.BinaryCrossentropy(label_smoothing=0.1)
    go, ng = (byhand.binary_cross_entropy([label], [p]) for label in (1, 0))
    asked = (float(loss(np.array([1.0]), np.array([p]))) - ng) / (go - ng)  # the loss is linear in the label
    return f"`label_smoothing=0.1` asks for {asked:.2f} instead of 1"


# Notebook 04 -------------------------------------------------------------------------------------------


def steps_toward_3() -> str:
    def factor(rate: float) -> float:
        start, after = byhand.sgd(lambda gain: 4 * (2 * gain - 6), 0.5, rate, steps=1) - 3
        return after / start

    slow, leap, edge = (f"{factor(rate):g}".replace("-", "−") for rate in (0.1, 0.2, 0.25))
    steep = factor(0) - factor(1)
    return (
        f"{slow} at rate 0.1, {leap} at 0.2, {edge} at 0.25. "
        f"Between {1 / steep:g} and {2 / steep:g} the steps leap over the goal"
    )


def passes_of_one_step() -> str:
    passes = []
    byhand.numeric_gradient(lambda kernel: passes.append(kernel) or 0.0, np.zeros((3, 3)))
    return f"Each step took {len(passes)} forward passes"


def largest_rates() -> str:
    def largest(momentum: float) -> float:
        low, high = 0.01, 1.0
        while high - low > 1e-4:
            rate = (low + high) / 2
            path = byhand.sgd(lambda point: np.array([2, 20]) * point, [-8.0, 2.5], rate, 2000, momentum)
            low, high = (rate, high) if np.abs(path[-1]).max() < 8 else (low, rate)
        return low

    return f"SGD is thrown out above {largest(0):.2g} and momentum above {largest(0.9):.2g}"


# By notebook: a phrase of its prose -> the same phrase, computed.
FACTS: dict[str, dict[str, Callable[[], str]]] = {
    "00": {},
    "01": {},
    "02": {},
    "03": {
        "One more in score is always e = 2.718 times as probable, "
        "whether the scores are 2 and 1 or 102 and 101": one_more_in_score,
        "from 0.1 to 0.01 costs as much as from 1 to 0.1": a_tenth_of_it,
        "The ten probabilities add up to 1.01": the_handouts_digit_adds_up,
        "With `p_true = 0.69` in the parameters cell the two agree": the_digit_that_would_agree,
        "a model that says 0.999 and is wrong pays 6.9, and 0.999999 costs twice that": confident_and_wrong,
        "`label_smoothing=0.1` asks for 0.95 instead of 1": smoothed_label,
    },
    "04": {
        "0.2 at rate 0.1, −0.6 at 0.2, −1 at 0.25. "
        "Between 0.125 and 0.25 the steps leap over the goal": steps_toward_3,
        "Each step took 18 forward passes": passes_of_one_step,
        "SGD is thrown out above 0.1 and momentum above 0.19": largest_rates,
    },
    "05": {
        "0.62, 0.47, 0.40, 0.44, 0.42, 0.38, 0.41, 0.39, 0.43, 0.40, 0.36, 0.45": lambda: ", ".join(
            f"{loss:.2f}" for loss in full_run.stops_after.given["losses"]
        ),
        "a square of 134 mm": lambda: f"a square of {fans.FIELD:.0f} mm",
        "a chip of 10 mm is 6 pixels long": lambda: (
            f"a chip of 10 mm is {10 / (fans.FIELD / 80):.0f} pixels long"
        ),
    },
    "06": {},
    "07": {},
    "08": {},
}
