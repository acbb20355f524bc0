"""What a mistake costs, and what a count proves."""

from ... import verdicts
from ..engine.exercise import Mistake
from ..engine.function import Function, Line
from ..engine.value import Value


def _cost_threshold(escape_cost, overkill_cost):
    # Calling it GO risks (1 - p) * escape_cost, calling it NG risks p * overkill_cost: equal where
    return escape_cost / (escape_cost + overkill_cost)


cost_threshold = Value(
    "cost_threshold",
    asks=(
        "An escape costs 96, an overkill 4. If P(GO) could be taken at its word, from which P(GO) on is "
        "it cheaper to call a fan GO?"
    ),
    reference=_cost_threshold,
    given={"escape_cost": 96, "overkill_cost": 4},
    mistakes=[
        Mistake(
            "The other way round: at that P(GO) nearly every fan would be NG, and you would ship it.",
            lambda escape_cost, overkill_cost: overkill_cost / (escape_cost + overkill_cost),
        ),
        Mistake("That is where both mistakes cost the same. Here one costs 24 times as much.", lambda: 0.5),
        Mistake(
            "That is how many times as dear an escape is; a probability lies between 0 and 1.",
            lambda escape_cost, overkill_cost: escape_cost / overkill_cost,
        ),
        Mistake(
            "Nearly. You divided by the dear mistake alone; both stand on the scales.",
            lambda escape_cost, overkill_cost: 1 - overkill_cost / escape_cost,
        ),
        Mistake("Those are percent; P(GO) lies between 0 and 1.", lambda escape_cost: escape_cost),
    ],
    hints=[
        "A fan with P(GO) = p: what do you lose on average if you call it GO? And if you call it NG?",
        "GO risks (1 − p) · 96, NG risks p · 4. Where are they equal?",
    ],
    why="(1 − p) · 96 = p · 4 gives p = 96 / (96 + 4). The dearer an escape, the surer one has to be.",
    minutes=3,
    difficulty=2,
    tolerance=0.0005,
)


def _cost_case(rng):
    labels = rng.integers(0, 2, size=int(rng.integers(4, 12)))
    labels[:2] = 0, 1
    # On a coarse grid, so that scores lie on the threshold itself now and then.
    p_go = rng.integers(0, 11, size=len(labels)) / 10
    threshold = float(rng.choice(p_go))
    return labels, p_go, threshold, float(rng.integers(20, 99)), float(rng.integers(1, 9))


def _cost(labels, p_go, threshold, escape_cost, overkill_cost):
    judged = verdicts.judge(labels, p_go, threshold)
    return judged.escapes * escape_cost + judged.overkill * overkill_cost


cost_of = Line(
    "cost_of",
    asks="What do all mistakes at one threshold cost together? A fan is called GO when P(GO) ≥ threshold.",
    template="""
        def my_cost(labels, p_go, threshold, escape_cost, overkill_cost):
            called_go = p_go >= threshold
            escapes = np.sum(called_go & (labels == 0))
            overkill = ____
            return escapes * escape_cost + overkill * overkill_cost
    """,
    line="np.sum(~called_go & (labels == 1))",
    oracle=_cost,
    cases=_cost_case,
    mistakes=[
        Mistake("Those are all fans called NG, the bad ones as well.", "np.sum(~called_go)"),
        Mistake(
            "Those are NG fans called NG: caught, which is what we want.",
            "np.sum(~called_go & (labels == 0))",
        ),
        Mistake("Those are GO fans called GO: right, and free.", "np.sum(called_go & (labels == 1))"),
        Mistake("That counts the escapes a second time.", "np.sum(called_go & (labels == 0))"),
        Mistake("Costs count fans, not shares of them.", "np.mean(~called_go & (labels == 1))"),
    ],
    hints=["Overkill: which label, and which verdict?", "`~called_go` is what is called NG."],
    why="Two kinds of mistakes, counted apart, each with its own price.",
    minutes=2,
    difficulty=1,
)


def _two_denominators(escapes, ng_total, overkill, go_total):
    shipped = (go_total - overkill) + escapes  # everything called GO
    return [escapes / ng_total, escapes / shipped]


