"""Gradient descent on one number, and what a measured slope costs."""

from dataclasses import dataclass

from ..lesson import Exercises

ask = Exercises()


@ask.value(
    asks="The loss is (2·gain − 6)², the gain is 0.5 and the learning rate 0.1. What is the gain after one "
    "step?",
    given={"gain": 0.5, "rate": 0.1},
    mistakes={
        "You went uphill: the gradient points to where the loss rises, so it is taken off.": (
            lambda gain, rate: gain + rate * 4 * (2 * gain - 6)
        ),
        "That is a step of the whole gradient. What does the learning rate do with it?": (
            lambda gain, rate: gain - 4 * (2 * gain - 6)
        ),
        "The slope inside the bracket is missing: 2·gain grows by 2 when the gain grows by 1.": (
            lambda gain, rate: gain - rate * 2 * (2 * gain - 6)
        ),
        "You used the loss itself. A step follows its slope.": (
            lambda gain, rate: gain - rate * (2 * gain - 6) ** 2
        ),
        "That is how far the step goes. Where does it lead from the old gain?": (
            lambda gain, rate: -rate * 4 * (2 * gain - 6)
        ),
        "That is the slope at gain 0. Take it where you stand.": lambda gain, rate: gain + rate * 24,
        "That is the slope where you stand. How far does a step go, and which way?": (
            lambda gain: 4 * (2 * gain - 6)
        ),
    },
    hints=[
        ("Three things: the error in the bracket, the slope there, and how much of it is taken off."),
        "The error is 2 · 0.5 − 6 = −5. The slope is 2 · error · 2.",
        "The slope is −20. New gain = old gain − 0.1 · (−20).",
    ],
    why="Number − learning rate × gradient: the same update for a gain, a weight and a filter.",
    minutes=2,
    difficulty=1,
)
def one_step(gain, rate):
    error = 2 * gain - 6
    gradient = 2 * error * 2  # the slope of the square, times the slope inside it
    return gain - rate * gradient


@dataclass(frozen=True)
class Parabola:
    """The function a x² + b x + c, which prints as it is written."""

    a: float
    b: float
    c: float

    def __call__(self, x: float) -> float:
        """Return the value at ``x``."""
        return self.a * x**2 + self.b * x + self.c

    def __repr__(self) -> str:
        return f"{self.a:g}x² {self.b:+g}x {self.c:+g}"


def _parabola_and_place(rng):
    a, b, c = rng.integers(1, 9, size=3) * rng.choice([-1.0, 1.0], size=3)
    return Parabola(a, b, c), float(rng.integers(-20, 21)) / 4, float(rng.choice([0.1, 0.25, 0.5]))


@ask.function(
    asks="Measure the slope of a function f at x: go a `step` to either side, and see how much f has risen "
    "on the way.",
    oracle=lambda f, x, step: 2 * f.a * x + f.b,  # of a parabola both sides together give it exactly
    cases=_parabola_and_place,
    tolerance=1e-5,
    mistakes={
        "You went to the right only. On a curve that is too steep or too flat: start from the other side.": (
            lambda f, x, step: (f(x + step) - f(x)) / step
        ),
        "You went to the left only. On a curve that is too steep or too flat: go on to the other side.": (
            lambda f, x, step: (f(x) - f(x - step)) / step
        ),
        "Twice too steep: how far is it from the left place to the right one?": (
            lambda f, x, step: (f(x + step) - f(x - step)) / step
        ),
        "The sign is turned round: a function that rises to the right has a positive slope.": (
            lambda f, x, step: (f(x - step) - f(x + step)) / (2 * step)
        ),
        "That is the rise. A slope is the rise divided by the way.": (
            lambda f, x, step: f(x + step) - f(x - step)
        ),
    },
    hints=[
        "Call f twice, once on either side of x.",
        "The rise is f(x + step) − f(x − step). How long is the way between the two?",
        "The way is 2 · step. Mind the brackets when you divide by it.",
    ],
    why="Central differences. Whatever gradient you derive later, this is how you check it.",
    minutes=3,
    difficulty=1,
)
def slope(f, x, step):
    return (f(x + step) - f(x - step)) / (2 * step)


@ask.value(
    asks="How many forward passes would one step take, if all slopes were measured to both sides? The "
    "handout's CNN has 2,673,857 parameters.",
    given={"parameters": 2_673_857},
    tolerance=0.05,
    mistakes={
        "One pass for each parameter measures to one side only. How many does one slope take?": (
            lambda parameters: parameters
        ),
        "That is for the nine numbers of one filter. The CNN has more.": lambda parameters: 18,
        "One pass gives the loss, and no slope. How many more, and for which numbers?": lambda parameters: 1,
        "18 passes were for nine numbers together. How many is that for one of them?": (
            lambda parameters: 18 * parameters
        ),
        "Two passes give the slope of one parameter. Each of the others needs its own.": lambda parameters: 2,
        "The parameters are moved one at a time, the others stay: no need to try all pairs.": (
            lambda parameters: parameters**2
        ),
    },
    hints=[
        "Nine numbers took 18 passes. Why?",
        "Each parameter is moved up once and down once.",
    ],
    why="2 · 2,673,857 = 5,347,714 passes for a single step: no CNN was ever trained like that.",
    minutes=1,
    difficulty=1,
    prediction=True,
)
def forward_passes(parameters):
    return 2 * parameters  # a pass on either side of each parameter
