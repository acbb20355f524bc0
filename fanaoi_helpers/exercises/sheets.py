"""The exercises of a notebook, as a sheet of Markdown declares them: words and code of each in one place.

A sheet is a file such as ``02_convolution.md``; :class:`Sheet` shows a small one. A notebook imports as
``ex`` what it declares. Behind the name stand the kind (value, function, line, choice, order), minutes and
difficulty, and where they are wanted ``prediction``, ``tolerance 0.01``, ``decimals 2``, ``about``, ``dtype
uint8``. Each bullet begins with what somebody may answer, and goes on with what is said to that. The numbered
list is the hints, the quotation what to take along. A paragraph such as "Answer: one number, in minutes" says
the form, where the kind does not; ``hides caught`` behind the name keeps an input out of the question. Lists
called rows and columns, one name a line, make a value a table of yes and no. Python without a role is shared
by all that stands below it.
"""

import ast
import linecache
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import MISSING, dataclass, field, fields
from functools import partial
from pathlib import Path
from types import CodeType

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from ..errors import WorkbookError
from .calling import parameters
from .cases import written
from .choosing import Choice, Order, Right
from .exercise import Exercise
from .function import Function, Line
from .lesson import Lesson
from .value import Value

KINDS = {"value": Value, "function": Function, "line": Line, "choice": Choice, "order": Order}
HEADING = re.compile(r"(\w+): (\w+), (\d+) minutes?, difficulty (\d+)((?:, [^,]+)*)")
FORM = "Answer: "
RULE = re.compile(r"(\d+) before (\d+)")


@dataclass
class Draft:
    """What stands under the heading of an exercise."""

    asks: list[str] = field(default_factory=list)
    answers: list[tuple[str, str]] = field(default_factory=list)  # each with what is said to it
    hints: list[str] = field(default_factory=list)
    why: list[str] = field(default_factory=list)
    form: str = ""
    code: dict[str, str] = field(default_factory=dict)  # by its role


def read(path: Path) -> Lesson:
    """Return the lesson that a sheet declares; number and name are those of its file, such as 03_losses.md.

    Raises:
        WorkbookError: it declares an exercise wrongly; the message names it.
    """
    number, _, name = path.stem.partition("_")
    sheet = Sheet(path.read_text(encoding="utf-8"), path.name)
    return Lesson(number, name, sheet.title, sheet.exercises, sheet.names)


