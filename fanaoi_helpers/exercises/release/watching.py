"""A gate that closes, a lamp that ages, and the order of a release."""

from ..choosing import Right
from ..lesson import Exercises

ask = Exercises()


ask.choice(
    "gate_closed",
    asks="Monday morning: the gate is closed, two golden samples changed their verdict. What now?",
    options={
        "Move the threshold until they pass.": "Then it passes two fans, and nobody knows what else changed.",
        "Take other golden samples: these are worn.": (
            "Perhaps. But who says so, before the lamp and the files were looked at?"
        ),
        "Inspect, but have everything NG looked at again.": (
            "And the escapes? They are among those called GO."
        ),
        "Stop releasing. Find what changed (lamp, lens, file), put it back, run the gate again.": Right(
            "The golden fans did not change. Something else did."
        ),
    },
    hints=["Which of all these things is known to be as it was at release?"],
    why="Golden samples are the fixed point: when they move, it is the station that moved.",
    minutes=1,
    difficulty=1,
)


@ask.value(
    asks="Through a shift of eight hours the lamp ages, the focus slips, the camera creeps, and the "
    "threshold stays. Of the good fans, which share is called NG in the last hour?",
    given={"last_hour": 0.8, "first_hour": 0.0},
    tolerance=0.1,
    mistakes={
        "As in the first hour? The threshold is frozen, but the photographs are not.": (
            lambda first_hour: first_hour
        ),
        "That is the share still called GO.": lambda last_hour: 1 - last_hour,
        "A coin would do so. The CNN is worse or better than that, not undecided.": lambda: 0.5,
        "Those are percent; a share lies between 0 and 1.": lambda last_hour: 100 * last_hour,
    },
    hints=["A CNN that has only seen good light: what does a dark, blurred fan look like to it?"],
    why="Nobody touched the CNN or its threshold. It is the photographs that drift away from both.",
    minutes=1,
    difficulty=1,
    prediction=True,
)
def evening(last_hour):
    return last_hour  # as the last hour showed it: nothing but trying it tells


ask.order(
    "release_order",
    asks="From a trained CNN to a released station, in order. Two lines do not belong.",
    lines=[
        "Photograph two lots of fans that the CNN never saw: one to choose on, one to seal.",
        "Agree on what an escape and an overkill cost.",
        "Choose the threshold on the lot to choose on.",
        "Write the threshold and the model's hash into the policy file: frozen.",
        "Open the sealed lot, once.",
        "Write the report, with bounds and open points, and sign it.",
        "Before each shift: golden samples through the gate.",
    ],
    rules={
        (0, 2): "To choose a threshold takes photographs that the CNN never saw.",
        (1, 2): "Which threshold is best depends on the costs: agree on them first.",
        (2, 3): "What is not chosen yet can't be frozen.",
        (3, 4): "Freeze first. Whoever opens the sealed lot before can still be tempted.",
        (4, 5): "The report tells what the sealed lot showed.",
        (5, 6): "The gate guards a station that is released, and signed for.",
    },
    extra={
        "Move the threshold a little, where the sealed lot looks best.": (
            "Then the sealed lot has become one to choose on, and nothing is left to measure with."
        ),
        "Leave out the fans of the sealed lot that nobody could have judged.": (
            "Whoever decides that after the opening can reach any score."
        ),
    },
    hints=[
        "What is needed to choose? What is done once it is chosen?",
        "Lots and costs, choose, freeze, open, report, gate.",
    ],
    why="Everything that can be tuned is frozen before the seal is broken; what comes after only tells.",
    minutes=3,
    difficulty=2,
)
