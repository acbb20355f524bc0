"""Answers to try on an exercise: right ones in every form, the stub, garbage, and mutants of the solution."""

import ast
import copy

import numpy as np

from fanaoi_helpers.exercises.exercise import State
from fanaoi_helpers.exercises.function import Function, Line
from fanaoi_helpers.exercises.value import Value


class Hostile:
    """An object that fails wherever it is touched."""

    def _fail(self, *args, **kwargs):
        raise RuntimeError("hostile")

    __array__ = __len__ = __iter__ = __repr__ = __str__ = __eq__ = __bool__ = __getitem__ = __float__ = _fail
    __hash__ = None


class HostileCall(Hostile):
    """A callable whose shape can't even be asked for."""

    shape = property(Hostile._fail)
    __call__ = Hostile._fail


class HostileNumber(int):
    """A number that can't be written."""

    __str__ = __repr__ = __format__ = Hostile._fail


class HostileList(list):
    """A list that fails where it is looked into."""

    __len__ = __iter__ = __getitem__ = Hostile._fail


ENDLESS = [1]
ENDLESS.append(ENDLESS)

GARBAGE = {
    "None": None,
    "text": "thirty-five, I think",
    "empty list": [],
    "NaN": float("nan"),
    "ragged list": [[1, 2], [3]],
    "dots left in a list": [[..., 2], [3, 4]],
    "dict": {"a": 1},
    "set": {1, 2, 3},
    "generator": (number for number in (1, 2, 3)),
    "complex number": 1 + 2j,
    "True": True,
    "a type": list,
    "hostile object": Hostile(),
    "hostile list": HostileList([1, 2]),
    "huge number": 10**5000,
    "list in itself": ENDLESS,
    "wrong shape": np.zeros((7, 1, 3, 2)),
    "wrong dtype": np.array(["thirty", "five"]),
    "dates": np.array(["2026-01-01"], dtype="datetime64[D]"),
}


def stub(exercise):
    """Return the answers of somebody who has not touched the cell."""
    if not isinstance(exercise, Function):
        return [..., [...]]

    def returns_dots(*args):
        return ...

    def assigns_dots(*args):
        out = np.zeros(3)
        out[0] = ...
        return out

    return [returns_dots, assigns_dots]


def as_tuple(values):
    return tuple(map(as_tuple, values)) if isinstance(values, list) else values


def forms_of_array(array):
    """Return one array in every form in which a learner may give it, by name."""
    array = np.asarray(array)
    forms = {"NumPy": array}
    if array.ndim:
        forms |= {"list": array.tolist(), "tuple": as_tuple(array.tolist())}
    if array.dtype.kind != "f" or np.all(array == np.round(array)):
        whole = array.astype(np.int64)
        forms["int"] = whole.tolist() if array.ndim else int(whole)
    forms["float"] = array.astype(float).tolist() if array.ndim else float(array)
    return forms


def right_answers(exercise):
    """Return the reference's answer in all forms, by name."""
    if isinstance(exercise, Value):
        return forms_of_array(exercise._truth({}))
    if isinstance(exercise, Function):
        return {name: giving(exercise, name) for name in function_forms(exercise)}
    letters = ast.literal_eval(exercise.solution_text().split("\n")[0].split("#")[0].strip())
    return {
        "text": letters,
        "small letters": letters.lower(),
        "with blanks": " ".join(letters),
        "list": list(letters),
        "tuple": tuple(letters),
        "NumPy": np.array(list(letters)),
    }


def right_tensor(exercise):
    """Return the reference's answer as TensorFlow has it; a function's results, where a function is asked."""
    import tensorflow as tf  # takes seconds: nothing else here waits for it

    if not isinstance(exercise, Function):
        form = "text" if "text" in right_answers(exercise) else "NumPy"
        return tf.constant(right_answers(exercise)[form])

    def answer(*args):
        result = exercise.reference(*args)
        return tuple(map(tf.constant, result)) if isinstance(result, tuple) else tf.constant(result)

    return answer


def results(exercise):
    """Return what the oracle says, as tuples of arrays, for every case."""
    truths = [exercise.oracle(*case) for case in exercise.drawn()]
    return [tuple(map(np.asarray, truth if isinstance(truth, tuple) else (truth,))) for truth in truths]


def function_forms(exercise):
    if exercise.dtype is not None:
        return ["NumPy"]
    forms = ["NumPy", "float"]
    arrays = [array for result in results(exercise) for array in result]
    if all(array.ndim for array in arrays):
        forms += ["list", "tuple"]
    if all(np.all(array == np.round(array)) for array in arrays):
        forms.append("int")
    return forms


def giving(exercise, form):
    """Return the reference, with its results in another form."""

    def answer(*args):
        result = exercise.reference(*args)
        if isinstance(result, tuple):
            return tuple(forms_of_array(part)[form] for part in result)
        return forms_of_array(result)[form]

    return answer


