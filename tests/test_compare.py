"""Comparing methods: the same folds for all, nothing chosen on the test, and advice that knows its limits."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from fanaoi_helpers import cnn, compare, fans, files, photos, verdicts
from fanaoi_helpers.__main__ import fanaoi
from fanaoi_helpers.compare import comparing, comparison, curve, methods
from fanaoi_helpers.errors import WorkbookError

QUICK = ("hog_svm", "borrowed", "padim", "patchcore")


def silent(line):
    pass


@pytest.fixture
def runs(tmp_path, monkeypatch):
    monkeypatch.setenv("FANAOI_RUNS", str(tmp_path / "runs"))
    return tmp_path / "runs"


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    """Give 40 fans, two photographs each, the defective ones without a label: anybody can tell."""
    folder = tmp_path_factory.mktemp("line")
    fans.produce(folder, 60, 2, seed=3, size=64, workers=1)
    album = photos.load(folder, 64)
    wanted = (album.labels == 1) | np.isin(album.defects, ["label_missing", "blade_missing", "label_torn"])
    for name, keep in zip(album.paths, wanted, strict=True):
        if not keep:
            Path(name).unlink()
    rows = (folder / "manifest.csv").read_text().splitlines()
    kept = [row for row in rows if row.startswith("photo,") or (folder / row.split(",")[0]).is_file()
            or (folder / "photos" / row.split(",")[0]).is_file()]  # fmt: skip
    (folder / "manifest.csv").write_text("\n".join(kept) + "\n")
    return folder


def made_up(folder, go=12, ng=12, seed=0):
    """Write photographs of one color each, any: nothing tells GO from NG."""
    rng = np.random.default_rng(seed)
    for name, count in (("GO", go), ("NG", ng)):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            Image.new("RGB", (16, 16), tuple(rng.integers(0, 256, 3).tolist())).save(
                folder / name / f"{number}.png"
            )
    return folder


def planted(monkeypatch, **told):
    """Put methods in the place of the real ones: name=(validation, test), how much GO is above NG there."""

    def method(name, validation, test, model="borrowed"):
        def scores(fold):
            rng = np.random.default_rng([fold.number, len(name)])
            judged = np.concatenate([judge for _, judge in fold.inner])

            def draw(index, ahead):
                noise = rng.normal(size=len(index))
                return 1 / (1 + np.exp(-(noise + ahead * (2 * fold.labels[index] - 1))))

            return methods.Scores(judged, draw(judged, validation), draw(fold.test, test))

        return methods.Method(name, f"method {name}", scores, model=model)

    found = {name: method(name, *ahead) for name, ahead in told.items()}
    monkeypatch.setattr(comparing, "METHODS", found)
    return tuple(found)


# On photographs -------------------------------------------------------------------------------------------


def test_four_methods_on_fans_that_anybody_can_tell(line, runs):
    said = []
    found = compare.compare(line, methods=QUICK, image_size=64, report=said.append)
    told = json.loads(json.dumps(found.as_dict()))
    assert list(told["methods"]) == list(QUICK) and len(said) == 4 * found.folds
    for outcome in told["methods"].values():
        low, high = outcome["auc_range"]
        assert 0 <= low <= outcome["auc"] <= high <= 1 and 0 <= outcome["balanced"] <= 1
        assert outcome["ng_total"] == told["photographs"]["NG"] and outcome["seconds"] > 0
        assert (
            outcome["go_total"] == told["photographs"]["GO"]
            and 0 <= outcome["escapes"] <= outcome["ng_total"]
        )
    share = told["photographs"]["GO"] / sum(told["photographs"].values())
    assert told["majority"] == pytest.approx(max(share, 1 - share), abs=1e-4)
    assert told["methods"]["borrowed"]["auc"] > 0.8 and told["advice"].startswith("Take ")
    assert [point["count"] for point in told["curve"]][:2] == [5, 10]
    table = found.table()
    assert "always saying GO" in table and "what validation chose" in table and "units)" in table


def test_where_nothing_tells_them_apart_none_is_worth_taking(tmp_path, runs):
    found = compare.compare(made_up(tmp_path / "noise"), methods=("borrowed",), image_size=64, report=silent)
    low, high = found.outcomes["borrowed"].balanced_range
    assert low <= 0.5 <= high
    assert (
        found.advice[0].startswith("None is worth taking") and "always saying GO has 0.50" in found.advice[0]
    )


@pytest.mark.parametrize("name", ["handout", "repaired"])
def test_a_cnn_from_nothing_learns_from_one_part_and_is_judged_on_others(name, line, monkeypatch):
    seen = {}

    def train(model, pixels, labels, split, **how):
        seen.update(split=split, **how)

    monkeypatch.setattr(cnn, "train", train)
    place = methods.Folder(line, photos.CLASSES, 64)
    by, units, _ = photos.known_units(place.album)
    fold = next(comparing._folds(place, units, 4, 0))
    scores = methods.METHODS[name].scores(fold)
    parts = [set(part.tolist()) for part in (seen["split"].train, seen["split"].validation, fold.test)]
    assert not (parts[0] & parts[1] or parts[0] & parts[2] or parts[1] & parts[2])
    of_units = [set(units[list(part)].tolist()) for part in parts]
    assert not (of_units[0] & of_units[1] or of_units[0] & of_units[2] or of_units[1] & of_units[2])
    assert (scores.judged == seen["split"].validation).all() and len(scores.test) == len(fold.test)
    assert by == "serial" and seen["epochs"] == {"handout": 15, "repaired": 20}[name]


def test_all_methods_have_the_same_folds_and_every_photograph_is_tested_once(line):
    place = methods.Folder(line, photos.CLASSES, 64)
    _, units, _ = photos.known_units(place.album)
    folds = list(comparing._folds(place, units, 4, 0))
    assert sorted(np.concatenate([fold.test for fold in folds]).tolist()) == list(range(len(units)))
    for fold in folds:
        assert sorted(np.concatenate([judge for _, judge in fold.inner]).tolist()) == fold.rest.tolist()
        for learn, judge in fold.inner:
            sets = [set(units[part].tolist()) for part in (learn, judge, fold.test)]
            assert not (sets[0] & sets[1] or sets[0] & sets[2] or sets[1] & sets[2])


def test_what_the_tests_say_is_not_looked_at(line, runs):
    """With other labels in a fold's test, what is learned and chosen for it is the same."""
    place = methods.Folder(line, photos.CLASSES, 64)
    _, units, _ = photos.known_units(place.album)
    fold = next(comparing._folds(place, units, 4, 0))
    for name in QUICK:
        first = methods.METHODS[name].scores(fold)
        other = methods.Folder(line, photos.CLASSES, 64)
        labels = place.album.labels.copy()
        labels[fold.test] = 1 - labels[fold.test]
        album = replace(place.album, labels=labels)
        other.at = lambda size, album=album: album if size == 64 else photos.load(line, size)
        again = methods.METHODS[name].scores(replace(fold, folder=other))
        np.testing.assert_allclose(first.test, again.test, atol=1e-6)
        np.testing.assert_allclose(first.validation, again.validation, atol=1e-6)


