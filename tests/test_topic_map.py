"""docs/topic_map.md leads from every heading of the handouts to a section that is there."""

import re

import doc_links
import pytest

PAGE = doc_links.DOCS / "topic_map.md"
HANDOUTS = doc_links.handouts()
needs_handouts = pytest.mark.skipif(not HANDOUTS, reason=doc_links.NO_HANDOUTS)
MOST_WORDS = 8  # of a numbered topic; what is longer is a sentence


def outline(text):
    """Return [(heading, its numbered topics)] of a handout; what is code is no heading."""
    found = []
    for line in re.sub(r"^\s*```.*?^\s*```", "", text, flags=re.MULTILINE | re.DOTALL).splitlines():
        if heading := re.match(r" {0,3}#{1,6} +(.+)|.*<summary>(.+?)</summary>", line):
            found.append(((heading[1] or heading[2]).replace("*", "").strip().removesuffix(":"), []))
        elif topic := re.match(r"\d+\. (?:\*\*(.+?)\*\*|(`.+?`))", line):
            name = (topic[1] or topic[2]).removesuffix(":")
            if len(name.split()) <= MOST_WORDS:
                found[-1][1].append(name)
    return found


def parts():
    """Return {number of a handout: [(heading, the topics with it, places)]} as the page has them."""
    found = {}
    for part in re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        number = re.search(r"\((\d{3})\)$", part.split("\n", 1)[0])[1]
        lines = [line for line in part.splitlines() if line.startswith("|")][2:]
        cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
        found[number] = [(heading.replace("*", ""), topics, places) for heading, topics, places in cells]
    return found


PARTS = parts()
ALL_ROWS = [(number, *row) for number, part in PARTS.items() for row in part]


def missing(text, rows):
    """Return the headings, and the topics beneath them, that the map of a handout lacks."""
    rows, lacking = list(rows), []
    for heading, topics in outline(text):
        if not rows or rows[0][0] != heading:
            lacking.append(heading)
            continue
        with_it = rows.pop(0)[1].split(" · ")
        lacking += [f"{heading}: {topic}" for topic in topics if topic not in with_it]
    return lacking + [f"{heading} is not on the page" for heading, _, _ in rows]


@needs_handouts
@pytest.mark.parametrize("name", HANDOUTS)
def test_every_heading_is_in_the_map(name):
    number = name[:3]
    if number in PARTS:
        assert missing(HANDOUTS[name], PARTS[number]) == []
    else:
        assert number == "001", f"{name} is not in the map"


@needs_handouts
def test_001_is_the_start_of_000():
    whole, start = (
        outline(next(HANDOUTS[name] for name in HANDOUTS if name[:3] == n)) for n in ("000", "001")
    )
    first = whole.index(start[0])
    assert len(start) == 15 and whole[first : first + len(start)] == start


@pytest.mark.parametrize("number", PARTS)
def test_every_place_is_there(number):
    wrong = [(heading, doc_links.problems(places)) for heading, _, places in PARTS[number]]
    assert [(heading, problems) for heading, problems in wrong if problems] == []


def test_no_place_is_named_twice_in_a_row():
    for number, heading, _, places in ALL_ROWS:
        said = [place.strip() for place in places.split(";")]
        assert len(said) == len(set(said)), (number, heading)


def test_links():
    assert doc_links.link_problems(PAGE) == []


def test_each_check_notices():
    code = "```\n# no heading\n```\n"
    page = f"# One\n<summary>2. Two</summary>\n{code}### **Three**:\n1. **Four:**\n2. **Five six seven**"
    assert outline(page) == [("One", []), ("2. Two", []), ("Three", ["Four", "Five six seven"])]
    rows = [("One", "", ""), ("2. Two", "", ""), ("Three", "Five six seven · Four", "")]
    assert missing(page, rows) == []
    assert missing(page, rows[1:])[0] == "One"
    assert missing(page, [*rows[:2], ("Three", "Four · five", "")]) == ["Three: Five six seven"]
    assert missing(page, [*rows, ("Six", "", "")]) == ["Six is not on the page"]
    assert doc_links.problems("[02] Recap; comes with 09; [01] Next") == []
    for wrong, says in [
        ("[02] Nothing of the kind", "no heading"),
        ("comes with 08", "is no place"),
        ("", "is no place"),
        ("[02] Recap, [01] Next", "no heading"),
        ("[02] Recap: `no such code`", "no cell beneath"),
    ]:
        assert any(says in problem for problem in doc_links.problems(wrong)), wrong
