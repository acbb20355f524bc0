"""Units off the line, and what a photograph shows of them: geometry, defects and blemishes, exact masks."""

import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
from scipy.ndimage import binary_dilation, rotate

from fanaoi_helpers import fans
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.fans import defects, kinds

NEVER = fans.Conditions(noise=0.0)  # no noise: what changes is the fan


# Units


def shares_of(kind, sizes, preset):
    """Where ``sizes`` lie in the preset's range of that kind, 0 to 1."""
    limits, sizes = fans.SIZES[kind], np.array(sorted(sizes))
    if preset == "all_sizes":
        low, high, even = defects.TINY, limits.largest, False
    else:
        low, high, even = limits.smallest, limits.usual, limits.even
    return (sizes - low) / (high - low) if even else np.log(sizes / low) / np.log(high / low)


@pytest.mark.parametrize("preset", fans.PRESETS)
def test_half_are_ng_and_kinds_and_sizes_are_spread(preset):
    ng = 60 * len(fans.DEFECTS)
    units = fans.make_units(2 * ng, seed=3, preset=preset)
    assert Counter(unit.label for unit in units) == {"GO": ng, "NG": ng}
    assert all(first.label != second.label for first, second in zip(units[::2], units[1::2], strict=True))
    assert Counter(unit.defect for unit in units if unit.defect) == dict.fromkeys(fans.DEFECTS, 60)
    assert len({unit.serial for unit in units}) == len({unit.seed for unit in units}) == 2 * ng
    for kind in fans.DEFECTS:
        shares = shares_of(kind, [unit.defect_size for unit in units if unit.defect == kind], preset)
        assert -0.01 <= shares[0] < 0.05 and 0.95 < shares[-1] <= 1.01
        assert np.diff(shares).max() < 0.05, f"{kind} has a hole in its sizes"


def test_presets_make_the_same_fans():
    usual, borderline, all_sizes = (
        fans.make_units(200, 4, preset=preset) for preset in ("usual", "borderline", "all_sizes")
    )
    for first, second, third in zip(usual, borderline, all_sizes, strict=True):
        assert first.blemish == third.blemish == ""
        assert (first.serial, first.seed, first.defect, first.defect_size) == (
            second.serial,
            second.seed,
            second.defect,
            second.defect_size,
        )
        assert (first.seed, first.defect) == (third.seed, third.defect)
    blemished = [unit for unit in borderline if unit.blemish]
    assert {unit.blemish for unit in blemished} == set(fans.BLEMISHES)
    for label in ("GO", "NG"):  # a blemish must not tell the verdict
        assert 35 <= sum(unit.label == label for unit in blemished) <= 65
    sizes = [unit.blemish_size for unit in blemished]
    assert min(sizes) < 0.6 and 0.9 * fans.BLEMISH_LIMIT < max(sizes) <= fans.BLEMISH_LIMIT


def test_labels_follow_no_order():
    labels = np.array([unit.is_go for unit in fans.make_units(2000, seed=0)])
    assert 0.44 < labels[::2].mean() < 0.56  # even places tell nothing
    assert 0.4 < (labels[1:-1:2] == labels[2::2]).mean() < 0.6  # nor does the unit before, across pairs


def test_more_units_begin_with_the_same_ones():
    assert fans.make_units(50, 8, preset="borderline") == fans.make_units(400, 8, preset="borderline")[:50]
    assert fans.make_units(50, seed=8) != fans.make_units(50, seed=9)