# What is made of scores -----------------------------------------------------------------------------------


def test_the_method_is_chosen_on_validation_and_told_by_the_tests(tmp_path, runs, monkeypatch):
    names = planted(monkeypatch, promising=(3.0, 0.3), solid=(1.5, 3.0))
    found = compare.compare(made_up(tmp_path / "a", 60, 60), methods=names, image_size=64, report=silent)
    assert found.best == "promising" and set(found.choices) == {"promising"}
    assert found.chosen.balanced == found.outcomes["promising"].balanced < found.outcomes["solid"].balanced
    assert "method solid did better by more than luck, which validation could not know" in " ".join(
        found.advice
    )


def test_a_method_is_ahead_by_more_than_luck_or_it_is_not(tmp_path, runs, monkeypatch):
    names = planted(monkeypatch, good=(2.0, 2.0), alike=(1.9, 2.0), bad=(0.2, 0.2))
    found = compare.compare(made_up(tmp_path / "a", 60, 60), methods=names, image_size=64, report=silent)
    told = " ".join(found.advice)
    assert "Ahead by more than luck of method bad." in told
    assert "Method alike may be as good: the difference can be luck." in told
    assert found.ahead("good", "bad")[0] > 0 and found.ahead("good", "good") == (0, 0)


def test_what_lets_many_escape_is_not_fit_and_what_lets_none_escape_is_not_proved(
    tmp_path, runs, monkeypatch
):
    folder = made_up(tmp_path / "a", 60, 60)
    for ahead, sentence in (
        (1.0, "Not fit to release anything alone"),
        (9.0, "with 60 units of NG, up to 5% may"),
    ):
        names = planted(monkeypatch, one=(ahead, ahead))
        found = compare.compare(folder, methods=names, image_size=64, seed=int(ahead), report=silent)
        assert sentence in " ".join(found.advice)


