"""Writes docs/reference/compatibility-rules.md from the rule table: `python -m tools.comparison_rules`."""

from pathlib import Path

import yaml

from ampeco_conformance.compatibility.rules import RULES

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "compatibility-rules.md"
PEERS = Path(__file__).resolve().parents[1] / "tests" / "data" / "peer_rules.yaml"

_HEAD = """# Rules of the comparison

Made by `python -m tools.comparison_rules`; a test keeps it current.

A rule is `breaking` only where a witness proves the change, a request or response that one contract accepts and the
other refuses; else it is shown as `maybe`. A policy (`policies/`) may be stricter or more tolerant.
"""


def page() -> str:
    """The whole page."""
    lines = [_HEAD, "| rule | severity | area | title |", "| --- | --- | --- | --- |"]
    lines += [f"| `{rule.id}` | {rule.severity} | {rule.area} | {rule.title} |" for rule in RULES.values()]
    peers = yaml.safe_load(PEERS.read_text(encoding="utf-8"))
    covered = sum(ours in RULES for ours in peers["rules"].values())
    lines += ["", "## oasdiff's rules and ours", "", f"{covered} of its {len(peers['rules'])} rules have one here."]
    lines += ["", "| oasdiff | here |", "| --- | --- |"]
    lines += [
        f"| `{peer}` | {f'`{ours}`' if ours in RULES else peers['reasons'][ours]} |"
        for peer, ours in peers["rules"].items()
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
