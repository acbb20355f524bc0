from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_hex

from fanaoi_helpers.audit import Audit
from fanaoi_helpers.audit.inspecting import Inspected
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.figures import audit
from fanaoi_helpers.figures.style import GO_COLOR, NG_COLOR


def audited(sizes, classes=("NG", "GO"), searched=True):
    """Return an audit with groups of copies of these sizes, NG and GO in turns, and a picture of each."""
    groups = np.repeat(np.arange(len(sizes)), sizes)
    photos = tuple(Inspected(f"GO/p{index}.png", "", index % 2) for index in range(len(groups)))
    found = Audit(Path(), classes, photos, "copies", groups, groups if searched else None, ())
    pictures = {photo.name: np.full((8, 10, 3), index, np.uint8) for index, photo in enumerate(photos)}
    return found, pictures


def photographs(figure):
    return [axis for axis in figure.axes if axis.images]


def test_rows_are_the_largest_groups_and_every_photograph_stands_over_its_name(monkeypatch):
    monkeypatch.setattr(audit, "ROWS", 2)
    monkeypatch.setattr(audit, "COLUMNS", 4)
    figure = audit.copy_groups(*audited([2, 5, 1, 3]))
    assert (
        figure.get_suptitle().split()
        == "10 of 11 photographs come from 3; here the 2 with most copies".split()
    )
    assert [axis.get_ylabel() for axis in figure.axes if axis.get_ylabel()] == ["5 copies", "3 copies"]
    shown = photographs(figure)
    assert [int(axis.images[0].get_array()[0, 0, 0]) for axis in shown] == [3, 5, 2, 4, 9, 8, 10]
    assert [axis.get_xlabel() for axis in shown] == [f"p{index}.png" for index in (3, 5, 2, 4, 9, 8, 10)]


def test_the_label_shows_as_name_mark_color_and_line():
    go, ng = photographs(audit.copy_groups(*audited([2], classes=("60", "$100$"))))
    assert [axis.get_title("left") for axis in (ng, go)] == ["✗ 60", r"✓ \$100\$"]
    colors = [to_hex(axis.spines["top"].get_edgecolor()).upper() for axis in (ng, go)]
    assert colors == [NG_COLOR, GO_COLOR]
    assert ng.spines["top"].get_linestyle() != go.spines["top"].get_linestyle()


def test_names_are_shortened_and_made_drawable(recwarn):
    found, pictures = audited([3])
    names = ["GO/a_name_that_is_much_too_long_0001.jpeg", "GO/漢字.png", "GO/x\n$y$.png"]
    photos = tuple(Inspected(name, "", 1) for name in names)
    found = Audit(Path(), found.classes, photos, "copies", found.units, found.copies, ())
    figure = audit.copy_groups(found, {name: pictures["GO/p0.png"] for name in names})
    shown = [axis.get_xlabel() for axis in photographs(figure)]
    assert shown == ["a_name_th…001.jpeg", "??.png", r"x?\$y\$.png"]
    figure.canvas.draw()
    assert not [warning for warning in recwarn if "missing from" in str(warning.message)]


def test_a_picture_that_is_gone_leaves_its_place_empty():
    found, pictures = audited([3])
    del pictures["GO/p1.png"]
    figure = audit.copy_groups(found, pictures)
    assert len(photographs(figure)) == 2 and len(figure.axes) == 3


@pytest.mark.parametrize(("searched", "words"), [(True, "No copies were found"), (False, "not searched for")])
def test_nothing_to_draw_is_said(searched, words):
    figure = audit.copy_groups(*audited([1, 1], searched=searched))
    assert words in figure.axes[0].texts[0].get_text() and "among 2" in figure.axes[0].texts[0].get_text()


def test_bad_arguments_are_refused():
    found, pictures = audited([2])
    with pytest.raises(WorkbookError, match="GO/p0.png has shape"):
        audit.copy_groups(found, pictures | {"GO/p0.png": np.zeros((2, 2))})
