import pytest

from fanaoi_helpers.progress import WORTH_A_BAR, bar


@pytest.mark.parametrize(
    ("headless", "total", "of", "shown"),
    [
        ("", WORTH_A_BAR, None, True),
        ("", WORTH_A_BAR - 1, None, False),
        ("", 3, WORTH_A_BAR, True),  # few parts, but of much work
        ("1", WORTH_A_BAR, None, False),
    ],
)
def test_a_bar_is_shown_where_somebody_waits(headless, total, of, shown, monkeypatch, capsys):
    monkeypatch.setenv("FANAOI_HEADLESS", headless)
    assert list(bar(range(total), total, "Counting", of=of)) == list(range(total))
    assert ("Counting" in capsys.readouterr().err) is shown
