"""Pictures of what was learned by heart: a trial's curves, trials side by side, stress, a table of labels."""

import textwrap
from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ..errors import WorkbookError
from .style import GO_COLOR, NG_COLOR, NG_HATCH, name_cells, styled, tinted_cell

KNOWN, NEW = "#555555", "#009E73"  # as in the learning curves: training, validation
COLUMN = 15  # letters that fit above one
LOOKS = ((GO_COLOR, "o", "-"), (NG_COLOR, "s", "--"), (NEW, "^", "-."))


@styled
def by_heart(
    steps: Sequence[int],
    known: Sequence[Sequence[float]],
    new: Sequence[Sequence[float]],
    known_loss: Sequence[Sequence[float]],
    new_loss: Sequence[Sequence[float]],
) -> Figure:
    """Draw accuracy and loss over the steps of a training, on its own photographs and on new ones.

    Args:
        steps: (checks,) after how many steps the model was asked.
        known, new: (seeds, checks) accuracy on the training and on the validation photographs; a thin line
            for each seed, a thick one for their mean.
        known_loss, new_loss: (seeds, checks) the loss on them.
    """
    figure, panels = plt.subplots(1, 2, figsize=(10, 3.6))
    for axes, pair in zip(panels, ((known, new), (known_loss, new_loss)), strict=True):
        for values, color, line, name in (
            (pair[0], KNOWN, "o-", "learned from"),
            (pair[1], NEW, "s--", "never seen"),
        ):
            values = np.asarray(values, dtype=float)
            for seed in values if len(values) > 1 else ():
                axes.plot(steps, seed, line[1:], color=color, linewidth=0.8, alpha=0.5)
            axes.plot(steps, values.mean(axis=0), line, color=color, linewidth=2, label=name)
        axes.set_xlabel("steps")
        axes.grid(axis="y")
    panels[0].set(title="Accuracy", ylim=(0.4, 1.03))
    panels[0].axhline(0.5, color="black", linestyle=":", linewidth=1)
    panels[0].annotate("a coin", (0, 0.5), (4, -13), ("axes fraction", "data"), "offset points", fontsize=10)
    panels[1].set(title="Loss")
    panels[1].set_ylim(bottom=0)
    panels[1].legend(loc="lower left")
    return figure


