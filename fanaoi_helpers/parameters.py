"""What a notebook can be told, declared once: a line for each parameter in its cell tagged ``parameters``.

::

    units = 2000  # 10 to 100,000: fans on the simulated line, half of them NG
    padding = "same"  # "same" or "valid": of the same convolution
    image_size = 80  # 16 to photo_size: side of what the CNN gets, in pixels

A name, its default, what it may be, and what it is. papermill and ``fanaoi run`` put other values in its
place; the notebook's next cell holds them against this line, and ``fanaoi list 05`` shows it.
"""

from __future__ import annotations

import ast
import importlib
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import errors, notebooks, terminal
from .errors import WorkbookError

Plain = int | float | bool | str

TRUE, FALSE = ("true", "yes", "1"), ("false", "no", "0")
KINDS = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}
TEXT, SWITCH = "text", "True or False"
# What may stand in front of the colon. "one of fans.DEFECTS" is a list that the package has.
RANGE = re.compile(rf'({TEXT}|{SWITCH}|one of \w+\.\w+|-?\d\S* to \S+|"[^"]*"(?:(?:, | or )"[^"]*")+): (.+)')


@dataclass(frozen=True)
class Parameter:
    """One line of a notebook's parameters cell."""

    name: str
    default: Plain  # its type is the parameter's
    range: str  # what it may be, as the line says it; "" where it does not, as in somebody else's notebook
    what: str  # what it is

    def convert(self, value: Any) -> Any:
        """Return ``value``, a word from the command line, in the parameter's type; another value as it is.

        >>> Parameter("learning_rate", 0.1, "", "").convert("1e-3")
        0.001
        >>> Parameter("epochs", 10, "", "").convert("four")
        Traceback (most recent call last):
        fanaoi_helpers.errors.WorkbookError: epochs is 'four', but it must be a whole number, for instance 10.
        """
        kind = type(self.default)
        if isinstance(value, str) and any(unicodedata.category(letter) in ("Cc", "Cs") for letter in value):
            raise WorkbookError(
                f"{self.name} is {value!r:.80}, but it must be plain text: a notebook can't hold that."
            )
        if not isinstance(value, str) or kind is str:
            return value
        if kind is bool and value.lower() in TRUE + FALSE:
            return value.lower() in TRUE
        if kind in (int, float):
            try:
                return kind(value)
            except ValueError:
                pass
        raise WorkbookError(
            f"{self.name} is {value!r}, but it must be {KINDS[kind]}, for instance {self.default!r}."
        )

    def check(self, value: Any, others: Mapping[str, Any]) -> Plain:
        """Return ``value`` as a plain number, text or bool of the parameter's range, or refuse it by name.

        ``others`` are those above it, checked, for a range that names one of them.

        >>> Parameter("image_size", 80, "16 to photo_size", "side").check(40.0, {"photo_size": 64})
        40
        >>> Parameter("image_size", 80, "16 to photo_size", "side").check(80, {"photo_size": 64})
        Traceback (most recent call last):
        fanaoi_helpers.errors.WorkbookError: image_size is 80, but it must be a whole number from 16 to 64.
        """
        kind = type(self.default)
        if not self.range:
            return value
        if kind is bool:
            if type(value) is not bool:
                raise WorkbookError(f"{self.name} is {value!r}, but it must be True or False.")
            return value
        if kind is str and self.range == TEXT:
            return errors.text(self.name, value).strip()
        if kind is str:
            # papermill's own command line makes a number of -p go_is 0.
            word = str(value) if type(value) is int else value
            return str(errors.one_of(self.name, word, self.choices()))
        low, high = (
            others[bound] if bound in others else kind(bound.replace(",", ""))
            for bound in self.range.split(" to ")
        )
        checker = errors.whole_number if kind is int else errors.number
        return checker(self.name, value, low, high)

    def says(self) -> str:
        """Return the range as a person reads it."""
        return ", ".join(self.choices()) if self.range.startswith("one of ") else self.range

    def choices(self) -> Collection[str]:
        """Return the texts that the range lists; none where it lists none."""
        if self.range.startswith("one of "):
            module, name = self.range.removeprefix("one of ").split(".")
            return getattr(importlib.import_module(f"{__package__}.{module}"), name)
        return re.findall('"([^"]*)"', self.range)