def test_the_best_that_no_notebook_trains_names_one_that_is_trained(tmp_path, runs, monkeypatch):
    planted(monkeypatch, first=(3.0, 3.0), second=(2.0, 2.0))
    first = comparing.METHODS["first"]
    monkeypatch.setitem(comparing.METHODS, "first", replace(first, model=""))
    names = ("first", "second")
    found = compare.compare(made_up(tmp_path / "a", 60, 60), methods=names, image_size=64, report=silent)
    assert "of those, method second comes next: train it by fanaoi run 05 -p photos_dir" in found.advice[0]


def test_copies_of_a_unit_are_no_further_proof():
    labels = np.repeat([0, 1], 20)
    right = np.tile([1, 1, 1, 0], 10)
    alone = comparison.Bootstrap(labels, np.arange(40)).range(right)
    copied = comparison.Bootstrap(np.repeat(labels, 9), np.repeat(np.arange(40), 9)).range(
        np.repeat(right, 9)
    )
    assert alone == copied and alone[1] - alone[0] > 0.2


def test_all_right_on_few_units_proves_little():
    labels, right = np.repeat([0, 1], 20), np.ones(40)
    many = comparison.Bootstrap(labels, np.arange(40)).range(right)
    few = comparison.Bootstrap(labels, np.repeat(np.arange(8), 5)).range(right)
    assert (
        few[0] < many[0] < 1
        and few[0] < 0.9
        and comparison.Bootstrap(labels, np.arange(40)).range(0 * right)[1] > 0
    )


