"""Photographs divided twice, what a mistake costs, what is left to a human, and what a count proves."""

from ... import verdicts
from ..choosing import Right
from ..lesson import Exercises

ask = Exercises()


ask.choice(
    "same_picture",
    asks="The handout's loader divides by 255, and so does this CNN's first layer. Twelve fans, half of them "
    "NG: what do the verdicts look like?",
    options={
        "Right, with other probabilities.": "There is hardly a picture left to be right about.",
        "All fans get nearly the same score, so all get the same verdict.": Right(
            "Night, twelve times: the CNN can't tell one from another."
        ),
        "An error: the CNN refuses the numbers.": "It takes any numbers. Nothing checks the range.",
        "GO and NG change places.": "Nothing turns over; it only gets dark.",
    },
    hints=["What does the CNN see of white, 255, after two divisions?"],
    why="No error, no warning, and at half NG an accuracy of 50 %: look at the scores, not at the log.",
    minutes=1,
    difficulty=1,
    prediction=True,
)


@ask.value(
    asks="An escape costs 96, an overkill 4. If P(GO) could be taken at its word, from which P(GO) on is it "
    "cheaper to call a fan GO?",
    given={"escape_cost": 96, "overkill_cost": 4},
    tolerance=0.0005,
    mistakes={
        "The other way round: at that P(GO) nearly every fan would be NG, and you would ship it.": (
            lambda escape_cost, overkill_cost: overkill_cost / (escape_cost + overkill_cost)
        ),
        "That is where both mistakes cost the same. Here one costs 24 times as much.": lambda: 0.5,
        "That is how many times as dear an escape is; a probability lies between 0 and 1.": (
            lambda escape_cost, overkill_cost: escape_cost / overkill_cost
        ),
        "Nearly. You divided by the dear mistake alone; both stand on the scales.": (
            lambda escape_cost, overkill_cost: 1 - overkill_cost / escape_cost
        ),
        "Those are percent; P(GO) lies between 0 and 1.": lambda escape_cost: escape_cost,
    },
    hints=[
        "A fan with P(GO) = p: what do you lose on average if you call it GO? And if you call it NG?",
        "GO risks (1 − p) · 96, NG risks p · 4. Where are they equal?",
    ],
    why="(1 − p) · 96 = p · 4 gives p = 96 / (96 + 4). The dearer an escape, the surer one has to be.",
    minutes=3,
    difficulty=2,
)
def cost_threshold(escape_cost, overkill_cost):
    # Calling it GO risks (1 - p) * escape_cost, calling it NG risks p * overkill_cost: equal where
    return escape_cost / (escape_cost + overkill_cost)


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


ask.line(
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
    mistakes={
        "Those are all fans called NG, the bad ones as well.": "np.sum(~called_go)",
        "Those are NG fans called NG: caught, which is what we want.": "np.sum(~called_go & (labels == 0))",
        "Those are GO fans called GO: right, and free.": "np.sum(called_go & (labels == 1))",
        "That counts the escapes a second time.": "np.sum(called_go & (labels == 0))",
        "Costs count fans, not shares of them.": "np.mean(~called_go & (labels == 1))",
    },
    hints=["Overkill: which label, and which verdict?", "`~called_go` is what is called NG."],
    why="Two kinds of mistakes, counted apart, each with its own price.",
    minutes=2,
    difficulty=1,
)


@ask.value(
    asks="A shift makes 7,200 fans, 3 % of them land in the REVIEW bin, and a human needs 8 seconds for one. "
    "How many minutes a shift is that?",
    given={"share": 0.03, "fans": 7200, "seconds_each": 8},
    tolerance=0.001,
    mistakes={
        "Those are the fans in the bin. How long do they take?": lambda share, fans: share * fans,
        "Those are seconds.": lambda share, fans, seconds_each: share * fans * seconds_each,
        "That is for looking at all fans, as if there were no machine.": (
            lambda fans, seconds_each: fans * seconds_each / 60
        ),
        "3 % is 0.03; you took 0.3.": lambda fans, seconds_each: 0.3 * fans * seconds_each / 60,
        "That is hours.": lambda share, fans, seconds_each: share * fans * seconds_each / 3600,
    },
    hints=["How many fans are 3 % of 7,200?", "216 fans of 8 seconds each, in minutes."],
    why="216 fans · 8 s = 1,728 s. Half an hour a shift: a price that can be put beside the cost of escapes.",
    minutes=2,
    difficulty=1,
)
def review_minutes(share, fans, seconds_each):
    return share * fans * seconds_each / 60


