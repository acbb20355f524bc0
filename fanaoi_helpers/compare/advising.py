"""What to make of a comparison, in plain sentences: which method, is it luck, is it fit, what would help."""

from __future__ import annotations

from .. import verdicts
from .comparison import Comparison, Outcome

FEW_UNITS = 20  # below it, which units happen to be in a fold decides
STILL_RISING = 0.02  # AUC that the last doubling of photographs brought
COARSER_COSTS = 0.02  # AUC that is lost at 128 pixels
POSE_VARIES = 0.1  # AUC that a method for one pose is behind
MOST_ESCAPES = 0.01  # of NG, proved with 95 % confidence, that a line would let pass without a human


def advice(found: Comparison) -> list[str]:
    """Return the sentences, most important first."""
    best = found.outcomes[found.best]
    if best.balanced_range[0] <= 0.5:
        return [
            f"None is worth taking: {best.method.called}, of which validation promised most, has a balanced "
            f"accuracy of {best.balanced:.2f} ({_range(best)}), and always saying {found.commoner} has 0.50.",
            *_help(found),
        ]
    return [_take(found, best), *_luck(found, best), _fit(found, best), *_help(found)]


def _take(found: Comparison, best: Outcome) -> str:
    how = _command(found, best.method.model)
    if not how:
        trained = [
            outcome
            for outcome in found.outcomes.values()
            if outcome.method.model and outcome.method.name != found.best
        ]
        next_one = max(trained, key=lambda outcome: outcome.promise, default=None)
        how = "it is no CNN that notebook 05 trains"
        if next_one is not None:
            how += (
                f"; of those, {next_one.method.called} comes next: {_command(found, next_one.method.model)}"
            )
    return (
        f"Take {best.method.called}, of which validation promises most: balanced accuracy "
        f"{best.balanced:.2f} ({_range(best)} with other units), AUC {best.auc:.2f}; {how}."
    )


def _command(found: Comparison, model: str) -> str:
    return model and f'train it by fanaoi run 05 -p photos_dir "{found.folder}" -p model {model}'


def _luck(found: Comparison, best: Outcome) -> list[str]:
    """Say what it is ahead of by more than luck, and what may be as good."""
    worse, alike, better = [], [], []
    for name, outcome in found.outcomes.items():
        if name != found.best:
            low, high = found.ahead(found.best, name)
            (worse if low > 0 else better if high < 0 else alike).append(outcome.method.called)
    told = []
    if worse:
        told.append(f"Ahead by more than luck of {_listed(worse)}.")
    if alike:
        told.append(
            f"{_listed(alike)[0].upper()}{_listed(alike)[1:]} may be as good: the difference can be luck."
        )
    if better:
        told.append(
            f"In the tests {_listed(better)} did better by more than luck, which validation could not know."
        )
    return told


def _fit(found: Comparison, best: Outcome) -> str:
    go, ng = found.classes[1], found.classes[0]
    units = found.units[ng]
    rate, lost = best.escapes / best.ng_total, best.overkill / best.go_total
    lost_go = f"{best.overkill} of {best.go_total} {go} are lost"
    seen = f"{best.escapes} of {best.ng_total} {ng} escape while {lost_go}"
    # An escape is an escape of a unit; photographs of one unit are not so many proofs.
    proved = verdicts.at_most(round(rate * units), units)
    if lost > 2 * found.afforded and lost - found.afforded > 0.05:
        seen += f" (more than the {found.afforded:.0%} that validation promised)"
    if rate > 0.1:
        return (
            f"Not fit to release anything alone: {seen}. It can put the worst first for a human to look at."
        )
    if proved > MOST_ESCAPES:
        return (
            f"Not proved fit to release alone: {seen}; with {units} units of {ng}, up to {proved:.0%} may "
            "escape (95 % confidence). Let it work beside a human, and count."
        )
    return (
        f"Fit to be tried on the line: {seen}, at most {proved:.1%} (95 % confidence). Notebook 08 decides."
    )


def _help(found: Comparison) -> list[str]:
    """Say what would help most, as far as the folder tells."""
    told = []
    few = [f"{count} units of {name}" for name, count in found.units.items() if count < FEW_UNITS]
    if few:
        told.append(f"more units: {_listed(few)} are few, however many photographs they have")
    if found.best == "borrowed" and len(found.curve) > 1:
        gain = found.curve[-1].auc - found.curve[-2].auc
        if gain > STILL_RISING:
            last, before = found.curve[-1].count, found.curve[-2].count
            told.append(
                f"more photographs: from {before} to {last} of each label the AUC still rose by {gain:.2f}"
            )
    if found.coarse is not None and found.outcomes["borrowed"].auc - found.coarse > COARSER_COSTS:
        told.append(
            f"larger photographs of what matters: at 128 pixels the AUC is {found.coarse:.2f}, so details "
            "count; come closer, or try --image-size 320"
        )
    alone = [found.outcomes[name].auc for name in ("padim", "patchcore") if name in found.outcomes]
    if alone and "borrowed" in found.outcomes and found.outcomes["borrowed"].auc - max(alone) > POSE_VARIES:
        told.append(
            f"one pose and one lamp: GO units look so unlike each other that GO alone has an AUC of "
            f"{max(alone):.2f}"
        )
    if not told:
        return [
            "Nothing in the folder says what would help most: look at the photographs that were called wrong."
        ]
    return [f"What would help most: {'; '.join(told)}."]


def _range(outcome: Outcome) -> str:
    return "{:.2f} to {:.2f}".format(*outcome.balanced_range)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
