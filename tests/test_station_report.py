"""The release report: its figures are the right ones, its page is whole, safe and self-contained."""

import base64
import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from fanaoi_helpers import verdicts
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.station import Limits, Policy, ReleaseReport, sha256
from fanaoi_helpers.station.golden import Check, GoldenResult, Sample
from fanaoi_helpers.station.requirements import BROKEN, MET, UNPROVEN
from fanaoi_helpers.verdicts import by_hour, control_chart

NASTY = "<script>alert('x')</script> \"&\" <img src=x onerror=y>"


class Page(HTMLParser):
    """Collects what a browser would see, and whether all that is opened is closed."""

    VOID = {"meta", "br", "img"}

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.words, self.images, self.links = [], [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        told = dict(attrs)
        self.links += [told[name] for name in ("src", "href", "action") if name in told]
        assert not [name for name in told if name.startswith("on")]
        if tag == "img":
            self.images.append(told)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.words))


def scores(labels, wrong):
    """Return scores that are right but for the first ``wrong`` of each label: (of NG, of GO)."""
    p_go = np.where(labels == 1, 0.97, 0.02)
    for label, count in zip((0, 1), wrong, strict=True):
        p_go[np.flatnonzero(labels == label)[:count]] = 0.9 if label == 0 else 0.1
    return p_go


@pytest.fixture
def make(tmp_path):
    model = tmp_path / "model.keras"
    model.write_bytes(b"weights")

    def make(ng=700, go=400, wrong=(0, 0), **changes):
        labels = np.repeat([0, 1], [ng, go])
        given = {
            "product": "Fan AF120-7",
            "model": model,
            "trained_on": "2,000 simulated fans.",
            "policy": Policy(0.5, model=sha256(model)),
            "chosen_how": "Least cost on validation.",
            "opening": verdicts.Opening(1, "2026-03-01T10:15:00+00:00", 0.5),
            "labels": labels,
            "p_go": scores(labels, wrong),
            "ng_rate": 0.005,
            "golden": golden_result(),
            "drift": by_hour([8, 8, 9, 9], [1, 0, 1, 0], [0.9, 0.1, 0.9, 0.1], 0.5),
            "made_at": "1 March 2026",
        }
        return ReleaseReport(**given | changes)

    return make


def golden_result(problem=""):
    sample = Sample("GO/a.png", 1, "GO", 0.9, "0" * 64)
    return GoldenResult((Check(sample, 0.9, "GO", problem),))


def a_drifting_day(alarm=True):
    rng = np.random.default_rng(0)
    hours = np.repeat(np.arange(8, 16), 60)
    labels = rng.integers(0, 2, len(hours))
    odds = rng.normal(np.where(labels == 1, 6 - 1.2 * (hours - 8), -6), 1)
    p_go = 1 / (1 + np.exp(-odds))
    watched = odds[labels == 1] if alarm else np.full((labels == 1).sum(), 5.0)
    return by_hour(hours, labels, p_go, 0.5), control_chart(hours[labels == 1], watched)


def states(report):
    return {one.asks.split(" ")[0]: one.state for one in report.requirements}


# ---- What it says -----------------------------------------------------------------------------------------


def test_a_station_that_proves_all_that_is_asked_is_supported(make):
    report = make()
    assert {one.state for one in report.requirements} == {MET} and report.state == MET
    assert report.decision == "The figures support a release."
    assert "0 of 700 NG (0%); proven: at most 0.427%" in report.requirements[0].found


def test_too_few_units_prove_nothing_and_it_says_how_many_would(make):
    report = make(ng=100)
    assert states(report)["Escapes"] == UNPROVEN and report.state == UNPROVEN
    assert report.requirements[0].found.endswith("at most 2.95%; 598 NG without one would prove it")
    one = make(ng=300, wrong=(1, 0))
    needed = verdicts.units_needed(0.005, escapes=1)
    assert f"{needed:,} NG with no more than 1 would prove it" in one.requirements[0].found
    assert one.state == UNPROVEN and one.decision.endswith("not everything that is asked is proven.")


