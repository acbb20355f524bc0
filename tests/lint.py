"""What a stored notebook must be like: one rule a function; each yields a sentence for every violation."""

import ast
import io
import json
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import prose
from IPython.core.inputtransformer2 import TransformerManager

from fanaoi_helpers import notebooks, runs
from fanaoi_helpers.parameters import SWITCH, parsed

LARGEST = 1_500_000  # bytes
MOST_WORDS = 120
MOST_LINES = 20
MOST_COLUMNS = 78  # what JupyterLab shows of a line in a window 800 pixels wide
WIDGET = "application/vnd.jupyter.widget-view+json"
# A folder of somebody's machine, not part of an address such as https://example.org/home/.
MACHINE_PATH = re.compile(
    r"(?<![\w.:/~-])/(?:home|Users|root|tmp|work|mnt|var|opt|private)/\w+|\b[A-Z]:\\+(?:Users|Windows|Temp|work)|file:///",
    re.IGNORECASE,
)


def problems(path: Path) -> list[str]:
    """Return everything that is wrong with the notebook at ``path``."""
    notebook = notebooks.read(path)
    return [f"{path.name}: {found}" for rule in RULES for found in rule(notebook, path)]


def cells(notebook: dict, kind: str) -> list[dict]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == kind]


def first_line(cell: dict) -> str:
    return repr(cell["source"].strip().split("\n")[0][:60])


def tree(cell: dict) -> ast.Module:
    """Parse a code cell, its magics included."""
    return ast.parse(TransformerManager().transform_cell(cell["source"]))


def without_fences(source: str) -> str:
    return re.sub(r"^(```|~~~).*?^\1", "", source, flags=re.MULTILINE | re.DOTALL)


def title(notebook: dict, path: Path) -> Iterator[str]:
    """One H1, in the first cell, which says what one will be able to do, and how long it takes."""
    text = "\n".join(without_fences(cell["source"]) for cell in cells(notebook, "markdown"))
    headings = re.findall(r"^# .+|^<h1", text, re.MULTILINE)
    if len(headings) != 1:
        yield f"it has {len(headings)} H1 headings, not one"
    first = notebook["cells"][0]
    if first["cell_type"] != "markdown" or not first["source"].startswith("# "):
        yield "its first cell is no title"
    for words in ("**You will be able to**", " minutes"):
        if words not in first["source"]:
            yield f"its first cell lacks {words!r}"


def badge(notebook: dict, path: Path) -> Iterator[str]:
    """The badge opens this very file at the workbook's one address."""
    wanted = f"[![Open in Colab](../assets/colab-badge.svg)]({runs.badge_url(path)})"
    if notebook["cells"][0]["source"].count(wanted) != 1:
        yield f"its first cell lacks the badge {wanted}"


def setup(notebook: dict, path: Path) -> Iterator[str]:
    """The second cell is the setup cell as it is in assets/."""
    found = [index for index, cell in enumerate(notebook["cells"]) if notebooks.tagged(cell, "setup")]
    if found != [1]:
        yield f"cells {found} are tagged 'setup', not the second one alone"
    elif notebook["cells"][1]["source"] != runs.setup_source():
        yield "its setup cell is not that of assets/setup_cell.py: run fanaoi store"


def parameters(notebook: dict, path: Path) -> Iterator[str]:
    """The third cell, and no other, holds the parameters: plain scalars, each with its range and a word."""
    found = [index for index, cell in enumerate(notebook["cells"]) if notebooks.tagged(cell, "parameters")]
    if found != [2]:
        yield f"cells {found} are tagged 'parameters', not the third one alone"
        return
    for statement in tree(notebook["cells"][2]).body:
        plain = isinstance(statement, ast.Assign) and [type(t) for t in statement.targets] == [ast.Name]
        try:
            plain = plain and type(ast.literal_eval(statement.value)) in (int, float, bool, str)
        except ValueError:
            plain = False
        if not plain:
            yield f"its parameters cell holds {ast.unparse(statement)!r}, no plain value"
            return
    values = {}
    for parameter in parsed(notebook["cells"][2]["source"]):
        if not parameter.range or (type(parameter.default) is bool) != (parameter.range == SWITCH):
            yield f"its parameter {parameter.name} does not say what it may be, as in '# 1 to 9: what it is'"
            continue
        try:
            values[parameter.name] = parameter.check(parameter.default, values)
        except ValueError as error:  # WorkbookError is one
            yield f"the default of its parameter {parameter.name} is none that it may be: {error}"


