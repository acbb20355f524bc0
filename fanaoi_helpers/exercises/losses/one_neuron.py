"""Notebook 03's exercises on one neuron, an ANN of eleven, and their activations."""

import numpy as np

from ... import byhand
from ..choosing import Right
from ..lesson import Exercises

ask = Exercises()

WEIGHTS = np.array([2.0, -3.0, -1.0])  # label sharpness, scratch, dust
BIAS = 0.5
FAN = np.array([0.9, 0.1, 0.4])
ANOTHER_FAN = np.array([0.6, 0.5, 0.8])
OFFSETS = np.linspace(-5, 5, 200)  # mm


# One neuron, and an ANN of eleven ------------------------------------------------------------------------


@ask.value(
    asks="Weights 2, −3 and −1, bias 0.5: which score does this neuron give a fan with 0.6, 0.5 and 0.8?",
    given={"another_fan": ANOTHER_FAN, "weights": WEIGHTS, "bias": BIAS},
    tolerance=0.005,
    mistakes={
        "The bias is missing.": lambda another_fan, weights: another_fan @ weights,
        "You added the bias twice.": lambda another_fan, weights, bias: another_fan @ weights + 2 * bias,
        "You added the bias to each product; a neuron has one bias, added once at the end.": (
            lambda another_fan, weights, bias: np.sum(another_fan * weights + bias)
        ),
        "You multiplied the sum of the inputs by the sum of the weights. Each input has its own.": (
            lambda another_fan, weights, bias: another_fan.sum() * weights.sum() + bias
        ),
        "You lost the minus signs: two of the weights are negative.": (
            lambda another_fan, weights, bias: another_fan @ np.abs(weights) + bias
        ),
        "That is the sigmoid of the score: a probability, one step too far.": (
            lambda another_fan, weights, bias: byhand.sigmoid(another_fan @ weights + bias)
        ),
    },
    hints=[
        "Three products first: each input times its own weight.",
        "The products are 1.2, −1.5 and −0.8. What is still missing?",
    ],
    why="1.2 − 1.5 − 0.8 + 0.5: below 0, so this fan is NG.",
    minutes=2,
    difficulty=1,
)
def neuron_score(another_fan, weights, bias):
    return np.sum(another_fan * weights) + bias


@ask.value(
    asks="Inputs 0.9, 0.1 and 0.4, weights 2, −3 and −1. Below which bias is this fan NG?",
    given={"fan": FAN, "weights": WEIGHTS, "bias": BIAS},
    tolerance=0.005,
    mistakes={
        "Right size, wrong sign: with that bias it would be even more GO.": (
            lambda fan, weights: fan @ weights
        ),
        "That is how far the bias has to move. Where does it arrive, if it starts at 0.5?": (
            lambda fan, weights, bias: -(fan @ weights + bias)
        ),
        "You looked at the label alone; scratch and dust already speak for NG.": (
            lambda fan, weights: -fan[0] * weights[0]
        ),
        "That makes the bias 0. The score is then still above 0.": lambda: 0.0,
        "That is 0.5 less what the inputs bring. What must the bias be, so that the two cancel?": (
            lambda fan, weights, bias: bias - fan @ weights
        ),
    },
    hints=[
        "At the turning point the score is exactly 0.",
        "The products add up to 1.10, whatever the bias is.",
    ],
    why="1.10 + bias = 0. Training moves biases and weights just so, many at once and in small steps.",
    minutes=2,
    difficulty=1,
)
def turning_bias(fan, weights):
    return -np.sum(fan * weights)  # the bias that makes the score 0


