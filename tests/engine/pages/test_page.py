from __future__ import annotations

import jinja2
import pytest

from colorize_batch.engine.pages import page
from colorize_batch.engine.pages.page import html_page
from colorize_batch.engine.pages.table import Table


@pytest.fixture
def template(tmp_path, monkeypatch):
    """Write a template beside the package's own; gives its text to `html_page`."""

    def filled(text, **values):
        (tmp_path / "engine").mkdir(exist_ok=True)
        if not (tmp_path / "engine" / "pages").exists():
            (tmp_path / "engine" / "pages").symlink_to(page._PACKAGE / "engine" / "pages")
        (tmp_path / "own.html.j2").write_text(text)
        monkeypatch.setattr(page, "_PACKAGE", tmp_path)
        return html_page("own.html.j2", **values)

    return filled


def test_a_page_has_the_style_sheet_and_loads_nothing(template):
    text = template(
        '{% extends "engine/pages/base.html.j2" %}{% block body %}<p>{{ name }}</p>{% endblock %}',
        name="<b>&",
    )
    assert text.startswith("<!doctype html>")
    assert "border-collapse: collapse" in text
    assert "<p>&lt;b&gt;&amp;</p>" in text
    assert "http" not in text


def test_a_value_that_is_missing_is_an_error(template):
    with pytest.raises(jinja2.UndefinedError, match="name"):
        template("{{ name }}")


def test_a_table(template):
    table = Table(
        title="a < b", header=("name", "n"), rows=(("x & y", "1"), ("z", "2")), words=1, marked=1
    )
    text = template(
        '{% from "engine/pages/table.html.j2" import html_table %}{{ html_table(table) }}',
        table=table,
    )
    assert "<caption>a &lt; b</caption>" in text
    assert '<tr><th class="word">name</th><th>n</th></tr>' in text
    assert '<tr><td class="word">x &amp; y</td><td>1</td></tr>' in text
    assert '<tr class="marked"><td class="word">z</td><td>2</td></tr>' in text
