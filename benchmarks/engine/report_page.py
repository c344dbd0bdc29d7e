"""A report as one HTML file that loads nothing."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from ...engine.pages.drawing import svg_of
from ...engine.pages.page import html_page
from .report import Report
from .tables import tables_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def report_page(report: Report, figure: Figure) -> str:
    """Figure, tables and what it was measured on.

    Parameters
    ----------
    report
        To show.
    figure
        Of it; becomes SVG within the page.
    """
    return html_page(
        "benchmarks/engine/report.html.j2",
        report=report,
        drawing=svg_of(figure),
        tables=[table for table in tables_of(report) if table.rows],
        machine=json.dumps(asdict(report.machine), indent=1),
    )
