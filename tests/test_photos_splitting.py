"""Splitting photographs three ways: whole units, both labels everywhere, the same for the same seed."""

import hashlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from fanaoi_helpers import photos
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.photos import cache, groups, splitting


@pytest.fixture(autouse=True)
def searched(monkeypatch):
    """Return what the search for copies finds, one entry for each search; nobody is a copy unless told."""
    found = []

    def copies_of(paths, contents):
        found.append(paths)
        return copies(np.arange(len(paths)))

    monkeypatch.setattr(cache, "copies_of", copies_of)
    return found


def copies(groups, skipped=()):
    return SimpleNamespace(groups=np.asarray(groups, dtype=np.int64), pairs=(), skipped=tuple(skipped))


def unopened(labels, serials):
    """Return Photos without pixels: enough to be split."""
    count = len(labels)
    return photos.Photos(
        pixels=np.zeros((count, 1, 1, 3), np.uint8),
        labels=np.asarray(labels, dtype=np.int64),
        serials=None if serials is None else np.asarray(serials, dtype=str),
        names=[str(index) for index in range(count)],
        defects=np.array([""] * count),
        sizes=np.full(count, np.nan),
        folder=Path(),
        paths=[f"{index}.png" for index in range(count)],
        contents=[f"{index:064x}" for index in range(count)],
    )


def random_photos(rng):
    """Return photographs with serials on all, some or none, units of 1 to 6, some with both labels."""
    labels, serials = [], []
    for unit in range(rng.integers(14, 60)):
        label = int(unit % 2) if unit < 12 else int(rng.random() < rng.uniform(0.1, 0.9))
        shots = int(rng.integers(1, 7))
        both = unit >= 12 and rng.random() < 0.1
        labels += [int(rng.integers(2)) if both else label for _ in range(shots)]
        serials += [f"s{unit}"] * shots
    order = rng.permutation(len(labels))
    labels, serials = np.array(labels)[order], np.array(serials)[order]
    kind = rng.integers(3)
    if kind == 1:
        serials[rng.random(len(serials)) < 0.3] = ""
    return unopened(labels, None if kind == 2 else serials)


@pytest.mark.parametrize("seed", range(60))
def test_a_split_keeps_units_whole_and_meets_the_shares(seed):
    rng = np.random.default_rng(seed)
    found = random_photos(rng)
    shares = (0.6, 0.2, 0.2)
    parts = photos.split(found, seed)
    arrays = [parts.train, parts.validation, parts.test]
    together = np.concatenate(arrays)
    assert sorted(together.tolist()) == list(range(len(found)))
    units = [set(found.unit_ids[part].tolist()) for part in arrays]
    assert not (units[0] & units[1] or units[0] & units[2] or units[1] & units[2])
    if found.serials is not None:
        named = [set(found.serials[part].tolist()) - {""} for part in arrays]
        assert not (named[0] & named[1] or named[0] & named[2] or named[1] & named[2])
    assert parts.by == ("copies" if found.serials is None else "serial")
    assert parts.torn == 0
    biggest = np.bincount(found.unit_ids).max()
    for part, share, row in zip(arrays, shares, parts.summary(), strict=True):
        assert part.dtype.kind == "i" and (np.diff(part) > 0).all()
        for label, name in ((1, "GO"), (0, "NG")):
            count = int((found.labels[part] == label).sum())
            assert count == row[name] > 0
            # Where a part would get nothing, it gets a unit all the same; mixed units pull both ways.
            assert abs(count - share * (found.labels == label).sum()) <= 2 * biggest
        assert row["photographs"] == len(part) and row["units"] == len(set(found.unit_ids[part].tolist()))
    same = photos.split(found, seed)
    assert all(np.array_equal(getattr(parts, name), getattr(same, name)) for name in photos.PARTS)


def test_equal_units_are_split_exactly_and_another_seed_moves_them():
    labels = np.repeat([1, 0], 200)
    found = unopened(labels, np.repeat(np.arange(100), 4))
    tests = set()
    for seed in range(5):
        parts = photos.split(found, seed)
        assert [(row["GO"], row["NG"], row["units"]) for row in parts.summary()] == [
            (120, 120, 60),
            (40, 40, 20),
            (40, 40, 20),
        ]
        tests.add(tuple(parts.test.tolist()))
    assert len(tests) == 5


def test_every_unit_can_come_into_every_part():
    found = unopened(np.repeat([1, 0], 20), np.repeat(np.arange(20), 2))
    seen = {unit: set() for unit in range(20)}
    for seed in range(80):
        parts = photos.split(found, seed)
        for name in photos.PARTS:
            for unit in found.unit_ids[getattr(parts, name)].tolist():
                seen[unit].add(name)
    assert all(names == set(photos.PARTS) for names in seen.values())