@ask.value(
    asks="4 inputs, then dense layers of 4, 4 and 3 neurons: how many weights and biases together?",
    given={"ann_sizes": [4, 4, 4, 3]},
    mistakes={
        "Those are the weights. Each neuron has a bias, too.": lambda: 4 * 4 + 4 * 4 + 4 * 3,
        "You gave each layer one bias; it is one for each neuron.": lambda: 4 * 4 + 4 * 4 + 4 * 3 + 3,
        "Those are the neurons. How many weights does each one have?": lambda: 4 + 4 + 3,
        "Those are inputs and neurons. Count the lines between them.": lambda: 4 + 4 + 4 + 3,
        "You multiplied the layers with each other. Count layer by layer, then add.": lambda: 4 * 4 * 4 * 3,
        "You gave the inputs biases as well. The input layer only hands numbers on.": (
            lambda: 4 * 4 + 4 * 4 + 4 * 3 + 4 + 4 + 4 + 3
        ),
    },
    hints=[
        "Each neuron of a dense layer has one weight for each of its inputs, and one bias.",
        "The first layer: 4 neurons with 4 weights and 1 bias each, so 20.",
        "20, 20, and 3 neurons with 4 weights and 1 bias each.",
    ],
    why="(4·4 + 4) + (4·4 + 4) + (4·3 + 3). Keras says the same in `ann.count_params()`.",
    minutes=2,
    difficulty=1,
    prediction=True,
)
def parameter_count(ann_sizes):
    return sum(inputs * neurons + neurons for inputs, neurons in zip(ann_sizes, ann_sizes[1:], strict=False))


@ask.value(
    asks="GO is −2 to 2 mm, of −5 to 5 mm. How many percent can one straight line (above 0: GO) get right?",
    given={"offsets": OFFSETS, "tolerance": 2},
    tolerance=0.005,
    mistakes={
        "For that it would have to cross 0 at both edges of the band.": lambda: 100,
        "That is to call everything NG. One edge can be had on top.": lambda: 60,
        "That is to call everything GO. There is better.": lambda: 40,
        "That is a line through the middle of the band. Cut at an edge of it.": lambda: 50,
        "That is a share. Asked are percent.": (
            lambda offsets, tolerance: best_line.reference(offsets, tolerance) / 100
        ),
    },
    hints=[
        "A line crosses 0 once: everything on one side of that point is GO.",
        "Let it cross at −2, rising. Which of the three bands are then right?",
    ],
    why="It finds one edge and never both, for instance with weight 1 and bias 2. A bend is missing.",
    minutes=4,
    difficulty=2,
)
def best_line(offsets, tolerance):
    is_go = np.abs(offsets) <= tolerance
    # A line is above 0 on one side of one edge; the picture is symmetric, so the right side will do.
    return 100 * max(np.mean((offsets > edge) == is_go) for edge in offsets)


# Activations and their slopes ----------------------------------------------------------------------------


@ask.value(
    asks="How steep is the sigmoid where it is steepest? (Its slope: output gained per 1 of score.)",
    given={"z": np.linspace(-6, 6, 241)},
    tolerance=0.005,
    mistakes={
        "That is its value in the middle, not its slope there.": lambda: 0.5,
        "So steep are ReLU and, at 0, tanh. The sigmoid is flatter.": lambda: 1.0,
        "At z = 0, yes: that is where. How steep is it there?": lambda: 0.0,
        "That is the mean slope from one end of the picture to the other.": (
            lambda z: (byhand.sigmoid(z)[-1] - byhand.sigmoid(z)[0]) / (z[-1] - z[0])
        ),
    },
    hints=["Its slope is s · (1 − s), where s is its own output.", "s · (1 − s) is largest for s = 0.5."],
    why="0.5 · (1 − 0.5). No layer with a sigmoid passes more than a quarter of a slope back.",
    minutes=1,
    difficulty=1,
    prediction=True,
)
def steepest_sigmoid(z):
    return np.max(byhand.sigmoid(z) * (1 - byhand.sigmoid(z)))


ask.choice(
    "mitigates",
    asks="One handout has ReLU prevent vanishing gradients, another mitigate them. Which, and why?",
    options={
        "It prevents them: its slope is 1, so nothing is lost on the way.": (
            "For positive scores it is 1. But look at the curve of ReLU with weight 0.5."
        ),
        "It mitigates them: its slope takes nothing away, a weight still can.": Right(
            "The slope of ReLU is only one of the two factors."
        ),
        "It does nothing for them: only the weights decide what is left.": (
            "Compare sigmoid and ReLU, both with weight 1: their weights are the same."
        ),
        "It makes them worse: for half of all scores its slope is 0.": (
            "Where z is negative nothing passes, true. But compare the curves where it is positive."
        ),
    },
    hints=["Each layer multiplies by weight × slope of the activation.", "Compare the two curves of ReLU."],
    why="Each layer multiplies by weight × slope. ReLU makes the slope 1 at best, and no more.",
    minutes=1,
    difficulty=1,
)


