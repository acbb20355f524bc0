"""Pictures of neurons: a network with its numbers, activations, what a layer can and can't tell apart."""

import itertools
from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from .. import arrays
from ..errors import WorkbookError
from .style import GO_COLOR, NG_COLOR, NG_HATCH, legend_beside, styled, true_minus

# Blue and orange stay with GO and NG. (No "C0": that would be looked up when drawn, outside the style.)
CURVE, SLOPE, OTHER, NEGATIVE = "#222222", "#009E73", "#56B4E9", "#CC79A7"
SILENT = "#BBBBBB"  # a neuron that gives 0
SMALLEST = 1e-300  # stands for 0 where a logarithm is drawn
LINES = ("-", "--", ":", "-.")  # curves differ in more than color


@styled
def network(values: Sequence[ArrayLike], weights: Sequence[ArrayLike], titles: Sequence[str]) -> Figure:
    """Draw an ANN with the numbers that pass through it: one column of neurons for each layer.

    Args:
        values: for each layer, the inputs first, its (n,) outputs; a neuron that gives 0 is gray.
        weights: for each layer after the inputs its (inputs, outputs) weights, one line each: solid where
            positive, dashed where negative, thicker the further from 0.
        titles: a name for each layer.
    """
    values = [arrays.row(f"values[{k}]", value) for k, value in enumerate(values)]
    weights = [np.asarray(weight, dtype=float) for weight in weights]
    fitting = list(zip(map(len, values), map(len, values[1:]), strict=False))
    if not weights or [weight.shape for weight in weights] != fitting or len(titles) != len(values):
        shapes = [weight.shape for weight in weights]
        raise WorkbookError(
            f"weights has shapes {shapes}; {len(values)} layers with {len(titles)} titles need {fitting}."
        )
    figure, axis = plt.subplots(figsize=(9.5, 4.4))
    places = [
        [(column, (len(layer) - 1) / 2 - row) for row in range(len(layer))]
        for column, layer in enumerate(values)
    ]
    thickest = max(float(np.abs(weight).max()) for weight in weights) or 1.0
    for weight, left, right in zip(weights, places, places[1:], strict=False):
        for (i, start), (j, end) in itertools.product(enumerate(left), enumerate(right)):
            color, style = (CURVE, "-") if weight[i, j] >= 0 else (NEGATIVE, "--")
            width = 0.4 + 2.6 * abs(weight[i, j]) / thickest
            axis.plot(*zip(start, end, strict=True), style, color=color, linewidth=width, alpha=0.7, zorder=1)
    for column, layer in enumerate(values):
        for place, value in zip(places[column], layer, strict=True):
            color = SILENT if value == 0 else "white"
            axis.plot(*place, "o", markersize=40, color=color, markeredgecolor=CURVE)
            axis.text(*place, true_minus(f"{value:.2f}"), ha="center", va="center")
        axis.text(column, max(map(len, values)) / 2 + 0.25, titles[column], ha="center", weight="bold")
    axis.plot([], [], "-", color=CURVE, label="positive weight")
    axis.plot([], [], "--", color=NEGATIVE, label="negative weight")
    axis.plot([], [], "o", markersize=12, color=SILENT, markeredgecolor=CURVE, label="neuron that gives 0")
    legend_beside(axis)
    high = max(map(len, values)) / 2
    axis.set(xlim=(-0.4, len(values) - 0.6), ylim=(-high - 0.1, high + 0.6))
    axis.axis("off")
    return figure


