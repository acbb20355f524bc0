"""Functions with one slip each, made from a reference's source in memory.

cosmic-ray and mutmut swap operators as ``changes`` does, and bring 30 packages (aiohttp, SQLAlchemy …).
Neither ignores a parameter or an element, nor changes an argument in place, which is what learners do.
"""

import ast
import copy
import re

import numpy as np

OPERATORS = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add, ast.Div),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div, ast.Mod),
    ast.Mod: (ast.FloorDiv,),
    ast.MatMult: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq, ast.LtE, ast.GtE),
    ast.NotEq: (ast.Eq,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
}
NAMES = {
    "sum": ("mean", "max"),
    "mean": ("sum", "median"),
    "max": ("min", "mean"),
    "min": ("max",),
    "maximum": ("minimum", "add"),
    "minimum": ("maximum",),
    "exp": ("exp2",),
    "log": ("log10", "log2", "log1p"),
    "argmax": ("argmin",),
    "floor": ("ceil",),
    "ceil": ("floor",),
    "cos": ("sin",),
    "outer": ("multiply",),
    "stack": ("concatenate",),
    "zeros": ("ones",),
    "set": ("list",),
}


def changes(node):
    """Yield functions that change ``node`` in place, one slip each."""

    def put(field, value):
        return lambda: setattr(node, field, value)

    for other in OPERATORS.get(type(getattr(node, "op", None)), ()):
        yield put("op", other())
    if isinstance(node, ast.Compare):
        for other in OPERATORS.get(type(node.ops[0]), ()):
            yield put("ops", [other(), *node.ops[1:]])
    if isinstance(node, ast.Constant) and type(node.value) is bool:
        yield put("value", not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        others = (
            (node.value + 1, node.value - 1, 0) if isinstance(node.value, int) else (node.value * 1.01, 0.0)
        )
        yield from (put("value", other) for other in others)
    if isinstance(node, ast.Attribute):
        yield from (put("attr", other) for other in NAMES.get(node.attr, ()))
    if isinstance(node, ast.Name):
        yield from (put("id", other) for other in NAMES.get(node.id, ()))
    if isinstance(node, ast.UnaryOp):
        yield put("op", ast.UAdd())
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple):
        yield lambda: node.slice.elts.reverse()
        yield lambda: node.slice.elts.pop()
    if isinstance(node, ast.Subscript) and isinstance(node.slice, (ast.Name, ast.BinOp)):
        yield put("slice", ast.BinOp(node.slice, ast.Add(), ast.Constant(1)))
        yield put("slice", ast.BinOp(node.slice, ast.Sub(), ast.Constant(1)))
    if isinstance(node, ast.Slice):
        yield from (put(side, None) for side in ("lower", "upper", "step") if getattr(node, side))
    if isinstance(node, (ast.For, ast.comprehension)):
        for part in ("[1:]", "[:-1]"):
            taken = ast.parse(f"list(0){part}", mode="eval").body
            taken.value.args = [node.iter]
            yield put("iter", taken)
    if isinstance(node, ast.Call):
        for place in range(len(node.keywords)):
            yield put("keywords", node.keywords[:place] + node.keywords[place + 1 :])
        if len(node.args) > 1:
            yield put("args", node.args[:-1])
            if getattr(node.func, "attr", "") not in (
                "maximum",
                "minimum",
            ):  # where order makes no difference
                yield put("args", node.args[::-1])
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple) and is_shape(node.value):
        sides = ast.Subscript(node.value, ast.Constant(0), ast.Load())
        yield put("value", ast.Tuple([sides] * len(node.targets[0].elts), ast.Load()))
    if isinstance(node, ast.Return):
        yield from (put("value", value) for value in other_results(node.value))
    for field in ("body", "orelse"):
        for place, statement in enumerate(getattr(node, field, None) or () if is_block(node) else ()):
            for others in other_statements(statement):
                block = getattr(node, field)
                yield put(field, [*block[:place], *others, *block[place + 1 :]] or [ast.Pass()])
    for field, value in ast.iter_fields(node):
        if isinstance(value, ast.expr) and not isinstance(node, (ast.Call, ast.Attribute)):
            yield from (put(field, simpler) for simpler in simpler_expressions(value))


def is_shape(node):
    return isinstance(node, ast.Attribute) and node.attr == "shape"


def is_block(node):
    return isinstance(node, (ast.FunctionDef, ast.For, ast.While, ast.If))


def simpler_expressions(value):
    """Yield what is left of an expression where a part is forgotten."""
    if isinstance(value, ast.BinOp):
        yield value.left
        yield value.right
    if isinstance(value, ast.Call) and len(value.args) > 0 and not isinstance(value.args[0], ast.Starred):
        yield value.args[0]
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        yield value.func.value
    if isinstance(value, ast.BoolOp):
        yield from value.values
    if isinstance(value, ast.UnaryOp):
        yield value.operand


def other_results(value):
    if isinstance(value, ast.Tuple):
        yield ast.Tuple(value.elts[::-1], ast.Load())
        return
    yield ast.UnaryOp(ast.USub(), value)
    yield ast.BinOp(value, ast.Add(), ast.Constant(1))
    yield ast.BinOp(value, ast.Mult(), ast.Constant(2))
    for form in ("np.trunc", "np.sign"):
        yield ast.Call(ast.parse(form, mode="eval").body, [value], [])


def other_statements(statement):
    """Yield what stands in a statement's place: nothing, the body of its `if`, or the other jump."""
    if isinstance(statement, (ast.Return, ast.FunctionDef)):
        return
    yield []
    if isinstance(statement, ast.If):
        yield statement.body
    if isinstance(statement, ast.Break):
        yield [ast.Continue()]


