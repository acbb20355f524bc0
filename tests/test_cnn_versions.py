"""Models travel: what one Keras saves another opens, with equal scores, from the oldest to the newest."""

import functools
import json
import os
import re
import shutil
import subprocess
import sys

import numpy as np
import other_keras
import pytest

from fanaoi_helpers import cnn, files, packages, verdicts
from fanaoi_helpers.cnn import archives
from fanaoi_helpers.station import golden

keras = cnn.keras
CLOSE = 1e-4


def read(*parts):
    return files.root().joinpath(*parts).read_text(encoding="utf-8")


def versions():
    """Return the oldest Keras that pyproject.toml admits, Colab's, and the newest that is pinned."""
    (oldest,) = re.findall(r'"keras>=([\d.]+)', read("pyproject.toml"))
    (colab,) = re.findall(r"^keras==([\d.]+)", read("tests", "outside", "colab_packages.txt"), re.MULTILINE)
    newest = max(packages.pinned(read("requirements.txt"))["keras"], key=packages.numbers)
    return sorted({oldest, colab, newest}, key=packages.numbers)


VERSIONS = [one for one in versions() if one != keras.__version__]


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """What the installed Keras saves, with its scores, and the shipped model beside it."""
    folder = tmp_path_factory.mktemp("here")
    told = other_keras.save(folder)
    shutil.copy(cnn.shipped_model(), folder / "shipped.keras")
    return folder, told | {"shipped.keras": other_keras.scores(cnn.load(cnn.shipped_model()))}


@pytest.fixture(scope="module")
def others(here, tmp_path_factory):
    """The process in which each other version is at work, or a sentence where it is not there."""
    found = {}
    for version in VERSIONS:
        place, saved = tmp_path_factory.mktemp("keras"), tmp_path_factory.mktemp("there")
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(place)]
        done = subprocess.run([*install, f"keras=={version}"], capture_output=True, text=True, timeout=300)
        if done.returncode:
            found[version] = f"Keras {version} can't be fetched: {done.stderr.strip()[-300:]}"
            continue
        environment = {**os.environ, "PYTHONPATH": f"{place}{os.pathsep}{files.root()}"}
        environment |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
        words = [sys.executable, other_keras.__file__, str(here[0]), str(saved)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        found[version] = subprocess.Popen(words, env=environment, **pipes), saved
    yield found
    for one in found.values():
        if not isinstance(one, str):
            one[0].kill()


@functools.cache
def ended(process):
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err[-3000:]
    return json.loads(out.splitlines()[-1])


@pytest.fixture(params=VERSIONS)
def other(request, others):
    """What another Keras says of our files, and where it has saved its own."""
    found = others[request.param]
    if isinstance(found, str):
        if os.environ.get("CI"):
            pytest.fail(found)
        pytest.skip(found)
    told = ended(found[0])
    assert told["version"].startswith(request.param)
    return told, found[1]


def test_the_scores_tell_good_from_bad(here):
    """Scores that are all alike would prove nothing."""
    for name, scores in here[1].items():
        assert np.ptp(scores) > 0.2, (name, scores)


def test_what_is_saved_here_is_opened_there_with_equal_scores(here, other):
    there = other[0]["opened"]
    assert there.keys() == here[1].keys() and len(there) == 9
    for name, scores in here[1].items():
        assert not isinstance(there[name], str), there[name]
        by_workbook, by_keras_alone = there[name]
        np.testing.assert_allclose(by_workbook, scores, atol=CLOSE, err_msg=name)
        if by_keras_alone is not None:
            np.testing.assert_allclose(by_keras_alone, scores, atol=CLOSE, err_msg=name)


def test_golden_samples_hold_with_another_keras(here, other):
    """A policy names the file by its SHA-256, which travels with it; scores move far less than it allows."""
    moved = verdicts.log_odds(other[0]["opened"]["shipped.keras"][0]) - verdicts.log_odds(
        here[1]["shipped.keras"]
    )
    assert np.abs(moved).max() < golden.TOLERANCE / 10


def test_what_is_saved_there_is_opened_here_with_equal_scores(other):
    told, folder = other
    here = other_keras.opened(folder)
    assert here.keys() == told["saved"].keys() and len(here) == 8
    for name, scores in told["saved"].items():
        assert not isinstance(here[name], str), here[name]
        np.testing.assert_allclose(here[name][0], scores, atol=CLOSE, err_msg=name)
        assert cnn.archives.read(folder / name).ours is (name != "small-raw.keras"), name
        assert archives.read(folder / name).keras_version == told["version"]


def test_no_default_that_is_left_out_means_something_else_there(other):
    """What equals the default is not written; that is right as long as the default is the same."""
    here, there = other_keras.defaults(), other[0]["defaults"]
    moved = {
        f"{kind} {name}"
        for kind in here.keys() & there.keys()
        for name in here[kind].keys() & there[kind].keys()
        if here[kind][name] != there[kind][name] and " at 0x" not in here[kind][name]
    }
    assert not moved and len(here.keys() & there.keys()) > 150


def test_the_oldest_and_the_newest_are_among_them():
    oldest, *_, newest = versions()
    assert packages.numbers(oldest) < packages.numbers(newest) and len(VERSIONS) >= 2
