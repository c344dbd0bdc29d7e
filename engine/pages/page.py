"""HTML pages from Jinja2 templates."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

# Templates stand beside the modules that fill them, and extend engine/pages/base.html.j2.
_PACKAGE: Final = Path(__file__).parents[2]


def html_page(template: str, **values: Any) -> str:
    """Fill a template; text is escaped, `markupsafe.Markup` is not.

    Parameters
    ----------
    template
        Path of a `.html.j2` file within the package, with `/`.
    values
        By the template's names; one that is missing is an error.
    """
    environment = Environment(
        loader=FileSystemLoader(_PACKAGE),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    return environment.get_template(template).render(values)
