"""What can be turned at the station does what it does at a real one; presets are whole days of that."""

import dataclasses

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from fanaoi_helpers import fans
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.fans import camera

# Nothing varies from shot to shot: what changes is what was turned.
STILL = dataclasses.replace(
    fans.USUAL,
    **{field.name: 0.0 for field in dataclasses.fields(fans.Conditions) if field.name.endswith("_spread")},
    noise=0.0,
)
LIMITS = {field.name: field.metadata["limits"] for field in dataclasses.fields(fans.Conditions)}
GOOD = fans.make_unit("F1", 6)


def taken(unit=GOOD, **turned):
    """A photograph with the conditions turned, as float."""
    shot = fans.render(unit, size=160, conditions=dataclasses.replace(STILL, **turned))
    return shot.pixels.astype(float), shot.mask


def middle_of(mask):
    """The middle of a mask in mm from the picture's middle, (x, y)."""
    return (np.mean(np.nonzero(mask), axis=1)[::-1] - 79.5) * fans.FIELD / 160


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("end", [0, 1])
def test_absurd_conditions_are_one_sentence(name, end):
    limit = LIMITS[name][end]
    fans.Conditions(**{name: limit})
    for bad in (limit + (1 if end else -1), float("nan"), "much"):
        with pytest.raises(WorkbookError, match=f"{name} is .* from .* to ") as refusal:
            fans.Conditions(**{name: bad})
        assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("end", [0, 1])
def test_the_farthest_conditions_still_give_a_photograph(end):
    extreme = fans.Conditions(**{name: limits[end] for name, limits in LIMITS.items()})
    unit = fans.make_unit("F1", 1, "oil_stain", 30)
    for name in fans.DESIGNS:
        assert fans.render(unit, size=40, design=fans.DESIGNS[name], conditions=extreme).pixels.size == 4800


def test_exposure_multiplies():
    usual, _ = taken()
    longer, _ = taken(exposure=1.3)
    dark = (usual > 40) & (usual < 180)
    assert np.allclose(longer[dark] / usual[dark], 1.3, atol=0.05)
    assert np.median(longer[dark] / usual[dark]) == pytest.approx(1.3, abs=0.01)
    assert longer.max() <= 255


def test_half_the_lamp_is_a_little_more_than_half_the_light():
    usual, _ = taken()
    dim, _ = taken(light=0.5)
    middle = (slice(60, 100), slice(60, 100))
    share = np.median(dim[middle] / np.maximum(usual[middle], 1))
    assert share == pytest.approx(camera.HALL + (1 - camera.HALL) / 2, abs=0.02)


def test_white_balance_moves_red_and_blue():
    usual, _ = taken()
    warm, _ = taken(red=1.2, blue=0.8)
    gains = [
        np.median((warm / np.maximum(usual, 1))[..., channel][usual[..., 1] < 150]) for channel in range(3)
    ]
    assert np.allclose(gains, [1.2, 1.0, 0.8], atol=0.03)


def test_focus_is_a_gaussian_blur_in_mm():
    sharp, _ = taken(focus=0.0)
    soft, _ = taken(focus=1.5)
    pixels = 1.5 / fans.FIELD * 160
    expected = gaussian_filter(sharp, (pixels, pixels, 0))
    assert np.abs(soft - expected)[8:-8, 8:-8].mean() < 1.0 < np.abs(soft - sharp).mean()


@pytest.mark.parametrize("name", fans.DESIGNS)
def test_the_lamp_shades_from_where_it_stands(name):
    def sides(direction):
        turned = dataclasses.replace(STILL, light_direction=direction)
        grey = fans.render(GOOD, conditions=turned, design=fans.DESIGNS[name]).pixels.mean(axis=2)
        bevel = grey[65:95, 53:57].mean() - grey[65:95, 103:107].mean()  # left side of the hub against right
        mat = grey[60:100, 1:4].mean() - grey[60:100, -4:-1].mean()
        return bevel, mat

    left, right = sides(180.0), sides(0.0)
    assert left[0] > 5 > -5 > right[0]  # the bevel that faces the lamp is bright
    assert left[1] > 5 > -5 > right[1]  # and the frame's shadow lies on the other side


def test_pose_is_in_mm_and_degrees():
    label = fans.make_unit("F1", 6, "label_missing", 35)
    screw = fans.make_unit("F1", 6, "screw_missing", 8)
    at = middle_of(taken(label)[1])
    moved = middle_of(taken(label, shift_x=10.0, shift_y=-5.0)[1])
    assert np.allclose(moved - at, [10, -5], atol=0.3)
    x, y = middle_of(taken(screw)[1])
    assert np.allclose(middle_of(taken(screw, turn=90.0)[1]), [-y, x], atol=0.4)  # clockwise
    assert np.allclose(middle_of(taken(screw, zoom=0.8)[1]), [0.8 * x, 0.8 * y], atol=0.4)


def test_the_rotor_turns_and_the_rest_stays():
    unit = fans.make_unit("F1", 6, "blade_missing", 31)
    angles = []
    for rotor in (0.0, 40.0):
        x, y = middle_of(taken(unit, rotor=rotor)[1])
        angles.append(np.degrees(np.arctan2(y, x)))
    assert (angles[1] - angles[0]) % 360 == pytest.approx(40, abs=4)
    one, other = taken(rotor=0.0)[0], taken(rotor=20.0)[0]
    still = np.abs(one - other).max(axis=2)
    assert still[:10].max() <= 1 and still[65:95, 65:95].max() <= 1  # frame and label


