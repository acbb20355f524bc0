"""Numbers in prose that no cell shows are computed here, and a changed one is noticed."""

import lint
import prose
import pytest

from fanaoi_helpers import notebooks

PHRASES = [(number, phrase) for number, facts in prose.FACTS.items() for phrase in facts]


@pytest.mark.parametrize(("number", "phrase"), PHRASES)
def test_prose_says_what_is_true(number, phrase):
    assert prose.FACTS[number][phrase]() == phrase
    assert phrase in " ".join(lint.prose_of(notebooks.read(notebooks.find(number))).split())


@pytest.mark.parametrize("path", notebooks.paths(), ids=lambda path: path.stem)
def test_a_number_in_prose_that_nothing_shows_is_noticed(path):
    notebook = notebooks.read(path)
    notebook["cells"].append({"cell_type": "markdown", "source": "Of these, 31,234.567 % are torn."})
    assert any("31234.567" in found for found in lint.proven(notebook, path))
