"""What a ledger's records amount to: how a learner fared with each exercise."""

from collections.abc import Iterable
from dataclasses import dataclass

ANSWERING = ("predict", "reveal", "check")
JUDGING = ("reveal", "check")  # events that carry a verdict


@dataclass(frozen=True)
class Outcome:
    """How one learner fared with one exercise.

    An attempt is what was judged for more than its form: a word, or two numbers for one, is none.
    """

    state: str = "not tried"  # "right" once it was, "not yet", "predicted" (and not yet revealed)
    first: bool = False  # whether the first attempt was right, before the solution was opened
    answers: tuple[object, ...] = ()  # the first, and the one that counts: the last right one, or the last
    truth: str = ""  # the right answer as it was shown then, "" where it was not
    hints: int = 0  # how many were opened
    solution: bool = False  # whether it was opened
    mistakes: tuple[int, ...] = ()  # the known mistakes made, by index, in order

    @property
    def tried(self) -> bool:
        """Whether an answer was judged."""
        return self.state in ("right", "not yet")


def outcomes(records: Iterable[dict]) -> dict[tuple[str, str, str], Outcome]:
    """Return the outcome of each (learner, notebook, exercise) in the records, which come in order.

    >>> own = {"learner": "a", "notebook": "02", "exercise": "sum", "event": "check"}
    >>> fared = outcomes([{**own, "answer": 4, "state": "not yet"}, {**own, "answer": 5, "state": "right"}])
    >>> fared["a", "02", "sum"].state, fared["a", "02", "sum"].first, fared["a", "02", "sum"].answers
    ('right', False, (4, 5))
    """
    by_place: dict[tuple[str, str, str], list[dict]] = {}
    for record in records:
        if record["event"] in (*ANSWERING, "hint", "solution"):
            place = record["learner"], record["notebook"], record["exercise"]
            by_place.setdefault(place, []).append(record)
    return {place: _outcome(own) for place, own in by_place.items()}


def one_learners(records: Iterable[dict]) -> dict[tuple[str, str], Outcome]:
    """Return the outcome of each (notebook, exercise) in one learner's own records."""
    own = outcomes({**record, "learner": ""} for record in records)
    return {(notebook, exercise): outcome for (_, notebook, exercise), outcome in own.items()}


def _outcome(records: list[dict]) -> Outcome:
    events = [record["event"] for record in records]
    answered = [record for record in records if record["event"] in ANSWERING]
    judged = [record for record in records if record["event"] in JUDGING]
    attempts = [record for record in judged if record.get("form") is not True]
    right = [record for record in judged if record.get("state") == "right"]
    alone = "solution" not in events or (attempts and events.index("solution") > records.index(attempts[0]))
    counting = right[-1:] or answered[-1:]
    begun = attempts[:1] or judged[:1] or counting  # a prediction may change until it is revealed
    answers = [record.get("answer") for record in [*begun, *counting]]
    hints = [record.get("answer") for record in records if record["event"] == "hint"]
    truths = [record["truth"] for record in counting if isinstance(record.get("truth"), str)]
    mistakes = [record.get("mistake") for record in judged]
    return Outcome(
        state="right" if right else "not yet" if judged else "predicted" if answered else "not tried",
        first=bool(right and alone) and right[0] is next(iter(attempts), None),
        answers=tuple(answers[:1] if answers[:1] == answers[1:] else answers),
        truth=truths[0] if truths else "",
        hints=max((number if isinstance(number, int) else 1 for number in hints), default=0),
        solution="solution" in events,
        mistakes=tuple(index for index in mistakes if isinstance(index, int)),
    )