@styled
def side_by_side(
    known: Mapping[str, Sequence[float]], new: Mapping[str, Sequence[float]], base: str = ""
) -> Figure:
    """Draw the accuracy of several trainings: hollow on what they learned from, filled on new photographs.

    Args:
        known: for each training's name its accuracy on what it learned from, one number a seed.
        new: the same on photographs never seen; the line between the two means is the gap.
        base: the training that the others are measured by; its mean on new photographs is a dotted line.
    """
    names = list(new)
    if list(known) != names or base and base not in names:
        raise WorkbookError(
            f"known names {list(known)}, new names {names} and base is {base!r}; "
            "name the same trainings everywhere."
        )
    figure, axes = plt.subplots(figsize=(9, 0.9 + 0.42 * len(names)))
    for row, name in enumerate(names):
        learned, unseen = np.asarray(known[name], dtype=float), np.asarray(new[name], dtype=float)
        axes.plot([unseen.mean(), learned.mean()], [row, row], color="#BBBBBB", linewidth=3, zorder=1)
        first = row == 0
        axes.scatter(learned, [row] * len(learned), s=55, facecolors="none", edgecolors=KNOWN, linewidths=1.5,
                     label="learned from" if first else None, zorder=2)  # fmt: skip
        axes.scatter(unseen, [row] * len(unseen), s=45, marker="s", color=NEW,
                     label="never seen" if first else None, zorder=3)  # fmt: skip
        axes.text(1.03, row, f"{unseen.mean():.2f}", va="center", color=NEW)
    if base:
        axes.axvline(float(np.mean(new[base])), color=NEW, linestyle=":", linewidth=1.2)
    axes.axvline(0.5, color="black", linestyle=":", linewidth=1)
    axes.set_yticks(range(len(names)), names)
    axes.set(ylim=(len(names) - 0.5, -0.5), xlim=(0.44, 1.1), xlabel="accuracy (0.5 is a coin)")
    axes.set_xticks([0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    axes.grid(axis="x")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)
    return figure


@styled
def score_bars(scores: Mapping[str, Sequence[float]], trusted: Sequence[str] = ()) -> Figure:
    """Draw accuracies as bars, one row each, from top to bottom: the mean, and a dot for each number.

    Args:
        scores: for each row's name one number or several.
        trusted: the rows that are honest; the others are hatched.
    """
    figure, axes = plt.subplots(figsize=(9, 0.8 + 0.45 * len(scores)))
    for row, (name, values) in enumerate(scores.items()):
        values = np.atleast_1d(np.asarray(values, dtype=float))
        color, hatch = (GO_COLOR, "") if name in trusted else (NG_COLOR, NG_HATCH)
        axes.barh(row, values.mean(), color=color, hatch=hatch, edgecolor="white", height=0.65)
        if len(values) > 1:
            axes.scatter(values, [row] * len(values), s=25, color="black", zorder=3)
        axes.text(max(1.02, values.max() + 0.02), row, f"{values.mean():.1%}", va="center")
    axes.axvline(0.5, color="black", linestyle=":", linewidth=1)
    axes.set_yticks(range(len(scores)), list(scores))
    axes.set(ylim=(len(scores) - 0.5, -0.5), xlim=(0, 1.15), xlabel="accuracy (dotted: a coin)")
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
    return figure


@styled
def stress_curves(panels: Mapping[str, tuple[Sequence[float], Mapping[str, Sequence[float]]]]) -> Figure:
    """Draw accuracy against how far the photographs are from those learned from, a panel for each change.

    Args:
        panels: for each label of an x axis (what is changed, with its unit) its values, and for each CNN's
            name the accuracy at them.
    """
    figure, all_axes = plt.subplots(1, len(panels), figsize=(11, 3.6), sharey=True, squeeze=False)
    for axes, (label, (values, curves)) in zip(all_axes[0], panels.items(), strict=True):
        for (name, accuracies), (color, marker, line) in zip(curves.items(), LOOKS, strict=False):
            axes.plot(values, accuracies, color=color, marker=marker, linestyle=line, label=name)
        axes.axhline(0.5, color="black", linestyle=":", linewidth=1)
        axes.set(xlabel=label, ylim=(0.35, 1.04))
        axes.grid(axis="y")
    all_axes[0, 0].set_ylabel("accuracy")
    figure.legend(*all_axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return figure


@styled
def label_table(
    changes: Sequence[str],
    faults: Sequence[str],
    kept: Sequence[Sequence[int]],
    said: Sequence[Sequence[int]] | None = None,
) -> Figure:
    """Draw which change of a photograph keeps its label on a line that looks for which fault.

    Args:
        changes: names of the rows.
        faults: names of the columns.
        kept: (rows, columns) 1 where the label is kept, 0 where it is not.
        said: the same, as somebody said; cells that differ are framed.
    """
    kept = np.asarray(kept)
    shape = (len(changes), len(faults))
    if kept.shape != shape or said is not None and np.asarray(said).shape != shape:
        raise WorkbookError(
            f"The table has the shape {kept.shape}, but there are {shape[0]} changes and {shape[1]} faults; "
            "give one number for each pair."
        )
    figure, axes = plt.subplots(figsize=(10, 0.9 + 0.5 * shape[0]))
    for row, column in np.ndindex(shape):
        holds = bool(kept[row, column])
        color, hatch, text = (GO_COLOR, "", "keeps it") if holds else (NG_COLOR, NG_HATCH, "changes it")
        tinted_cell(axes, column, row, color, hatch, 0.25, 3)
        axes.text(column + 0.5, row + 0.5, text, ha="center", va="center")
        if said is not None and bool(np.asarray(said)[row, column]) != holds:
            axes.add_patch(Rectangle((column + 0.03, row + 0.06), 0.94, 0.88, fill=False, linewidth=2.5))
    name_cells(axes, list(changes), [textwrap.fill(fault, COLUMN) for fault in faults])
    return figure