two_denominators = Value(
    "two_denominators",
    asks=(
        "15 of 150 NG fans were called GO, and 60 of 450 GO fans were called NG. Escapes as a share of all "
        "NG fans, and as a share of all fans called GO?"
    ),
    reference=_two_denominators,
    given={"escapes": 15, "ng_total": 150, "overkill": 60, "go_total": 450},
    mistakes=[
        Mistake(
            "The second one divides by the good fans alone. Which fans leave the station as GO?",
            lambda escapes, ng_total, go_total: [escapes / ng_total, escapes / go_total],
        ),
        Mistake(
            "The first is right. The second divides by all fans; those called NG stay here.",
            lambda escapes, ng_total, go_total: [escapes / ng_total, escapes / (ng_total + go_total)],
        ),
        Mistake(
            "The escapes are called GO as well: they are among the fans shipped.",
            lambda escapes, ng_total, overkill, go_total: [
                escapes / ng_total,
                escapes / (go_total - overkill),
            ],
        ),
        Mistake(
            "Both right, the wrong way round: first of all NG, then of all called GO.",
            lambda escapes, ng_total, overkill, go_total: [
                escapes / (go_total - overkill + escapes),
                escapes / ng_total,
            ],
        ),
        Mistake(
            "The second one is the overkill rate. Both numbers asked for count escapes.",
            lambda escapes, ng_total, overkill, go_total: [escapes / ng_total, overkill / go_total],
        ),
        Mistake(
            "Shares, not percent: 1 % is 0.01.",
            lambda: [10, 3.7],
        ),
    ],
    hints=[
        "The first: 15 of 150. The second: how many fans were called GO in all?",
        "450 − 60 good ones and 15 bad ones were called GO.",
    ],
    why=(
        "15 / 150 = 10 % says what the station lets pass; 15 / 405 = 3.7 % says what the customer gets, and "
        "only from a lot that is a quarter NG."
    ),
    minutes=2,
    difficulty=1,
    tolerance=0.0003,
)


def _zero_of_400(ng):
    return 1 - 0.05 ** (1 / ng)  # at this rate, 400 without an escape has a chance of 5 %


zero_of_400 = Value(
    "zero_of_400",
    asks=(
        "400 NG fans went through the station, and none escaped. What is the highest escape rate at which "
        "that still has a chance of 5 %?"
    ),
    reference=_zero_of_400,
    given={"ng": 400},
    mistakes=[
        Mistake(
            "0 was seen. But a station that lets 1 in 1,000 pass would often show 0 of 400, too.", lambda: 0
        ),
        Mistake(
            "At one in 400, no escape at all in 400 fans has a chance of 37 %: that excludes little.",
            lambda ng: 1 / ng,
        ),
        Mistake(
            "That is the risk of being wrong, 5 %. It does not know how many fans you tried.", lambda: 0.05
        ),
        Mistake("Those are percent; give the share.", lambda ng: 300 / ng),
        Mistake(
            "So rare that seeing none in 400 has a chance of 95 %. At which rate is it 5 %?",
            lambda ng: 1 - 0.95 ** (1 / ng),
        ),
        Mistake("That is the share that is caught. The escapes are the rest.", lambda ng: 0.05 ** (1 / ng)),
        Mistake(
            "You left 2.5 % for each side. No rate is below 0: all 5 % belong to the upper side.",
            lambda ng: 1 - 0.025 ** (1 / ng),
        ),
        Mistake("Three, but of what? Three in 400, not three in 100.", lambda: 0.03),
    ],
    hints=[
        "If the rate is r, one NG fan is caught with the chance 1 − r. And 400 of them, one after the other?",
        "(1 − r)^400 = 0.05. Take the 400th root, or try some r.",
    ],
    why="1 − 0.05^(1/400) = 0.746 %, and 3 / 400 = 0.75 % is near enough. Zero seen is not zero proven.",
    minutes=3,
    difficulty=2,
    tolerance=0.0001,
)


def _zero_bound(ng, confidence):
    return 1 - (1 - confidence) ** (1 / ng)


