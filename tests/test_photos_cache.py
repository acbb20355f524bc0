"""A photograph is opened once: a second load, split or audit reads no file, and what breaks is made again."""

import hashlib
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from fanaoi_helpers import fans, photos
from fanaoi_helpers.audit import check
from fanaoi_helpers.photos import cache, copies, decoding
from fanaoi_helpers.photos.copies import Copies

# --- Files that are read, and decoded ----------------------------------------------------------


@pytest.fixture
def work(monkeypatch):
    """Count the reads and decodes of each photograph."""
    counts = {"reads": [], "decodes": []}
    content, decode = decoding.content, decoding.decode
    monkeypatch.setattr(decoding, "content", lambda path: counts["reads"].append(path) or content(path))
    monkeypatch.setattr(
        decoding, "decode", lambda data, target: counts["decodes"].append(data) or decode(data, target)
    )
    return counts


@pytest.fixture
def folder(tmp_path, runs):
    """24 photographs without serials, one of them broken, and a copy."""
    folder = fans.produce(tmp_path / "line", 12, 2, 0, size=64, workers=1) / "photos"
    (tmp_path / "line" / "manifest.csv").unlink()
    (folder / "GO" / "broken.png").write_bytes(b"no photograph")
    first = min((folder / "NG").glob("*.png"))
    shutil.copy(first, folder / "NG" / "copy.png")
    return folder


def counted(work, step):
    """Return how many files were read and decoded by a step."""
    for calls in work.values():
        calls.clear()
    step()
    return len(work["reads"]), len(work["decodes"])


def test_each_step_reads_a_photograph_once_and_never_again(folder, work):
    album = photos.load(folder, 32)
    assert counted(work, lambda: photos.load(folder, 32)) == (0, 0)
    assert counted(work, lambda: photos.split(album, 0)) == (25, 25)  # the search wants them larger
    assert counted(work, lambda: photos.split(album, 0)) == (0, 0)
    assert counted(work, lambda: photos.split(photos.load(folder, 32), 1)) == (0, 0)
    assert counted(work, lambda: check(folder)) == (26, 26)  # at full size; the search was made
    assert counted(work, lambda: check(folder)) == (0, 0)
    assert counted(work, lambda: check(folder, split=photos.split(album, 2))) == (0, 0)


def test_the_first_opening_reads_each_file_once(folder, work):
    assert counted(work, lambda: photos.load(folder, 32)) == (26, 26)


def test_a_photograph_is_known_by_the_hash_of_its_file(folder):
    album, audit = photos.load(folder, 32), check(folder)
    with_hash = [hashlib.sha256(Path(path).read_bytes()).hexdigest() for path in album.paths]
    assert album.contents == with_hash == [photo.content for photo in audit.readable]
    assert copies.find(album.paths).contents == tuple(with_hash)


def test_an_audit_sees_what_changed_and_opens_nothing_else(folder, work):
    before = check(folder).as_dict()
    path = min((folder / "GO").glob("*.png"))
    path.unlink()
    assert counted(work, lambda: check(folder, copies=False)) == (0, 0)
    shutil.copy(min((folder / "NG").glob("*.png")), path)
    reads, decodes = counted(work, lambda: check(folder, copies=False))
    assert (reads, decodes) == (1, 0)  # it has the content of another one
    assert check(folder).as_dict() != before


# --- Searches for copies -----------------------------------------------------------------------


@pytest.fixture
def searches(tmp_path, monkeypatch):
    """Return the list of the searches; the real one has tests of its own."""
    monkeypatch.setenv("FANAOI_RUNS", str(tmp_path / "runs"))
    made = []

    def find(paths):
        made.append(len(paths))
        groups = np.array([0, 0, *range(1, len(paths) - 1)], dtype=np.int64)
        return Copies(groups, ((2, "too plain"),), contents_of(paths))

    monkeypatch.setattr(copies, "find", find)
    return made


def contents_of(paths):
    return tuple(decoding.opened(path, lambda data, _: decoding.Decoded(None)).content for path in paths)


def find(paths):
    return cache.copies_of(paths, contents_of(paths))


@pytest.fixture
def paths(tmp_path):
    for index in range(4):
        (tmp_path / f"{index}é.png").write_bytes(bytes([index]))
    return sorted(tmp_path.glob("*.png"))


def kept(tmp_path):
    return sorted((tmp_path / "runs" / "cache" / "copies").iterdir())


def test_the_second_search_costs_nothing_and_finds_the_same(searches, paths):
    first, second = find(paths), find([str(path) for path in paths])
    assert searches == [4]
    assert np.array_equal(first.groups, second.groups) and second.groups.dtype == np.int64
    assert second.skipped == first.skipped == ((2, "too plain"),)


def test_photographs_that_were_moved_and_touched_are_not_compared_again(searches, paths, tmp_path):
    find(paths)
    moved = [path.rename(tmp_path / "runs" / path.name) for path in paths]
    os.utime(moved[1], (1, 1))
    find(moved)
    assert len(searches) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda paths: paths[1].write_bytes(b"changed"),
        lambda paths: paths[1].unlink(),
        lambda paths: paths.pop(),
        lambda paths: paths.reverse(),
    ],
)
def test_a_change_is_noticed(searches, paths, change):
    find(paths)
    change(paths)
    find(paths)
    assert len(searches) == 2


def test_a_file_that_changed_since_it_was_opened_is_not_taken_for_the_old_one(searches, paths):
    before = contents_of(paths)
    paths[1].write_bytes(b"changed")
    cache.copies_of(paths, before)
    cache.copies_of(paths, before)
    assert len(searches) == 2  # nothing was kept for what nobody saw
    find(paths)
    assert len(searches) == 2


def test_what_is_broken_is_made_again(searches, paths, tmp_path):
    found = find(paths)
    (kept_file,) = kept(tmp_path)
    whole = kept_file.read_bytes()
    for broken in (b"", b"nonsense", whole[: len(whole) // 2], bytes(len(whole))):
        kept_file.write_bytes(broken)
        searches.clear()
        assert np.array_equal(find(paths).groups, found.groups) and searches == [4]
        assert kept_file.read_bytes() == whole
    kept_file.write_text('{"groups": [0, 1, 2], "pairs": [], "skipped": []}')
    assert len(find(paths).groups) == 4


def test_no_room_for_the_cache_is_no_obstacle(searches, paths, tmp_path):
    (tmp_path / "runs").write_text("a file in its place")
    assert len(find(paths).groups) == len(find(paths).groups) == 4
    assert searches == [4, 4]


def test_the_oldest_searches_are_forgotten(searches, paths, tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "MOST_SEARCHES", 2)
    for age, count in enumerate((4, 3, 2)):
        find(paths[:count])
        for path in kept(tmp_path):
            os.utime(path, (path.stat().st_mtime - 100 * (3 - age),) * 2)
    assert len(kept(tmp_path)) == 2
    find(paths[:2])
    assert searches == [4, 3, 2]