# Mutants ---------------------------------------------------------------------------------------------------

SWAPS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
    ast.MatMult: ast.Mult,
    ast.Pow: ast.Mult,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
NAMES = {
    **{"sum": "mean", "mean": "sum", "max": "min", "min": "max", "maximum": "minimum", "minimum": "maximum"},
    **{
        "exp": "exp2",
        "log": "log10",
        "argmax": "argmin",
        "floor": "ceil",
        "ceil": "floor",
        "abs": "negative",
    },
    **{"convolve2d": "conv_layer", "relu": "tanh", "sigmoid": "tanh", "zeros": "ones", "zip": "max"},
}


def mutations(node):
    """Yield functions that change ``node`` in place, one slip each."""
    swapped = SWAPS.get(type(getattr(node, "op", None)))
    if swapped:
        yield lambda: setattr(node, "op", swapped())
    if isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
        yield lambda: node.ops.__setitem__(0, SWAPS[type(node.ops[0])]())
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield lambda: setattr(node, "value", node.value + 1)
        yield lambda: setattr(node, "value", node.value - 1)
    if isinstance(node, ast.Constant) and type(node.value) is bool:
        yield lambda: setattr(node, "value", not node.value)
    if isinstance(node, ast.Attribute) and node.attr in NAMES:
        yield lambda: setattr(node, "attr", NAMES[node.attr])
    if isinstance(node, ast.Name) and node.id in NAMES:
        yield lambda: setattr(node, "id", NAMES[node.id])
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield lambda: setattr(node, "op", ast.UAdd())
    if isinstance(node, ast.Call) and node.keywords:
        yield lambda: node.keywords.pop()
    if isinstance(node, ast.Call) and len(node.args) > 1:
        yield lambda: node.args.reverse()
    if isinstance(node, ast.BinOp):
        yield lambda: setattr(node, "right", node.left)
        yield lambda: setattr(node, "left", node.right)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple):
        yield lambda: node.slice.elts.reverse()
        yield lambda: node.slice.elts.pop()
    if isinstance(node, ast.Slice):
        for side in ("lower", "upper", "step"):
            if getattr(node, side) is not None:
                yield lambda side=side: setattr(node, side, None)
    if isinstance(node, ast.Return) and node.value is not None:
        one, two = ast.Constant(1), ast.Constant(2)
        yield lambda: setattr(node, "value", ast.UnaryOp(ast.USub(), node.value))
        yield lambda: setattr(node, "value", ast.BinOp(node.value, ast.Add(), one))
        yield lambda: setattr(node, "value", ast.BinOp(node.value, ast.Mult(), two))
    if isinstance(node, ast.FunctionDef) and node.args.args:
        first = ast.Name(node.args.args[0].arg, ast.Load())
        yield lambda: setattr(node, "body", [ast.Return(first)])


def mutants(exercise):
    """Yield (source, function) for every one-slip mutant of a function exercise's solution."""
    source = exercise.solution_text()
    count = sum(1 for node in ast.walk(ast.parse(source)) for _ in mutations(node))
    for wanted in range(count):
        tree = ast.parse(source)
        changes = (change for node in ast.walk(tree) for change in mutations(node))
        next(change for index, change in enumerate(changes) if index == wanted)()
        names = dict(exercise.names if isinstance(exercise, Line) else exercise.reference.__globals__)
        code = ast.unparse(ast.fix_missing_locations(tree))
        exec(compile(code, "<mutant>", "exec"), names)
        yield code, names[tree.body[-1].name]


def differs(exercise, function):
    """Tell whether a mutant gives another result than the oracle on inputs that the judge has not drawn."""
    rng = np.random.default_rng(1_000)
    several = isinstance(exercise.oracle(*exercise.cases(np.random.default_rng(0))), tuple)
    for _ in range(60):
        case = exercise.cases(rng)
        got = exercise._run(function, copy.deepcopy(case), several)
        if not exercise._same(got, exercise._run(exercise.oracle, case, several)):
            return True
    return False


def mutant_verdicts(exercise):
    """Return (mutants that differ from the truth, those of them that the judge lets pass)."""
    wrong = [(code, function) for code, function in mutants(exercise) if differs(exercise, function)]
    passed = [code for code, function in wrong if exercise.judge(function).state is State.RIGHT]
    return wrong, passed


def run_solution(exercise, names):
    """Run what ``solution()`` shows where a notebook holds ``names``; return the value of its last line."""
    *steps, last = ast.parse(exercise.solution_text()).body
    exec(compile(ast.Module(steps, []), "<solution>", "exec"), names)
    if isinstance(last, ast.Expr):
        return eval(compile(ast.Expression(last.value), "<solution>", "eval"), names)
    exec(compile(ast.Module([last], []), "<solution>", "exec"), names)
    return names[last.name]