def test_a_rate_above_its_limit_is_not_met(make):
    report = make(ng=700, wrong=(4, 5))
    assert (states(report)["Escapes"], states(report)["Overkill"]) == (BROKEN, BROKEN)
    assert report.decision == "The figures do not support a release."
    generous = Limits(escape_rate=0.02, overkill_rate=0.04)
    assert make(ng=700, wrong=(4, 5), limits=generous).state == MET


@pytest.mark.parametrize(
    ("opening", "state"),
    [
        (verdicts.Opening(1, "", 0.5), MET),
        (verdicts.Opening(2, "", 0.5), BROKEN),
        (verdicts.Opening(1, "", 0.6), BROKEN),
        (verdicts.Opening(1, "", None), BROKEN),
    ],
)
def test_the_sealed_test_counts_once_and_with_the_released_threshold(make, opening, state):
    assert make(opening=opening).requirements[2].state == state


def test_golden_samples_that_fail_or_are_not_there_hold_a_release_back(make):
    assert make(golden=golden_result("its photograph is missing")).requirements[3].state == BROKEN
    problem = GoldenResult(golden_result().checks, ("The model is another one.",))
    assert make(golden=problem).requirements[3].state == BROKEN
    assert make(golden=None).requirements[3].state == UNPROVEN


def test_a_drift_that_no_alarm_tells_holds_a_release_back(make):
    day, chart = a_drifting_day()
    told = make(drift=day, chart=chart).requirements[4]
    assert told.state == MET and re.search(r"beyond them from hour 1\d on; alarm in hour (9|1\d)", told.found)
    assert make(drift=day, chart=None).requirements[4].state == BROKEN
    assert make(drift=day, chart=a_drifting_day(alarm=False)[1]).requirements[4].state == BROKEN
    assert make(drift=None).requirements[4].state == UNPROVEN
    assert "no hour of 2 was beyond" in make().requirements[4].found


def test_review_is_counted_by_the_policy(make):
    labels = np.array([0] * 6 + [1] * 6)
    p_go = np.array([0.1] * 4 + [0.6, 0.95] + [0.05, 0.3, 0.6] + [0.99] * 3)
    report = make(
        labels=labels, p_go=p_go, policy=Policy(0.5, (0.2, 0.9)), fans_per_shift=100, seconds_each=30
    )
    assert (report.review.escapes, report.review.overkill, report.review.reviewed) == (1, 1, 3)
    share = 0.005 * 1 / 6 + 0.995 * 2 / 6
    assert report.review.minutes_per_shift == pytest.approx(100 * share * 30 / 60)
    assert any("judged by a human" in point for point in report.points)
    words = Page(report.html()).text
    assert "of 4 fans called GO 1 are escapes, of 5 called NG 1 are overkill; 3 are left to review" in words
    tight = make(labels=labels, p_go=p_go, policy=Policy(0.5, (0.2, 0.9)), limits=Limits(review_minutes=1))
    assert states(tight)["Review"] == BROKEN


def test_escapes_per_million_come_with_what_cannot_be_ruled_out(make):
    report = make(ng=400, go=400, wrong=(2, 0), ng_rate=0.01)
    assert report.prevalence.escapes_per_million == pytest.approx(1e6 * 0.5 / (9900 + 0.5))
    worst = 100 * verdicts.at_most(2, 400)
    assert report.worst_escapes_per_million == pytest.approx(1e6 * worst / (9900 + worst))


def test_what_is_not_given_becomes_an_open_point(make, tmp_path):
    (tmp_path / "other.keras").write_bytes(b"other")
    bare = make(policy=Policy(0.5), open_points=["Lens not yet cleaned."]).points
    assert bare[0] == "Lens not yet cleaned."
    for told in ("names no model", "Which fans the sealed test holds", "sizes of defects", "not compared"):
        assert any(told in point for point in bare)
    other = make(model=tmp_path / "other.keras")
    assert any("frozen for another model" in point for point in other.points)


# ---- The page ---------------------------------------------------------------------------------------------


@pytest.fixture
def full(make):
    rng = np.random.default_rng(0)
    day, chart = a_drifting_day()
    sizes, kinds = rng.uniform(1, 30, 80), np.where(rng.random(80) < 0.5, "scratch", "blade_chipped")
    units = np.repeat(np.arange(10), 2)
    return make(
        wrong=(1, 1),
        detectability=verdicts.detectability(sizes, sizes < 8, [0, 5, 10, 20, 40], kinds),
        drift=day,
        chart=chart,
        study=verdicts.attribute_study(units % 2, {"human": np.ones(20), "machine": units % 2}, units),
        open_points=["All photographs are simulated."],
        tested_on="Half of them NG, with small defects.",
    )


