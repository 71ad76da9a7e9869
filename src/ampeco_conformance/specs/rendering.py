"""Specifications as tables and trees for a terminal."""

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from ampeco_conformance.specs.catalog import CatalogEntry, Provenance
from ampeco_conformance.specs.model import Operation, Specification
from ampeco_conformance.specs.walking import resolve

_STYLES = {
    Provenance.DOCUMENTED: "green",
    Provenance.INFERRED: "yellow",
    Provenance.VENDOR: "cyan",
    Provenance.OPERATIONS: "dim",
}
_FACTS = ("format", "default", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern")
_FLAGS = ("nullable", "readOnly", "writeOnly", "deprecated")
_MAXIMUM_VALUES = 12
"""Enum values that are shown; the rest is counted."""


def versions_table(rows: Iterable[tuple[CatalogEntry, int, int]]) -> Table:
    """One line per version, with its number of operations and of deprecated ones."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("API", no_wrap=True)
    table.add_column("Version", no_wrap=True)
    table.add_column("Operations", justify="right")
    table.add_column("Deprecated", justify="right")
    table.add_column("Provenance", no_wrap=True)
    table.add_column("Evidence")
    for entry, operations, deprecated in rows:
        provenance = Text(entry.provenance, style=_STYLES[entry.provenance])
        table.add_row(entry.api, entry.version, str(operations), str(deprecated), provenance, escape(entry.evidence))
    return table


def versions_as_json(rows: Iterable[tuple[CatalogEntry, int, int]]) -> list[dict[str, str | int]]:
    """The same for programs."""
    return [
        {
            "api": entry.api,
            "version": entry.version,
            "operations": operations,
            "deprecated": deprecated,
            "provenance": str(entry.provenance),
            "evidence": entry.evidence,
        }
        for entry, operations, deprecated in rows
    ]


def specification_overview(specification: Specification) -> Text:
    """What a version is and its operations, one per line, grouped by tag."""
    document = specification.document
    count = len(specification.operations)
    deprecated = sum(operation.deprecated for operation in specification.operations)
    head = Text.assemble(
        (f"{document['info']['title']} {specification.version}\n", "bold"),
        f"{count} operation{'s' if count != 1 else ''}, {deprecated} deprecated\n",
        f"{document['x-provenance']}: {document['x-evidence']}",
    )
    lines = [head]
    by_tag = sorted(specification.operations, key=lambda operation: operation.tag)
    for tag, operations in groupby(by_tag, key=lambda operation: operation.tag):
        lines.append(Text(f"\n{tag}", style="bold"))
        for operation in operations:
            note = f"{operation.summary} (deprecated)" if operation.deprecated else operation.summary
            lines.append(Text.assemble(f"{operation.method:6} {operation.path}  ", (note, "dim")))
    return Text("\n").join(lines)


def operation_details(specification: Specification, operation: Operation) -> Group:
    """One operation in full: parameters, body and answers with their fields at every depth."""
    document, definition = specification.document, operation.definition
    head = Text.assemble(
        (f"{operation.label}\n", "bold"),
        f"{operation.summary} ({operation.operation_id}, {operation.tag})\n",
        (definition.get("description", ""), "italic"),
        ("\ndeprecated" if operation.deprecated else "", "red"),
        (f"\n{definition['x-provenance']} {definition.get('x-evidence', '')}", "dim"),
    )
    parts: list[RenderableType] = [head]
    item = document["paths"][operation.path]
    parameters = [resolve(document, p) for p in [*item.get("parameters", []), *definition.get("parameters", [])]]
    if parameters:
        tree = Tree("Parameters", style="none", guide_style="dim")
        for parameter in parameters:
            _add_field(
                tree,
                document,
                f"{parameter['name']} ({parameter['in']})",
                parameter["schema"],
                parameter.get("required"),
            )
        parts.append(tree)
    if body := definition.get("requestBody"):
        parts += _content_trees(document, "Body", resolve(document, body))
    for status, response in definition.get("responses", {}).items():
        resolved = resolve(document, response)
        parts += _content_trees(document, f"{status} {resolved.get('description', '')}", resolved)
    if callbacks := definition.get("callbacks"):
        parts.append(Text(f"Callbacks: {', '.join(callbacks)}"))
    return Group(*parts)


def _content_trees(document: dict[str, Any], title: str, holder: dict[str, Any]) -> Iterator[Tree]:
    contents = holder.get("content", {})
    if not contents:
        yield Tree(escape(title))
    for media_type, media in contents.items():
        tree = Tree(escape(f"{title} ({media_type})"), guide_style="dim")
        _add_fields(tree, document, media.get("schema", {}), ())
        yield tree


def _add_field(
    tree: Tree,
    document: dict[str, Any],
    name: str,
    schema: dict[str, Any],
    required: bool | None,
    above: tuple[str, ...] = (),
) -> None:
    reference = schema.get("$ref", "")
    resolved = resolve(document, schema)
    mark = "[red]*[/red]" if required else ""
    branch = tree.add(f"{escape(name)}{mark} {_describe(resolved)}")
    if reference in above:
        branch.add("[dim]the same again[/dim]")
    else:
        _add_fields(branch, document, resolved, (*above, reference) if reference else above)


def _add_fields(tree: Tree, document: dict[str, Any], schema: dict[str, Any], above: tuple[str, ...]) -> None:
    if reference := schema.get("$ref"):
        if reference not in above:
            _add_fields(tree, document, resolve(document, schema), (*above, reference))
        return
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        _add_field(tree, document, name, field, name in required, above)
    if isinstance(items := schema.get("items"), dict):
        _add_field(tree, document, "each", items, None, above)
    if isinstance(values := schema.get("additionalProperties"), dict):
        _add_field(tree, document, "any name", values, None, above)
    for union in ("allOf", "anyOf", "oneOf"):
        for number, part in enumerate(schema.get(union, ()), start=1):
            name = part["$ref"].rsplit("/", 1)[-1] if "$ref" in part else f"{union} {number}"
            _add_field(tree, document, name, part, None, above)


def _describe(schema: dict[str, Any]) -> str:
    words = [str(schema.get("type", next((union for union in ("allOf", "anyOf", "oneOf") if union in schema), "any")))]
    words += [f"{fact}={json.dumps(schema[fact])}" for fact in _FACTS if fact in schema]
    words += [flag for flag in _FLAGS if schema.get(flag)]
    if values := schema.get("enum"):
        shown = ", ".join(str(value) for value in values[:_MAXIMUM_VALUES])
        rest = f" and {len(values) - _MAXIMUM_VALUES} more" if len(values) > _MAXIMUM_VALUES else ""
        words.append(f"one of {shown}{rest}")
    return f"[dim]{escape(' '.join(words))}[/dim]"