def test_noise_has_the_strength_it_says():
    clean, _ = taken()
    noisy, _ = taken(noise=0.05)
    light = clean.min(axis=2) > 150
    light = light & (clean.max(axis=2) < 220)
    strength = np.std((noisy - clean)[light]) / 255
    assert 0.035 < strength < 0.05
    dark = clean.max(axis=2) < 60
    assert np.std((noisy - clean)[dark]) / 255 < strength  # light itself is noisy


def test_jpeg_loses_a_little():
    plain, _ = taken()
    fine, coarse = (taken(jpeg_quality=quality)[0] for quality in (95, 20))
    assert 0 < np.abs(fine - plain).mean() < np.abs(coarse - plain).mean() < 12
    assert (taken(jpeg_quality=20)[0] == coarse).all()


def test_spreads_vary_from_shot_to_shot_and_stay_within():
    wide = dataclasses.replace(STILL, exposure_spread=0.3)
    levels = [fans.render(GOOD, shot, 40, conditions=wide).pixels.mean() for shot in range(40)]
    middle = fans.render(GOOD, 0, 40, conditions=STILL).pixels.mean()
    shares = np.array(levels) / middle
    assert 0.68 < shares.min() < 0.78 and 1.22 < shares.max() < 1.32


# Presets


def lamp_of(unit, place, units, preset, size=80):
    """What the picture's border tells of the lamp: level, tint and slope."""
    chosen = fans.PRESETS[preset]
    shot = fans.render(unit, 0, size, conditions=chosen.conditions(unit, place / (units - 1)))
    border = np.concatenate([shot.pixels[:3].reshape(-1, 3), shot.pixels[-3:].reshape(-1, 3)]).astype(float)
    red, green, blue = border.mean(axis=0)
    noise = np.diff(shot.pixels[:2].astype(float), axis=1).std()
    slope = float(shot.pixels[:3].mean()) - float(shot.pixels[-3:].mean())
    return {"level": green, "tint": red / blue, "slope": slope, "noise": noise}


def ranked(good, bad):
    """The share of pairs of a GO and an NG in which the GO has more (the area under the ROC curve)."""
    good, bad = np.asarray(good), np.asarray(bad)
    return float(np.mean(good[:, None] > bad[None, :]))


def separation(preset, units=160, seed=2):
    made = fans.make_units(units, seed, preset=preset)
    measures = [lamp_of(unit, place, units, preset) for place, unit in enumerate(made)]
    labels = [unit.label for unit in made]
    return {
        name: ranked(
            *(
                [measure[name] for measure, label in zip(measures, labels, strict=True) if label == wanted]
                for wanted in ("GO", "NG")
            )
        )
        for name in measures[0]
    }


@pytest.mark.parametrize("preset", ["usual", "drift_day", "borderline", "all_sizes"])
def test_border_and_noise_tell_nothing(preset):
    """Where no defect can be, GO and NG photographs must be alike: no leak. 80 of each: 0.5 ± 0.045."""
    for name, area in separation(preset).items():
        assert abs(area - 0.5) < 0.16, name


def test_the_shortcut_is_in_the_border():
    areas = separation("shortcut")
    assert abs(areas["tint"] - 0.5) > 0.45  # a ruler of one number knows the verdict without seeing the fan
    unit = fans.make_unit("F1", 3, "scratch", 8)
    usual, shortcut = (
        fans.render(unit, 0, 80, conditions=fans.PRESETS[name].conditions(unit)).pixels.astype(float)
        for name in ("usual", "shortcut")
    )
    assert np.abs(usual - shortcut).mean() < 6  # of 255: hardly to be seen
    good = fans.make_unit("F1", 3)
    assert fans.PRESETS["shortcut"].conditions(good) == fans.USUAL


def test_a_drift_day_begins_as_usual_and_ends_elsewhere():
    day, bad = fans.PRESETS["drift_day"], fans.make_unit("F1", 6, "scratch")
    hours = [day.conditions(GOOD, share) for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert hours[0] == fans.USUAL and hours == [
        day.conditions(bad, share) for share in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    for name, way in {"light": -1, "red": 1, "blue": -1, "focus": 1, "noise": 1, "shift_x": 1}.items():
        assert (np.diff([getattr(hour, name) for hour in hours]) * way > 0).all(), name
    creep = np.hypot(hours[-1].shift_x, hours[-1].shift_y)
    assert creep == pytest.approx(2, abs=0.2)
    morning, evening = (fans.render(GOOD, 0, 80, conditions=hour).pixels.astype(float) for hour in hours[::4])
    assert np.abs(morning - evening).mean() > 15


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan"), "noon"])
def test_a_day_has_a_beginning_and_an_end(share):
    with pytest.raises(WorkbookError, match="share is"):
        fans.PRESETS["usual"].conditions(GOOD, share)


def test_presets_say_what_they_are():
    assert list(fans.PRESETS) == ["usual", "drift_day", "shortcut", "borderline", "all_sizes"]
    for name, preset in fans.PRESETS.items():
        assert preset.name == name and preset.means.endswith(".")
