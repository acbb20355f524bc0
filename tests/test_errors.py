"""A refused value is told in one sentence that names it."""

import ast
import json
import math

import numpy as np
import pytest

from fanaoi_helpers import errors, files


@pytest.mark.parametrize("value", [0, 11, -3, 2.5, math.nan, math.inf, "4", None, True, [4], 10**400])
def test_whole_number_refuses(value):
    with pytest.raises(errors.WorkbookError, match=r"^epochs is .*whole number from 1 to 10\.$"):
        errors.whole_number("epochs", value, 1, 10)


@pytest.mark.parametrize("value", [1, 10, 4.0, np.int64(7), np.float32(3)])
def test_whole_number_takes(value):
    taken = errors.whole_number("epochs", value, 1, 10)
    assert taken == value
    assert type(taken) is int


@pytest.mark.parametrize("value", [0.0, 1.1, math.nan, math.inf, "0.5", None, False, 1j, 10**400])
def test_number_refuses(value):
    with pytest.raises(errors.WorkbookError, match="^learning_rate is .*number from 0.1 to 1"):
        errors.number("learning_rate", value, 0.1, 1)


def test_number_takes_numpy_scalars():
    assert type(errors.number("learning_rate", np.float32(0.5), 0, 1)) is float


@pytest.mark.parametrize("value", ["SAME", None, True, [], "full"])
def test_one_of_refuses(value):
    with pytest.raises(errors.WorkbookError, match="^padding is .*one of 'valid', 'same', 1"):
        errors.one_of("padding", value, ["valid", "same", 1])


@pytest.mark.parametrize("value", [None, 3, b"folder", "two\nlines"])
def test_text_refuses(value):
    with pytest.raises(errors.WorkbookError, match="^photos_dir is .*plain text"):
        errors.text("photos_dir", value)


def test_a_notebook_shows_one_sentence_and_no_traceback():
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    shown = []
    shell._showtraceback = lambda kind, value, lines: shown.extend(lines)
    shell.run_cell("from fanaoi_helpers import errors; errors.whole_number('epochs', 0, 1, 9)")
    assert shown == ["WorkbookError: epochs is 0, but it must be a whole number from 1 to 9."]


HOSTILE = "\x1b[2J\x1b]0;pwn\x07\n\x00\x7f\x9b31m\u202e\u2028\ud800"


def test_what_a_refusal_quotes_is_printable_and_not_without_end():
    said = str(errors.WorkbookError(f"größe 図 {HOSTILE}.png: " + "x" * 1_000_000))
    assert said.isprintable() and said.startswith("größe 図 ?[2J?]0;pwn?") and len(said) < 2100


def test_printable_json_says_the_same():
    told = {"a\x1b": [HOSTILE, "größe 図?\u202f"]}
    text = errors.printable_json(json.dumps(told, ensure_ascii=False, indent=1))
    assert json.loads(text) == told and "größe 図?" in text
    assert errors.printable(text, keep="\n") == text


def test_nothing_is_printed_but_by_the_one_place_that_makes_it_printable():
    """A command that echoes by itself would let a stranger's file write to the terminal."""
    sources = [files.root() / "fanaoi_helpers" / name for name in ("__main__.py", "commands.py")]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sources]
    calls = [node.func for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert not [call for call in calls if ast.unparse(call) in ("click.echo", "click.secho", "print", "echo")]
    assert sum(ast.unparse(call) == "say" for call in calls) > 5
