"""Copies are searched for once: the second time costs nothing, and what is broken is made again."""

import os

import numpy as np
import pytest

from fanaoi_helpers.photos import copies, copies_cache
from fanaoi_helpers.photos.copies import Copies, Pair


@pytest.fixture
def searches(tmp_path, monkeypatch):
    """Return the list of the searches; the real one has tests of its own."""
    monkeypatch.setenv("FANAOI_RUNS", str(tmp_path / "runs"))
    made = []

    def find(paths):
        made.append(len(paths))
        pairs = (Pair(0, 1, 25, 0.91, -37.5, True, 1.25),) if len(paths) > 1 else ()
        return Copies(np.array([0, 0, *range(1, len(paths) - 1)], dtype=np.int64), pairs, ((2, "too plain"),))

    monkeypatch.setattr(copies, "find", find)
    return made


@pytest.fixture
def paths(tmp_path):
    for index in range(4):
        (tmp_path / f"{index}é.png").write_bytes(bytes([index]))
    return sorted(tmp_path.glob("*.png"))


def kept(tmp_path):
    return sorted((tmp_path / "runs" / "cache" / "copies").iterdir())


def test_the_second_search_costs_nothing_and_finds_the_same(searches, paths):
    first, second = copies_cache.find(paths), copies_cache.find([str(path) for path in paths])
    assert searches == [4]
    assert np.array_equal(first.groups, second.groups) and second.groups.dtype == np.int64
    assert second.pairs == first.pairs and second.skipped == first.skipped
    assert isinstance(second.pairs[0].mirrored, bool) and isinstance(second.pairs[0].points, int)


def test_photographs_that_were_moved_and_touched_are_not_compared_again(searches, paths, tmp_path):
    copies_cache.find(paths)
    moved = [path.rename(tmp_path / "runs" / path.name) for path in paths]
    os.utime(moved[1], (1, 1))
    copies_cache.find(moved)
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
    copies_cache.find(paths)
    change(paths)
    copies_cache.find(paths)
    assert len(searches) == 2


def test_what_is_broken_is_made_again(searches, paths, tmp_path):
    found = copies_cache.find(paths)
    (cache,) = kept(tmp_path)
    whole = cache.read_bytes()
    for broken in (b"", b"nonsense", whole[: len(whole) // 2], bytes(len(whole))):
        cache.write_bytes(broken)
        searches.clear()
        assert np.array_equal(copies_cache.find(paths).groups, found.groups) and searches == [4]
        assert cache.read_bytes() == whole
    np.savez(cache, groups=np.arange(3), pairs=np.zeros((0, 7)), skipped=np.frombuffer(b"[]", np.uint8))
    assert len(copies_cache.find(paths).groups) == 4


def test_no_room_for_the_cache_is_no_obstacle(searches, paths, tmp_path):
    (tmp_path / "runs").write_text("a file in its place")
    assert len(copies_cache.find(paths).groups) == len(copies_cache.find(paths).groups) == 4
    assert searches == [4, 4]


def test_the_oldest_searches_are_forgotten(searches, paths, tmp_path, monkeypatch):
    monkeypatch.setattr(copies_cache, "_MOST_KEPT", 2)
    for age, count in enumerate((4, 3, 2)):
        copies_cache.find(paths[:count])
        for path in kept(tmp_path):
            os.utime(path, (path.stat().st_mtime - 100 * (3 - age),) * 2)
    assert len(kept(tmp_path)) == 2
    copies_cache.find(paths[:2])
    assert searches == [4, 3, 2]