@ask.value(
    asks="15 of 150 NG fans were called GO, and 60 of 450 GO fans were called NG. Escapes as a share of all "
    "NG fans, and as a share of all fans called GO?",
    given={"escapes": 15, "ng_total": 150, "overkill": 60, "go_total": 450},
    tolerance=0.0003,
    mistakes={
        "The second one divides by the good fans alone. Which fans leave the station as GO?": (
            lambda escapes, ng_total, go_total: [escapes / ng_total, escapes / go_total]
        ),
        "The first is right. The second divides by all fans; those called NG stay here.": (
            lambda escapes, ng_total, go_total: [escapes / ng_total, escapes / (ng_total + go_total)]
        ),
        "The escapes are called GO as well: they are among the fans shipped.": (
            lambda escapes, ng_total, overkill, go_total: [
                escapes / ng_total,
                escapes / (go_total - overkill),
            ]
        ),
        "Both right, the wrong way round: first of all NG, then of all called GO.": (
            lambda escapes, ng_total, overkill, go_total: [
                escapes / (go_total - overkill + escapes),
                escapes / ng_total,
            ]
        ),
        "The second one is the overkill rate. Both numbers asked for count escapes.": (
            lambda escapes, ng_total, overkill, go_total: [escapes / ng_total, overkill / go_total]
        ),
        "Shares, not percent: 1 % is 0.01.": lambda: [10, 3.7],
    },
    hints=[
        "The first: 15 of 150. The second: how many fans were called GO in all?",
        "450 − 60 good ones and 15 bad ones were called GO.",
    ],
    why="15 / 150 = 10 % says what the station lets pass; 15 / 405 = 3.7 % says what the customer gets, and "
    "only from a lot that is a quarter NG.",
    minutes=2,
    difficulty=1,
)
def two_denominators(escapes, ng_total, overkill, go_total):
    shipped = (go_total - overkill) + escapes  # everything called GO
    return [escapes / ng_total, escapes / shipped]


@ask.value(
    asks="400 NG fans went through the station, and none escaped. What is the highest escape rate at which "
    "that still has a chance of 5 %?",
    given={"ng": 400},
    tolerance=0.0001,
    mistakes={
        "0 was seen. But a station that lets 1 in 1,000 pass would often show 0 of 400, too.": lambda: 0,
        "At one in 400, no escape at all in 400 fans has a chance of 37 %: that excludes little.": (
            lambda ng: 1 / ng
        ),
        "That is the risk of being wrong, 5 %. It does not know how many fans you tried.": lambda: 0.05,
        "Those are percent; give the share.": lambda ng: 300 / ng,
        "So rare that seeing none in 400 has a chance of 95 %. At which rate is it 5 %?": (
            lambda ng: 1 - 0.95 ** (1 / ng)
        ),
        "That is the share that is caught. The escapes are the rest.": lambda ng: 0.05 ** (1 / ng),
        "You left 2.5 % for each side. No rate is below 0: all 5 % belong to the upper side.": (
            lambda ng: 1 - 0.025 ** (1 / ng)
        ),
        "Three, but of what? Three in 400, not three in 100.": lambda: 0.03,
    },
    hints=[
        "If the rate is r, one NG fan is caught with the chance 1 − r. And 400 of them, one after the other?",
        "(1 − r)^400 = 0.05. Take the 400th root, or try some r.",
    ],
    why="1 − 0.05^(1/400) = 0.746 %, and 3 / 400 = 0.75 % is near enough. Zero seen is not zero proven.",
    minutes=3,
    difficulty=2,
)
def zero_of_400(ng):
    return 1 - 0.05 ** (1 / ng)  # at this rate, 400 without an escape has a chance of 5 %