class Sheet:
    """The exercises in the Markdown ``text``, and the names that their code shares.

    >>> sheet = Sheet('''# Sums
    ... ## total: value, 1 minute, difficulty 1
    ... What is the sum of `a` and `b`?
    ... ```python given
    ... a, b = 2, 3
    ... ```
    ... ```python solution
    ... a + b
    ... ```
    ... - `a * b`
    ...   You multiplied.
    ... - `23`
    ...   You wrote them beside each other.
    ... - `3 - 2`
    ...   You took away.
    ...
    ... 1. Count on from 2.
    ...
    ... > Adding is counting on.
    ... ''')
    >>> sheet.exercises["total"].judge(6).says
    'You multiplied.'
    """

    def __init__(self, text: str, name: str = "sheet") -> None:
        self.name = name
        self.names: dict[str, object] = {}
        self.shared: list[ast.stmt] = []  # the code without a role, statement by statement
        self.exercises: dict[str, Exercise] = {}
        self.title = ""
        for heading, draft in self._drafts(SyntaxTreeNode(MarkdownIt().parse(text))):
            self._declare(heading, draft)

    def _drafts(self, page: SyntaxTreeNode) -> Iterator[tuple[str, Draft]]:
        """Yield the heading of each exercise, and what stands under it."""
        heading, draft = "", Draft()
        for node in page.children:
            if node.type == "heading" and node.tag == "h1":
                self.title = _text(node)
            elif node.type == "heading" and node.tag == "h2":
                if heading:
                    yield heading, draft
                heading, draft = _text(node), Draft()
            elif node.type == "fence" and node.info == "python":
                self._run(node.content)
            elif node.type == "fence":
                draft.code[node.info.removeprefix("python ")] = node.content.rstrip()
            elif node.type == "paragraph" and _text(node).startswith(FORM):
                draft.form = _text(node).removeprefix(FORM)
            elif node.type == "paragraph":
                draft.asks.append(_text(node))
            elif node.type == "bullet_list":
                draft.answers += map(_answer, node.children)
            elif node.type == "ordered_list":
                draft.hints += [" ".join(map(_text, item.children)) for item in node.children]
            elif node.type == "blockquote":
                draft.why += map(_text, node.children)
            else:
                where = f"{self.name}, {heading or 'its head'}"
                raise WorkbookError(f"{where}: a {node.type} means nothing there.")
        if heading:
            yield heading, draft

    def _run(self, code: str) -> None:
        """Run code without a role: what it defines is known to all code below, in notebooks as ex.NAME."""
        exec(self._compiled(code), self.names)
        self.shared += ast.parse(code).body

    def _compiled(self, code: str | ast.Module) -> CodeType:
        """Compile code so that its source can be shown, and an error in it names its line."""
        text = code if isinstance(code, str) else ast.unparse(ast.fix_missing_locations(code))
        place = f"<{self.name} {hash(text) % 10**10}>"
        linecache.cache[place] = (len(text), None, text.splitlines(keepends=True), place)
        return compile(text, place, "exec")

    def _declare(self, heading: str, draft: Draft) -> None:
        if not (head := HEADING.fullmatch(heading)) or head[2] not in KINDS:
            such = f"as “total: value, 2 minutes, difficulty 1” is, and the kind one of {', '.join(KINDS)}."
            raise WorkbookError(f"{self.name}: the heading “{heading}” must be {such}")
        name, kind = head[1], KINDS[head[2]]
        if name in self.exercises:
            raise WorkbookError(f"There are two exercises named {name}: each is asked for by its name.")
        declared = {
            "minutes": int(head[3]),
            "difficulty": int(head[4]),
            **dict(map(_option, filter(None, head[5].split(", ")))),
            "asks": "\n".join(draft.asks),
            "form": draft.form,
            "hints": draft.hints,
            "why": "\n".join(draft.why),
        }
        try:
            declared |= getattr(self, f"_as_{head[2]}")(name, draft)
        except Exception as error:
            why = f"{type(error).__name__}: {error}"
            raise WorkbookError(f"Exercise {name} can't be declared like this ({why}).") from error
        known = {field.name: field for field in fields(kind) if field.init and field.name != "name"}
        needed = [field.name for field in known.values() if field.default is field.default_factory is MISSING]
        unknown = [keyword for keyword in declared if keyword not in known]
        lacking = [keyword for keyword in needed if not declared.get(keyword)]
        if unknown or lacking:
            problem = "does not know" if unknown else "lacks"
            raise WorkbookError(f"Exercise {name} {problem} {', '.join(unknown or lacking)}.")
        self.exercises[name] = kind(name, **declared)

    # What the sections of each kind declare.

    def _as_value(self, name: str, draft: Draft) -> dict:
        code = draft.code
        setting = code.get("given", "")
        space = dict(self.names)
        exec(self._compiled(setting), space)
        given = {known: space[known] for known in _names(setting, ast.Store)}

        def answer(text: str) -> Callable:
            return self._callable(name, text, [known for known in given if known in _names(text, ast.Load)])

        self.names[name] = reference = answer(code["solution"])
        return {
            "given": given,
            "reference": reference,
            "mistakes": {says: answer(_code(text)) for text, says in draft.answers},
            **{part: code[part].splitlines() for part in ("rows", "columns") if part in code},
            "shown": self._standing_alone(f"{setting}\n{code['solution']}".strip()),
        }

    def _as_function(self, name: str, draft: Draft) -> dict:
        if not draft.form:
            raise ValueError("“Answer: …” must say what it returns")
        self.names[name] = reference = self._callable(name, draft.code["solution"], [])
        slip = partial(self._callable, name, parameters=(names := parameters(reference)))
        form = f"a function that takes `({', '.join(names)})` and returns {draft.form}"
        return self._judged(name, draft, reference, draft.code["solution"], slip) | {"form": form}

    def _as_line(self, name: str, draft: Draft) -> dict:
        template, solution = draft.code["template"], draft.code["solution"]
        if template.count("____") != 1:
            raise ValueError("`template` must have one blank, four underscores")

        def filled(line: str) -> Callable:
            return self._callable(name, template.replace("____", line), [])

        return self._judged(name, draft, filled(solution), template.replace("____", solution), filled)

    def _judged(
        self, name: str, draft: Draft, reference: Callable, shown: str, slip: Callable[[str], Callable]
    ) -> dict:
        """Return what a function is judged by: its oracle, what it is tried on, and the known slips.

        Cases name a Hypothesis strategy for each parameter, or define ``cases``, a strategy of argument
        tuples, where one argument depends on another. Corners are calls of the function, a line each.
        """
        code, names = draft.code, parameters(reference)
        calls = [ast.Tuple(line.value.args, ast.Load()) for line in ast.parse(code.get("corners", "")).body]
        return {
            "reference": reference,
            "mistakes": {says: slip(_code(text)) for text, says in draft.answers},
            "shown": self._standing_alone(shown),
            "oracle": self._callable(name, code["oracle"], names),
            "cases": partial(written, self._compiled(code["cases"]), self.names, names),
            "corners": [eval(ast.unparse(call), self.names) for call in calls],
        }

    def _as_choice(self, name: str, draft: Draft) -> dict:
        options = [(_ticked(option), says) for option, says in draft.answers]
        return {"options": {text: Right(says) if right else says for (right, text), says in options}}

    def _as_order(self, name: str, draft: Draft) -> dict:
        rules = {RULE.fullmatch(answer): says for answer, says in draft.answers if RULE.fullmatch(answer)}
        return {
            "lines": draft.code.get("words", draft.code.get("lines", "")).splitlines(),
            "code": "lines" in draft.code,
            "rules": {(int(rule[1]) - 1, int(rule[2]) - 1): says for rule, says in rules.items()},
            "extra": {_code(line): says for line, says in draft.answers if not RULE.fullmatch(line)},
        }

    def _callable(self, name: str, code: str, parameters: Sequence[str]) -> Callable:
        """Return code as a function: its last one, or one of ``parameters`` that gives its last line."""
        *steps, last = ast.parse(code).body
        own: dict[str, object] = {}
        if isinstance(last, ast.FunctionDef):
            exec(self._compiled(code), self.names, own)
            return own[last.name]
        (function,) = (tree := ast.parse(f"def {name}({', '.join(parameters)}): pass")).body
        function.body = [*steps, ast.Return(last.value)]
        exec(self._compiled(tree), self.names, own)
        return own[name]

    def _standing_alone(self, code: str) -> str:
        """Return ``code`` below the shared lines that it needs, as it runs in an empty notebook."""
        needed: list[ast.stmt] = []
        wanted = _names(code, ast.Load)
        for statement in reversed(self.shared):
            if _bound(statement) & set(wanted):
                needed.insert(0, statement)
                wanted += _names(ast.unparse(statement), ast.Load)
        return "\n".join([*map(ast.unparse, needed), code])


