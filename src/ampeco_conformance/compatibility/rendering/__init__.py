"""The formats of a report."""

from collections.abc import Callable

from ampeco_conformance.compatibility.rendering.github import render_github
from ampeco_conformance.compatibility.rendering.html import render_html
from ampeco_conformance.compatibility.rendering.json import render_json
from ampeco_conformance.compatibility.rendering.junit import render_junit
from ampeco_conformance.compatibility.rendering.markdown import render_markdown
from ampeco_conformance.compatibility.rendering.text import render_text
from ampeco_conformance.compatibility.report import ComparisonReport

RENDERERS: dict[str, Callable[[ComparisonReport], str]] = {
    "text": render_text,
    "json": render_json,
    "markdown": render_markdown,
    "html": render_html,
    "junit": render_junit,
    "github": render_github,
}
"""The renderer of each format."""

__all__ = ["RENDERERS"]
