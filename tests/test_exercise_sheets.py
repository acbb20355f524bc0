"""Sheets of exercises: what Markdown declares, and what is said of a sheet that declares it wrongly."""

import numpy as np
import pytest

from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.exercises import sheets
from fanaoi_helpers.exercises.exercise import State

HEAD = "# Sums\n\n```python\nimport numpy as np\n\nTWO = 2\n\n\ndef twice(x):\n    return TWO * x\n```\n"
TAIL = "\n1. Look.\n2. Look closer.\n\n> So it is.\n"
SLIPS = "- `a - b`\n  You took away.\n- `a * b`\n  You\n  multiplied.\n- `0`\n  Nothing?\n"

TOTAL = f"""
## total: value, 2 minutes, difficulty 1, prediction, tolerance 0.01

What is
`a + b`?

```python given
a, b = 2, np.array([3, 4])
```

```python solution
both = a + b
twice(both) / 2
```

{SLIPS}{TAIL}"""

ADD = f"""
## add: function, 3 minutes, difficulty 2, dtype float64

Add.

Answer: the sum

```python solution
def add(a, b):
    return a + b
```

```python oracle
np.add(a, b)
```

```python cases
a = b = hnp.arrays(float, 2, elements=st.floats(-3, 3))
```

- `a - b`
  You took away.
- `add(a, a)`
  Twice the same.
- ```python
  def add(a, b):
      for part in b:
          a = a * part
      return a
  ```
  You multiplied.
{TAIL}"""

HALF = f"""
## half: line, 1 minute, difficulty 1

Half of it.

```python template
def my_half(a):
    return ____
```

```python solution
a / TWO
```

```python oracle
a * 0.5
```

```python cases
a = hnp.arrays(float, 2, elements=st.floats(-3, 3))
```

- `a * TWO`
  Twice.
- `a`
  All.
- `TWO`
  Two.
{TAIL}"""

WHICH = f"""
## which: choice, 1 minute, difficulty 1

Which?

- [ ] this
  Not this.
- [x] `that`
  That
  it is.
- [ ] neither
  One is.
- [ ] both
  One is, and one alone.
{TAIL}"""

ROWS = f"""
## rows: order, 1 minute, difficulty 1

In which order?

```python lines
x = open(name)
y = resize(x)
```

- 1 before 2
  Open it first.
- `print(x)`
  Printing changes nothing.
- `x = 3`
  Which three?
{TAIL}"""


@pytest.fixture
def exercises():
    return sheets.Sheet(HEAD + TOTAL + ADD + HALF + WHICH + ROWS).exercises


def test_a_value(exercises):
    total = exercises["total"]
    assert (total.asks, total.hints, total.why) == (
        "What is `a + b`?",
        ["Look.", "Look closer."],
        "So it is.",
    )
    assert (total.minutes, total.difficulty, total.prediction, total.tolerance) == (2, 1, True, 0.01)
    assert (
        total.judge([5, 6]).state is State.RIGHT
        and total.judge([5, 7], b=np.array([3, 5])).state is State.RIGHT
    )
    assert total.judge([6, 8]).says == "You multiplied."
    assert total.judge(0).says == "Nothing?"


def test_a_solution_stands_alone_with_what_it_needs_and_no_more(exercises):
    assert exercises["total"].solution_text().split("\n") == [
        "import numpy as np",
        "TWO = 2",
        "def twice(x):",
        "    return TWO * x",
        "a, b = 2, np.array([3, 4])",
        "both = a + b",
        "twice(both) / 2  # [5, 6]",
    ]
    assert exercises["add"].solution_text() == "def add(a, b):\n    return a + b"
    assert exercises["half"].solution_text() == "TWO = 2\ndef my_half(a):\n    return a / TWO"


def test_a_function(exercises):
    add = exercises["add"]
    assert add.judge(lambda x, y: x + y).state is State.RIGHT
    assert add.judge(lambda x, y: (x + y).astype(np.float32)).state is State.NOT_YET
    assert add.judge(lambda x, y: x * y[0] * y[1]).says == "You multiplied."
    assert add.judge(lambda x, y: 2 * x).says == "Twice the same."


def test_a_line(exercises):
    assert exercises["half"].judge(lambda a: a / 2).state is State.RIGHT
    assert exercises["half"].judge(lambda a: 2 * a).says == "Twice."
    assert exercises["half"].judge(lambda a: a[...] / ... if a.size else a).state is State.NOT_TRIED
    assert exercises["half"].usual_form() == "code in place of the three dots in `my_half(a)`"


