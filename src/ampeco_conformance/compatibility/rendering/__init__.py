"""The formats of a report."""

from collections.abc import Callable
from importlib import import_module

from ampeco_conformance.compatibility.report import ComparisonReport

Renderer = Callable[[ComparisonReport], str]


def _renderer(form: str) -> Renderer:
    """The renderer of a format, whose module is loaded when it is used."""

    def render(report: ComparisonReport) -> str:
        rendered: str = getattr(import_module(f"{__name__}.{form}"), f"render_{form}")(report)
        return rendered

    return render


RENDERERS = {form: _renderer(form) for form in ("text", "json", "markdown", "html", "junit", "github")}
"""The renderer of each format."""

__all__ = ["RENDERERS"]
