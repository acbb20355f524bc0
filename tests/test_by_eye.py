"""Beat the machine: letters are read or refused in a sentence, a round is scored, kept, and met again."""

import pytest

from fanaoi_helpers import verdicts
from fanaoi_helpers.exercises import by_eye, ledger

# Three NG and two GO fans; two bad ones are called GO and one good one NG.
ROUND = verdicts.judge([0, 0, 0, 1, 1], [1, 1, 0, 1, 0], 0.5)
WIDE = 78  # letters that JupyterLab shows in a window 800 pixels wide; the line's end is one of ours
CNN = verdicts.judge([0] * 50 + [1] * 50, [0.9] * 4 + [0.1] * 46 + [0.9] * 49 + [0.1], 0.5)


@pytest.fixture
def my_ledger(tmp_path, monkeypatch):
    """Give a test a learner who is watching, with a ledger of their own."""
    monkeypatch.setenv("FANAOI_LEDGER", str(tmp_path / "ledger.jsonl"))
    monkeypatch.setenv("FANAOI_HEADLESS", "0")
    return tmp_path / "ledger.jsonl"


def test_a_tray_holds_twelve_shots_of_three_fans():
    for seed in (0, 5):
        taken = by_eye.tray(seed)
        assert len({(unit.serial, shot) for unit, shot in taken}) == len(taken) == 12
        assert sorted({(unit.serial, unit.label) for unit, _ in taken}) == [
            ("F0001", "GO"),
            ("F0002", "NG"),
            ("F0003", "GO"),
        ]
        assert taken == by_eye.tray(seed)
    assert by_eye.tray(0) != by_eye.tray(5)


def test_a_round_is_kept(my_ledger):
    assert by_eye.keeper(photo_size=160, seed=3)(ROUND, 25.04) == (
        "Kept: you meet it again in notebooks 05 and 08. "
        "At this pace you judge 5,751 fans in a shift of 8 hours; the line makes 7,200."
    )
    assert my_ledger.is_file()
    assert ledger.kept("beat_the_machine") == {
        **{"fans": 5, "escapes": 2, "overkill": 1, "ng": 3, "go": 2},
        **{"seconds": 25.0, "photo_size": 160, "seed": 3},
    }
    by_eye.keeper(photo_size=80, seed=3)(ROUND, 30)
    assert ledger.kept("beat_the_machine")["photo_size"] == 80  # the last one counts


def test_a_round_that_nobody_looked_at_is_not_kept(my_ledger):
    assert by_eye.keeper(photo_size=160, seed=0)(ROUND, 0.02).startswith("Not kept: 0.00 s a fan")
    assert ledger.kept("beat_the_machine") is None and not my_ledger.exists()


def test_a_round_that_can_not_be_kept_says_so(my_ledger):
    my_ledger.mkdir()
    said = by_eye.keeper(photo_size=160, seed=0)(ROUND, 25)
    assert "no file" in said and "Kept only while this kernel runs" in said


KEPT = {
    "fans": 5,
    "escapes": 2,
    "overkill": 1,
    "ng": 3,
    "go": 2,
    "seconds": 25.0,
    "photo_size": 160,
    "seed": 3,
}


def test_human_beside_machine():
    assert by_eye.beside(KEPT, CNN, seconds=0.0042, image_size=80).split("\n") == [
        "              you, by eye     the CNN",
        "escapes       2 of 3 NG       4 of 50 NG",
        "overkill      1 of 2 GO       1 of 50 GO",
        "right         40%             95%",
        "a fan takes   5.0 s           0.004 s",
        "pixels        160 × 160       80 × 80",
        "",
        "One escape more or less moves yours by 33%: 5 fans are a hint, no proof.",
        "You saw other pixels than the CNN; round two of notebook 00 is at 80 × 80.",
    ]
    fair = by_eye.beside(KEPT | {"photo_size": 80}, CNN, seconds=0.0042, image_size=80)
    assert "other pixels" not in fair


def test_a_round_without_bad_fans_claims_nothing_about_escapes():
    kept = KEPT | {"escapes": 0, "ng": 0, "go": 5}
    assert "0 of 0 NG" in by_eye.beside(kept, CNN, 0.1, 80)
    assert "no proof" not in by_eye.beside(kept, CNN, 0.1, 80)


@pytest.mark.parametrize(
    "kept",
    [
        None,
        {},
        {"escapes": 1},
        KEPT | {"ng": "3"},
        KEPT | {"go": None},
        KEPT | {"escapes": 4},
        KEPT | {"overkill": -1},
        KEPT | {"seconds": 0},
        KEPT | {"seconds": "nan"},
        KEPT | {"ng": 0, "go": 0, "escapes": 0, "overkill": 0},
        KEPT | {"photo_size": True},
    ],
    ids=repr,
)
def test_nothing_or_nonsense_kept_is_one_sentence(kept):
    said = by_eye.beside(kept, CNN, seconds=0.01, image_size=80)
    assert said.startswith("Nothing of yours to compare yet") and "\n" not in said and len(said) < WIDE
