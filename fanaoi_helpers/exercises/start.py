"""Exercises of notebook 00: a shift's fans, the words of the line, a fair test, and counting mistakes."""

import numpy as np

from .engine.choosing import Choice, Option, Order, Rule
from .engine.exercise import Mistake
from .engine.function import Function, Line
from .engine.lesson import Lesson
from .engine.value import Value

lesson = Lesson("00", "Start here")
recap = lesson.recap


# How does a notebook work? ----------------------------------------------------------------------------------


def _fans_per_shift(seconds_per_fan):
    return 8 * 60 * 60 / seconds_per_fan


fans_per_shift = lesson.add(
    Value(
        "fans_per_shift",
        asks="A line makes one fan every 4 seconds. How many is that in a shift of 8 hours?",
        reference=_fans_per_shift,
        given={"seconds_per_fan": 4},
        mistakes=[
            Mistake("That is with a fan every 3 seconds, as in your trial above.", lambda: 8 * 60 * 60 / 3),
            Mistake("Those are the shift's seconds; a fan takes 4 of them.", lambda: 8 * 60 * 60),
            Mistake("That is one minute. A shift has 8 hours.", lambda seconds_per_fan: 60 / seconds_per_fan),
            Mistake("That is one hour.", lambda seconds_per_fan: 60 * 60 / seconds_per_fan),
            Mistake(
                "You divided the shift's minutes by seconds. Turn the 8 hours into seconds first.",
                lambda seconds_per_fan: 8 * 60 / seconds_per_fan,
            ),
            Mistake(
                "You multiplied: more seconds for a fan would then give more fans. Divide by them.",
                lambda seconds_per_fan: 8 * 60 * 60 * seconds_per_fan,
            ),
        ],
        hints=["How many seconds has a shift?", "60 seconds a minute, 60 minutes an hour, 8 hours."],
        why="The shift's seconds, divided by the seconds for one fan.",
        minutes=1,
        difficulty=1,
    )
)


def _counting():
    inspected = 0
    for _ in range(3):
        inspected = inspected + 1
    return inspected


counting = lesson.add(
    Value(
        "counting",
        asks="`inspected = 0` runs once, then `inspected = inspected + 1` three times. "
        "What is `inspected` then?",
        reference=_counting,
        mistakes=[
            Mistake(
                "The second cell does not begin again at 0: `inspected` keeps what the last run left in it.",
                lambda: 1,
            ),
            Mistake("Already its first run adds 1.", lambda: 2),
            Mistake("0 stood there before the second cell ran; each run of it adds 1.", lambda: 0),
            Mistake("The first cell sets 0, not 1, and it runs only once.", lambda: 4),
        ],
        hints=[
            "Go through it run by run: what is in `inspected` before, and what after?",
            "0, then 1, then …",
        ],
        why="Cells share one memory, and what counts is the order in which you ran them.",
        minutes=1,
        difficulty=1,
        prediction=True,
    )
)


# Which words does the line use? -----------------------------------------------------------------------------


def _units_seen(serials):
    return len(set(serials))


units_seen = lesson.add(
    Value(
        "units_seen",
        asks="How many different fans are on the twelve photographs?",
        reference=_units_seen,
        given={"serials": ["F0001", "F0002", "F0003"] * 4},
        mistakes=[
            Mistake(
                "Those are the photographs. Could two of them show the same fan?",
                lambda serials: len(serials),
            ),
            Mistake("Two looks, yes; but two good fans look alike. Only a serial tells.", lambda: 2),
            Mistake("One model of fan, but not one fan: some are damaged and others are not.", lambda: 1),
            Mistake(
                "Did you count every stain as a fan? The stain turns with the rotor: one fan, several looks.",
                lambda serials: len(serials) / 2,
            ),
            Mistake(
                "One good fan, four stained ones? The stain turns with the rotor, and good fans look alike.",
                lambda: 5,
            ),
            Mistake("That is how often each fan was photographed.", lambda serials: len(serials) / 3),
        ],
        hints=["What is wrong with the damaged ones, is it always the same?", "Good fans look alike: guess."],
        why="Each fan has a serial of its own; a photograph of it is a shot.",
        minutes=1,
        difficulty=1,
        prediction=True,
    )
)

