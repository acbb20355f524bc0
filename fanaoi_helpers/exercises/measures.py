"""What a text holds beside a number: a unit of measure, or what Python writes otherwise."""

import re

from .answers import bare
from .numerals import BEFORE, LONGEST, SINGLE, UNIT

MEASURES = (
    *("second s sec", "minute min mins", "hour h hr hrs", "day d", "degree ° deg", "radian rad", "turn"),
    *("bit", "byte b", "kilobyte kb", "megabyte mb", "gigabyte gb", "mebibyte mib", "pixel px"),
    *("millimeter mm", "centimeter cm", "meter m", "gram g", "kilogram kg"),
)  # each with what stands for it: what is right in one of them is wrong in another
PYTHON = {
    r"\bln\b|\blog\b": "ln is `np.log`",
    r"\bsqrt\b|√": "a root is `np.sqrt`",
    r"\bpi\b|π": "π is `np.pi`",
    r"\^|[²³⁻]": "a power is `**`",
}  # what people write, and what Python calls it


def odd_unit(answer: object, asks: str) -> str:
    """Return the unit of measure behind a number in a text, if the question names others alone; else "".

    >>> odd_unit("768 KB", "How many megabytes?"), odd_unit("768 MB", "How many megabytes?")
    ('KB', '')
    """
    text = bare(answer, BEFORE) if isinstance(answer, str) and len(answer) <= LONGEST else ""
    found = re.fullmatch(SINGLE + UNIT, text)
    words = (found[3] or "").split() if found else []
    unit = words[0].strip("(.,;)") if words else ""
    is_one = [unit.lower() in (*names.split(), f"{names.split()[0]}s") for names in MEASURES]
    asked = [_names(asks, names.split()) for names in MEASURES]
    return unit if any(is_one) and any(asked) and not any(map(min, is_one, asked)) else ""


def _names(asks: str, names: list[str]) -> bool:
    any_of_them = "|".join(map(re.escape, names))
    return re.search(rf"(?<![^\W_])(?:{any_of_them})s?(?![^\W_])", asks, re.IGNORECASE) is not None


def in_python(text: str, one_number: bool = True) -> str:
    """Return advice to whoever put into quotation marks what Python could calculate; "" for other words.

    >>> in_python("ln 2"), in_python("two")
    (' In Python ln is `np.log`; leave the quotes out.', '')
    """
    said = [name for written, name in PYTHON.items() if re.search(written, text)]
    if one_number and re.search(r"\d\s*[x×·]\s*\d", text):  # 160 × 160 may be a shape
        said.append("times is `*`")
    if said:
        return f" In Python {', '.join(said)}; leave the quotes out."
    alone = f" Write {'the number' if one_number else 'numbers'} alone, without quotation marks."
    return alone if any(letter.isdigit() for letter in text) else ""
