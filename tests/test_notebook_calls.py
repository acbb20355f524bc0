"""What the notebooks take from the package is there, and takes what they give it."""

import ast
import inspect

import lint
import pytest

from fanaoi_helpers import notebooks


def calls(path):
    """Yield each call of a notebook that begins with a name taken from the package, and what is called."""
    names = {}
    for cell in lint.cells(notebooks.read(path), "code"):
        nodes = list(ast.walk(lint.tree(cell)))
        for node in nodes:
            if isinstance(node, ast.ImportFrom) and node.module.startswith("fanaoi_helpers"):
                exec(ast.unparse(node), names)
        for node in nodes:
            if isinstance(node, ast.Call):
                first, *attributes = ast.unparse(node.func).split(".")
                if first in names and all(name.isidentifier() for name in attributes):
                    called = names[first]
                    for name in attributes:
                        called = getattr(called, name)
                    yield node, called


def problem(node, called):
    """Return what is wrong with a call, "" if nothing is; one with * or ** could be anything."""
    if any(isinstance(value, ast.Starred) for value in node.args) or None in {
        one.arg for one in node.keywords
    }:
        return ""
    try:
        inspect.signature(called).bind(*node.args, **{one.arg: one.value for one in node.keywords})
    except ValueError:  # a callable of C does not tell
        return ""
    except TypeError as error:
        return f"{ast.unparse(node)}: {error}"
    return ""


@pytest.mark.parametrize("path", notebooks.paths(), ids=lambda path: path.stem)
def test_what_a_notebook_calls_takes_what_it_is_given(path):
    called = list(calls(path))
    assert len(called) > 5
    assert [told for told in (problem(*one) for one in called) if told] == []


def test_a_call_that_does_not_fit_is_noticed(tmp_path):
    def one(source):
        return ast.parse(source).body[0].value

    assert problem(one("f(1, b=2)"), lambda a, b: None) == ""
    assert "too many positional" in problem(one("f(1, 2)"), lambda a: None)
    assert "unexpected keyword argument 'c'" in problem(one("f(1, c=2)"), lambda a: None)