def checked(notebook: dict, path: Path) -> Iterator[str]:
    """One of the next two cells of code checks the parameters, of this notebook and no other."""
    wanted = f'settings = check_parameters("{path.name[:2]}", globals())'
    places = [
        place
        for place, cell in enumerate(cells(notebook, "code"))
        for line in cell["source"].split("\n")
        if line == wanted
    ]
    if places not in ([2], [3]):
        yield f"none of the two cells after its parameters holds the line {wanted}"


def stored(notebook: dict, path: Path) -> Iterator[str]:
    """All cells were executed in order, by ``fanaoi store``, and nothing went wrong."""
    counts = [cell["execution_count"] for cell in cells(notebook, "code")]
    if counts != list(range(1, len(counts) + 1)):
        yield f"its execution counts are {counts}, not 1.."
    for cell in cells(notebook, "code"):
        for output in cell["outputs"]:
            if output["output_type"] == "error":
                yield f"cell {first_line(cell)} ends in an error"
            if output.get("name") == "stderr":
                yield f"cell {first_line(cell)} writes to stderr"
            data = output.get("data", {})
            if WIDGET in data and not {"image/png", "text/html"} & set(data):
                yield f"cell {first_line(cell)} shows a widget and no picture in its place"
    for cell in notebook["cells"]:
        odd = sorted(set(cell["metadata"]) - {"tags", "jupyter"})
        if odd:
            yield f"cell {first_line(cell)} carries metadata {odd}: run fanaoi store"
    if notebook["metadata"] != runs.METADATA:
        yield "its metadata are not those of kernel python3: run fanaoi store"


def identity(notebook: dict, path: Path) -> Iterator[str]:
    """Every cell has an id of its own."""
    ids = [cell.get("id") for cell in notebook["cells"]]
    if None in ids or len(set(ids)) != len(ids):
        yield "its cells' ids are missing or not unique"


def machine_paths(notebook: dict, path: Path) -> Iterator[str]:
    """Nothing tells on whose machine it was executed."""

    def texts(node: object) -> Iterator[str]:
        if isinstance(node, dict):
            for key, value in node.items():
                if not key.startswith("image/"):
                    yield from texts(value)
        elif isinstance(node, list):
            yield from (
                texts("".join(node))
                if all(isinstance(x, str) for x in node)
                else (text for value in node for text in texts(value))
            )
        elif isinstance(node, str):
            yield node

    for text in texts(notebook):
        for found in MACHINE_PATH.finditer(text):
            yield f"it names a machine's path: {found[0]}"


def size(notebook: dict, path: Path) -> Iterator[str]:
    """It opens quickly."""
    if path.stat().st_size >= LARGEST:
        yield f"it has {path.stat().st_size} bytes, not under {LARGEST}"


def links(notebook: dict, path: Path) -> Iterator[str]:
    """Relative links lead somewhere."""
    for cell in cells(notebook, "markdown"):
        for target in broken_links(cell["source"], path.parent):
            yield f"its link to {target} leads nowhere"


def broken_links(text: str, folder: Path) -> list[str]:
    """Return the relative links in Markdown or HTML that lead to no file beside or around ``folder``."""
    text = re.sub(r"`[^`\n]+`", "", without_fences(text))
    targets = re.findall(r"\]\(<?([^)\s>]+)", text) + re.findall(r"(?:src|href)=\"([^\"]+)\"", text)
    elsewhere = re.compile(r"[a-z]+:|#")
    return [
        target
        for target in targets
        if not elsewhere.match(target) and not (folder / target.partition("#")[0]).exists()
    ]


def short_prose(notebook: dict, path: Path) -> Iterator[str]:
    """Nobody has to read a wall of text; code, tables, formulas and folded answers don't count."""
    for cell in cells(notebook, "markdown"):
        text = without_fences(cell["source"])
        text = re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL)
        text = re.sub(r"\$\$.*?\$\$", "", text, flags=re.DOTALL)
        text = re.sub(r"^\s*\|.*$", "", text, flags=re.MULTILINE)
        text = re.sub(r"\]\([^)]*\)|<[^>]+>", " ", text)
        words = len(re.findall(r"\w[\w'’.,-]*", text))
        if words >= MOST_WORDS:
            yield f"the text {first_line(cell)} has {words} words, not under {MOST_WORDS}"