def test_the_page_is_whole_and_needs_nothing_else(full, tmp_path):
    path = full.write(tmp_path / "new" / "report.html")
    text = path.read_text(encoding="utf-8")
    page = Page(text)
    assert page.open == [] and text.startswith("<!DOCTYPE html>")
    assert all(link.startswith("data:image/png;base64,") for link in page.links)
    assert "script" not in page.tags and "http" not in re.sub("http-equiv", "", text)
    assert len(page.images) == 2 and all(image["alt"] for image in page.images)
    for image in page.images:
        with Image.open(io.BytesIO(base64.b64decode(image["src"].partition(",")[2]))) as drawn:
            drawn.load()
            assert drawn.width > 600
    assert len(text) < 500_000


def test_the_page_says_what_a_manager_signs(full):
    words = Page(full.html()).text
    for told in (
        full.decision,
        sha256(full.model),
        "GO when P(GO) >= 0.5. Least cost on validation.",
        "opening 1, 2026-03-01 10:15:00 UTC. Half of them NG, with small defects.",
        "proven, one-sided",
        f"at most {100 * verdicts.at_most(1, 700):.3g}%",
        "Escape: an NG fan called GO.",
        "1 of 700 NG",
        "1 of 400 GO",
        "of 400 fans called GO 1 are escapes, of 700 called NG 1 are overkill",
        "0.5% of the fans are NG: 50 of 10,000",
        "can't be ruled out with 95% confidence",
        "scratch",
        "blade chipped",
        "alarm in hour",
        "1 of 1 are as they were at release",
        "All photographs are simulated.",
        "Quality: name, date, signature",
        "☐",
        *(one.found for one in full.requirements),
    ):
        assert told in words, told
    for low, high in (verdicts.wilson(1, 700), verdicts.exact(1, 400)):
        assert f"{100 * low:.3g}% to {100 * high:.3g}%" in words


def test_everything_is_counted_once_however_often_it_is_told(full, monkeypatch):
    calls = []

    def counting(name, function):
        return lambda *args, **options: calls.append(name) or function(*args, **options)

    once = ["at_prevalence", "judge", "review_bin"]  # who judges once, ranks once
    for name in [*once, "wilson"]:
        monkeypatch.setattr(verdicts, name, counting(name, getattr(verdicts, name)))
    full.html()
    str(full.requirements), full.decision, full.html()
    assert sorted(calls) == [*once, *["wilson"] * 4], "two rates on each of two pages"


def test_a_screen_reader_finds_its_way(full):
    text = full.html()
    assert re.search(r"<body><main>.*</main></body>", text, re.DOTALL) and text.count("<main") == 1
    assert "<th></th>" not in text and all(one["alt"] for one in Page(text).images)


def test_no_escape_is_told_as_what_it_is(make):
    told = "0 escapes of 700 is no proof of none: with 95% confidence it proves only that no more than 0.427%"
    assert told in Page(make().html()).text
    assert "no proof of none" not in make(wrong=(1, 0)).html()


def test_the_score_says_what_it_is_worth(make):
    report = make(ng=100, go=400, wrong=(10, 20))
    told = f"accuracy 94.0% (always saying GO: 80.0%), balanced 92.5%, AUC {report.score.auc:.3f}"
    assert f"By the threshold alone: {told}." in Page(report.html()).text
    assert report.score.escapes == 10 and not report.score.worth and not report.few_units
    useless = make(ng=100, go=400, wrong=(99, 0))
    (point,) = [point for point in useless.points if "always saying" in point]
    assert point.startswith("Not shown to be better than always saying GO: on 400 GO and 100 NG photographs")
    assert point in Page(useless.html()).text


