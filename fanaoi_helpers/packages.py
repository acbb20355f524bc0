"""Which packages this Python has, and which versions the workbook was tested with."""

import importlib.metadata
import re

from packaging.utils import canonicalize_name


def pinned(requirements: str) -> dict[str, set[str]]:
    """Return the tested versions by package: several where they differ by Python or system.

    >>> pinned("keras==3.12.4 ; python_full_version < '3.11'\\n    # via x\\nKeras==3.15.1\\n") == {
    ...     "keras": {"3.12.4", "3.15.1"}}
    True
    """
    known: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)(?:\[[^]]*\])?==([^\s;]+)", requirements, re.MULTILINE):
        known.setdefault(canonicalize_name(name), set()).add(version)
    return known


def installed() -> dict[str, str]:
    """Return the version of every package of this Python."""
    versions: dict[str, str] = {}
    for package in importlib.metadata.distributions():
        if name := package.metadata["Name"]:  # what an interrupted installation left has none
            versions.setdefault(canonicalize_name(name), package.version)  # the first one is imported
    return versions


def numbers(version: str) -> tuple[int, ...]:
    """Return a version's leading numbers.

    >>> numbers("3.12.0rc1"), numbers("nightly")
    ((3, 12, 0), ())
    """
    leading = re.match(r"\d+(\.\d+)*", version)
    return tuple(map(int, leading[0].split("."))) if leading else ()