@pytest.mark.parametrize("seed", range(40))
def test_five_units_of_a_label_are_enough_whatever_their_sizes(seed):
    sizes = np.random.default_rng(seed).integers(1, 20, 10)
    labels = np.repeat(np.arange(10) % 2, sizes)
    for row in photos.split(unopened(labels, np.repeat(np.arange(10), sizes)), seed).summary():
        assert row["GO"] and row["NG"]


def test_too_few_units_are_refused_with_the_counts():
    with pytest.raises(WorkbookError, match="There are 4 GO and 9 NG units, .* at least 5 of each"):
        photos.split(unopened([1] * 8 + [0] * 9, list("aabbccdd") + list("efghijklm")), 0)
    with pytest.raises(WorkbookError, match="There are 4 GO and 0 NG photographs, but"):
        photos.split(unopened([1] * 4, None), 0, copies=False)
    with pytest.raises(WorkbookError, match=r"There are 2 GO and 9 NG photographs \(copies counted once\)"):
        photos.split(unopened([1] * 8 + [0] * 9, None), 0, copies([0] * 4 + [1] * 4 + list(range(2, 11))))
    with pytest.raises(WorkbookError, match="0 GO and 0 NG"):
        photos.split(unopened([], None), 0)


@pytest.mark.parametrize("seed", range(20))
def test_units_with_both_labels_leave_both_in_every_part(seed):
    counts = np.random.default_rng(seed).integers(1, 30, (6, 2))
    labels = np.concatenate([np.repeat([0, 1], unit) for unit in counts])
    for row in photos.split(unopened(labels, np.repeat(np.arange(6), counts.sum(axis=1))), seed).summary():
        assert row["GO"] and row["NG"]


def test_a_seed_that_makes_no_sense_is_refused():
    for seed in (-1, 0.5, "1", None):
        with pytest.raises(WorkbookError, match="seed"):
            photos.split(unopened([0, 1] * 5, None), seed)


def test_a_split_says_what_it_did():
    text = str(photos.split(unopened([0, 1] * 10, np.repeat(np.arange(10), 2)), 0))
    assert text.splitlines()[0] == "Split by serial: all photographs of a unit are in one part."
    columns = "part  photographs  GO  GO units  NG  NG units  units"
    assert text.splitlines()[1] == columns.replace("part", "part      ")
    assert text.splitlines()[2].split() == ["train", "12", "6", "6", "6", "6", "6"]
    assert len({len(line) for line in text.splitlines()[1:]}) == 1


