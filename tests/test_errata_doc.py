"""docs/handout_errata.md is true: its rows, the page's words, the cells and the tests that it names."""

import re
from functools import cache
from pathlib import Path

import doc_links
import pytest

PAGE = doc_links.DOCS / "handout_errata.md"
FIELDS = ("Page", "True", "Why", "Met in", "Test")
NUMBER = re.compile(r"(?<![\w.,])\d+(?:,\d{3})*(?:\.\d+)?(?!\w)")
# Rows that 00 to 04 are about already; the others are met later.
EARLY = {1, 2, 3, 4, 7, 8, 9, 10, 11, 15, 16, 17, 20, 21, 22, 24, 25, 26, 27, 28}


def rows():
    """Return {title of a row: {field: its text}}."""
    found = {}
    for part in re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        title, _, body = part.partition("\n")
        body = body.partition("\n[01]:")[0].replace("\n  ", " ")
        found[title] = dict(re.findall(r"^- \*\*([\w ]+)\*\*(.+)$", body, re.MULTILINE))
    return found


ROWS = rows()


def row_number(title):
    """Return 1 for "1. Convolution ...", 0 for the closing paragraph."""
    return int(re.match(r"(\d+)?", title)[0] or 0)


@cache
def all_tests():
    """Return {name of a test in tests/: its text}."""
    whole = "\n".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    return dict(re.findall(r"^def (test_\w+)(.*?)(?=^\S|\Z)", whole, re.MULTILINE | re.DOTALL))


def named_tests(text):
    return re.findall(r"`(test_\w+)`", text)


def numbers(text):
    """Return the numbers in a text, without those in names."""
    return {float(number.replace(",", "")) for number in NUMBER.findall(text)}


def problems(title, fields):
    """Return what is wrong with one row."""
    if tuple(fields) != FIELDS:
        return [f"it has {tuple(fields)}, not {FIELDS}"]
    names = named_tests(fields["Test"])
    start = f"test_row_{row_number(title):02}_" if row_number(title) else "test_closing_"
    wrong = [f"{name} is no test in tests/" for name in names if name not in all_tests()]
    if not any(name.startswith(start) for name in names):
        wrong.append(f"no test {start}... is named")
    if wrong:
        return wrong
    claimed = fields["Page"].partition(": ")[2] + fields["True"]
    missing = sorted(
        numbers(claimed) - numbers(" ".join(all_tests()[name].replace("_", "") for name in names))
    )
    wrong += [f"{number:g} does not stand in its test" for number in missing]
    wrong += doc_links.problems(fields["Met in"].removeprefix(": "))
    return wrong


def test_all_rows_are_there():
    assert [row_number(title) for title in ROWS] == [*range(1, 29), 0]
    of_tests = {name for name in all_tests() if re.match(r"test_(row_\d|closing_)", name)}
    named = [name for fields in ROWS.values() for name in named_tests(fields["Test"])]
    assert sorted(named) == sorted(of_tests), "every test of a row is named by that row, and by no other"


@pytest.mark.parametrize("title", ROWS)
def test_row(title):
    assert problems(title, ROWS[title]) == []


def test_every_row_is_taught():
    """A cell proves each, none is put off, and what belongs to 00 to 04 is there already."""
    for title, fields in ROWS.items():
        named = doc_links.places(fields["Met in"].removeprefix(": "))
        assert not any(place.later for place in named), title
        proven = [place.number for place in named if place.cells]
        assert proven, title
        if row_number(title) in EARLY or not row_number(title):
            assert min(proven) < "05", title


def test_links():
    assert doc_links.link_problems(PAGE) == []


@pytest.mark.parametrize(
    ("title", "field", "old", "new", "says"),
    [
        ("1. ", "True", "35 40", "36 40", "36 does not stand in its test"),
        ("1. ", "Page", "50 60", "51 60", "51 does not stand in its test"),
        ("9. ", "True", "150,528", "150,529", "150529 does not stand in its test"),
        ("8. ", "True", "0.3666", "0.3667", "0.3667 does not stand in its test"),
        ("2. ", "Test", "stride_two", "stride_2", "is no test in tests/"),
        ("2. ", "Test", "row_02_stride_two", "row_01_convolution_of_the_ramp", "no test test_row_02_"),
        ("3. ", "Met in", "[02]", "[03]", "notebook 03 has no heading"),
        ("3. ", "Met in", "[[6.5, 8.5]", "[[6.5, 8.6]", "no cell beneath"),
        ("2. ", "Met in", "[170, 190]", "[170, 191]", "no cell beneath"),
        ("12. ", "Met in", "[07]", "[06]", "notebook 06 has no heading"),
        ("15. ", "True", "12 mm", "13 mm", "13 does not stand in its test"),
        ("20. ", "Met in", "255 times", "256 times", "no cell beneath"),
        ("23. ", "Met in", "; [07] It happens", "; comes with 07; [07] It happens", "is no place"),
        ("23. ", "True", "98.3", "99.3", "99.3 does not stand in its test"),
    ],
)
def test_each_check_notices(title, field, old, new, says):
    title = next(known for known in ROWS if known.startswith(title))
    fields = dict(ROWS[title])
    assert old in fields[field]
    fields[field] = fields[field].replace(old, new, 1)
    assert any(says in problem for problem in problems(title, fields)), problems(title, fields)


@pytest.mark.skipif(not doc_links.handouts(), reason=doc_links.NO_HANDOUTS)
@pytest.mark.parametrize(
    "title", [title for title, fields in ROWS.items() if "no page" not in fields["Page"]]
)
def test_the_page_says_so(title):
    """Every number and every piece of code that a row quotes stands in a handout."""
    text = "\n".join(doc_links.handouts().values())
    claim = ROWS[title]["Page"].partition(": ")[2]
    assert claim
    for code in re.findall(r"`([^`]+)`", claim):
        assert code in text, f"no handout has {code}"
    assert numbers(claim) <= numbers(text)