def test_a_choice_and_an_order(exercises):
    assert exercises["which"].details() == ["A. this", "B. `that`", "C. neither", "D. both"]
    assert exercises["which"].judge("b").says == "That it is."
    rows = exercises["rows"]
    assert rows.code and sorted(line[3:] for line in rows.details()) == [
        "`print(x)`",
        "`x = 3`",
        "`x = open(name)`",
        "`y = resize(x)`",
    ]
    assert rows.sentences()[1] == "Printing changes nothing."


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (
            "total: value, 2 minutes",
            "total: valu, 2 minutes",
            "09_sums.md: the heading “total: valu",
        ),
        (
            "total: value, 2 minutes",
            "total: value, two minutes",
            "09_sums.md: the heading “total: val",
        ),
        ("total: value, 2 minutes", "total: value, 200 minutes", "Exercise total: `minutes` must be 1 to 20"),
        (", prediction", ", predicts", "Exercise total does not know predicts"),
        ("- `0`\n  Nothing?\n", "", "Exercise total: it knows 2 mistakes, but must know at least 3"),
        ("- `0`\n", "- `0 +`\n", "Exercise total can't be declared like this (SyntaxError: invalid syntax"),
        ("  Nothing?\n", "", "Exercise total: each known mistake needs a sentence"),
        ("1. Look.\n2. Look closer.\n", "", "Exercise total lacks hints"),
        ("> So it is.\n", "", "Exercise total lacks why"),
        (
            "> So it is.\n",
            "> So.\n\n***\n",
            "a hr means nothing there",
        ),
        (
            "```python solution\n",
            "```python solutoin\n",
            "can't be declared like this (KeyError",
        ),
        (
            "a, b = 2",
            "a, b = c",
            "Exercise total can't be declared like this (NameError: name",
        ),
        ("## total", "## sum: value, 2 minutes, difficulty 1\n\n## total", "Exercise sum can't be declared"),
    ],
)
def test_a_wrong_declaration_is_refused_in_a_sentence(before, after, words):
    text = HEAD + TOTAL
    assert before in text
    with pytest.raises(WorkbookError) as refused:
        sheets.Sheet(text.replace(before, after, 1), "09_sums.md")
    assert words in str(refused.value) and "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (TOTAL + TOTAL, "two exercises named total"),
        (WHICH.replace("[x]", "[ ]"), "Exercise which: one of at most 10 options must be right"),
        (WHICH.replace("[x]", "[y]"), "Exercise which can't be declared like this"),
        (ROWS.replace("1 before 2", "2 before 1"), "Exercise rows: rule (1, 0) contradicts the order"),
        (
            HALF.replace("____", "a"),
            "(ValueError: `template` must have one blank",
        ),
        (HALF.replace("- `a`", "- `a b`"), "Exercise half can't be declared like this (SyntaxError"),
        (ADD.replace("```python oracle", "```python oracel"), "Exercise add can't be declared like this"),
    ],
)
def test_a_wrong_exercise_is_refused_in_a_sentence(text, words):
    with pytest.raises(WorkbookError) as refused:
        sheets.Sheet(HEAD + text, "09_sums.md")
    assert words in str(refused.value) and "\n" not in str(refused.value)


BY_NAME = "a = st.integers(1, 9)\nb = hnp.arrays(int, 2)"
TOGETHER = """@st.composite
def cases(draw):
    a = draw(st.integers(1, 9))
    return a, np.full(a, TWO)"""


@pytest.mark.parametrize(
    ("written", "fits"),
    [
        (BY_NAME, lambda a, b: 1 <= a <= 9 and b.shape == (2,)),
        (TOGETHER, lambda a, b: len(b) == a and (b == 2).all()),
        ("cases = st.tuples(st.just(5), st.just(6))", lambda a, b: (a, b) == (5, 6)),
    ],
)
def test_cases_are_strategies_and_corners_are_calls(written, fits):
    shorter = "a = b = hnp.arrays(float, 2, elements=st.floats(-3, 3))"
    corners = "```python corners\nadd(TWO, np.array([3, 4]))\nadd(twice(1), 0)\n```\n\n- `a - b`"
    text = HEAD + ADD.replace(shorter, written).replace("- `a - b`", corners)
    (exercise,) = sheets.Sheet(text).exercises.values()
    first, second, *others = exercise.drawn()
    assert first[0] == 2 and first[1].tolist() == [3, 4] and second == (2, 0)
    assert len(others) >= 1 and all(fits(*case) for case in others)