mistake_named = lesson.add(
    Choice(
        "mistake_named",
        asks="A fan with a cracked blade is called GO. What is that, and where does the fan end up?",
        options=[
            Option(
                "Overkill: among the scrap",
                "Overkill is a good fan called NG. This one is bad, and nobody throws it away.",
            ),
            Option(
                "An escape: among the scrap",
                "An escape it is; but whatever is called GO is not thrown away.",
            ),
            Option(
                "An escape: with the customer",
                "It is called GO, so it leaves the factory, and may come back as a complaint.",
                right=True,
            ),
            Option(
                "Overkill: with the customer",
                "The customer gets it, yes; but overkill is the other mistake, a good fan called NG.",
            ),
        ],
        hints=["Called GO: where does the fan go next?", "Bad and passed on. It got away."],
        why="NG called GO is an escape; GO called NG is overkill.",
        minutes=1,
        difficulty=1,
    )
)

fair_test = lesson.add(
    Order(
        "fair_test",
        asks="Put the steps of a fair test in order. One of them does not belong.",
        lines=[
            "Write on every photograph the serial of its fan.",
            "Set some fans aside, with all their photographs.",
            "Learn from the photographs of the other fans.",
            "Give a verdict on every fan that was set aside.",
            "Uncover the labels of these fans; count escapes and overkill.",
        ],
        rules=[
            Rule(0, 1, "Without serials nobody knows which photographs belong to a fan that is set aside."),
            Rule(1, 2, "What was learned from can't be set aside any more: it has been seen."),
            Rule(2, 3, "Learn first: the test asks what was learned."),
            Rule(3, 4, "Whoever has seen the label no longer judges the fan."),
        ],
        extra={
            "Set some photographs aside at random.": "Two photographs of one fan can then stand on both "
            "sides, and recognizing the fan looks like judging it."
        },
        hints=[
            "A test is fair if its fans were never seen before.",
            "It begins with serials and ends with labels.",
        ],
        why="Whole fans are set aside before anything is learned, and their labels are opened last.",
        minutes=2,
        difficulty=1,
    )
)


# How are mistakes counted? ----------------------------------------------------------------------------------


def _count_mistakes(verdicts, labels):
    escapes = overkill = 0
    for verdict, label in zip(verdicts, labels, strict=True):
        if verdict == "G" and label == "NG":
            escapes += 1
        if verdict == "N" and label == "GO":
            overkill += 1
    return escapes, overkill


def _counted(verdicts, labels):
    """Return how many are bad called GO, good called NG, bad called NG, good called GO: without a loop."""
    called_go = np.array(list(verdicts)) == "G"
    go = np.array(labels) == "GO"
    return tuple(
        int(np.sum(both)) for both in (called_go & ~go, ~called_go & go, ~called_go & ~go, called_go & go)
    )


def _judged_fans(rng):
    fans = int(rng.integers(1, 25))
    verdicts = "".join(rng.choice(["G", "N"], fans))
    return verdicts, [str(label) for label in rng.choice(["GO", "NG"], fans, p=[0.4, 0.6])]


