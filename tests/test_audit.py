"""The audit: whatever is wrong with a folder becomes a finding, and nothing that is broken stops it."""

import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps
from rich.cells import cell_len

from fanaoi_helpers import __main__ as command
from fanaoi_helpers import fans, files, photos
from fanaoi_helpers.audit import audited, auditing, check, measuring
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.photos import cache, decoding, tables
from fanaoi_helpers.photos import copies as copies_module


@pytest.fixture(autouse=True)
def pairs(monkeypatch, runs):
    """Return pairs of file names that the search takes for copies of one photograph."""
    found = []

    def copies_of(paths, contents):
        names = [str(path).replace("\\", "/").rpartition("/")[2] for path in paths]
        first = {}
        for one, other in found:
            first[other] = one
        groups = np.unique([first.get(name, name) for name in names], return_inverse=True)[1]
        return SimpleNamespace(groups=groups.astype(np.int64), pairs=(), skipped=())

    monkeypatch.setattr(cache, "copies_of", copies_of)
    monkeypatch.setattr(copies_module, "surely", lambda paths, groups, kinds: groups)
    return found


def save(path, number, size=(24, 20), light=128, mode="RGB", **options):
    """Save a photograph that only ``number`` has: noise around a gray of ``light``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng([number, light]).integers(-20, 21, (size[1], size[0], 3))
    image = Image.fromarray((noise + light).astype(np.uint8)).convert(mode)
    image.save(path, **options)
    return path


@pytest.fixture
def folder(tmp_path):
    """A folder with which nothing is wrong: 12 GO and 12 NG, a serial for every two."""
    for label, name in ((0, "NG"), (1, "GO")):
        for index in range(12):
            save(tmp_path / "set" / name / f"{name.lower()}{index:02}.png", 100 * label + index)
    return manifest(tmp_path / "set")


def manifest(root, serial=lambda index: index // 2):
    names = [f"{name}/{name.lower()}{index:02}.png" for name in ("GO", "NG") for index in range(12)]
    lines = [f"{name},{name[:2]}{serial(int(name[5:7]))}" for name in names]
    (root / "manifest.csv").write_text("\n".join(["photo,serial", *lines]), encoding="utf-8")
    return root


def kinds(audit):
    return [(finding.severity, finding.kind) for finding in audit.findings]


def only(audit, kind):
    """Return the one finding of that kind."""
    (found,) = [finding for finding in audit.findings if finding.kind == kind]
    assert found.sentence.endswith(".") and "\n" not in found.sentence and len(found.sentence) < 330
    return found


def test_nothing_wrong(folder):
    audit = check(folder)
    assert audit.ok and audit.findings == () and audit.by == "serial" and audit.copy_groups() == []
    assert audit.counts() == [
        {"class": "GO", "files": 12, "unreadable": 0, "photographs": 12, "distinct": 12, "units": 6},
        {"class": "NG", "files": 12, "unreadable": 0, "photographs": 12, "distinct": 12, "units": 6},
        {"class": "all", "files": 24, "unreadable": 0, "photographs": 24, "distinct": 24, "units": 12},
    ]
    assert audit.kinds("size") == {"24 × 20": 24} and audit.kinds("mode") == {"RGB": 24}
    assert "24 × 20, all alike" in str(audit) and str(audit).endswith("Nothing wrong was found.")
    names = photos.load(folder, 8).names
    assert [photo.name for photo in audit.readable] == names


def test_files_that_cannot_be_read_are_named_with_the_reason(folder):
    whole = (folder / "NG" / "ng00.png").read_bytes()
    (folder / "NG" / "ng00.png").write_bytes(whole[: len(whole) // 2])
    (folder / "GO" / "empty.jpg").write_bytes(b"")
    audit = check(folder)
    found = only(audit, "unreadable")
    assert found.severity == "warning" and found.files == ["GO/empty.jpg", "NG/ng00.png"] and found.count == 2
    assert "empty (1)" in found.sentence and "truncated" in found.sentence
    assert [row["unreadable"] for row in audit.counts()] == [1, 1, 2]
    assert {one["file"] for one in audit.as_dict()["unreadable"]} == set(found.files)


def test_an_empty_class_and_an_unreadable_one_are_findings(tmp_path):
    (tmp_path / "GO").mkdir()
    (tmp_path / "NG").mkdir()
    empty = check(tmp_path)
    assert kinds(empty) == [("problem", "no_photographs")] * 2 and empty.counts()[2]["files"] == 0
    assert "GO holds nothing" in empty.findings[1].sentence and empty.thumbnails() == {}
    save(tmp_path / "NG" / "1.png", 1)
    (tmp_path / "GO" / "1.png").write_bytes(b"nothing")
    audit = check(tmp_path)
    assert kinds(audit)[:2] == [("problem", "no_photographs"), ("problem", "no_split")]
    assert "No photograph of GO can be read, of 1." == audit.findings[0].sentence
    assert [row["photographs"] for row in audit.counts()] == [0, 1, 1]
    save(tmp_path / "GO" / "2.png", 2)
    (tmp_path / "NG" / "1.png").unlink()
    (tmp_path / "NG" / "1.txt").write_text("nothing")
    half = check(tmp_path)
    assert "1 .txt" in only(half, "no_photographs").sentence
    assert [row["photographs"] for row in half.counts()] == [1, 0, 1]


def test_a_class_that_is_closed_is_a_finding(folder, monkeypatch):
    real = photos.folders.os.scandir

    def scandir(path):
        if str(path).endswith("NG"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(photos.folders.os, "scandir", scandir)
    found = only(check(folder), "no_photographs")
    assert "NG can't be opened (Permission denied)" in found.sentence


def test_identical_files_are_found_whatever_they_are_called(folder, pairs):
    image = Image.open(folder / "GO" / "go03.png")
    image.save(folder / "GO" / "same.bmp")
    (folder / "NG" / "again.png").write_bytes((folder / "NG" / "ng05.png").read_bytes())
    for copies in (True, False):
        found = only(check(folder, copies=copies), "duplicates")
        assert found.severity == "warning" and found.count == 2
        assert found.groups == (("GO/go03.png", "GO/same.bmp"), ("NG/again.png", "NG/ng05.png"))


def test_a_photograph_under_both_labels_is_a_problem(folder, pairs):
    (folder / "NG" / "twin.png").write_bytes((folder / "GO" / "go01.png").read_bytes())
    pairs.append(("go02.png", "ng02.png"))
    found = only(check(folder), "both_labels")
    assert found.severity == "problem" and found.count == 2
    assert found.groups == (("GO/go01.png", "NG/twin.png"), ("GO/go02.png", "NG/ng02.png"))
    without = only(check(folder, copies=False), "both_labels")
    assert without.groups == (("GO/go01.png", "NG/twin.png"),)


def test_a_serial_under_both_labels_is_a_warning_and_told_once(folder):
    text = (folder / "manifest.csv").read_text(encoding="utf-8")
    (folder / "manifest.csv").write_text(text.replace("GO0", "X").replace("NG0", "X"), encoding="utf-8")
    audit = check(folder)
    assert kinds(audit) == [("warning", "serial_both_labels")]
    assert audit.findings[0].files == ["GO/go00.png", "NG/ng00.png", "GO/go01.png", "NG/ng01.png"]


def test_copies_under_different_serials_are_a_problem(folder, pairs):
    pairs += [("go00.png", "go01.png"), ("go02.png", "go09.png")]
    audit = check(folder)
    found = only(audit, "serials_contradict_copies")
    assert found.severity == "problem" and found.groups == (("GO/go02.png", "GO/go09.png"),)
    del pairs[1]
    assert kinds(check(folder)) == [("note", "copies")]  # the same serial: as it should be


def test_copies_without_serials_are_a_warning_and_make_the_units(folder, pairs):
    pairs += [("go00.png", f"go{index:02}.png") for index in range(1, 5)]
    (folder / "manifest.csv").unlink()
    audit = check(folder)
    assert kinds(audit) == [("warning", "copies"), ("note", "no_serials")] and audit.by == "copies"
    assert "24 photographs come from 20, the others are copies," in audit.findings[0].sentence
    assert [row["distinct"] for row in audit.counts()] == [8, 12, 20]
    assert [row["units"] for row in audit.counts()] == [8, 12, 20]
    assert [photo.name for photo in audit.copy_groups()[0]] == [f"GO/go{i:02}.png" for i in range(5)]
    assert set(audit.thumbnails()) == {f"GO/go{i:02}.png" for i in range(5)}
    plain = check(folder, copies=False)
    assert plain.by == "photograph" and plain.copies is None and plain.copy_groups() == []
    assert kinds(plain) == [("note", "copies_not_searched"), ("note", "no_serials")]


@pytest.mark.parametrize(("ones", "zeros"), [(9, 0), (0, 9), (9, 1), (1, 9), (9, 9), (2, 1)])
def test_some_of_a_group_are_of_both_labels(ones, zeros):
    group = [SimpleNamespace(label=label) for label in [1] * ones + [0] * zeros]
    labels = [photo.label for photo in audited.some_of(group, 4)]
    assert len(labels) == min(4, ones + zeros) and set(labels) == {photo.label for photo in group}


def test_too_few_units_are_a_problem_however_many_photographs(folder, pairs):
    pairs += [("go00.png", f"go{index:02}.png") for index in range(1, 9)]
    (folder / "manifest.csv").unlink()
    found = only(check(folder), "no_split")
    assert (
        found.severity == "problem" and "4 GO and 12 NG photographs (copies counted once)" in found.sentence
    )


def test_many_photographs_of_few_units_are_told(folder):
    text = (folder / "manifest.csv").read_text(encoding="utf-8")
    lines = [
        line if line.startswith(("photo", "NG")) else f"GO/go{i:02}.png,G{i % 3}"
        for i, line in enumerate(text.splitlines()[:13], -1)
    ]
    (folder / "manifest.csv").write_text("\n".join(lines + text.splitlines()[13:]), encoding="utf-8")
    found = only(check(folder), "few_units")
    assert found.severity == "warning" and "12 GO are 3 units" in found.sentence


def test_of_a_huge_folder_copies_are_searched_for_in_a_sample(folder, monkeypatch, pairs):
    monkeypatch.setattr(auditing, "MOST_COMPARED", 20)
    monkeypatch.setattr(auditing, "SAMPLE", 23)
    pairs += [("go00.png", "go01.png"), ("go02.png", "go03.png")]
    audit = check(folder)
    assert "searched for in 23 of 24 photographs, a sample" in only(audit, "copies_of_a_sample").sentence
    assert len(audit.copy_groups()) >= 1 and all(len(group) == 2 for group in audit.copy_groups())


def test_a_manifest_that_contradicts_the_folders_is_a_finding(folder):
    (folder / "manifest.csv").write_text("photo,serial,label\nGO/go00.png,A,NG\n", encoding="utf-8")
    found = only(check(folder), "manifest")
    assert found.severity == "problem" and "line 2 says that GO/go00.png is NG" in found.sentence


def test_odd_ones_out_are_named(folder):
    save(folder / "GO" / "go00.png", 100, size=(30, 30))
    save(folder / "NG" / "gray.jpg", 50, mode="L")
    audit = check(folder)
    assert only(audit, "odd_size").sentence == (
        "1 photograph of 25 is not 24 × 20 pixels like the others: 30 × 30 (1)."
    )
    assert only(audit, "odd_format").files == ["NG/gray.jpg"] == only(audit, "odd_mode").files
    assert audit.ok and "24 × 20 (24), 30 × 30 (1)" in str(audit)


def test_other_files_and_rows_of_the_manifest_in_vain_are_notes(folder):
    (folder / "GO" / "readme.txt").write_text("hello")
    text = (folder / "manifest.csv").read_text(encoding="utf-8")
    (folder / "manifest.csv").write_text(text + "\nGO/gone.png,Z\n", encoding="utf-8")
    assert kinds(check(folder)) == [("note", "folder")] * 2


def test_what_is_odd_and_yet_usable_is_a_note(folder):
    save(folder / "GO" / "moving.png", 3, save_all=True, append_images=[Image.new("RGB", (24, 20))])
    found = only(check(folder), "remark")
    assert found.severity == "note" and "first is used" in found.sentence


@pytest.mark.parametrize("name", ["gray.png", "color.png", "color.tif"])
def test_what_all_but_hides_the_product_is_a_warning(folder, name):
    twelve = np.random.default_rng(0).integers(0, 4096, (20, 24, 3)).astype(np.uint16)
    cv2.imwrite(str(folder / "GO" / name), twelve[..., 0] if name == "gray.png" else twelve)
    audit = check(folder)
    found = only(audit, "remark")
    assert found.severity == "warning" and "looks dark" in found.sentence and found.files == [f"GO/{name}"]
    assert not audit.ok and str(audit).endswith("Found: 1 warning.") and "65535" in found.advice


# --- Shortcuts ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("format", lambda path, index: save(path.with_suffix(".jpg"), index)),
        ("mode", lambda path, index: save(path, index, mode="L")),
        ("size", lambda path, index: save(path, index, size=(20, 24))),
        ("border", lambda path, index: save(path, index, light=118)),
    ],
)
def test_what_tells_the_classes_apart_without_a_look_at_the_fan(folder, kind, change):
    (folder / "manifest.csv").unlink()
    for index, path in enumerate(sorted((folder / "NG").iterdir())):
        if index != 4:  # one of 12 is as the others
            path.unlink()
            change(path, index)
    found = only(check(folder), f"shortcut_{kind}")
    assert found.severity == "warning" and found.sentence.endswith("This may be a shortcut.")
    assert found.advice.startswith("Photograph both classes in the same way")
    expected = "brightness of the border tells" if kind == "border" else ", but 0% of GO"
    assert expected in found.sentence


def test_a_difference_that_chance_can_make_is_no_shortcut(tmp_path):
    for index in range(12):
        for name in ("GO", "NG"):
            light = 128 + (index % 4) + (name == "GO")  # GO a little brighter, far less than units differ
            save(tmp_path / name / f"{name}{index}.png", 200 + index + 20 * (name == "GO"), light=light)
    assert not [kind for _, kind in kinds(check(tmp_path)) if kind.startswith("shortcut")]


def test_a_unit_with_many_photographs_weighs_no_more_than_another(folder):
    for index in range(16):  # one dark unit, photographed often
        save(folder / "NG" / f"more{index}.png", 300 + index, light=90)
    rows = "\n".join(f"NG/more{index}.png,NG0" for index in range(16))
    text = (folder / "manifest.csv").read_text(encoding="utf-8")
    (folder / "manifest.csv").write_text(f"{text}\n{rows}\n", encoding="utf-8")
    assert kinds(check(folder)) == [("warning", "few_units")]  # and no shortcut


@pytest.mark.parametrize(("preset", "expected"), [("usual", []), ("shortcut", ["shortcut_border"])])
def test_the_planted_shortcut_of_the_line_is_found(tmp_path, preset, expected):
    audit = check(fans.produce(tmp_path, 30, 1, 0, size=48, preset=preset, workers=1), copies=False)
    assert [kind for severity, kind in kinds(audit) if severity != "note"] == expected


# --- A given split -----------------------------------------------------------------------------


def write_split(path, folder, part):
    names = sorted(file.relative_to(folder).as_posix() for file in folder.glob("*/*.png"))
    lines = [f"{name},{part(name)}" for name in names]
    path.write_text("\n".join(["photo,part", *lines]), encoding="utf-8")
    return path


def test_copies_and_serials_that_cross_a_split_are_problems(folder, tmp_path, pairs):
    pairs.append(("go00.png", "go11.png"))
    parts = {"0": "train", "1": "Test"}
    split = write_split(tmp_path / "split.csv", folder, lambda name: parts[name[5]])
    audit = check(folder, split=split)
    found = only(audit, "copies_cross_split")
    assert found.severity == "problem" and found.groups == (("GO/go00.png", "GO/go11.png"),)
    assert "a copy in another part (1 of 20 in train, 1 of 4 in test)" in found.sentence
    assert "serials_cross_split" not in dict(map(reversed, kinds(audit)))

    odd = write_split(tmp_path / "odd.csv", folder, lambda name: "val" if int(name[5:7]) % 2 else "training")
    found = only(check(folder, split=odd), "serials_cross_split")
    assert found.count == 12 and "(12 of 12 in train, 12 of 12 in validation)" in found.sentence


def test_a_split_of_the_workbook_is_judged_too(folder, pairs):
    album = photos.load(folder, 8)
    assert check(folder, split=photos.split(album, 0)).ok
    torn = photos.split_random(album, 0)
    found = only(check(folder, split=torn), "serials_cross_split")
    assert found.count == torn.torn > 3
    (folder / "GO" / "go00.png").unlink()
    with pytest.raises(WorkbookError, match="one of 24 photographs, but 23 can be read"):
        check(folder, split=torn)


def test_photographs_in_no_part_and_rows_in_vain_are_warnings(folder, tmp_path):
    split = tmp_path / "split.csv"
    split.write_text(
        "part;photo\ntrain;go/GO00.png\ntrain;GO\\go01.png\ntest;GO/gone.png\n", encoding="utf-8-sig"
    )
    audit = check(folder, split=split)
    assert only(audit, "in_no_part").count == 22 and only(audit, "split_unknown").files == ["GO/gone.png"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            b"photo,part\nGO/go00.png,tset\n",
            "line 2 puts GO/go00.png into 'tset', but a part is one of train",
        ),
        (b"photo,part\nGO/go00.png,test\nGO/go00.png,train\n", "line 3 .* keep one line"),
        (b"photo,label\nGO/go00.png,GO\n", "has the columns photo, label, but it needs photo and part"),
        (b"", "has the columns none"),
        (b"photo,part\n", "lists no photograph of [^(]*: write paths"),
        (b"photo,part\nx.png,test\n", "lists no photograph of .* \\(first: x.png\\)"),
        (b"photo,part\nGO/\xff.png,test\n", "is not in UTF-8"),
        (b'photo,part\n"GO/go00.png,test\n', "is not sound CSV"),
    ],
)
def test_a_split_file_that_is_no_split_is_refused(folder, tmp_path, content, words):
    (tmp_path / "split.csv").write_bytes(content)
    with pytest.raises(WorkbookError, match=f"^[^\n]*split.csv {words}" if "line" in words else words):
        check(folder, split=tmp_path / "split.csv")
    with pytest.raises(WorkbookError, match="can't be read"):
        check(folder, split=tmp_path)
    with pytest.raises(WorkbookError, match="^split is 5"):
        check(folder, split=5)


def test_copies_and_serials_in_the_folder_of_the_sealed_test(folder, tmp_path, pairs):
    other = tmp_path / "sealed"
    for index in range(6):
        save(other / "GO" / f"t{index}.png", 400 + index)
        save(other / "NG" / f"u{index}.png", 500 + index)
    assert check(folder, test_folder=other).ok
    pairs.append(("go00.png", "t3.png"))
    (other / "NG" / "broken.png").write_bytes(b"")
    (other / "manifest.csv").write_text("photo,serial\nNG/u0.png,NG3\n", encoding="utf-8")
    audit = check(folder, test_folder=other)
    assert only(audit, "copies_cross_split").groups == (("GO/go00.png", "test: GO/t3.png"),)
    assert only(audit, "serials_cross_split").files == ["NG/ng06.png", "test: NG/u0.png", "NG/ng07.png"]
    assert only(audit, "unreadable").files == ["test: NG/broken.png"]
    assert audit.counts()[2]["files"] == 24 and len(audit.units) == 24
    with pytest.raises(WorkbookError, match="itself: give another one"):
        check(folder, test_folder=folder)


def test_wrong_folders_are_refused(tmp_path):
    with pytest.raises(WorkbookError, match="was not found"):
        check(tmp_path / "nowhere")
    with pytest.raises(WorkbookError, match="two folder names"):
        check(tmp_path, classes=("GO",))


def test_a_zip_is_audited_like_its_folder(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("FANAOI_RUNS", str(tmp_path / "runs"))
    (folder / "NG" / "broken.png").write_bytes(b"")
    packed = Path(shutil.make_archive(str(tmp_path / "packed"), "zip", folder))
    audit = check(packed)
    assert kinds(audit) == kinds(check(folder)) and str(audit).startswith(str(packed.as_posix())[:50])
    assert audit.counts() == check(folder).counts()


def test_copies_are_really_searched_for_once(tmp_path, monkeypatch):
    monkeypatch.undo()  # here the search is the real one
    monkeypatch.setenv("FANAOI_RUNS", str(tmp_path / "runs"))
    folder = fans.produce(tmp_path / "line", 12, 1, 0, workers=1)
    (folder / "manifest.csv").unlink(missing_ok=True)
    root = photos.load(folder, 16).folder
    one, ng = (min((root / name).iterdir()) for name in ("GO", "NG"))
    Image.open(one).rotate(90).save(root / "GO" / "turned.png")
    ImageOps.mirror(Image.open(one)).save(root / "GO" / "mirrored.png")
    ImageOps.flip(Image.open(ng)).save(root / "NG" / "upside_down.bmp")
    audit = check(folder)
    groups = [{photo.path for photo in group} for group in audit.copy_groups()]
    wanted = [
        [one, root / "GO" / "turned.png", root / "GO" / "mirrored.png"],
        [ng, root / "NG" / "upside_down.bmp"],
    ]
    assert groups == [{str(path) for path in group} for group in wanted]
    monkeypatch.setattr(copies_module, "find", None)  # what was found is kept
    album = photos.load(folder, 16)
    parts = photos.split(album, 0)
    assert parts.by == "copies" and np.array_equal(parts.groups, audit.units)
    assert check(folder, split=parts).as_dict() == audit.as_dict()


# --- As text, as JSON, as a command ------------------------------------------------------------


@pytest.fixture
def bad(folder, pairs):
    """A folder with a long Unicode name in it, copies under both labels, and a file that is broken."""
    name = "螺旋桨の写真 " * 8 + "é🙂.png"
    save(folder / "GO" / name, 700)
    pairs += [(name, "ng00.png"), ("go00.png", "go05.png")]
    (folder / "NG" / "broken.png").write_bytes(b"")
    return folder


@pytest.mark.parametrize("width", [60, 79, 99])
def test_the_table_fits_its_width(bad, width):
    lines = check(bad).table(width).splitlines()
    assert max(map(cell_len, lines)) <= width
    head = next(index for index, line in enumerate(lines) if line.startswith("class"))
    assert lines[head].split() == ["class", "files", "unreadable", "photographs", "distinct", "units"]
    assert len({cell_len(line) for line in lines[head : head + 4]}) == 1
    words = [line.split()[0] for line in lines if line.startswith(("PROBLEM", "WARNING", "NOTE"))]
    assert words == ["PROBLEM", "PROBLEM", "WARNING", "NOTE"]
    assert "螺旋" in "".join(lines) and "Found: 2 problems and 1 warning." in lines


def test_the_table_asks_the_terminal(bad, monkeypatch):
    audit = check(bad)
    for columns, width in (("80", 79), ("300", 99), ("10", 60)):
        monkeypatch.setenv("COLUMNS", columns)
        assert audit.table() == audit.table(width)


def test_the_keys_of_the_json_are_stable(bad):
    told = check(bad).as_dict()
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert list(told) == [
        *("version", "folder", "classes", "ok", "by", "counts", "sizes", "formats", "modes"),
        *("unreadable", "copies_searched", "copy_groups", "findings"),
    ]
    assert told["version"] == 1 and told["ok"] is False and told["classes"] == ["NG", "GO"]
    for finding in told["findings"]:
        assert list(finding) == ["severity", "kind", "sentence", "advice", "count", "groups"]


def status(*words):
    with pytest.raises(SystemExit) as caught:
        command.main(["check", *map(str, words)])
    return caught.value.code


def test_the_exit_status_tells(folder, tmp_path, capsys):
    assert status(folder) == 0 and "Nothing wrong was found." in capsys.readouterr().out
    (folder / "NG" / "broken.png").write_bytes(b"")
    assert status(folder, "--no-copies") == 3 and "broken.png" in capsys.readouterr().out
    assert status(tmp_path / "nowhere") == 1 and "was not found" in capsys.readouterr().err
    for wrong in ([], [folder, "--nonsense"], [folder, "--picture", "a.xyz"]):
        assert status(*wrong) == 2
    assert status(folder, "--picture", "a.png", "--no-copies") == 2
    assert status("--help") == 0 and "3 problems or warnings" in capsys.readouterr().out


def test_the_command_passes_its_options_on(folder, tmp_path, capsys):
    for name, other in (("GO", "100"), ("NG", "60")):
        (folder / name).rename(folder / other)
    (folder / "manifest.csv").unlink()
    assert status(folder, "--classes", "60", "100") == 0
    assert "100       12" in capsys.readouterr().out
    split = tmp_path / "split.csv"
    split.write_text("photo,part\n60/ng00.png,train\n", encoding="utf-8")
    (tmp_path / "sealed").mkdir()
    assert status(folder, "--classes", "60", "100", "--split", split, "--test", tmp_path / "sealed") == 1
    assert "sealed must hold 100/ and 60/" in capsys.readouterr().err


def test_json_and_picture_are_written_whole_or_not_at_all(bad, tmp_path, capsys):
    out = tmp_path / "out"
    assert status(bad, "--json", out / "a.json", "--picture", out / "a.png") == 3
    told = json.loads((out / "a.json").read_text(encoding="utf-8"))
    assert "PROBLEM" in capsys.readouterr().out and Image.open(out / "a.png").size[0] > 300
    assert status(bad, "--json", "-") == 3
    assert json.loads(capsys.readouterr().out) == told
    assert sorted(path.name for path in out.iterdir()) == ["a.json", "a.png"]
    assert status(bad, "--json", out / "a.json" / "b.json") == 1
    assert "could not be written" in capsys.readouterr().err


def test_importing_photos_is_light():
    words = "import sys; from fanaoi_helpers import photos; print({'cv2', 'sklearn'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


# ---- Strangers' texts and files ---------------------------------------------------------------------------

HOSTILE = "\x1b[2J\x1b[31mGO/zz\x9b.png\x1b]0;pwn\x07"


def test_what_is_printed_of_strangers_files_is_printable(folder, tmp_path, capsys):
    with (folder / "manifest.csv").open("a", encoding="utf-8") as file:
        file.write(f'\n"{HOSTILE}",S\n')
    split = tmp_path / "split.csv"
    split.write_text(f'photo,part\nGO/go00.png,train\n"{HOSTILE}",test\n', encoding="utf-8")
    save(folder / "GO" / "a\x1b[31m\nb.png", 999)
    (folder / "GO" / "broken\x1b[2J.png").write_bytes(b"x")
    (folder / "GO" / "notes.\x1b[2J").write_bytes(b"x")
    words = ["check", str(folder), "--split", str(split), "--no-copies"]
    for more in ([], ["--json", "-"]):
        with pytest.raises(SystemExit):
            command.main(words + more)
        out, err = capsys.readouterr()
        assert "zz" in out and all(line.isprintable() for line in out.split("\n")), out
        assert err == ""
    told = json.loads(out)
    assert "GO/a\x1b[31m\nb.png" in str(told["findings"]).encode().decode("unicode_escape")
    found = photos.load(folder, 8)
    assert all(line.isprintable() for line in found.describe().split("\n"))


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and links of POSIX")
@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "nothing"])
def test_a_manifest_or_split_that_is_no_file_is_told(folder, kind):
    path = folder / "manifest.csv"
    path.unlink()
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to("/dev/zero" if kind == "device" else "/nowhere")
    found = only(check(folder, copies=False), "manifest")
    assert found.severity == "problem" and "manifest.csv can't be read (" in found.sentence
    with pytest.raises(WorkbookError, match="can't be read"):
        photos.load(folder, 8)
    path.rename(folder.parent / "split.csv")
    with pytest.raises(WorkbookError, match="split.csv can't be read"):
        check(folder, split=folder.parent / "split.csv")


def test_a_list_that_is_too_long_is_not_read(folder, monkeypatch):
    monkeypatch.setattr(tables, "MOST_ROWS", 20)
    assert "more than 20 rows" in only(check(folder, copies=False), "manifest").sentence
    monkeypatch.setattr(tables, "MOST_BYTES", 100)
    assert "more than 0.0001 MB is not opened" in only(check(folder, copies=False), "manifest").sentence
    monkeypatch.undo()
    (folder / "manifest.csv").write_text(",".join(["a" * 100] * 100_000))
    with pytest.raises(WorkbookError, match="has the columns aaa.* but it needs photo and serial") as refused:
        photos.load(folder, 8)
    assert len(str(refused.value)) < 2100


def test_too_little_memory_is_a_reason(folder, monkeypatch):
    def full(pixels):
        raise MemoryError

    monkeypatch.setattr(measuring, "measure", full)
    assert "not enough memory (24)" in only(check(folder, copies=False), "unreadable").sentence


@pytest.mark.parametrize("left", [None, b"no photograph any more"])
def test_a_photograph_that_goes_while_copies_are_searched_for_is_passed_over(tmp_path, left, monkeypatch):
    paths = [save(tmp_path / f"{number}.png", number, (80, 80)) for number in range(3)]
    content = decoding.content

    def going(path):
        data = content(path)
        if path == paths[1]:
            path.unlink() if left is None else path.write_bytes(left)
        return data

    monkeypatch.setattr(decoding, "content", going)
    assert len(copies_module.find(paths).groups) == 3
    reason = dict(copies_module.find(paths).skipped)[1]
    assert ("No such file" if left is None else "not an image") in reason


def test_libraries_in_c_write_nothing_to_stderr(folder):
    buffer = io.BytesIO()
    Image.open(folder / "GO" / "go00.png").save(buffer, "TIFF", compression="tiff_adobe_deflate")
    start = Image.open(buffer).tag_v2[273][0]
    buffer.seek(start)
    buffer.write(bytes(40))
    (folder / "GO" / "torn.tif").write_bytes(buffer.getvalue())
    words = [sys.executable, "-m", "fanaoi_helpers", "check", str(folder), "--no-copies"]
    done = subprocess.run(words, capture_output=True, text=True, cwd=files.root())
    assert done.returncode == 3 and "1 file can't be read" in " ".join(done.stdout.split())
    assert done.stderr == ""
    loud = {**os.environ, "FANAOI_DEBUG": "1", "FANAOI_RUNS": str(folder / "other runs")}
    assert subprocess.run(words, capture_output=True, text=True, cwd=files.root(), env=loud).stderr