def short_code(notebook: dict, path: Path) -> Iterator[str]:
    """A cell of code is taken in at one glance; the setup cell is not for reading."""
    for cell in cells(notebook, "code"):
        lines = cell["source"].count("\n") + 1
        if lines > MOST_LINES and not notebooks.tagged(cell, "setup"):
            yield f"cell {first_line(cell)} has {lines} lines, more than {MOST_LINES}"


def narrow_code(notebook: dict, path: Path) -> Iterator[str]:
    """Nobody has to scroll sideways to read a cell of code."""
    for cell in cells(notebook, "code"):
        widest = max(map(len, cell["source"].split("\n")))
        if widest > MOST_COLUMNS:
            yield f"cell {first_line(cell)} has a line of {widest} columns, more than {MOST_COLUMNS}"


def no_assert(notebook: dict, path: Path) -> Iterator[str]:
    """A claim is printed, so that other parameters, photographs or hardware don't stop a learner."""
    for cell in cells(notebook, "code"):
        if any(isinstance(node, ast.Assert) for node in ast.walk(tree(cell))):
            yield f"cell {first_line(cell)} asserts: print the claim in words, or test it in tests/"


def claimed(notebook: dict, path: Path) -> Iterator[str]:
    """Where nbval is told to look away, the next cell that it compares claims what must hold."""
    code = cells(notebook, "code")
    for index, cell in enumerate(code):
        if not notebooks.tagged(cell, "nbval-ignore-output"):
            continue
        later = (cell for cell in code[index + 1 :] if not notebooks.tagged(cell, "nbval-ignore-output"))
        if not re.search(r": True$", texts_of(next(later, {})), re.MULTILINE):
            yield f"cell {first_line(cell)} ignores its output, but the cell compared next claims nothing"


def texts_of(cell: dict) -> str:
    """Return what a code cell shows as text, HTML included."""
    shown = (
        part
        for output in cell.get("outputs", [])
        for part in [output.get("text", "")]
        + [value for kind, value in output.get("data", {}).items() if kind.startswith("text/")]
    )
    return "\n".join("".join(part) for part in shown)


NUMBER = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\w)|(?<![\w.])\d+(?:\.\d+)?")


def numbers(text: str) -> list[str]:
    """Return the numbers in ``text``, without commas between thousands."""
    return [found.replace(",", "") for found in NUMBER.findall(text)]


def prose_of(notebook: dict) -> str:
    """Return a notebook's prose after its title cell, without links, tags and the headings' own numbers."""
    text = "\n\n".join(cell["source"] for cell in cells(notebook, "markdown")[1:])
    text = re.sub(r"\]\([^)]*\)|<[^>]+>|https?://\S+", " ", text)
    return re.sub(r"^#+ \d+\.", "", text, flags=re.MULTILINE)


def literals(source: str) -> set[str]:
    """Return the numbers that a cell's code itself holds; comments hold none."""
    tokens = tokenize.generate_tokens(io.StringIO(TransformerManager().transform_cell(source)).readline)
    kept = " ".join(token.string for token in tokens if token.type != tokenize.COMMENT)
    return {found.replace("_", "") for found in re.findall(r"\d[\d_]*(?:\.\d+)?", kept)}


def proven(notebook: dict, path: Path) -> Iterator[str]:
    """A number in prose is given in code, compared by nbval as output, or proven in tests/prose.py."""
    known = {number for phrase in prose.FACTS.get(path.name[:2], {}) for number in numbers(phrase)}
    for cell in cells(notebook, "code"):
        known |= literals(cell["source"])
        if notebooks.tagged(cell, "parameters"):  # what each may be is a comment that the next cell goes by
            known |= set(numbers(cell["source"]))
        if not notebooks.tagged(cell, "nbval-ignore-output"):
            known |= set(numbers(texts_of(cell)))
    others = re.compile("0[0-9]")  # another notebook, by its number
    for number in dict.fromkeys(numbers(prose_of(notebook))):
        if number not in known and not others.fullmatch(number):
            yield f"its prose says {number}, which no cell shows and tests/prose.py does not prove"


RULES = [
    *(title, badge, setup, parameters, checked, stored, identity, machine_paths, size, links),
    *(short_prose, short_code, narrow_code, no_assert, claimed, proven),
]


def dump(notebook: dict, path: Path) -> Path:
    """Write a notebook of the tests' own."""
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path