@pytest.mark.parametrize("blemish", fans.BLEMISHES)
def test_the_limit_sample_is_the_last_that_is_go(blemish):
    limit = fans.BLEMISH_LIMIT
    assert fans.make_unit("F1", 0, blemish=blemish, blemish_size=limit).label == "GO"
    with pytest.raises(WorkbookError, match=f"only up to {limit:g} mm and such a unit is NG"):
        fans.make_unit("F1", 0, blemish=blemish, blemish_size=limit * 1.01)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: fans.make_unit("F1", 0, "rust"), "defect is 'rust'"),
        (lambda: fans.make_unit("F1", 0, "scratch", 0), "defect_size is 0"),
        (lambda: fans.make_unit("F1", 0, "scratch", float("nan")), "defect_size is nan"),
        (lambda: fans.make_unit("F1", 0, "", 3), "GO unit has no defect"),
        (lambda: fans.make_unit("F1", 0, blemish="rust"), "blemish is 'rust'"),
        (lambda: fans.make_unit("F1", 0, blemish="dust", blemish_size=4), "blemish_size is 4"),
        (lambda: fans.make_unit("F1", 0, blemish="dust", blemish_size=-1), "blemish_size is -1"),
        (lambda: fans.make_unit("F1", 0, blemish_size=1), "unit has no blemish"),
        (lambda: fans.make_unit("F1", -1), "seed is -1"),
        (lambda: fans.make_units(0, 0), "units is 0"),
        (lambda: fans.make_units(True, 0), "units is True"),
        (lambda: fans.make_units(4, 0.5), "seed is 0.5"),
        (lambda: fans.make_units(4, 0, preset="rainy"), "preset is 'rainy'"),
        (lambda: fans.render("F1"), "unit is 'F1'"),
        (lambda: fans.render(fans.make_unit("F1", 0), -1), "shot is -1"),
        (lambda: fans.render(fans.make_unit("F1", 0), 0, 4), "size is 4"),
        (lambda: fans.render(fans.make_unit("F1", 0), design="AF120-5"), "design is 'AF120-5'"),
        (lambda: fans.render(fans.make_unit("F1", 0), conditions="usual"), "conditions is 'usual'"),
    ],
)
def test_bad_parameters_are_one_sentence(call, words):
    with pytest.raises(WorkbookError, match=words.replace("(", r"\(")) as refusal:
        call()
    assert str(refusal.value).endswith(".") and "\n" not in str(refusal.value)


# Photographs


