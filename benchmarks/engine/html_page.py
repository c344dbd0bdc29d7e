"""A report as one HTML file that loads nothing."""

from __future__ import annotations

import io
import json
from dataclasses import asdict
from html import escape
from typing import TYPE_CHECKING, Final

from .report import Report
from .tables import Table, tables_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_STYLE: Final = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem }
svg { height: auto; width: 100% }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 1rem 0 2rem }
caption { font-weight: 600; padding: .3rem 0; text-align: left }
th, td { border-bottom: 1px solid #ddd; padding: .15rem .7rem; text-align: right }
.word { text-align: left }
pre { background: #f6f6f6; overflow-x: auto; padding: 1rem }
"""


def html_page(report: Report, figure: Figure) -> str:
    """Figure, tables and what it was measured on.

    Parameters
    ----------
    report
        To show.
    figure
        Of it; becomes SVG within the page.
    """
    tables = "\n".join(map(_html_table, tables_of(report)))
    machine = escape(json.dumps(asdict(report.machine), indent=1))
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>colorize-bench, {escape(report.date)}</title>
<style>{_STYLE}</style>
<h1>colorize-bench</h1>
<p>{escape(report.model)}, {escape(report.date)}; medians over rounds: {report.repeats}; pictures in
{"memory" if report.scratch == "memory" else "files on a disk"}.</p>
{_svg(figure)}
{tables}
<h2>Machine</h2>
<pre>{machine}</pre>
</html>
"""


def _svg(figure: Figure) -> str:
    text = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure.savefig(text, format="svg", metadata=nothing)
    _, _, drawing = text.getvalue().partition("<svg")
    return f"<svg{drawing}"


def _html_table(table: Table) -> str:
    def row(cells: tuple[str, ...], tag: str) -> str:
        marks = (' class="word"' if at < table.words else "" for at in range(len(cells)))
        return "".join(
            f"<{tag}{mark}>{escape(cell)}</{tag}>" for mark, cell in zip(marks, cells, strict=True)
        )

    rows = "\n".join(f"<tr>{row(cells, 'td')}</tr>" for cells in table.rows)
    return (
        f"<table><caption>{escape(table.title)}</caption>\n"
        f"<tr>{row(table.header, 'th')}</tr>\n{rows}\n</table>"
    )