def test_units_are_counted_for_each_label():
    """Sixty photographs of GO may be of six units; a score on them rests on as many as the test has."""
    labels = np.repeat([1, 0], 60)
    serials = np.r_[np.arange(60) // 10, 100 + np.arange(60) // 2]
    found = unopened(labels, serials)
    parts = photos.split(found, 0)
    assert found.units_of_each == {"GO": 6, "NG": 30}
    for row, part in zip(parts.summary(), parts.parts.values(), strict=True):
        for label, name in ((1, "GO"), (0, "NG")):
            held = set(serials[part][labels[part] == label].tolist())
            assert row[f"{name} units"] == len(held) > 0
    assert sum(row["GO units"] for row in parts.rows) == 6
    few = parts.notes[-1]
    of_test = parts.summary()[-1]
    assert few.startswith("Few units: the ") and "A score rests on units" in few
    assert f"the {of_test['GO']} GO of test are {of_test['GO units']}" in few
    many = photos.split(unopened(labels, 100 + np.arange(120)), 0)
    assert not any("Few units" in note for note in many.notes), "one photograph of each: nothing is hidden"


def test_the_same_split_as_ever_by_serial():
    """Scores that were promised, and outputs that are stored, depend on it."""

    def digest(found, seed):
        parts = photos.split(found, seed)
        kept = [getattr(parts, name).astype("<i8").tobytes() for name in photos.PARTS]
        return hashlib.sha256(b"|".join([*kept, b""])).hexdigest()[:8]

    line = unopened(np.repeat([1, 0], 200), np.repeat(np.arange(100), 4))
    rng = np.random.default_rng(0)
    sizes = rng.integers(1, 9, 120)
    uneven = unopened(np.repeat(rng.random(120) < 0.3, sizes), np.repeat(np.arange(120), sizes))
    assert [digest(line, seed) for seed in range(3)] == ["7648ee32", "7ff60129", "1e3efc4a"]
    assert [digest(uneven, seed) for seed in range(3)] == ["91521912", "c7971cb9", "b2046fae"]


def test_serials_spare_the_search(searched):
    found = unopened([0, 1] * 10, np.repeat(np.arange(10), 2))
    assert photos.split(found, 0).notes == () and not searched
    assert np.array_equal(photos.split(found, 0).groups, found.unit_ids)


# --- By copies ---------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(10))
def test_copies_stay_together_where_there_are_no_serials(seed, monkeypatch):
    rng = np.random.default_rng(seed)
    groups = rng.permutation(np.repeat(np.arange(40), rng.integers(1, 8, 40)))
    found = unopened(groups % 3 > 0, None)
    monkeypatch.setattr(cache, "copies_of", lambda paths, contents: copies(groups, [(3, "too plain")]))
    parts = photos.split(found, seed)
    assert parts.by == "copies" and parts.torn == 0
    held = [set(groups[part].tolist()) for part in parts.parts.values()]
    assert sum(map(len, held)) == len(set.union(*held)) == 40
    assert [row["units"] for row in parts.summary()] == [len(units) for units in held]
    shares = [len(part) / len(groups) for part in parts.parts.values()]
    assert np.allclose(shares, splitting.SHARES, atol=0.06)
    text = str(parts)
    assert text.startswith("Split by copies: all copies of one photograph are in one part.")
    assert f"{len(groups)} photographs come from 40." in text
    assert "Too little to compare in 1 photographs (first: 3)" in text


def test_photographs_without_a_serial_join_the_unit_of_their_copies(monkeypatch):
    serials = np.repeat([f"s{unit}" for unit in range(12)], 3)
    groups = np.arange(36)
    serials[2::3] = ""  # the third photograph of each unit is a copy of the first one
    groups[2::3] = groups[0::3]
    found = unopened(np.repeat([0, 1], 18), serials)
    assert len(set(photos.split(found, 0).groups.tolist())) == 24  # nobody found the copies
    monkeypatch.setattr(cache, "copies_of", lambda paths, contents: copies(groups))
    parts = photos.split(found, 0)
    assert parts.by == "serial" and parts.groups.tolist() == np.repeat(np.arange(12), 3).tolist()
    assert parts.notes[0] == "Copies of one photograph were kept together: 24 units by serial became 12."


def test_given_copies_join_serials_that_differ():
    serials = np.repeat([f"s{unit}" for unit in range(20)], 2)
    groups = np.arange(40)
    groups[1::4] = groups[2::4]  # the last shot of s0 is a copy of the first of s1, and so on
    found = unopened(np.repeat([0, 1], 20), serials)
    for seed in range(5):
        parts = photos.split(found, seed, copies(groups))
        assert parts.by == "serial" and parts.torn == 0
        assert parts.groups.tolist() == np.repeat(np.arange(10), 4).tolist()


def test_serials_finer_than_units_do_not_tear_the_copies_that_an_audit_found(monkeypatch):
    labels = np.tile([0, 0, 1, 1], 15)
    album = unopened(labels, [f"own{index}" for index in range(60)])  # a serial for each photograph
    assert photos.split(album, 0).notes == ()  # nobody searched, and nobody knows
    pairs = copies(np.arange(60) // 2)
    monkeypatch.setattr(cache, "known_copies", lambda contents: pairs)
    monkeypatch.setattr("fanaoi_helpers.photos.copies.surely", lambda paths, found, kinds: found)
    split = photos.split(album, 0)
    assert split.by == "serial" and split.with_units(pairs.groups).torn == 0
    assert "60 units by serial became 30" in split.notes[0]
    # What is only alike, such as units of one design, is not joined.
    monkeypatch.setattr("fanaoi_helpers.photos.copies.surely", lambda paths, found, kinds: np.arange(60))
    assert photos.split(album, 0).notes == ()


def test_without_a_search_the_reader_is_warned(searched):
    parts = photos.split(unopened([0, 1] * 10, None), 0, copies=False)
    assert parts.by == "photograph" and "may be in two parts" in str(parts).splitlines()[0]
    assert "what was memorized" in str(parts).splitlines()[-1] and not searched
    some = unopened([0, 1] * 10, ["a", "a", *"bcdefghijklmnopqr", ""])
    assert "1 photographs have no serial and copies" in str(photos.split(some, 0, copies=False))


def test_copies_that_do_not_fit_are_refused():
    found = unopened([0, 1] * 10, None)
    with pytest.raises(WorkbookError, match="searched for in 3 photographs, but there are 20"):
        photos.split(found, 0, copies([0, 1, 2]))
    for wrong in (None, "yes", [0] * 20):
        with pytest.raises(WorkbookError, match="^copies is "):
            photos.split(found, 0, wrong)
    found.paths.clear()
    with pytest.raises(WorkbookError, match="have no paths"):
        photos.split(found, 0)


def test_one_giant_unit_is_refused_and_a_large_one_is_for_training():
    giant, labels = copies(np.maximum(np.arange(70) - 35, 0)), np.repeat([0, 1], [40, 30])
    with pytest.raises(WorkbookError, match="One unit holds 36 of the 70 photographs, but at most 50%"):
        photos.split(unopened(labels, None), 0, giant)
    labels = np.repeat([0, 1], 30)
    for seed in range(10):
        parts = photos.split(unopened(labels, None), seed, copies(np.maximum(np.arange(60) - 24, 0)))
        assert 0 in parts.train
        assert "Whole units do not fit 60 %, 20 %, 20 % any better: GO 6" in parts.notes[-1]


def test_units_of_wild_sizes_leave_both_labels_in_every_part_or_are_refused():
    refused = 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        sizes = np.clip(rng.pareto(0.7, 14) * 3, 1, 400).astype(int)
        labels = np.repeat(np.arange(14) < 5, sizes)
        try:
            parts = photos.split(unopened(labels, np.repeat(np.arange(14), sizes)), seed)
        except WorkbookError as error:
            refused += 1
            assert "One unit holds" in str(error) or "would lack a label" in str(error)
        else:
            assert all(row["GO"] and row["NG"] for row in parts.summary())
    assert 10 < refused < 100


def test_groups_are_joined_through_chains():
    rng = np.random.default_rng(0)
    for _ in range(20):
        first, second = rng.integers(0, 30, (2, 40))
        together = groups.joined(first, second)
        edges = (first[:, None] == first) | (second[:, None] == second)
        reach = np.linalg.matrix_power(edges.astype(float), 40) > 0
        assert np.array_equal(together[:, None] == together, reach)
        assert list(dict.fromkeys(together.tolist())) == list(range(together.max() + 1))


# --- The wrong way -----------------------------------------------------------------------------


def test_a_random_split_tears_units_and_counts_them():
    labels, serials = np.repeat([1, 0], 200), np.repeat(np.arange(100), 4)
    found = unopened(labels, serials)
    parts = photos.split_random(found, 3)
    assert parts.by == "photograph" and sorted(np.concatenate(list(parts.parts.values()))) == list(range(400))
    assert [(row["GO"], row["NG"]) for row in parts.summary()] == [(120, 120), (40, 40), (40, 40)]
    sides = [len({n for n, part in parts.parts.items() if unit in serials[part]}) for unit in range(100)]
    assert parts.torn == sum(count > 1 for count in sides) > 70
    assert f"{parts.torn} of 100 units have photographs in more than one part." in str(parts).splitlines()[0]
    assert "on purpose" in str(parts) and parts.groups.tolist() == found.unit_ids.tolist()
    assert np.array_equal(parts.test, photos.split_random(found, 3).test)
    assert not np.array_equal(parts.test, photos.split_random(found, 4).test)


def test_a_random_split_counts_torn_copies_where_there_are_no_serials(searched):
    found, groups = unopened([1, 0] * 40, None), np.arange(80) // 8
    assert photos.split_random(found, 0, copies(groups)).torn == 10
    assert photos.split_random(found, 0).torn == 0 and len(searched) == 1
    assert photos.split_random(found, 0, copies=False).torn == 0 and len(searched) == 1
    with pytest.raises(WorkbookError, match="There are 4 GO and 4 NG photographs"):
        photos.split_random(unopened([1, 0] * 4, None), 0)


@pytest.mark.parametrize("seed", range(20))
def test_a_sample_has_both_labels_however_rare_one_is(seed):
    rng = np.random.default_rng(seed)
    labels = rng.permutation([1] * 1995 + [0] * 5)
    some = np.union1d(rng.permutation(2000)[:1200], np.flatnonzero(labels == 0)[:1])
    order = photos.mixed(some, labels, rng)
    assert sorted(order) == some.tolist()
    assert all(set(labels[order[:count]]) == {0, 1} for count in (2, 128, 400))
    assert not np.array_equal(order, photos.mixed(some, labels, rng)), "another order each time"


def test_of_one_label_a_sample_has_that():
    order = photos.mixed(np.array([4, 7, 5]), np.ones(8, int), np.random.default_rng(0))
    assert sorted(order) == [4, 5, 7]
    assert photos.mixed(np.array([], int), np.ones(8, int), np.random.default_rng(0)).size == 0