@ask.value(
    asks="ReLU, weights 2, −3, −1, bias −3, inputs from 0 to 1. For how many percent of fans does it fire?",
    given={"many": np.random.default_rng(0).uniform(size=(1000, 3)), "weights": WEIGHTS, "low_bias": -3.0},
    tolerance=0.005,
    mistakes={
        "That is the share with a bias of 0.5, before it was moved.": (
            lambda many, weights: firing_share.reference(many, weights, 0.5)
        ),
        "That is the share with a bias of −0.5.": lambda many, weights: firing_share.reference(
            many, weights, -0.5
        ),
        "That is the share for which it stays silent.": lambda: 100,
        "The weights alone, without a bias, would give that.": (
            lambda many, weights: firing_share.reference(many, weights, 0)
        ),
    },
    hints=[
        "Which fan gives the highest score? Its inputs lie from 0 to 1.",
        "The best fan gets 2 from the weights.",
    ],
    why="No fan gets more than 2 from the weights, so with −3 no score is above 0.",
    minutes=1,
    difficulty=2,
    prediction=True,
)
def firing_share(many, weights, low_bias):
    z = many @ weights + low_bias
    return 100 * np.mean(byhand.relu(z) > 0)


@ask.value(
    asks="Weights 2, −3, −1, inputs from 0 to 1: from which bias downwards is a ReLU silent for every "
    "possible fan?",
    given={"weights": WEIGHTS, "fan": FAN},
    tolerance=0.005,
    mistakes={
        "Right size, wrong sign: that bias lifts every score.": lambda weights: weights[weights > 0].sum(),
        "That silences it for the first fan. A fan with a sharper label still wakes it.": (
            lambda weights, fan: -fan @ weights
        ),
        "You counted the negative weights as if they could raise the score.": (
            lambda weights: -np.abs(weights).sum()
        ),
        "From there upwards it fires for every fan; asked is the opposite end.": (
            lambda weights: -weights[weights < 0].sum()
        ),
        "Dead there, as the cell above has shown. But it died before.": lambda: -3.0,
    },
    hints=["Imagine the fan that excites it most.", "A sharp label (1), no scratch (0), no dust (0)."],
    why="The best fan gives 2·1 − 3·0 − 1·0 = 2. Smaller steps in training keep it from getting there.",
    minutes=2,
    difficulty=2,
)
def dead_bias(weights):
    highest = np.sum(weights[weights > 0])  # inputs of 1 where they help, of 0 where they hurt
    return -highest


ask.line(
    "leaky_relu",
    asks="Leaky ReLU keeps a slope of 0.01 where the score is negative. Complete the line.",
    template="def my_leaky_relu(z):\n    return np.maximum(z, 0) + ____",
    line="0.01 * np.minimum(z, 0)",
    oracle=lambda z: np.where(z > 0, z, 0.01 * z),
    cases=lambda rng: (rng.normal(scale=5, size=rng.integers(3, 9)),),
    mistakes={
        "That is ReLU itself: output and slope are 0 below 0.": "0",
        "That is a constant: below 0 the slope is still 0, and the neuron can die.": "0.01",
        "It turns up again below 0: the slope there is −0.01.": "-0.01 * np.minimum(z, 0)",
        "No bend is left: below 0 the slope is as large as above.": "np.minimum(z, 0)",
        "Below 0 it is right. Above 0 it must stay z.": "0.01 * z",
        "Wrong side: that makes it steeper above 0 and changes nothing below.": "0.01 * np.maximum(z, 0)",
    },
    hints=[
        "What you add must be 0 for positive z.",
        "`np.minimum(z, 0)` is z where z is negative, and 0 elsewhere. Its slope there is 1.",
    ],
    why="A small slope is still a slope: the neuron learns from every fan, if slowly.",
    minutes=2,
    difficulty=1,
)