def from_source(source, names, heads=()):
    """Yield (what was changed, function) for every one-slip change of a function's source.

    Args:
        source: of the function.
        names: its globals.
        heads: statements to put in front of its body, one at a time, such as "step = 1".
    """
    source = re.sub(r", strict=\w+", "", source)  # which only guards
    original = ast.unparse(ast.parse(source))
    seen = {original}
    count = sum(1 for node in ast.walk(defined(ast.parse(source))) for _ in changes(node))
    codes = []  # (tree, what was put in front)
    for wanted in range(count):
        tree = ast.parse(source)
        every = (change for node in ast.walk(defined(tree)) for change in changes(node))
        next(change for index, change in enumerate(every) if index == wanted)()
        codes.append((tree, ""))
    for head in heads:
        tree = ast.parse(source)
        defined(tree).body[:0] = ast.parse(head).body
        codes.append((tree, head))
    for tree, head in codes:
        code = ast.unparse(ast.fix_missing_locations(tree))
        if code in seen:
            continue
        seen.add(code)
        scope = dict(names, np=np)
        try:
            exec(compile(code, "<mutant>", "exec"), scope)
        except SyntaxError:  # a `break` in place of a loop's only statement, say
            continue
        yield head or difference(original, code), scope[defined(tree).name]


def defined(tree):
    """Return the function that is asked for; imports and what it uses stand above it."""
    return tree.body[-1]


def difference(original, code):
    """Return the first line that a mutant has and the original has not, or the one that it lacks."""
    before, after = original.split("\n"), code.split("\n")
    new = [line.strip() for line in after if line not in before and line.strip() != "pass"]
    lost = [line.strip() for line in before if line not in after]
    if new:
        return new[0]
    if lost:
        return f"without {lost[0]}"
    return next(f"again {line.strip()}" for line, old in zip(after, before, strict=False) if line != old)


# What a learner's function may do to what it is given ------------------------------------------------------


def heads(source, names, cases):
    """Yield statements that make a function blind for a parameter that it needs, or for a part of it."""
    used = {node.id for node in ast.walk(defined(ast.parse(source))) if isinstance(node, ast.Name)}
    for place, name in enumerate(names):
        values = [case[place] for case in cases]
        if name in used and not any(map(callable, values)):
            for change in ways_to_ignore(values):
                yield f"{name} = {change.replace('{}', name)}"
            yield from (f"{name} = {other}" for other in names if other != name)


def ways_to_ignore(values):
    """Yield expressions of a parameter, "{}", that lose something of it.

    Those of its size and of its decimals are tried even where they change no value: then the cases leave a
    hole, or the reason why no such value comes stands in ``equal_mutants.json``.
    """
    first = values[0]
    if isinstance(first, np.ndarray):
        yield from (
            "np.ones_like({})",
            "np.zeros_like({})",
            "{}[::-1]",
            "np.roll({}, 1)",
            "{}[:3]",
            "{}[-1:]",
        )
        yield from ("np.append(0 * {}[:1], {}[1:], axis=0)", "np.append({}[:-1], 0 * {}[-1:], axis=0)")
        if first.ndim > 1:
            yield from ("{}[:, :3]", "{}[:, ::-1]", "{}[:min({}.shape[:2]), :min({}.shape[:2])]")
        if first.dtype.kind == "f":
            yield from ("np.trunc({})", "np.round({}, 1)")
        numbers = np.concatenate([np.ravel(value) for value in values])
        yield from ("np.abs({})",) if (numbers < 0).any() else ()
        yield from ("np.minimum({}, 1)",) if (numbers > 1).any() else ()
    elif isinstance(first, (list, str)):
        yield from ("{}[:1]", "{}[:3]", "{}[1:]", "{}[:-1]", "{}[::-1]", "list(dict.fromkeys({}))")
        if isinstance(first, list) and isinstance(first[0], float):
            yield from ("[round(n, 1) for n in {}]", "[min(n, 1) for n in {}]")
    else:
        often = sorted(set(values), key=lambda value: (-values.count(value), value))
        yield from map(repr, dict.fromkeys([*often[:3], 0, 1, 2]))
        yield from ("{} + 1", "{} - 1")
        yield from ("round({}, 1)",) if isinstance(first, float) else ("min({}, 3)", "max({}, 2)")
        yield from ("abs({})",) if min(values) < 0 else ()


def in_place(reference, names, cases):
    """Yield (what is changed, function) for functions that give the right result and change an argument."""
    for place, name in enumerate(names):
        if isinstance(cases[0][place], np.ndarray):
            ways = (
                "{}[...] += 1",
                "{}.sort(axis=0)",
                "{}[:1] = 0",
                "{}.fill(0)",
                "{}[...] = {}[::-1].copy()",
            )
        elif isinstance(cases[0][place], list):
            ways = ("{}.pop()", "{}.sort()", "{}.reverse()", "{}.clear()", "{}.append({}[0])", "{}[0] = 0")
        else:
            continue
        for way in ways:
            code = way.replace("{}", name)
            if any(alters(code, name, case[place]) for case in cases):
                yield code, altering(reference, place, name, code)


def alters(code, name, value):
    scope = {name: copy.deepcopy(value)}
    try:
        exec(code, scope)
    except Exception:  # nothing to take out of an empty list
        return False
    return repr(scope[name]) != repr(value)


def altering(reference, place, name, code):
    def answer(*args):
        result = reference(*copy.deepcopy(args))
        exec(code, {name: args[place]})
        return result

    return answer
