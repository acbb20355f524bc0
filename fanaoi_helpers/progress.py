"""A progress bar for long work, where somebody is watching."""

from collections.abc import Iterable

from . import files

WORTH_A_BAR = 500  # items below which all is over before a bar is read


def bar(items: Iterable, total: int, doing: str, *, unit: str = "photo", of: int | None = None) -> Iterable:
    """Return ``items``, with a bar that says what is being done unless nobody watches.

    Args:
        items: as many as ``total``.
        total: the number of items.
        doing: a few words that stand before the bar.
        unit: what an item is.
        of: how much work it is in all, where an item is not one piece of it; few pieces get no bar.

    >>> sum(bar([1, 2, 3], 3, "Adding"))
    6
    """
    if files.headless() or (total if of is None else of) < WORTH_A_BAR:
        return items
    from tqdm.auto import tqdm

    return tqdm(items, total=total, desc=doing, unit=unit, leave=False)