@pytest.mark.parametrize("name", fans.DESIGNS)
@pytest.mark.parametrize("size", [16, 33, 80, 160, 300])
def test_any_size_shows_a_fan(size, name):
    photograph = fans.render(fans.make_unit("F1", 4), size=size, design=fans.DESIGNS[name])
    assert photograph.pixels.shape == (size, size, 3) and photograph.pixels.dtype == np.uint8
    assert photograph.mask.shape == (size, size) and photograph.mask.dtype == bool
    assert not photograph.mask.any() and photograph.box is None
    grey, edge = photograph.pixels.mean(axis=2), max(1, size // 40)
    assert grey[:edge].mean() > 70  # the mat
    assert np.ptp(grey[size // 3 : -(size // 3), size // 3 : -(size // 3)]) > 80  # the label's print
    assert (grey > 250).mean() < 0.01  # nothing is overexposed
    assert grey.min() < 45  # recesses and shadows


def test_sizes_show_the_same_scene():
    unit = fans.make_unit("F1", 11, "foreign_object", 20)
    small, large = (fans.render(unit, 1, size) for size in (80, 320))
    shrunk = large.pixels.reshape(80, 4, 80, 4, 3).mean(axis=(1, 3))
    assert np.abs(shrunk - small.pixels).mean() < 4
    assert np.abs(large.mask.reshape(80, 4, 80, 4).mean(axis=(1, 3)) - small.mask).mean() < 0.01


@pytest.mark.parametrize("design", [*fans.DESIGNS.values(), fans.Design(blades=6, struts=0, cable=False)])
def test_blades_can_be_counted(design):
    photograph = fans.render(fans.make_unit("F1", 2), size=320, design=design)
    angle = np.linspace(0, 2 * np.pi, 2000, endpoint=False)
    radius = 40 / fans.FIELD * 320
    x, y = (160 + radius * wave(angle) for wave in (np.cos, np.sin))
    # The mat between the blades is green, whatever the shading.
    green = photograph.pixels[..., 1].astype(float) - photograph.pixels[..., 0]
    green = green[y.astype(int), x.astype(int)] > 40
    power = np.abs(np.fft.rfft(green - green.mean()))
    # Struts hide some of the gaps, so look where there are more blades than struts.
    assert power[5:12].argmax() + 5 == design.blades


def test_designs_are_different_products():
    shots = [
        fans.render(fans.make_unit("F1", 1), size=80, design=design).pixels.astype(float)
        for design in fans.DESIGNS.values()
    ]
    assert len(shots) >= 3 and next(iter(fans.DESIGNS)) == fans.AF120.name == "AF120-7"
    again = fans.render(fans.make_unit("F2", 2), size=80).pixels
    same = np.abs(shots[0] - again).mean()
    for place, shot in enumerate(shots):
        assert all(np.abs(shot - other).mean() > 2.5 * same for other in shots[:place])


def test_the_same_unit_and_shot_are_the_same_bytes():
    unit = fans.make_unit("F1", 21, "scratch")
    again = fans.make_unit("F1", 21, "scratch")
    first = fans.render(unit, 2).pixels
    fans.render(fans.make_unit("F2", 5), 0, design=fans.DESIGNS["AF120-9"])
    assert (fans.render(again, 2).pixels == first).all()
    assert (fans.render(unit, 1).pixels != first).mean() > 0.5
    code = (
        "import sys; from fanaoi_helpers import fans\n"
        "pixels = fans.render(fans.make_unit('F1', 21, 'scratch'), 2).pixels\n"
        "heavy = {'cv2', 'sklearn', 'scipy', 'matplotlib', 'keras', 'tensorflow'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "sys.stdout.buffer.write(pixels.tobytes())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout == first.tobytes()


# Kinds


@pytest.fixture(scope="module")
def shots_of_kinds():
    """A photograph of one fan with each kind, as large as it can be asked for; "" is the good fan."""
    units = {"": fans.make_unit("F1", 3)}
    units |= {kind: fans.make_unit("F1", 3, kind, fans.SIZES[kind].largest) for kind in fans.DEFECTS}
    units |= {
        kind: fans.make_unit("F1", 3, blemish=kind, blemish_size=fans.BLEMISH_LIMIT)
        for kind in fans.BLEMISHES
    }
    return {kind: fans.render(unit, conditions=NEVER) for kind, unit in units.items()}


def test_no_two_kinds_draw_the_same_pixels(shots_of_kinds):
    kinds_of = {}
    for kind, shot in shots_of_kinds.items():
        kinds_of.setdefault(shot.pixels.tobytes(), []).append(kind or "no defect")
    assert [alike for alike in kinds_of.values() if len(alike) > 1] == []


@pytest.mark.parametrize("kind", fans.DEFECTS)
def test_every_kind_changes_the_pixels_and_says_where(kind, shots_of_kinds):
    bad, good = shots_of_kinds[kind], shots_of_kinds[""]
    changed = (bad.pixels != good.pixels).any(axis=2)
    assert changed.sum() >= 20 and bad.mask.sum() >= 20 and bad.box is not None
    assert (changed & bad.mask).sum() > 0.5 * bad.mask.sum()


@pytest.mark.parametrize("cls", [*kinds.DEFECT_KINDS.values(), *kinds.BLEMISH_KINDS.values()])
def test_a_kind_says_what_it_is(cls):
    sizes = cls.sizes
    assert defects.LEAST_SIZE < sizes.smallest < sizes.usual <= sizes.largest and sizes.means
    assert cls.called and "_" not in cls.called and cls.__doc__.endswith(".")
    assert (cls.kind in fans.DEFECTS) != (cls.kind in fans.BLEMISHES)


def test_the_kinds_keep_their_order():
    """Which fan gets which kind hangs on it: another order or number of kinds is another LINE_VERSION."""
    assert fans.LINE_VERSION == 2
    assert fans.DEFECTS == (
        *("label_missing", "label_off_center", "label_rotated", "label_torn"),
        *("blade_missing", "blade_chipped", "blade_cracked"),
        *("scratch", "foreign_object", "oil_stain", "screw_missing"),
    )
    assert tuple(fans.BLEMISHES) == ("dust", "scuff")


@pytest.mark.parametrize(("defect", "blemish"), [("blade_bent", ""), ("dust", ""), ("", "frame_cracked")])
def test_a_kind_that_nobody_draws_is_refused_with_those_that_there_are(defect, blemish):
    """Also where a unit was made by hand: it must not be drawn as another kind, nor as a good fan."""
    name, kind, known = (
        ("defect", defect, fans.DEFECTS) if defect else ("blemish", blemish, tuple(fans.BLEMISHES))
    )
    with pytest.raises(WorkbookError) as refusal:
        fans.render(fans.Unit("F1", 0, "NG", defect, 10.0, blemish, 2.0), size=16)
    assert str(refusal.value) == f"{name} is {kind!r}, but it must be one of {str(known)[1:-1]}."


def test_a_kind_that_can_not_be_drawn_is_refused_where_it_is_written():
    with pytest.raises(WorkbookError, match="'frame_cracked' changes no photograph; give its class Cracked"):

        class Cracked(defects.Defect, kind="frame_cracked"):
            sizes = defects.Sizes(5.0, 20.0, 30.0, "length")

    with pytest.raises(WorkbookError, match="'blade_bent' has no sizes; give its class Bent some"):

        class Bent(defects.Defect, kind="blade_bent"):
            def on_blade(self, blade):
                return blade.r, 0.0


def test_two_kinds_of_one_name_are_refused():
    class Base(defects.Damage):
        sizes = defects.Sizes(5.0, 20.0, 30.0, "length")

        def on_screw(self, screw):
            return None

    class First(Base, kind="one"):
        pass

    class Second(Base, kind="one"):
        pass

    with pytest.raises(WorkbookError, match=r"First \(one\), Second \(one\)\.$"):
        kinds._named(Base)


# Defects


@pytest.mark.parametrize("name", fans.DESIGNS)
@pytest.mark.parametrize("kind", fans.DEFECTS)
def test_a_defect_changes_its_mask_and_nothing_else(kind, name):
    """The GO and the NG unit of one seed are the same fan, shots and noise, but for the defect."""
    design, hidden = fans.DESIGNS[name], 0
    for seed in range(12 if design is fans.AF120 else 4):
        bad = fans.make_unit("F1", seed, kind)
        good = fans.make_unit("F1", seed)
        hurt, whole = (fans.render(unit, seed % 3, design=design) for unit in (bad, good))
        changed = np.abs(hurt.pixels.astype(int) - whole.pixels).max(axis=2)
        if hurt.box is None:  # as good as hidden, below a strut for instance
            hidden += 1
            assert changed.max() < 48, f"{kind}, seed {seed}"
            continue
        # The lens spreads an edge a little, slivers cover less than half a pixel, an object throws a shadow.
        around = binary_dilation(hurt.mask, iterations=6 if kind == "foreign_object" else 3)
        faint = 72 if kind in ("scratch", "label_rotated") else 24  # white on black shows even as a sliver
        many = 0.006 if kind == "label_rotated" else 0.001  # fine print that has moved by a little
        assert changed[~around].max() <= faint and (changed[~around] > 2).mean() < many, (
            f"{kind}, seed {seed}"
        )
        assert np.median(changed[hurt.mask]) > 15, f"{kind}, seed {seed}"
        y, x = np.nonzero(hurt.mask)
        assert hurt.box == (x.min(), y.min(), x.max() + 1, y.max() + 1)
    assert hidden <= 1


@pytest.mark.parametrize("name", fans.DESIGNS)
@pytest.mark.parametrize("kind", fans.DEFECTS)
def test_larger_defects_cover_more(kind, name):
    limits = fans.SIZES[kind]
    areas = []
    sizes = (limits.smallest, (limits.smallest * limits.usual) ** 0.5, limits.usual)
    for size in (1, 4, 14) if kind == "label_rotated" else sizes:  # beyond that, print lies upon print
        units = [fans.make_unit("F1", seed, kind, size) for seed in range(8)]
        areas.append(
            np.mean([fans.render(unit, size=120, design=fans.DESIGNS[name]).mask.sum() for unit in units])
        )
    assert 0 < areas[0] < areas[1] < areas[2]


@pytest.mark.parametrize("kind", fans.DEFECTS)
def test_the_smallest_that_can_be_asked_for_is_below_the_noise(kind):
    for seed in range(6):
        bad, good = (
            fans.render(unit, size=80, conditions=NEVER).pixels.astype(int)
            for unit in (fans.make_unit("F1", seed, kind, defects.LEAST_SIZE), fans.make_unit("F1", seed))
        )
        assert np.abs(bad - good).max() <= 24
        assert np.sqrt(np.mean((bad - good) ** 2)) < 1.5  # the noise's is 2


def extent(mask, scale):
    """The largest extent of a mask in mm."""
    y, x = np.nonzero(mask)
    return max(np.ptp(x * np.cos(a) + y * np.sin(a)) for a in np.linspace(0, np.pi, 60)) / scale


@pytest.mark.parametrize(
    ("kind", "size", "low", "high"),
    [
        ("label_off_center", 8, 42, 44),  # the label's width and how far it moved
        ("label_torn", 20, 18, 22),
        ("blade_chipped", 16, 14, 17),
        ("blade_cracked", 20, 16, 22),
        ("scratch", 20, 18.5, 21),
        ("foreign_object", 20, 18.5, 22),
        ("oil_stain", 20, 17, 22),
    ],
)
def test_masks_have_the_extent_they_say(kind, size, low, high):
    scale = 320 / fans.FIELD  # pixels per mm
    masks = [fans.render(fans.make_unit("F1", seed, kind, size), size=320).mask for seed in range(8)]
    # Some lie half below a strut or beyond an edge.
    extents = sorted(extent(mask, scale) for mask in masks if mask.any())
    assert low < extents[-2] and extents[-1] < high, extents


@pytest.mark.parametrize(
    ("kind", "size", "area"),
    [
        ("label_missing", 35, np.pi * 17.5**2),
        ("label_missing", 17.5, np.pi * 17.5**2 / 2),
        ("screw_missing", 8, np.pi * 4**2),
        ("screw_missing", 4, np.pi * 4**2 / 2),
    ],
)
def test_masks_have_the_area_they_say(kind, size, area):
    scale = 320 / fans.FIELD
    masks = [fans.render(fans.make_unit("F1", seed, kind, size), size=320).mask.sum() for seed in range(4)]
    assert np.allclose(np.array(masks) / scale**2, area, rtol=0.06)


def test_a_broken_blade_ends_where_it_says():
    scale = 320 / fans.FIELD
    for seed in range(4):
        y, x = np.nonzero(fans.render(fans.make_unit("F1", seed, "blade_missing", 15), size=320).mask)
        radius = np.hypot(x - 159.5, y - 159.5) / scale
        assert abs(np.ptp(np.percentile(radius, [1, 99])) - 15) < 3.5


@pytest.mark.parametrize("size", [8.0, 27.5, 55.0])
def test_a_turned_label_is_turned_by_its_arc(size):
    middle = slice(118, 202)  # the label, at 320 pixels
    good, bad = (
        fans.render(unit, size=320).pixels[middle, middle].mean(axis=2)
        for unit in (fans.make_unit("F1", 3), fans.make_unit("F1", 3, "label_rotated", size))
    )
    inner = np.hypot(*(np.indices(good.shape) - 41.5)) < 36
    turned = [np.abs(rotate(good, turn, reshape=False) - bad)[inner].mean() for turn in range(-180, 181)]
    assert abs(abs(np.argmin(turned) - 180) - np.degrees(size / 17.5)) < 2.5


def test_ng_is_almost_always_to_be_seen():
    units = [unit for unit in fans.make_units(240, seed=1) if unit.defect]
    hidden = [unit for unit in units if fans.render(unit).box is None]
    assert len(hidden) <= 2


def test_scratches_and_stains_lie_everywhere():
    """On blades, hub, label, struts and all sides of the frame, not only where one looks first."""
    for kind in ("scratch", "oil_stain"):
        masks = [fans.render(fans.make_unit("F1", seed, kind, 14)).mask for seed in range(60)]
        where = np.array([np.mean(np.nonzero(mask), axis=1) for mask in masks if mask.any()]) - 79.5
        radius = np.hypot(*where.T) * fans.FIELD / 160
        assert (radius < 23).sum() >= 3 and ((radius > 26) & (radius < 52)).sum() >= 10
        outside = where[radius > 57]
        assert (outside > 0).all(axis=1).any() and (outside < 0).all(axis=1).any()


# Blemishes


@pytest.mark.parametrize("blemish", fans.BLEMISHES)
def test_a_blemish_is_faint_small_and_not_in_the_mask(blemish):
    largest = []
    for seed in range(12):
        unit = fans.make_unit("F1", seed, blemish=blemish, blemish_size=fans.BLEMISH_LIMIT)
        stained, clean = fans.render(unit), fans.render(fans.make_unit("F1", seed))
        assert not stained.mask.any() and stained.box is None
        changed = stained.pixels.astype(int) - clean.pixels
        assert (np.abs(changed) > 8).any(axis=2).sum() < 60  # pixels of 25600
        largest.append(changed.max())
    assert np.median(largest) > 12 and max(largest) < 160
    if blemish == "scuff":
        assert max(largest) < 80  # a scratch adds twice as much


def test_a_blemish_does_not_touch_the_mask_of_a_defect():
    plain = fans.make_unit("F1", 5, "label_missing", 20)
    dusty = fans.make_unit("F1", 5, "label_missing", 20, blemish="dust", blemish_size=2)
    assert dusty.label == "NG" and (fans.render(plain).mask == fans.render(dusty).mask).all()