def declared(path: Path, names: Collection[str] = ()) -> dict[str, Parameter]:
    """Return the parameters of the notebook at ``path``, in its order; each of ``names`` must be one."""
    cells = [cell for cell in notebooks.read(path)["cells"] if notebooks.tagged(cell, "parameters")]
    known = {parameter.name: parameter for cell in cells for parameter in parsed(cell["source"])}
    for name in names:
        if name not in known:
            listed = ", ".join(known) or "none"
            raise WorkbookError(f"{path.stem} has no parameter {name!r}; its parameters are {listed}.")
    return known


def assignments(source: str) -> dict[str, ast.Assign]:
    """Return the statements of a cell's code that give a name a value, by name."""
    statements = [statement for statement in ast.parse(source).body if isinstance(statement, ast.Assign)]
    return {each.targets[0].id: each for each in statements if isinstance(each.targets[0], ast.Name)}


def parsed(source: str) -> list[Parameter]:
    """Return the parameters in the code of a parameters cell; what is no plain value is none.

    >>> parsed("seed = 0  # 0 to 99: of the fans")
    [Parameter(name='seed', default=0, range='0 to 99', what='of the fans')]
    """
    lines = source.encode().split(b"\n")  # syntax trees count bytes
    parameters = []
    for name, statement in assignments(source).items():
        try:
            default = ast.literal_eval(statement.value)
        except ValueError:  # it is computed
            continue
        if type(default) not in KINDS:
            continue
        comment = lines[statement.end_lineno - 1][statement.end_col_offset :].decode().strip("# ")
        ranged = RANGE.fullmatch(comment)
        values, what = ranged.groups() if ranged else ("", comment)
        parameters.append(Parameter(name, default, values, what))
    return parameters


def table(path: Path) -> str:
    """Return what the notebook at ``path`` can be told as lines for a terminal."""
    from rich.table import Table

    rows = Table(box=None, pad_edge=False, header_style="", padding=(0, 2, 0, 0))
    for title in ("parameter", "default", "may be", "what it is"):
        rows.add_column(title)
    for parameter in declared(path).values():
        default = f'"{parameter.default}"' if isinstance(parameter.default, str) else str(parameter.default)
        rows.add_row(parameter.name, default, parameter.says(), parameter.what)
    page = terminal.page()
    page.print(rows)
    return terminal.text(page)


def checked(path: Path, given: Mapping[str, Any]) -> dict[str, Plain]:
    """Return the parameters of the notebook at ``path``, the default of each that was not ``given``."""
    values = {}
    for name, parameter in declared(path, given).items():
        values[name] = parameter.check(given.get(name, parameter.default), values)
    return values


def check_parameters(number: str, variables: dict[str, Any]) -> dict[str, Plain]:
    """Check what a notebook was told, before it does any work, and return it by name.

    Each is kept in the notebook as a plain number, text or bool: ``units = 10.0``, as JSON or pandas may give
    it, becomes 10. Refused is one that is out of its range, or that the notebook does not have.

    ``variables`` are the notebook's own, ``globals()``.
    """
    path = notebooks.find(number)
    # What the cell that papermill puts in sets is meant for the notebook, be it a parameter or a slip.
    injected = [cell for cell in variables.get("In", []) if cell.startswith("# Parameters\n")]
    names = {name for cell in injected for name in assignments(cell)} | declared(path).keys()
    values = checked(path, {name: variables[name] for name in names if name in variables})
    variables.update(values)
    return values
