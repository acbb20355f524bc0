"""Exercises that complete one line of a function."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from .exercise import Exercise
from .function import Function


@dataclass(repr=False, kw_only=True)
class Line(Function):
    """One line to complete: a function whose ``template`` has a blank, four underscores.

    Args:
        template: the function's code with ``____`` in the place of what is missing.
        line: what belongs there. What a known slip writes is text for the blank, too.
        names: what the code may use, such as ``{"np": np}``.
    """

    template: str
    line: str
    names: Mapping[str, object] = field(default_factory=lambda: {"np": np})
    reference: Callable = field(init=False)

    kind = "a line to complete"
    stub = "replace the three dots in the line and run the cell again"

    def __post_init__(self) -> None:
        self.template = textwrap.dedent(self.template).strip()
        super().__post_init__()
        self.reference = self.filled(self.line)

    def _faults(self) -> Iterator[str]:
        yield from Exercise._faults(self)
        if self.template.count("____") != 1:
            yield "`template` must have one blank, four underscores."
        for text in (self.line, *self.mistakes.values()):
            try:
                self.filled(text)
            except (SyntaxError, TypeError):
                yield f"`{text}` in the blank is no Python."

    def filled(self, text: str) -> Callable:
        """Return the template's function with ``text`` in the blank."""
        names = dict(self.names)
        code = self.template.replace("____", text)
        exec(compile(code, f"<{self.name}>", "exec"), names)
        return names[next(node.name for node in ast.parse(code).body if isinstance(node, ast.FunctionDef))]

    def usual_form(self) -> str:
        """Return where the line belongs."""
        call = f"{self.reference.__name__}({', '.join(inspect.signature(self.reference).parameters)})"
        return f"code in place of the three dots in `{call}`"

    def known_mistakes(self) -> list[tuple[str, Callable]]:
        """Return (sentence, the template's function with the slip in the blank) for each known mistake."""
        return [(says, self.filled(text)) for says, text in self.mistakes.items()]
