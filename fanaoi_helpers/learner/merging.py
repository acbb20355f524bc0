"""A lesson that has become newer under a learner's hands: what they typed stays, the rest is the new one."""

import hashlib
import secrets

GIVEN = "fanaoi"  # in the metadata of a copy: what the learner was given, as fingerprints


def fingerprints(notebook: dict) -> list[str]:
    """Return the id of each cell with a short hash of what stands in it, in order."""
    return [f"{cell.get('id')} {_hash(cell)}" for cell in notebook["cells"]]


def given(copy: dict) -> list[str] | None:
    """Return the fingerprints of the lesson that a copy was made from; None where it doesn't tell."""
    noted = copy.get("metadata", {}).get(GIVEN)
    right = isinstance(noted, list) and all(isinstance(one, str) and " " in one for one in noted)
    return noted if right else None


def worked_in(copy: dict) -> bool:
    """Tell whether a learner has written anything into a copy, taken anything out, or run anything."""
    ran = any(cell.get("outputs") or cell.get("execution_count") for cell in copy["cells"])
    return ran or fingerprints(copy) != given(copy)


def merged(copy: dict, lesson: dict) -> dict:
    """Return ``lesson``, a newer one than ``copy`` was made from, with all that the learner wrote into it.

    A cell that the learner has left alone is as the lesson has it now, and keeps its outputs where its code
    is the same. One that the learner has changed stays; where the lesson has changed it, too, it stands
    below the new one. Cells of the learner's own stay behind the cell that they stand behind.
    """
    before, now = (dict(one.split(" ") for one in noted) for noted in (given(copy), fingerprints(lesson)))
    theirs, own, last, ids = {}, {None: []}, None, set(now)
    for cell in copy["cells"]:
        name = cell.get("id")
        if name not in before or name in theirs:
            own[last].append(_own(cell, ids))
        elif name in now:
            theirs[name], last = cell, name
            own[last] = []
        elif _hash(cell) != before[name]:  # the lesson has it no more, but the learner wrote in it
            own[last].append(_own(cell, ids))
    cells = own[None]
    for new in lesson["cells"]:
        name = new["id"]
        old, same = theirs.get(name), before.get(name) == now[name]
        if old is None:
            cells += [] if name in before else [new]  # the learner took it out; or it is new
        elif same or _hash(old) == now[name]:
            cells.append(old)
        elif _hash(old) == before[name]:
            cells.append(new)
        else:
            cells += [new, _own(old, ids)]
        cells += own.get(name, [])
    return {**lesson, "metadata": copy["metadata"] | lesson["metadata"], "cells": cells}


def _hash(cell: dict) -> str:
    return hashlib.sha256(f"{cell.get('cell_type')}\n{cell['source'].rstrip()}".encode()).hexdigest()[:12]


def _own(cell: dict, ids: set[str]) -> dict:
    """Return a cell of the learner's own with an id that no other has; ``ids`` are those that are taken."""
    name = cell.get("id")
    if name is None or name in ids:
        name = secrets.token_hex(4)
    ids.add(name)
    return {**cell, "id": name}