@ask.function(
    asks="The highest escape rate that 0 escapes of `ng` fans leave possible: the rate at which seeing none "
    "has the chance 1 − confidence.",
    oracle=lambda ng, confidence: verdicts.zero_escape_bound(ng, confidence),
    cases=lambda rng: (int(rng.integers(2, 2000)), float(rng.choice([0.8, 0.9, 0.95, 0.99]))),
    mistakes={
        "The rule of three is near, and for 95 % only. Which rate gives 1 − confidence exactly?": (
            lambda ng, confidence: 3 / ng
        ),
        "You took the root of the confidence. Seeing none should be *unlikely*: 1 − confidence.": (
            lambda ng, confidence: 1 - confidence ** (1 / ng)
        ),
        "That is the share that is caught at least. The escapes are the rest.": (
            lambda ng, confidence: (1 - confidence) ** (1 / ng)
        ),
        "That is the chance of no escape at a rate of `confidence`, not the rate.": (
            lambda ng, confidence: (1 - confidence) ** ng
        ),
        "The fans do not share the doubt; each must pass it. Where does a power come in?": (
            lambda ng, confidence: (1 - confidence) / ng
        ),
        "You halved 1 − confidence, for two sides. No rate is below 0: one side takes it all.": (
            lambda ng, confidence: 1 - ((1 - confidence) / 2) ** (1 / ng)
        ),
    },
    hints=[
        "At a rate r, one NG fan is caught with the chance 1 − r. All ng of them?",
        "(1 − r)^ng = 1 − confidence. Take the ng-th root.",
    ],
    why="ln 0.05 = −3.00: hence the rule of three for 95 %.",
    minutes=4,
    difficulty=2,
)
def zero_bound(ng, confidence):
    return 1 - (1 - confidence) ** (1 / ng)


@ask.value(
    asks="A customer wants an escape rate of at most 0.5 %, at 95 % confidence. How many NG fans must pass "
    "through without one escape? The rule of three will do: n fans without an escape prove 3 / n.",
    given={"claim": 0.005},
    tolerance=0.004,
    mistakes={
        "In so many fans one escape is expected at 0.5 %; seeing none there is no rarity.": (
            lambda claim: 1 / claim
        ),
        "That proves 1 %. Half the rate needs more.": lambda: 300,
        "0.5 % is 0.005: you divided by 0.5.": lambda: 6,
        "0.5 % is 0.005, not 0.05.": lambda: 60,
        "That is 1 / claim², which is what comparing two rates may take. This is the rule of three.": (
            lambda claim: 1 / claim**2
        ),
        "That many are needed if one escape is to be allowed. Without one it is less.": (
            lambda claim: 4.744 / claim
        ),
        "You left 2.5 % for each side. Without an escape there is only an upper side, and it takes 5 %.": (
            lambda claim: 3.689 / claim
        ),
    },
    hints=["Turn the rule of three round.", "3 / n = 0.005."],
    why="3 / 0.005 = 600 NG fans (exactly 598). On a line with 0.5 % NG that takes some 120,000 fans.",
    minutes=2,
    difficulty=1,
)
def ng_to_collect(claim):
    return 3 / claim  # the rule of three, turned round


@ask.value(
    asks="A station catches 98 % of NG fans and calls 2 % of GO fans NG. On the line 0.5 % are NG. Which "
    "share of the fans called NG really is?",
    given={"ng_share": 0.005, "caught": 0.98, "overkill_rate": 0.02},
    tolerance=0.004,
    mistakes={
        "That is the share of NG fans that are called NG. Asked is the other way: of those called NG.": (
            lambda caught: caught
        ),
        "That holds if half of the fans are NG, as in training. Here 0.5 % are.": lambda: 0.5,
        "That is the overkill among them. The rest is what is asked.": lambda: 0.802,
        "That is what the line makes. The station does sort better than a coin.": lambda ng_share: ng_share,
        "You divided by the overkill alone; the caught ones lie in the same bin.": (
            lambda ng_share, caught, overkill_rate: ng_share * caught / ((1 - ng_share) * overkill_rate)
        ),
        "Those are percent; a share lies between 0 and 1.": lambda: 20,
        "Those are percent, and of all NG fans. Asked is: of those called NG.": lambda: 98,
    },
    hints=[
        "Take 10,000 fans. How many are NG, how many GO?",
        "50 NG, 9,950 GO. How many of each are called NG?",
        "49 and 199.",
    ],
    why="49 of 49 + 199: four of five fans in the NG bin are good. The CNN is not worse; NG is rare.",
    minutes=3,
    difficulty=2,
    prediction=True,
)
def really_ng(ng_share, caught, overkill_rate):
    ng, go = 10_000 * ng_share, 10_000 * (1 - ng_share)
    right, wrong = ng * caught, go * overkill_rate
    return right / (right + wrong)