@styled
def activations(z: ArrayLike, values: Mapping[str, ArrayLike], slopes: Mapping[str, ArrayLike]) -> Figure:
    """Draw activation functions, and under each its slope with the steepest value named.

    Args:
        z: (N,) scores, in order.
        values: name -> (N,) outputs of that activation at ``z``.
        slopes: the same names -> (N,) slopes (output per unit of score).
    """
    z = arrays.row("z", z)
    if not values or list(values) != list(slopes):
        raise WorkbookError(
            f"values has {list(values)} and slopes has {list(slopes)}; give both the same names in order."
        )
    figure, axes = plt.subplots(2, len(values), figsize=(10.5, 5), sharex=True, sharey="row", squeeze=False)
    for column, name in enumerate(values):
        value = arrays.row(f"values[{name!r}]", values[name], len(z))
        slope = arrays.row(f"slopes[{name!r}]", slopes[name], len(z))
        top, bottom = axes[:, column]
        top.plot(z, value, color=CURVE)
        top.set_title(name)
        bottom.plot(z, slope, color=SLOPE)
        steepest = slope.max()
        bottom.axhline(steepest, color="#555555", linewidth=1, linestyle=":")
        bottom.text(z[0], steepest, f"at most {steepest:.3g}", va="bottom", color="#333333")
        bottom.set_xlabel("score z")
        for axis in (top, bottom):
            axis.axhline(0, color="#bbbbbb", linewidth=1, zorder=0)
            axis.axvline(0, color="#bbbbbb", linewidth=1, zorder=0)
    # ReLU runs off the top; what the others do happens between -1 and 1.
    axes[0, 0].set(ylabel="output", ylim=(-1.3, 2.6))
    axes[1, 0].set(ylabel="slope", ylim=(-0.1, 1.3))
    return figure


@styled
def scores_over_offset(offsets: ArrayLike, scores: Mapping[str, ArrayLike], tolerance: float) -> Figure:
    """Draw scores against a label's offset, over the band that is GO.

    Args:
        offsets: (N,) offsets in mm, in order.
        scores: name -> (N,) scores; above 0 means GO.
        tolerance: offsets from -tolerance to tolerance (mm) are GO.
    """
    offsets = arrays.row("offsets", offsets)
    figure, axis = plt.subplots(figsize=(8.5, 3.6))
    low, high = offsets[0], offsets[-1]
    axis.axvspan(-tolerance, tolerance, color=GO_COLOR, alpha=0.13, linewidth=0)
    for left, right in ((low, -tolerance), (tolerance, high)):
        look = {"facecolor": "none", "edgecolor": NG_COLOR, "alpha": 0.25, "hatch": NG_HATCH}
        axis.axvspan(left, right, linewidth=0, **look)
    for number, (name, score) in enumerate(scores.items()):
        color, style = ("#555555", "black")[number % 2], ("--", "-")[number % 2]
        score = arrays.row(f"scores[{name!r}]", score, len(offsets))
        axis.plot(offsets, score, style, color=color, label=name)
    axis.axhline(0, color="#555555", linewidth=1)
    # Room above the curves for the names of the bands.
    bottom, top = axis.get_ylim()
    axis.set_ylim(bottom, top + 0.22 * (top - bottom))
    box, over = {"facecolor": "white", "edgecolor": "none", "pad": 2}, axis.get_xaxis_transform()
    look = {"weight": "bold", "ha": "center", "va": "top", "bbox": box, "transform": over}
    axis.text((low - tolerance) / 2, 0.96, "NG", color=NG_COLOR, **look)
    axis.text(0, 0.96, "GO", color=GO_COLOR, **look)
    axis.text((high + tolerance) / 2, 0.96, "NG", color=NG_COLOR, **look)
    axis.set(xlabel="label offset (mm)", ylabel="score (above 0: GO)", xlim=(low, high))
    legend_beside(axis)
    return figure


@styled
def fading(remaining: Mapping[str, ArrayLike]) -> Figure:
    """Draw what is left of a slope after each layer, on a logarithmic scale.

    Args:
        remaining: name -> (layers + 1,) factors above 0, the first of them 1.
    """
    figure, axis = plt.subplots(figsize=(9, 3.8))
    for number, (name, factors) in enumerate(remaining.items()):
        factors = np.maximum(arrays.row(f"remaining[{name!r}]", factors), SMALLEST)
        color = (CURVE, NEGATIVE, SLOPE, OTHER)[number % 4]
        axis.semilogy(factors, LINES[number % 4], color=color, marker="o", markersize=4, label=name)
    axis.set(xlabel="layers passed on the way back", ylabel="share of the slope left")
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.grid(axis="y")
    legend_beside(axis)
    return figure