def test_what_could_not_be_read_is_told(tmp_path, runs, monkeypatch):
    folder = made_up(tmp_path / "a")
    (folder / "GO" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    names = planted(monkeypatch, one=(1.0, 1.0))
    found = compare.compare(folder, methods=names, image_size=64, report=silent)
    assert "1 left out as unreadable: GO/broken.png" in found.table()


@pytest.mark.parametrize("area", [0.8, 1.0])
def test_validation_promises_less_where_it_has_seen_less(area):
    def promise(count):
        labels = np.tile([0, 1], count)
        p_go = np.where(labels == 1, 0.6, 0.4)
        p_go[: round((1 - area) * 2 * count)] = 0.5
        return comparison._promised(labels, p_go)

    assert promise(8) < promise(40) < promise(200) < 1


def test_few_photographs_are_drawn_from_many_units_first():
    labels, units = np.repeat([0, 1], 40), np.repeat(np.arange(20), 4)
    fold = methods.Fold(None, units, np.arange(80), [], np.arange(0), 0)
    rng = np.random.default_rng(0)
    for count, distinct in ((5, 5), (10, 10), (15, 10)):
        drawn = curve._drawn(fold, labels, 1, count, rng)
        assert len(set(drawn.tolist())) == count and len(set(units[drawn].tolist())) == distinct
        assert (labels[drawn] == 1).all()
    assert set(units[curve._drawn(fold, labels, 1, 10, rng)].tolist()) == set(range(10, 20))


def test_the_curve_rises_with_photographs():
    rng = np.random.default_rng(0)
    labels = np.arange(300) % 2
    means = rng.normal(size=(300, 200))
    means[:, :10] += 0.5 * labels[:, None]
    rest, test = np.arange(150), np.arange(150, 300)
    points = curve.learning_curve(means, labels, [methods.Fold(None, np.arange(300), rest, [], test, 0)], 0)
    assert [point.count for point in points] == [5, 10, 20, 50]
    assert points[-1].auc > points[0].auc + 0.1
    assert all(point.least_auc <= point.auc and point.least_balanced <= point.balanced for point in points)


# Stopped, damaged, refused --------------------------------------------------------------------------------


def test_a_stopped_comparison_goes_on(tmp_path, runs, monkeypatch):
    folder = made_up(tmp_path / "a")
    names = planted(monkeypatch, one=(1.0, 1.0), two=(2.0, 2.0))
    whole = compare.compare(folder, methods=names, image_size=64, report=silent).as_dict()
    kept = sorted(runs.glob("compare/*/*.json"))
    assert len(kept) == 8
    kept[3].unlink()
    kept[5].write_text("{ half of")
    asked = []

    def counting(method):
        return replace(method, scores=lambda fold: asked.append(fold.number) or method.scores(fold))

    monkeypatch.setattr(comparing, "METHODS", {name: counting(comparing.METHODS[name]) for name in names})
    again = compare.compare(folder, methods=names, image_size=64, report=silent).as_dict()
    assert asked == [3, 1]
    assert again["advice"] == whole["advice"] and again["curve"] == whole["curve"]
    compare.compare(folder, methods=names, image_size=64, seed=1, report=silent)
    assert len(asked) == 10, "other folds are other work"


def test_without_permission_to_keep_anything_it_compares_all_the_same(tmp_path, runs, monkeypatch):
    names = planted(monkeypatch, one=(1.0, 1.0))

    def refused(path, content):
        raise WorkbookError("no room")

    monkeypatch.setattr(files, "write", refused)
    assert compare.compare(made_up(tmp_path / "a"), methods=names, image_size=64, report=silent).advice


@pytest.mark.parametrize(
    "how, sentence",
    [
        ({"methods": ("magic",)}, "methods is 'magic'"),
        ({"methods": ()}, "methods names none"),
        ({"overkill": 0.9}, "overkill is 0.9"),
        ({"folds": 1}, "folds is 1"),
        ({"image_size": 100}, "take a multiple of 32"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_what_makes_no_sense_is_refused(how, sentence, tmp_path, runs):
    with pytest.raises(WorkbookError, match=sentence):
        compare.compare(made_up(tmp_path / "a", 4, 4), **{"methods": ("borrowed",), **how}, report=silent)


def test_too_few_units_are_refused_and_three_are_enough(tmp_path, runs, monkeypatch):
    names = planted(monkeypatch, one=(1.0, 1.0))
    with pytest.raises(WorkbookError, match="There are 2 GO and 9 NG units, but to compare takes 3 of each"):
        compare.compare(made_up(tmp_path / "two", 2, 9), methods=names, image_size=64, report=silent)
    assert (
        compare.compare(made_up(tmp_path / "three", 3, 9), methods=names, image_size=64, report=silent).folds
        == 3
    )


# The command ----------------------------------------------------------------------------------------------


def command(*words):
    return CliRunner().invoke(fanaoi, ["compare", *map(str, words)], standalone_mode=False)


def test_the_command_writes_table_json_and_picture(tmp_path, runs, monkeypatch):
    planted(monkeypatch, one=(2.0, 2.0), two=(1.0, 1.0))
    folder = made_up(tmp_path / "a")
    json_file, picture = tmp_path / "found.json", tmp_path / "found.png"
    ran = command(folder, "--methods", "one,two", "--json", json_file, "--picture", picture)
    assert ran.exception is None and "method one" in ran.stdout and "fold 4 of 4" in ran.stderr
    told = json.loads(json_file.read_text())
    assert set(told) >= {"majority", "methods", "advice"} and set(told["methods"]) == {"one", "two"}
    assert Image.open(picture).size[0] > 500
    printed = command(folder, "--methods", "one two", "--json", "-")
    assert json.loads(printed.stdout) == told


def test_the_command_refuses_before_it_works(tmp_path, runs):
    folder = made_up(tmp_path / "a", 4, 4)
    for words, sentence in [
        (("--json", folder), "folder"),
        (("--picture", "found.txt"), "must end in"),
        (("--methods", "magic"), "methods is 'magic'"),
    ]:
        ran = command(folder, *words)
        assert sentence in str(ran.exception), words
    assert "nowhere" in str(command(tmp_path / "nowhere").exception)


def test_the_workbooks_names_of_methods_stand_in_the_help():
    ran = CliRunner().invoke(fanaoi, ["compare", "--help"])
    words = " ".join(ran.output.split())
    assert f"of: {', '.join(compare.METHODS)};" in words
    assert verdicts.auc([0, 1], [0.1, 0.9]) == 1