zero_bound = Function(
    "zero_bound",
    asks=(
        "The highest escape rate that 0 escapes of `ng` fans leave possible: the rate at which seeing none "
        "has the chance 1 − confidence."
    ),
    reference=_zero_bound,
    oracle=lambda ng, confidence: verdicts.zero_escape_bound(ng, confidence),
    cases=lambda rng: (int(rng.integers(2, 2000)), float(rng.choice([0.8, 0.9, 0.95, 0.99]))),
    mistakes=[
        Mistake(
            "The rule of three is near, and for 95 % only. Which rate gives 1 − confidence exactly?",
            lambda ng, confidence: 3 / ng,
        ),
        Mistake(
            "You took the root of the confidence. Seeing none should be *unlikely*: 1 − confidence.",
            lambda ng, confidence: 1 - confidence ** (1 / ng),
        ),
        Mistake(
            "That is the share that is caught at least. The escapes are the rest.",
            lambda ng, confidence: (1 - confidence) ** (1 / ng),
        ),
        Mistake(
            "That is the chance of no escape at a rate of `confidence`, not the rate.",
            lambda ng, confidence: (1 - confidence) ** ng,
        ),
        Mistake(
            "The fans do not share the doubt; each must pass it. Where does a power come in?",
            lambda ng, confidence: (1 - confidence) / ng,
        ),
        Mistake(
            "You halved 1 − confidence, for two sides. No rate is below 0: one side takes it all.",
            lambda ng, confidence: 1 - ((1 - confidence) / 2) ** (1 / ng),
        ),
    ],
    hints=[
        "At a rate r, one NG fan is caught with the chance 1 − r. All ng of them?",
        "(1 − r)^ng = 1 − confidence. Take the ng-th root.",
    ],
    why="ln 0.05 = −3.00: hence the rule of three for 95 %.",
    minutes=4,
    difficulty=2,
)


def _ng_to_collect(claim):
    return 3 / claim  # the rule of three, turned round


ng_to_collect = Value(
    "ng_to_collect",
    asks=(
        "A customer wants an escape rate of at most 0.5 %, at 95 % confidence. How many NG fans must pass "
        "through without one escape? The rule of three will do: n fans without an escape prove 3 / n."
    ),
    reference=_ng_to_collect,
    given={"claim": 0.005},
    mistakes=[
        Mistake(
            "In so many fans one escape is expected at 0.5 %; seeing none there is no rarity.",
            lambda claim: 1 / claim,
        ),
        Mistake("That proves 1 %. Half the rate needs more.", lambda: 300),
        Mistake("0.5 % is 0.005: you divided by 0.5.", lambda: 6),
        Mistake("0.5 % is 0.005, not 0.05.", lambda: 60),
        Mistake(
            "That is 1 / claim², which is what comparing two rates may take. This is the rule of three.",
            lambda claim: 1 / claim**2,
        ),
        Mistake(
            "That many are needed if one escape is to be allowed. Without one it is less.",
            lambda claim: 4.744 / claim,
        ),
        Mistake(
            "You left 2.5 % for each side. Without an escape there is only an upper side, and it takes 5 %.",
            lambda claim: 3.689 / claim,
        ),
    ],
    hints=["Turn the rule of three round.", "3 / n = 0.005."],
    why="3 / 0.005 = 600 NG fans (exactly 598). On a line with 0.5 % NG that takes some 120,000 fans.",
    minutes=2,
    difficulty=1,
    tolerance=0.004,
)


def _really_ng(ng_share, caught, overkill_rate):
    ng, go = 10_000 * ng_share, 10_000 * (1 - ng_share)
    right, wrong = ng * caught, go * overkill_rate
    return right / (right + wrong)


really_ng = Value(
    "really_ng",
    asks=(
        "A station catches 98 % of NG fans and calls 2 % of GO fans NG. On the line 0.5 % are NG. Which "
        "share of the fans called NG really is?"
    ),
    reference=_really_ng,
    given={"ng_share": 0.005, "caught": 0.98, "overkill_rate": 0.02},
    mistakes=[
        Mistake(
            "That is the share of NG fans that are called NG. Asked is the other way: of those called NG.",
            lambda caught: caught,
        ),
        Mistake("That holds if half of the fans are NG, as in training. Here 0.5 % are.", lambda: 0.5),
        Mistake("That is the overkill among them. The rest is what is asked.", lambda: 0.802),
        Mistake(
            "That is what the line makes. The station does sort better than a coin.",
            lambda ng_share: ng_share,
        ),
        Mistake(
            "You divided by the overkill alone; the caught ones lie in the same bin.",
            lambda ng_share, caught, overkill_rate: ng_share * caught / ((1 - ng_share) * overkill_rate),
        ),
        Mistake("Those are percent; a share lies between 0 and 1.", lambda: 20),
        Mistake("Those are percent, and of all NG fans. Asked is: of those called NG.", lambda: 98),
    ],
    hints=[
        "Take 10,000 fans. How many are NG, how many GO?",
        "50 NG, 9,950 GO. How many of each are called NG?",
        "49 and 199.",
    ],
    why="49 of 49 + 199: four of five fans in the NG bin are good. The CNN is not worse; NG is rare.",
    minutes=3,
    difficulty=2,
    tolerance=0.004,
    prediction=True,
)
