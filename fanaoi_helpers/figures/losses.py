"""Pictures for the way from scores to a loss: activations, softmax, cross-entropy, accuracy."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from .. import byhand
from ..errors import WorkbookError
from .style import GO_COLOR, HIGHLIGHT, NG_COLOR, NG_HATCH, styled

# Blue and orange stay with GO and NG. (No "C0": that would be looked up when drawn, outside the style.)
CURVE, SLOPE, OTHER, LOSS = "#222222", "#009E73", "#56B4E9", "#CC79A7"
TRUTH, REST = "#222222", "#BBBBBB"  # bars: the true class among the others
SMALLEST = 1e-300  # stands for 0 where a logarithm is drawn
LINES = ("-", "--", ":", "-.")  # curves differ in more than color


@styled
def activations(z: ArrayLike, values: Mapping[str, ArrayLike], slopes: Mapping[str, ArrayLike]) -> Figure:
    """Draw activation functions, and under each its slope with the steepest value named.

    Args:
        z: (N,) scores, in order.
        values: name -> (N,) outputs of that activation at ``z``.
        slopes: the same names -> (N,) slopes (output per unit of score).

    Raises:
        WorkbookError: the names of the two differ, or a curve is not as long as ``z``.
    """
    z = _vector("z", z)
    if not values or list(values) != list(slopes):
        raise WorkbookError(
            f"values has {list(values)} and slopes has {list(slopes)}; give both the same names in order."
        )
    figure, axes = plt.subplots(2, len(values), figsize=(10.5, 5), sharex=True, sharey="row", squeeze=False)
    for column, name in enumerate(values):
        value = _vector(f"values[{name!r}]", values[name], len(z))
        slope = _vector(f"slopes[{name!r}]", slopes[name], len(z))
        top, bottom = axes[:, column]
        top.plot(z, value, color=CURVE)
        top.set_title(name)
        bottom.plot(z, slope, color=SLOPE)
        steepest = slope.max()
        bottom.axhline(steepest, color="#555555", linewidth=1, linestyle=":")
        bottom.text(z[0], steepest, f"at most {steepest:.3g}", va="bottom", color="#333333")
        bottom.set_xlabel("score z")
        for axis in (top, bottom):
            _zero_lines(axis)
    axes[0, 0].set_ylabel("output")
    # ReLU runs off the top; what the others do happens between -1 and 1.
    axes[0, 0].set_ylim(-1.3, 2.6)
    axes[1, 0].set_ylabel("slope")
    axes[1, 0].set_ylim(-0.1, 1.3)
    return figure


@styled
def scores_over_offset(offsets: ArrayLike, scores: Mapping[str, ArrayLike], tolerance: float) -> Figure:
    """Draw scores against a label's offset, over the band that is GO.

    Args:
        offsets: (N,) offsets in mm, in order.
        scores: name -> (N,) scores; above 0 means GO.
        tolerance: offsets from -tolerance to tolerance (mm) are GO.
    """
    offsets = _vector("offsets", offsets)
    figure, axis = plt.subplots(figsize=(8.5, 3.6))
    low, high = offsets[0], offsets[-1]
    axis.axvspan(-tolerance, tolerance, color=GO_COLOR, alpha=0.13, linewidth=0)
    for left, right in ((low, -tolerance), (tolerance, high)):
        axis.axvspan(
            left, right, facecolor="none", edgecolor=NG_COLOR, alpha=0.25, hatch=NG_HATCH, linewidth=0
        )
    for number, (name, score) in enumerate(scores.items()):
        color, style = ("#555555", "black")[number % 2], ("--", "-")[number % 2]
        axis.plot(offsets, _vector(f"scores[{name!r}]", score, len(offsets)), style, color=color, label=name)
    axis.axhline(0, color="#555555", linewidth=1)
    # Room above the curves for the names of the bands.
    bottom, top = axis.get_ylim()
    axis.set_ylim(bottom, top + 0.22 * (top - bottom))
    for middle, verdict, color in (
        ((low - tolerance) / 2, "NG", NG_COLOR),
        (0, "GO", GO_COLOR),
        ((high + tolerance) / 2, "NG", NG_COLOR),
    ):
        box = {"facecolor": "white", "edgecolor": "none", "pad": 2}
        axis.text(
            middle,
            0.96,
            verdict,
            color=color,
            weight="bold",
            ha="center",
            va="top",
            bbox=box,
            transform=axis.get_xaxis_transform(),
        )
    axis.set(xlabel="label offset (mm)", ylabel="score (above 0: GO)", xlim=(low, high))
    axis.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


@styled
def fading(remaining: Mapping[str, ArrayLike]) -> Figure:
    """Draw what is left of a slope after each layer, on a logarithmic scale.

    Args:
        remaining: name -> (layers + 1,) factors above 0, the first of them 1.
    """
    figure, axis = plt.subplots(figsize=(9, 3.8))
    for number, (name, factors) in enumerate(remaining.items()):
        factors = np.maximum(_vector(f"remaining[{name!r}]", factors), SMALLEST)
        color = (CURVE, LOSS, SLOPE, OTHER)[number % 4]
        axis.semilogy(factors, LINES[number % 4], color=color, marker="o", markersize=4, label=name)
    axis.set(xlabel="layers passed on the way back", ylabel="share of the slope left")
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.grid(axis="y")
    axis.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


@styled
def scores_to_loss(logits: ArrayLike, names: Sequence[str], truth: int) -> Figure:
    """Draw scores, their softmax probabilities and the loss of the true class, side by side.

    Args:
        logits: (K,) scores, one per class.
        names: K class names.
        truth: index of the true class; its bars are dark and its name says so.

    The probabilities are ``byhand.softmax(logits)``, the loss is -ln of the true class's probability.
    """
    logits = _vector("logits", logits)
    names = _names(names, len(logits))
    truth = _index("truth", truth, len(logits))
    probabilities = byhand.softmax(logits)
    # ln of the softmax, without the detour over a probability that may be rounded to 0.
    loss = float(np.log(np.sum(np.exp(logits - logits.max()))) - (logits - logits.max())[truth])

    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(10.5, 3.4), width_ratios=(4, 4, 2))
    places = np.arange(len(logits))
    for axis, numbers, title in ((left, logits, "scores"), (middle, probabilities, "softmax: probabilities")):
        _truth_bars(axis.bar(places, numbers, color=REST), truth)
        axis.set_title(title)
        axis.set_xticks(places, [f"{name}\n(true)" if k == truth else name for k, name in enumerate(names)])
    left.axhline(0, color="#555555", linewidth=1)
    limit = max(5.0, float(np.abs(logits).max()) * 1.25)
    left.set_ylim(-limit, limit)
    middle.set_ylim(0, 1.12)
    for place, score, probability in zip(places, logits, probabilities, strict=True):
        left.text(
            place,
            score + 0.03 * limit * np.sign(score or 1),
            _signed(f"{score:g}"),
            ha="center",
            va="bottom" if score >= 0 else "top",
        )
        middle.text(place, probability + 0.015, f"{probability:.3f}", ha="center", va="bottom")
    right.bar([0], [loss], color=LOSS, width=0.5)
    right.text(0, loss, f"{loss:.3f}", ha="center", va="bottom")
    right.set(title="loss: −ln p(true)", xticks=[], xlim=(-0.7, 0.7), ylim=(0, max(5.0, loss * 1.15)))
    return figure


@styled
def surprise(probabilities: ArrayLike) -> Figure:
    """Draw -ln p from 0 to 1, with the given probabilities marked.

    Args:
        probabilities: (N,) probabilities above 0, at most 1.
    """
    marked = _probabilities("probabilities", probabilities, above_zero=True)
    low = min(0.004, float(marked.min()))
    p = np.geomspace(low, 1, 400)
    figure, axis = plt.subplots(figsize=(8, 3.8))
    axis.plot(p, -np.log(p), color=CURVE)
    axis.plot(marked, -np.log(marked), "o", color=HIGHLIGHT, markeredgecolor="black", markersize=8)
    for value in marked:
        axis.annotate(
            f"p = {value:g}: {-np.log(value) + 0.0:.3f}",
            (value, -np.log(value)),
            xytext=(8, 8),
            textcoords="offset points",
        )
    axis.set(xlabel="probability p given to what then happened", ylabel="surprise −ln p", xlim=(-0.01, 1.2))
    axis.set_ylim(bottom=-0.1)
    axis.grid(axis="y")
    return figure


@styled
def probabilities_and_truth(
    probabilities: ArrayLike, truth: int, names: Sequence[str] | None = None
) -> Figure:
    """Draw predicted probabilities beside the one-hot truth, dark for the true class.

    Args:
        probabilities: (K,) numbers from 0 to 1; they may fail to add up to 1, which is then seen.
        truth: index of the true class.
        names: K class names; without it 0, 1, 2, ...
    """
    probabilities = _probabilities("probabilities", probabilities)
    count = len(probabilities)
    truth = _index("truth", truth, count)
    names = _names(names if names is not None else [str(k) for k in range(count)], count)
    figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.4), sharey=True)
    for axis, bars, title in (
        (left, np.eye(count)[truth], "truth (one-hot)"),
        (right, probabilities, "prediction"),
    ):
        _truth_bars(axis.bar(range(count), bars, color=REST), truth)
        axis.set_title(title)
        axis.set_xticks(range(count), names)
        axis.set_xlabel("class")
    for place, probability in enumerate(probabilities):
        right.text(place, probability + 0.015, f"{probability:g}", ha="center", va="bottom", fontsize=10)
    left.set(ylabel="probability", ylim=(0, 1.12))
    return figure


@styled
def binary_loss(labels: ArrayLike, p_go: ArrayLike) -> Figure:
    """Draw the binary cross-entropy of both labels against P(GO), with a batch of fans on the curves.

    Args:
        labels: (N,) GO 1, NG 0; may be empty for the curves alone.
        p_go: (N,) predicted probability of GO, strictly between 0 and 1.
    """
    labels = np.asarray(labels, dtype=float).reshape(-1)
    p_go = _probabilities("p_go", p_go, above_zero=True) if len(labels) else np.zeros(0)
    if len(labels) != len(p_go) or not np.isin(labels, (0, 1)).all() or np.any(p_go >= 1):
        raise WorkbookError(
            "labels and p_go must be equally long, labels 0 (NG) or 1 (GO), p_go strictly between 0 and 1."
        )
    figure, axis = plt.subplots(figsize=(8.5, 4.2))
    p = np.linspace(0.004, 0.996, 400)
    axis.plot(p, -np.log(p), color=GO_COLOR, label="fan is GO: −ln p")
    axis.plot(p, -np.log(1 - p), "--", color=NG_COLOR, label="fan is NG: −ln(1 − p)")
    for label, name, marker, color in ((1, "GO", "o", GO_COLOR), (0, "NG", "X", NG_COLOR)):
        own = np.where(labels == 1, p_go, 1 - p_go)[labels == label]
        if len(own):
            axis.plot(
                p_go[labels == label],
                -np.log(own),
                marker,
                color=color,
                markeredgecolor="black",
                markersize=9,
                label=f"{name} fan of the batch",
            )
    axis.axvline(0.5, color="#555555", linewidth=1, linestyle=":")
    axis.set(xlabel="predicted p = P(GO)", ylabel="loss", xlim=(0, 1))
    axis.set_ylim(bottom=-0.1)
    axis.grid(axis="y")
    axis.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


@styled
def clipped_loss(logits: ArrayLike, from_logits: ArrayLike, from_probabilities: ArrayLike) -> Figure:
    """Draw the loss of a GO fan against its score, computed from the score and from the rounded probability.

    Args:
        logits: (N,) scores, in order.
        from_logits: (N,) losses computed from the scores.
        from_probabilities: (N,) losses computed from the probabilities; infinite ones are left out.
    """
    logits = _vector("logits", logits)
    exact = _vector("from_logits", from_logits, len(logits))
    clipped = _vector("from_probabilities", from_probabilities, len(logits), finite=False)
    figure, axis = plt.subplots(figsize=(8.5, 3.6))
    axis.plot(logits, exact, color=CURVE, label="from the score")
    axis.plot(
        logits,
        np.where(np.isfinite(clipped), clipped, np.nan),
        "--",
        color=LOSS,
        label="from the probability",
    )
    axis.set(xlabel="score z of a GO fan", ylabel="loss", xlim=(logits[0], logits[-1]))
    axis.grid(axis="y")
    axis.legend()
    return figure


@styled
def accuracy_and_loss(shifts: ArrayLike, accuracy: ArrayLike, loss: ArrayLike) -> Figure:
    """Draw accuracy and loss, one above the other, while one bias is moved.

    Args:
        shifts: (N,) amounts added to every score, in order.
        accuracy: (N,) share of right verdicts, 0 to 1.
        loss: (N,) mean losses; the lowest is marked.
    """
    shifts = _vector("shifts", shifts)
    accuracy = _vector("accuracy", accuracy, len(shifts))
    loss = _vector("loss", loss, len(shifts))
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(8.5, 5), sharex=True)
    top.step(shifts, accuracy, where="mid", color=SLOPE)
    top.set(ylabel="accuracy", ylim=(-0.05, 1.08), title="Accuracy: flat, then a jump")
    bottom.plot(shifts, loss, color=LOSS)
    best = int(np.argmin(loss))
    bottom.plot(shifts[best], loss[best], "o", color=HIGHLIGHT, markeredgecolor="black", markersize=9)
    bottom.annotate(
        _signed(f"lowest: {loss[best]:.3f} at {shifts[best]:+.2f}"),
        (shifts[best], loss[best]),
        xytext=(0, 14),
        textcoords="offset points",
        ha="center",
    )
    bottom.set(xlabel="shift added to the bias", ylabel="loss", title="Loss: smooth, it says which way")
    bottom.set_ylim(bottom=0)
    for axis in (top, bottom):
        axis.axvline(0, color="#555555", linewidth=1, linestyle=":")
        axis.grid()
    return figure


def _zero_lines(axis: Axes) -> None:
    axis.axhline(0, color="#bbbbbb", linewidth=1, zorder=0)
    axis.axvline(0, color="#bbbbbb", linewidth=1, zorder=0)


def _signed(number: str) -> str:
    """Return ``number`` with a true minus sign, as matplotlib writes its ticks."""
    return number.replace("-", "−")


def _truth_bars(bars: Sequence, truth: int) -> None:
    bars[truth].set_facecolor(TRUTH)


def _vector(name: str, values: ArrayLike, length: int | None = None, finite: bool = True) -> np.ndarray:
    """Return ``values`` as a (N,) float64 array with at least one number, or refuse it by ``name``."""
    array = np.asarray(values, dtype=float)
    if array.ndim != 1 or not array.size or (length is not None and len(array) != length):
        wanted = "a row of numbers" if length is None else f"a row of {length} numbers"
        raise WorkbookError(f"{name} has shape {array.shape}, but it must be {wanted}.")
    if finite and not np.isfinite(array).all():
        raise WorkbookError(f"{name} holds inf or nan; compute it so that every number is finite.")
    return array


def _probabilities(name: str, values: ArrayLike, above_zero: bool = False) -> np.ndarray:
    array = _vector(name, values)
    outside = (array < 0) | (array > 1) | ((array == 0) & above_zero)
    if outside.any():
        low = "above 0" if above_zero else "from 0"
        raise WorkbookError(
            f"{name} holds {array[outside][0]:g}, but each must be {low} to 1: use probabilities."
        )
    return array


def _names(names: Sequence[str], count: int) -> list[str]:
    if len(names) != count:
        raise WorkbookError(f"names holds {len(names)} names for {count} numbers; give one name for each.")
    return [str(name) for name in names]


def _index(name: str, value: int, count: int) -> int:
    if isinstance(value, bool) or int(value) != value or not 0 <= value < count:
        raise WorkbookError(f"{name} is {value!r}, but it must be a class number from 0 to {count - 1}.")
    return int(value)
