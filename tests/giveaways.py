"""Where a notebook tells an answer before it is asked for, as far as a program can see it.

What a learner sees of a lesson is its code, but for folded cells, and above a question what its cells print.
"""

import ast
import copy
import re
from collections.abc import Iterator

import lint

from fanaoi_helpers.exercises.exercise import Exercise
from fanaoi_helpers.exercises.function import Function
from fanaoi_helpers.exercises.value import Value
from fanaoi_helpers.learner.folding import folds

SAME = 1e-9  # relative: numbers that far apart are the same one
OPERATIONS = (ast.BinOp, ast.Call, ast.Compare, ast.Subscript, ast.UnaryOp, ast.comprehension)
OPERATIONS += (ast.AugAssign, ast.List)
MANY = 4  # numbers that do not stand in one order by chance, however small they are
FEWEST_OPERATIONS = 2  # of an expression that one solution and one other cell may share by chance
TELLING_OPERATIONS = 3  # of one that they don't; two small ones tell, too


def giveaways(notebook: dict, exercises: dict[str, Exercise]) -> Iterator[str]:
    """Yield a sentence for each visible cell that holds or tells an exercise's answer where it must not.

    That is anywhere above the cell that asks, and below it as far as the next heading. And for each question
    that can't be seen itself.

    Args:
        notebook: JSON, as stored.
        exercises: those that it asks, by name.
    """
    cells, folded = notebook["cells"], folds(notebook)
    places = asked_at(cells)
    for name, exercise in exercises.items():
        if name not in places:
            continue
        place = places[name]
        if cells[place]["id"] in folded:
            yield f"its question {name} is folded: it must not be tagged answer"
        below = next((i for i in range(place + 1, len(cells)) if begins_section(cells[i])), len(cells))
        for number, cell in enumerate(cells[:below]):
            where = "above" if number < place else "below"
            first = f"its cell {lint.first_line(cell)}, {where} the question {name},"
            is_code = cell["cell_type"] == "code"
            if is_code and number != place and cell["id"] not in folded and holds(cell["source"], exercise):
                yield f"{first} holds the answer in its code: tag it answer"
            if number < place and tells(lint.texts_of(cell) if is_code else cell["source"], exercise):
                yield f"{first} tells the answer: ask before, or ask something else"


def asked_at(cells: list[dict]) -> dict[str, int]:
    """Return the number of the first cell that asks an exercise, by the exercise's name."""
    places = {}
    for number, cell in enumerate(cells):
        if cell["cell_type"] == "code":
            for name in re.findall(r"^ex\.(\w+)\.(?:check|predict)\(", cell["source"], re.MULTILINE):
                places.setdefault(name, number)
    return places


def begins_section(cell: dict) -> bool:
    return cell["cell_type"] == "markdown" and re.search("^##+ ", cell["source"], re.MULTILINE) is not None


def holds(source: str, exercise: Exercise) -> bool:
    """Tell whether code holds an exercise's answer: the number, or the expression that is to be written."""
    tree = lint.tree({"source": source})
    if isinstance(exercise, Value):
        return any(contains(constants(tree), row) for row in telling_numbers(exercise))
    if isinstance(exercise, Function):
        shared = {name: count for name, count in of_solution(exercise).items() if name in expressions(tree)}
        return len(shared) >= 2 or max(shared.values(), default=0) >= TELLING_OPERATIONS
    return False


def tells(text: str, exercise: Exercise) -> bool:
    """Tell whether a line of a cell's output or prose holds an exercise's answer."""
    if not isinstance(exercise, Value):
        return False
    lines = re.sub(r"<[^>]+>", " ", text).splitlines()
    shown = [[float(one) for one in lint.numbers(line)] for line in lines]
    return any(contains(line, row) for line in shown for row in telling_numbers(exercise))


def telling_numbers(exercise: Value) -> list[list[float]]:
    """Return what of an answer nothing else has by chance: all its numbers in a row, and each long one."""
    known = set(lint.numbers(exercise.asks))
    written = lint.numbers(exercise.truth_text())
    digits = {one: 0 if one in known else len(one.replace(".", "").strip("0")) for one in written}
    by_no_chance = sum(digits.values()) >= 3 or len(written) >= MANY and len(set(written)) > 1
    whole = [written] if by_no_chance else []
    return [[float(one) for one in row] for row in whole + [[one] for one in written if digits[one] >= 4]]


def contains(found: list[float], wanted: list[float]) -> bool:
    """Tell whether ``wanted`` stand in ``found``, one behind the other."""
    size = len(wanted)
    return any(
        all(abs(a - b) <= SAME * abs(b) for a, b in zip(found[at : at + size], wanted, strict=True))
        for at in range(len(found) - size + 1)
    )


def constants(tree: ast.AST) -> list[float]:
    """Return the numbers in code, in order; arithmetic on numbers alone counts as what comes out."""
    found = []

    def visit(node: ast.AST) -> None:
        value = arithmetic(node)
        if value is not None:
            found.append(value)
        else:
            for child in ast.iter_child_nodes(node):
                visit(child)

    visit(tree)
    return found


def arithmetic(node: ast.AST) -> float | None:
    """Return the value of an expression that holds numbers and arithmetic alone, else None."""
    allowed = (ast.BinOp, ast.UnaryOp, ast.Constant, ast.operator, ast.unaryop)
    if not isinstance(node, ast.expr) or not all(isinstance(one, allowed) for one in ast.walk(node)):
        return None
    try:
        value = eval(compile(ast.Expression(node), "a lesson", "eval"), {"__builtins__": {}})
        return None if isinstance(value, (bool, str, bytes, complex)) else float(value)
    except (ArithmeticError, TypeError, ValueError):
        return None


def of_solution(exercise: Function) -> dict[str, int]:
    """Return what a solution computes, one text for each statement, with its number of operations."""
    nodes = list(ast.walk(ast.parse(exercise.solution_text())))
    parts = [node.value for node in nodes if isinstance(node, (ast.Return, ast.Assign))]
    parts += [node for node in nodes if isinstance(node, ast.AugAssign)]
    counted = {nameless(part): operations(part) for part in parts if part is not None}
    return {name: count for name, count in counted.items() if count >= FEWEST_OPERATIONS}


def operations(node: ast.AST) -> int:
    return sum(isinstance(one, OPERATIONS) for one in ast.walk(node))


def expressions(tree: ast.AST) -> set[str]:
    return {nameless(node) for node in ast.walk(tree) if isinstance(node, (ast.expr, ast.AugAssign))}


def nameless(node: ast.AST) -> str:
    """Return an expression as text in which all variables have one name, and zip() is not strict."""
    node = copy.deepcopy(node)
    for one in ast.walk(node):
        if isinstance(one, ast.Name):
            one.id = "_"
        elif isinstance(one, ast.Call):
            one.keywords = [word for word in one.keywords if word.arg != "strict"]
    return ast.unparse(node)
