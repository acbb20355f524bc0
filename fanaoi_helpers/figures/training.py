"""Pictures of a training run: the split, the layers' sizes, the curves, the scores, the four outcomes."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from .style import GO_COLOR, NG_COLOR, NG_HATCH, hatched_histogram, name_cells, styled, tinted_cell


@styled
def split_bars(parts: Mapping[str, tuple[int, int]]) -> Figure:
    """Draw how many photographs each part of a split holds.

    Args:
        parts: for each part's name the number of GO and of NG photographs, drawn from top to bottom.
    """
    names = list(parts)
    go, ng = np.array([parts[name] for name in names]).reshape(-1, 2).T
    figure, axes = plt.subplots(figsize=(8, 0.6 + 0.5 * len(names)))
    axes.barh(names, go, color=GO_COLOR, label="GO")
    bars = axes.barh(names, ng, left=go, color=NG_COLOR, hatch=NG_HATCH, edgecolor="white", label="NG")
    axes.bar_label(bars, [f"{go_count} + {ng_count}" for go_count, ng_count in parts.values()], padding=5)
    axes.invert_yaxis()
    axes.margins(x=0.15)
    axes.set_xlabel("photographs")
    axes.legend(loc="lower right", ncols=2)
    return figure


@styled
def layer_bars(parameters: Mapping[str, int]) -> Figure:
    """Draw how many parameters each layer holds, with its share of the whole.

    Args:
        parameters: for each layer's name its number of parameters, drawn from top to bottom.
    """
    counts = np.array(list(parameters.values()), dtype=float)
    figure, axes = plt.subplots(figsize=(8, 0.7 + 0.4 * len(counts)))
    bars = axes.barh(list(parameters), counts, color="#555555")
    total = max(counts.sum(), 1)
    axes.bar_label(bars, [f"{count:,.0f}  ({count / total:.2%})" for count in counts], padding=5)
    axes.invert_yaxis()
    axes.margins(x=0.3)
    axes.set_xlabel("parameters")
    axes.ticklabel_format(axis="x", style="plain")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.xaxis.set_major_locator(MaxNLocator(4))
    return figure


@styled
def learning_curves(
    history: Mapping[str, Sequence[float]], kept: int | None = None, majority: float | None = None
) -> Figure:
    """Draw loss and accuracy, training beside validation, epoch by epoch.

    Args:
        history: ``loss``, ``val_loss``, ``accuracy`` and ``val_accuracy``, one value an epoch.
        kept: the epoch, counted from 1, whose weights were kept.
        majority: the accuracy of always saying the commoner label.
    """
    figure, panels = plt.subplots(1, 2, figsize=(10, 3.6))
    epochs = np.arange(1, len(history["loss"]) + 1)
    for axes, name in zip(panels, ("loss", "accuracy"), strict=True):
        axes.plot(epochs, history[name], "o-", color="#555555", label="training")
        axes.plot(epochs, history[f"val_{name}"], "s--", color="#009E73", label="validation")
        axes.set(title=name.capitalize(), xlabel="epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(axis="y")
        if majority is not None and name == "accuracy":
            axes.axhline(majority, color="#999999", linestyle="-.", linewidth=1, label="always the same")
        if kept is not None:
            axes.axvline(kept, color="black", linestyle=":", linewidth=1, label="kept")
        axes.legend()
    panels[0].set_ylim(bottom=0)
    return figure


@styled
def score_histogram(labels: np.ndarray, p_go: np.ndarray, threshold: float) -> Figure:
    """Draw how the scores of GO and of NG photographs lie about the threshold.

    Args:
        labels: (N,) 1 for GO, 0 for NG.
        p_go: (N,) the CNN's probability of GO, from 0 to 1.
        threshold: GO from here on.
    """
    labels, p_go = np.asarray(labels), np.asarray(p_go)
    figure, axes = plt.subplots(figsize=(8, 3.4))
    bins = np.linspace(0, 1, 31)
    hatched_histogram(axes, p_go[labels == 0], p_go[labels == 1], bins)
    axes.axvline(threshold, color="black", linestyle=":")
    axes.set_yscale("symlog", linthresh=1)  # one escape must stay visible beside hundreds of good verdicts
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_ylim(bottom=0)
    axes.text(
        threshold, 1.02, f"threshold {threshold:.2f}", transform=axes.get_xaxis_transform(), ha="center"
    )
    axes.set(xlim=(0, 1), xlabel="P(GO)", ylabel="photographs")
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1.08), ncols=2)
    return figure


@styled
def confusion(escapes: int, ng_total: int, overkill: int, go_total: int) -> Figure:
    """Draw the four outcomes of an inspection as a table, named in the words of inspection.

    Args:
        escapes: NG photographs called GO, of ``ng_total``.
        ng_total: NG photographs in all.
        overkill: GO photographs called NG, of ``go_total``.
        go_total: GO photographs in all.
    """
    cells = [
        [("overkill", overkill, go_total, NG_COLOR), ("right", go_total - overkill, go_total, GO_COLOR)],
        [("right", ng_total - escapes, ng_total, GO_COLOR), ("escape", escapes, ng_total, NG_COLOR)],
    ]
    figure, axes = plt.subplots(figsize=(6, 3.4))
    for row, line in enumerate(cells):
        for column, (word, count, total, color) in enumerate(line):
            tinted_cell(axes, column, row, color, "" if word == "right" else NG_HATCH, 0.22, 4)
            axes.text(column + 0.5, row + 0.42, f"{count}", ha="center", va="center", fontsize=20)
            share = f"{count / total:.1%} of {total}" if total else "of none"
            axes.text(column + 0.5, row + 0.75, f"{word}: {share}", ha="center", va="center")
    name_cells(axes, ["GO fans", "NG fans"], ["called NG", "called GO"])
    return figure


@styled
def errors_by_size(
    defects: Sequence[str], sizes: Sequence[float], found: Sequence[bool], unit: str = "mm"
) -> Figure:
    """Draw every NG photograph by the kind and the size of its defect: found or escaped.

    Args:
        defects: (N,) the kind of each photograph's defect.
        sizes: (N,) the size of each defect.
        found: (N,) whether the fan was called NG.
        unit: of the sizes, where they are of a manifest of the user's own.
    """
    defects, sizes, found = np.asarray(defects), np.asarray(sizes, dtype=float), np.asarray(found, dtype=bool)
    kinds, row = np.unique(defects, return_inverse=True)
    figure, axes = plt.subplots(figsize=(9, 0.9 + 0.45 * max(len(kinds), 1)))
    axes.scatter(sizes[found], row[found], marker="|", s=90, color=GO_COLOR, label="called NG (right)")
    axes.scatter(sizes[~found], row[~found], marker="X", s=70, color=NG_COLOR, label="called GO (escape)")
    axes.set_yticks(range(len(kinds)), [kind.replace("_", " ") for kind in kinds])
    axes.set_ylim(max(len(kinds), 1) - 0.5, -0.5)
    axes.set_xlabel(f"size of the defect in {unit}")
    axes.grid(axis="x")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)
    return figure
