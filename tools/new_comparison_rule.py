"""Adds a comparison rule on a key of operations: `python -m tools.new_comparison_rule operation-summary-changed`.

Appends the rule, with its example and the function that finds it, to the table of `rules/metadata.py`, updates
docs/reference/compatibility-rules.md and prints what remains to be done. The tests of rules pick it up by themselves.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

from ampeco_conformance.compatibility.rules import RULES
from ampeco_conformance.compatibility.rules.model import ChangeSeverity

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "src" / "ampeco_conformance" / "compatibility" / "rules" / "metadata.py"
_HELPERS = "\n\ndef _sunsets("
"""The first function that is not a rule: new rules go before it."""
_SEVERITIES = {ChangeSeverity.MAYBE: "M", ChangeSeverity.SAFE: "S"}
"""A breaking rule needs a witness, which only requests and responses can give."""

_RULE = """

@rule("{identifier}", {severity}, "names", "{title}", {{"{key}": "a"}}, {{"{key}": "b"}})
def _{function}(pair: OperationPair) -> Iterator[Occurrence]:
    old, new = pair.old.get("{key}"), pair.new.get("{key}")
    if old != new:
        yield Occurrence(f"{title}: {{old}} -> {{new}}", before=old, after=new)
"""

_REMAINING = """\
Added {id} to {table} and to docs/reference/compatibility-rules.md. What remains:
1. Adapt its example and its condition, when it is more than a changed value.
2. Run: .venv/bin/python -m pytest tests/unit/compatibility/test_rules.py -q -k {id}
3. When its title has changed, run: .venv/bin/python -m tools.comparison_rules
"""


def main() -> None:
    """Add the rule. Exits 2 with one line when the id is taken or malformed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("id", help="id of the rule, such as operation-summary-changed")
    parser.add_argument("--key", help="key of the operation that it compares (default: the middle of the id)")
    parser.add_argument("--severity", choices=list(_SEVERITIES), default=ChangeSeverity.SAFE, type=ChangeSeverity)
    options = parser.parse_args()
    if not re.fullmatch(r"[a-z]+(-[a-z]+)+", options.id):
        parser.error(f"{options.id} is not an id of a rule; write words with hyphens: operation-summary-changed")
    if options.id in RULES:
        parser.error(f"there is already a rule {options.id}; choose another id")
    key = options.key or options.id.split("-")[1]
    _add(options.id, key, _SEVERITIES[options.severity])
    # In a new process, since this one has imported the table without the rule.
    subprocess.run([sys.executable, "-m", "tools.comparison_rules"], cwd=ROOT, check=True)
    sys.stdout.write(_REMAINING.format(id=options.id, table=TABLE.relative_to(ROOT)))


def _add(identifier: str, key: str, severity: str) -> None:
    text = TABLE.read_text(encoding="utf-8")
    head, helpers = text[: text.index(_HELPERS)], text[text.index(_HELPERS) :]
    title = identifier.partition("-")[2].replace("-", " ").capitalize()
    made = _RULE.format(
        identifier=identifier, severity=severity, title=title, key=key, function=identifier.replace("-", "_")
    )
    TABLE.write_text(head + made + helpers, encoding="utf-8")


if __name__ == "__main__":
    main()
