"""A shift's fans, the words of the line, and a fair test."""

from ..choosing import Right
from ..lesson import Exercises

ask = Exercises()


# How does a notebook work? ----------------------------------------------------------------------------------


@ask.value(
    asks="A line makes one fan every 4 seconds. How many is that in a shift of 8 hours?",
    given={"seconds_per_fan": 4},
    mistakes={
        "That is with a fan every 3 seconds, as in your trial above.": lambda: 8 * 60 * 60 / 3,
        "Those are the shift's seconds; a fan takes 4 of them.": lambda: 8 * 60 * 60,
        "That is one minute. A shift has 8 hours.": lambda seconds_per_fan: 60 / seconds_per_fan,
        "That is one hour.": lambda seconds_per_fan: 60 * 60 / seconds_per_fan,
        "You divided the shift's minutes by seconds. Turn the 8 hours into seconds first.": (
            lambda seconds_per_fan: 8 * 60 / seconds_per_fan
        ),
        "You multiplied: more seconds for a fan would then give more fans. Divide by them.": (
            lambda seconds_per_fan: 8 * 60 * 60 * seconds_per_fan
        ),
    },
    hints=["How many seconds has a shift?", "60 seconds a minute, 60 minutes an hour, 8 hours."],
    why="The shift's seconds, divided by the seconds for one fan.",
    minutes=1,
    difficulty=1,
)
def fans_per_shift(seconds_per_fan):
    return 8 * 60 * 60 / seconds_per_fan


@ask.value(
    asks="`inspected = 0` runs once, then `inspected = inspected + 1` three times. What is `inspected` then?",
    mistakes={
        "The second cell does not begin again at 0: `inspected` keeps what the last run left in it.": (
            lambda: 1
        ),
        "Already its first run adds 1.": lambda: 2,
        "0 stood there before the second cell ran; each run of it adds 1.": lambda: 0,
        "The first cell sets 0, not 1, and it runs only once.": lambda: 4,
    },
    hints=[
        "Go through it run by run: what is in `inspected` before, and what after?",
        "0, then 1, then …",
    ],
    why="Cells share one memory, and what counts is the order in which you ran them.",
    minutes=1,
    difficulty=1,
    prediction=True,
)
def counting():
    inspected = 0
    for _ in range(3):
        inspected = inspected + 1
    return inspected


# Which words does the line use? -----------------------------------------------------------------------------


@ask.value(
    asks="How many different fans are on the twelve photographs?",
    given={"serials": ["F0001", "F0002", "F0003"] * 4},
    mistakes={
        "Those are the photographs. Could two of them show the same fan?": lambda serials: len(serials),
        "Two looks, yes; but two good fans look alike. Only a serial tells.": lambda: 2,
        "One model of fan, but not one fan: some are damaged and others are not.": lambda: 1,
        "Did you count every stain as a fan? The stain turns with the rotor: one fan, several looks.": (
            lambda serials: len(serials) / 2
        ),
        "One good fan, four stained ones? The stain turns with the rotor, and good fans look alike.": (
            lambda: 5
        ),
        "That is how often each fan was photographed.": lambda serials: len(serials) / 3,
    },
    hints=["What is wrong with the damaged ones, is it always the same?", "Good fans look alike: guess."],
    why="Each fan has a serial of its own; a photograph of it is a shot.",
    minutes=1,
    difficulty=1,
    prediction=True,
)
def units_seen(serials):
    return len(set(serials))


ask.choice(
    "mistake_named",
    asks="A fan with a cracked blade is called GO. What is that, and where does the fan end up?",
    options={
        "Overkill: among the scrap": (
            "Overkill is a good fan called NG. This one is bad, and nobody throws it away."
        ),
        "An escape: among the scrap": "An escape it is; but whatever is called GO is not thrown away.",
        "An escape: with the customer": Right(
            "It is called GO, so it leaves the factory, and may come back as a complaint."
        ),
        "Overkill: with the customer": (
            "The customer gets it, yes; but overkill is the other mistake, a good fan called NG."
        ),
    },
    hints=["Called GO: where does the fan go next?", "Bad and passed on. It got away."],
    why="NG called GO is an escape; GO called NG is overkill.",
    minutes=1,
    difficulty=1,
)


ask.order(
    "fair_test",
    asks="Put the steps of a fair test in order. One of them does not belong.",
    lines=[
        "Write on every photograph the serial of its fan.",
        "Set some fans aside, with all their photographs.",
        "Learn from the photographs of the other fans.",
        "Give a verdict on every fan that was set aside.",
        "Uncover the labels of these fans; count escapes and overkill.",
    ],
    rules={
        (0, 1): "Without serials nobody knows which photographs belong to a fan that is set aside.",
        (1, 2): "What was learned from can't be set aside any more: it has been seen.",
        (2, 3): "Learn first: the test asks what was learned.",
        (3, 4): "Whoever has seen the label no longer judges the fan.",
    },
    extra={
        "Set some photographs aside at random.": (
            "Two photographs of one fan can then stand on both sides, and recognizing the fan looks like "
            "judging it."
        ),
    },
    hints=[
        "A test is fair if its fans were never seen before.",
        "It begins with serials and ends with labels.",
    ],
    why="Whole fans are set aside before anything is learned, and their labels are opened last.",
    minutes=2,
    difficulty=1,
)
