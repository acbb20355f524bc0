"""Numbers in the notebooks' prose that no cell shows: each phrase as it stands there, and where it comes from.

``lint.proven`` takes a number in prose for proven if it stands in a phrase here, and ``test_prose.py`` holds every
phrase against the notebook's text and against what its function computes.
"""

from collections.abc import Callable

# By notebook: a phrase of its prose -> the same phrase, computed.
FACTS: dict[str, dict[str, Callable[[], str]]] = {
    "00": {},
    "01": {},
    "02": {},
    "03": {},
    "04": {},
    "05": {},
    "06": {},
    "07": {},
    "08": {},
}
