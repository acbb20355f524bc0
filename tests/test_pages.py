"""Templates: what goes in is escaped, a slip in a template is an error."""

import jinja2
import pytest

from fanaoi_helpers import pages


@pytest.fixture
def template(tmp_path, monkeypatch):
    """Return what makes a template of a text; returns its name."""
    monkeypatch.setattr(pages._templates().loader, "searchpath", [str(tmp_path)])

    def make(text):
        name = f"{abs(hash(text))}.html"
        (tmp_path / name).write_text(text, encoding="utf-8")
        return name

    return make


def test_what_goes_in_is_escaped_wherever_it_stands(template):
    nasty = "<script>\"'&"
    made = pages.rendered(template('<p title="{{ x }}">{{ x }}</p>'), x=nasty)
    assert made == '<p title="&lt;script&gt;&#34;&#39;&amp;">&lt;script&gt;&#34;&#39;&amp;</p>'


def test_what_was_rendered_goes_into_another_template_as_it_is(template):
    inner = pages.rendered(template("<b>{{ x }}</b>"), x="<")
    assert pages.rendered(template("<p>{{ inner }}</p>"), inner=inner) == "<p><b>&lt;</b></p>"


def test_half_letters_are_spelled_out(template):
    assert pages.rendered(template("ü {{ x }}"), x="a\udcff") == "ü a\\udcff"


def test_a_name_that_nobody_gives_is_no_gap(template):
    with pytest.raises(jinja2.UndefinedError):
        pages.rendered(template("{{ missing }}"))
