"""Pictures for the way from scores to a loss: softmax, cross-entropy, accuracy."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from .. import arrays, byhand
from ..errors import WorkbookError, whole_number
from .style import GO_COLOR, NG_COLOR, legend_beside, mark, styled, true_minus

# Blue and orange stay with GO and NG. (No "C0": that would be looked up when drawn, outside the style.)
CURVE, ACCURACY, LOSS = "#222222", "#009E73", "#CC79A7"
DOTTED = {"color": "#555555", "linewidth": 1, "linestyle": ":"}
TRUTH, REST = "#222222", "#BBBBBB"  # bars: the true class among the others


@styled
def scores_to_loss(logits: ArrayLike, names: Sequence[str], truth: int) -> Figure:
    """Draw scores, their softmax probabilities and the loss of the true class, side by side.

    Args:
        logits: (K,) scores, one per class.
        names: K class names.
        truth: index of the true class; its bars are dark and its name says so.

    The probabilities are ``byhand.softmax(logits)``, the loss is -ln of the true class's probability.
    """
    logits = arrays.row("logits", logits)
    names = _names(names, len(logits))
    truth = whole_number("truth", truth, 0, len(logits) - 1)
    probabilities = byhand.softmax(logits)
    # ln of the softmax, without the detour over a probability that may be rounded to 0.
    loss = float(np.log(np.sum(np.exp(logits - logits.max()))) - (logits - logits.max())[truth])

    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(10.5, 3.4), width_ratios=(4, 4, 2))
    places = np.arange(len(logits))
    for axis, numbers, title in ((left, logits, "scores"), (middle, probabilities, "softmax: probabilities")):
        axis.bar(places, numbers, color=REST)[truth].set_facecolor(TRUTH)
        axis.set_title(title)
        axis.set_xticks(places, [f"{name}\n(true)" if k == truth else name for k, name in enumerate(names)])
    left.axhline(0, color="#555555", linewidth=1)
    limit = max(5.0, float(np.abs(logits).max()) * 1.25)
    left.set_ylim(-limit, limit)
    middle.set_ylim(0, 1.12)
    for place, score, probability in zip(places, logits, probabilities, strict=True):
        end, va = score + 0.03 * limit * np.sign(score or 1), "bottom" if score >= 0 else "top"
        left.text(place, end, true_minus(f"{score:g}"), ha="center", va=va)
        middle.text(place, probability + 0.015, f"{probability:.3f}", ha="center", va="bottom")
    right.bar([0], [loss], color=LOSS, width=0.5)
    right.text(0, loss, f"{loss:.3f}", ha="center", va="bottom")
    right.set(title="loss: −ln p(true)", xticks=[], xlim=(-0.7, 0.7), ylim=(0, max(5.0, loss * 1.15)))
    return figure


@styled
def softmax_axes(logits: ArrayLike, rows: Sequence[str], columns: Sequence[str]) -> Figure:
    """Draw the softmax of a table of scores along its rows and along its columns, each with all sums.

    Args:
        logits: (batch, classes) scores.
        rows: a name for each sample of the batch.
        columns: a name for each class.

    Sums that are 1 are bold. The probabilities are ``byhand.softmax(logits, axis=...)``.
    """
    logits = np.asarray(logits, dtype=float)
    if logits.ndim != 2 or not logits.size:
        raise arrays.wrong_shape("logits", logits, "(batch, classes)")
    rows, columns = _names(rows, logits.shape[0]), _names(columns, logits.shape[1])
    figure, panels = plt.subplots(1, 2, figsize=(10.5, 1.5 + 0.55 * len(rows)), sharey=True)
    titles = ("over the classes (axis=1)", "over the batch (axis=0)")
    for panel, axis, title in zip(panels, (1, 0), titles, strict=True):
        table = byhand.softmax(logits, axis=axis)
        panel.imshow(table, cmap="Greys", vmin=0, vmax=1.6, aspect="auto")
        for (row, column), p in np.ndenumerate(table):
            panel.text(column, row, f"{p:.2f}", ha="center", va="center")
        for row, total in enumerate(table.sum(axis=1)):
            _sum(panel, len(columns), row, total)
        for column, total in enumerate(table.sum(axis=0)):
            _sum(panel, column, len(rows), total)
        panel.set(xlim=(-0.5, len(columns) + 0.5), ylim=(len(rows) + 0.5, -0.5), title=title)
        panel.set_xticks(range(len(columns) + 1), [*columns, "sum"])
        panel.set_yticks(range(len(rows) + 1), [*rows, "sum"])
        panel.tick_params(length=0, top=False)
        panel.spines[:].set_visible(False)
    return figure


def _sum(axis: Axes, column: float, row: float, total: float) -> None:
    """Write the sum of a row or column, bold where it is 1."""
    weight = "bold" if np.isclose(total, 1) else "normal"
    axis.text(column, row, f"{total:.2f}", ha="center", va="center", weight=weight)


@styled
def surprise(probabilities: ArrayLike) -> Figure:
    """Draw -ln p from 0 to 1, with the given probabilities marked.

    Args:
        probabilities: (N,) probabilities above 0, at most 1.
    """
    marked = _probabilities("probabilities", probabilities, above=True)
    low = min(0.004, float(marked.min()))
    p = np.geomspace(low, 1, 400)
    figure, axis = plt.subplots(figsize=(8, 3.8))
    axis.plot(p, -np.log(p), color=CURVE)
    mark(axis, marked, -np.log(marked), size=8)
    for value in marked:
        loss = -np.log(value)
        axis.annotate(f"p = {value:g}: {loss + 0.0:.3f}", (value, loss), (8, 8), textcoords="offset points")
    axis.set(xlabel="probability p given to what then happened", ylabel="surprise −ln p", xlim=(-0.01, 1.2))
    axis.set_ylim(bottom=-0.1)
    axis.grid(axis="y")
    return figure


@styled
def constant_predictions(p: ArrayLike, likelihood: ArrayLike, loss: ArrayLike) -> Figure:
    """Draw likelihood and mean surprise of models that say the same p to every fan, each with its best.

    Args:
        p: (N,) the probabilities that the models say, in order.
        likelihood: (N,) the product of what each model gave to the true labels; the highest is marked.
        loss: (N,) their mean surprise; the lowest is marked.
    """
    p = _probabilities("p", p)
    likelihood = arrays.row("likelihood", likelihood, len(p))
    loss = arrays.row("loss", loss, len(p))
    figure, panels = plt.subplots(1, 2, figsize=(10.5, 3.4))
    for axis, curve, best, color, name, which in (
        (panels[0], likelihood, int(np.argmax(likelihood)), CURVE, "likelihood", "highest"),
        (panels[1], loss, int(np.argmin(loss)), LOSS, "mean surprise", "lowest"),
    ):
        axis.plot(p, curve, color=color)
        mark(axis, p[best], curve[best])
        axis.axvline(p[best], **DOTTED)
        axis.set(title=f"{name}: {which} at p = {p[best]:g}", ylabel=name)
        axis.set(xlabel="P(GO) said to every fan", xlim=(0, 1))
        axis.set_ylim(bottom=0)
    return figure


@styled
def probabilities_and_truth(probabilities: ArrayLike, truth: int) -> Figure:
    """Draw predicted probabilities beside the one-hot truth, dark for the true class.

    Args:
        probabilities: (K,) numbers from 0 to 1; they may fail to add up to 1, which is then seen.
        truth: index of the true class.
    """
    probabilities = _probabilities("probabilities", probabilities)
    count = len(probabilities)
    truth = whole_number("truth", truth, 0, count - 1)
    figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.4), sharey=True)
    for axis, heights, title in (
        (left, np.eye(count)[truth], "truth (one-hot)"),
        (right, probabilities, "prediction"),
    ):
        axis.bar(range(count), heights, color=REST)[truth].set_facecolor(TRUTH)
        axis.set(title=title, xlabel="class", xticks=range(count))
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
    p_go = _probabilities("p_go", p_go, above=True) if len(labels) else np.zeros(0)
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
            look = {"color": color, "markeredgecolor": "black", "markersize": 9}
            axis.plot(p_go[labels == label], -np.log(own), marker, label=f"{name} fan of the batch", **look)
    axis.axvline(0.5, **DOTTED)
    axis.set(xlabel="predicted p = P(GO)", ylabel="loss", xlim=(0, 1))
    axis.set_ylim(bottom=-0.1)
    axis.grid(axis="y")
    legend_beside(axis)
    return figure


@styled
def clipped_loss(logits: ArrayLike, from_logits: ArrayLike, from_probabilities: ArrayLike) -> Figure:
    """Draw the loss of a GO fan against its score, computed from the score and from the rounded probability.

    Args:
        logits: (N,) scores, in order.
        from_logits: (N,) losses computed from the scores.
        from_probabilities: (N,) losses computed from the probabilities; infinite ones are left out.
    """
    logits = arrays.row("logits", logits)
    exact = arrays.row("from_logits", from_logits, len(logits))
    clipped = arrays.row("from_probabilities", from_probabilities, len(logits), finite=False)
    figure, axis = plt.subplots(figsize=(8.5, 3.6))
    axis.plot(logits, exact, color=CURVE, label="from the score")
    finite = np.where(np.isfinite(clipped), clipped, np.nan)
    axis.plot(logits, finite, "--", color=LOSS, label="from the probability")
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
    shifts = arrays.row("shifts", shifts)
    accuracy = arrays.row("accuracy", accuracy, len(shifts))
    loss = arrays.row("loss", loss, len(shifts))
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(8.5, 5), sharex=True)
    top.step(shifts, accuracy, where="mid", color=ACCURACY)
    top.set(ylabel="accuracy", ylim=(-0.05, 1.08), title="Accuracy: flat, then a jump")
    bottom.plot(shifts, loss, color=LOSS)
    best = int(np.argmin(loss))
    mark(bottom, shifts[best], loss[best])
    words = true_minus(f"lowest: {loss[best]:.3f} at {shifts[best]:+.2f}")
    bottom.annotate(words, (shifts[best], loss[best]), (0, 14), textcoords="offset points", ha="center")
    bottom.set(xlabel="shift added to the bias", ylabel="loss", title="Loss: smooth, it says which way")
    bottom.set_ylim(bottom=0)
    for axis in (top, bottom):
        axis.axvline(0, **DOTTED)
        axis.grid()
    return figure


def _names(names: Sequence[str], count: int) -> list[str]:
    if len(names) != count:
        raise WorkbookError(f"names holds {len(names)} names for {count} numbers; give one name for each.")
    return [str(name) for name in names]


def _probabilities(name: str, values: ArrayLike, above: bool = False) -> np.ndarray:
    return arrays.within(name, arrays.row(name, values), 0, 1, ": use probabilities", above=above)