count_mistakes = lesson.add(
    Function(
        "count_mistakes",
        asks="Count escapes and overkill, given `verdicts` such as 'GNNG' and `labels` such as "
        "['GO', 'NG', 'NG', 'GO'].",
        reference=_count_mistakes,
        oracle=lambda verdicts, labels: _counted(verdicts, labels)[:2],
        cases=_judged_fans,
        mistakes=[
            Mistake(
                "You return overkill first. Asked is escapes, overkill.",
                lambda verdicts, labels: _counted(verdicts, labels)[1::-1],
            ),
            Mistake(
                "A letter is never equal to a word: 'G' is not 'GO'. So every fan counts as a mistake.",
                lambda verdicts, labels: (labels.count("NG"), labels.count("GO")),
            ),
            Mistake(
                "Those are the right verdicts. A mistake is where verdict and label disagree.",
                lambda verdicts, labels: _counted(verdicts, labels)[2:],
            ),
            Mistake(
                "You count the verdicts alone. Look at verdict and label of the same fan together.",
                lambda verdicts, labels: (verdicts.count("G"), verdicts.count("N")),
            ),
            Mistake(
                "Both your numbers count all mistakes. Keep the two kinds apart.",
                lambda verdicts, labels: (sum(_counted(verdicts, labels)[:2]),) * 2,
            ),
            Mistake(
                "You never find a mistake. Which texts do you compare? A verdict is 'G' or 'N'.",
                lambda verdicts, labels: (0, 0),
            ),
            Mistake(
                "You judge the first fan alone: is your `return` inside the loop?",
                lambda verdicts, labels: _counted(verdicts[:1], labels[:1])[:2],
            ),
        ],
        hints=[
            "`for verdict, label in zip(verdicts, labels):` goes through both at once.",
            "`if verdict == 'G' and label == 'NG':` is one of the two.",
            "Begin with `escapes = overkill = 0`, add 1 where it fits; last, `return escapes, overkill`.",
        ],
        why="An escape is G on an NG fan, overkill is N on a GO fan; every other pair is right.",
        minutes=5,
        difficulty=2,
    )
)


def _counts(rng):
    ng, go = (int(count) for count in rng.integers(2, 200, 2))
    return int(rng.integers(1, ng)), int(rng.integers(1, go)), ng, go


escape_rate = lesson.add(
    Line(
        "escape_rate",
        asks="Complete the line: how many percent of the bad fans escaped?",
        template="""
            def my_escape_rate(escapes, overkill, ng, go):
                return ____
            """,
        line="100 * escapes / ng",
        oracle=lambda escapes, overkill, ng, go: np.divide(escapes, ng) / 0.01,
        cases=_counts,
        mistakes=[
            Mistake(
                "That is a share of all fans, so more good fans make it look better. Only NG can escape.",
                "100 * escapes / (ng + go)",
            ),
            Mistake(
                "That says how many of the mistakes are escapes.", "100 * escapes / (escapes + overkill)"
            ),
            Mistake("A GO fan is never an escape; divide by those that could be one.", "100 * escapes / go"),
            Mistake("Those were caught.", "100 - 100 * escapes / ng"),
            Mistake("That is the overkill among the good fans.", "100 * overkill / go"),
            Mistake("That is a share between 0 and 1; make percent of it.", "escapes / ng"),
        ],
        hints=[
            "A part above, a whole below: which fans are the whole?",
            "The bad fans are `ng`; then times 100.",
        ],
        why="Escapes are counted among the NG fans, overkill among the GO fans.",
        minutes=2,
        difficulty=1,
    )
)


def _all_go(made, ng):
    return (made - ng) / made


all_go = lesson.add(
    Value(
        "all_go",
        asks="Of 7,200 fans 72 are NG. Somebody calls every fan GO. What share of the verdicts is right?",
        reference=_all_go,
        given={"made": 7200, "ng": 72},
        mistakes=[
            Mistake("That is the share that is wrong.", lambda made, ng: ng / made),
            Mistake(
                "That is in percent; a share lies between 0 and 1.", lambda made, ng: 100 * (made - ng) / made
            ),
            Mistake("How many, yes; divide by all fans to get a share.", lambda made, ng: made - ng),
            Mistake("Every good fan is called GO, and rightly so.", lambda: 0),
            Mistake("Not quite all: the 72 are called GO as well.", lambda: 1),
            Mistake("A coin would be right half the time; here few fans are NG.", lambda: 0.5),
        ],
        hints=["Which fans are judged rightly?", "All but 72 of 7,200."],
        why="Where NG is rare, a verdict without looking is nearly always right.",
        minutes=1,
        difficulty=1,
        tolerance=1e-4,
        prediction=True,
    )
)