def _names(code: str, context: type[ast.expr_context]) -> list[str]:
    """Return the names that code reads (ast.Load) or binds (ast.Store), each once, in their order."""
    nodes = (node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name))
    return list(dict.fromkeys(node.id for node in nodes if isinstance(node.ctx, context)))


def _bound(statement: ast.stmt) -> set[str]:
    """Return the names that a statement of the sheet's shared code defines."""
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return {statement.name}
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return {(alias.asname or alias.name).partition(".")[0] for alias in statement.names}
    return set(_names(ast.unparse(statement), ast.Store))


def _text(node: SyntaxTreeNode) -> str:
    """Return the words of a heading or a paragraph in one line, as they are written."""
    return " ".join(node.children[0].content.split("\n"))


def _answer(item: SyntaxTreeNode) -> tuple[str, str]:
    """Return what a bullet begins with, its first line or code, and the words after that."""
    first, *others = item.children
    if first.type == "fence":
        return first.content, " ".join(map(_text, others))
    answer, *words = first.children[0].content.split("\n")
    return answer, " ".join([*words, *map(_text, others)])


def _code(line: str) -> str:
    """Return a line without the backticks around all of it."""
    span = re.fullmatch(r"`([^`]+)`", line)
    return span[1] if span else line


def _ticked(option: str) -> tuple[bool, str]:
    """Return whether an option is ticked as the right one, and its words."""
    box = re.fullmatch(r"\[([ x])\] (.+)", option)
    return box[1] == "x", box[2]


def _option(written: str) -> tuple[str, object]:
    """Return what the heading says of an exercise besides kind and time: "prediction", "tolerance 0.01"."""
    name, _, value = written.partition(" ")
    try:
        return name, ast.literal_eval(value or "True")
    except ValueError:
        return name, value