def test_photographs_of_few_units_are_no_proof_and_the_page_says_so(make):
    units = np.r_[np.arange(100) % 50, 1000 + np.arange(400) % 3]
    report = make(ng=100, go=400, units=units)
    told = "The 400 GO photographs are 3 units and the 100 NG 50: the bounds count photographs, so they are "
    assert any(point.startswith(told) for point in report.points)
    assert any(
        "The 400 GO are 3 units: even with all of them right, up to 63%" in each for each in report.points
    )
    text = Page(report.html()).text
    assert told in text and "The sealed test: 500 photographs" in text
    alone = make(ng=100, go=400, units=np.arange(500))
    assert not alone.few_units and "500 units, one photograph of each" in Page(alone.html()).text
    with pytest.raises(WorkbookError, match="units has the shape"):
        make(units=[1, 2])


def test_names_cannot_bring_html_of_their_own(full, tmp_path):
    model = tmp_path / "<b>&'model.keras"
    model.write_bytes(b"x")
    sample = Sample(f"GO/{NASTY}.png", 1, "GO", 0.9, "0" * 64)
    study = verdicts.attribute_study([0, 1], {NASTY: [0, 1]})
    report = replace(
        full,
        product=NASTY,
        model=model,
        trained_on=NASTY,
        chosen_how=NASTY,
        made_at=NASTY,
        tested_on=NASTY,
        opening=verdicts.Opening(1, NASTY, 0.5, NASTY),
        golden=GoldenResult((Check(sample, 0.1, "NG", NASTY),), (NASTY,)),
        detectability=verdicts.detectability([3], [True], [0, 5], [NASTY]),
        study=study,
        open_points=[NASTY],
    )
    text = report.html()
    page = Page(text)
    assert page.tags.count("img") == 2 and not {"script", "b"} & set(page.tags)
    assert "<script" not in text and "<b>" not in text and "onerror=y>" not in text
    assert page.text.count("<script>alert('x')</script>") >= 10


def test_odd_names_are_told_and_long_days_and_many_bins_find_room(make, tmp_path):
    hours = np.repeat(np.arange(24), 2)
    day = by_hour(hours, [0, 1] * 24, [0.1, 0.9] * 24, 0.5)
    bins = verdicts.detectability([3, 9], [True, False], list(range(12)))
    report = make(product="Lüfter \udcff 風扇", drift=day, detectability=bins)
    page = Page(report.write(tmp_path / "r.html").read_text(encoding="utf-8"))
    assert "Lüfter \\udcff 風扇" in page.text and page.words.count("Hour") == 2


def test_a_report_that_cannot_be_written_leaves_what_was_there(make, tmp_path, monkeypatch):
    path = make().write(tmp_path / "report.html")
    before = path.read_bytes()
    broken = make()
    monkeypatch.setattr(ReleaseReport, "html", lambda self: "half of it \ud800")  # can't be encoded
    with pytest.raises(UnicodeEncodeError):
        broken.write(path)
    monkeypatch.undo()
    assert path.read_bytes() == before and [
        one.name for one in tmp_path.iterdir() if "report" in one.name
    ] == ["report.html"]
    with pytest.raises(WorkbookError, match="could not be written"):
        make().write(path / "below.html")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"labels": [1, 1], "p_go": [0.5, 0.6]}, "holds 2 GO and 0 NG"),
        ({"labels": [1, 0], "p_go": [0.5, 1.6]}, "p_go holds 1.6"),
        ({"labels": [1, 0], "p_go": [0.5]}, "the same N"),
        ({"ng_rate": 0}, "ng_rate is 0"),
        ({"ng_rate": "5 %"}, "ng_rate is '5 %'"),
        ({"product": 3}, "product is 3"),
        ({"product": "a\x00b"}, "product is"),
        ({"open_points": [None]}, "open_points is None"),
        ({"model": "nowhere.keras"}, "nowhere.keras can't be read"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(make, changes, told):
    with pytest.raises(WorkbookError) as refused:
        make(**changes)
    assert told in str(refused.value) and "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ({"escape_rate": 0}, "escape_rate is 0"),
        ({"overkill_rate": 1}, "overkill_rate is 1"),
        ({"confidence": 0.3}, "confidence is 0.3"),
        ({"confidence": 1}, "confidence is 1"),
        ({"review_minutes": -1}, "review_minutes is -1"),
        ({"escape_rate": float("nan")}, "escape_rate is nan"),
    ],
)
def test_limits_that_make_no_sense_are_refused(limits, told):
    with pytest.raises(WorkbookError, match=told):
        Limits(**limits)
