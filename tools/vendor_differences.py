"""Lists what our document of a version says in another way than the vendor's own, without what is explained.

    .venv/bin/python tools/vendor_differences.py ampeco-3.110.0.json

The explanations are in tests/data/facts/corrections.yaml. Exit code 1: differences that are not explained.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from ampeco_conformance.compatibility.changes import Change
from ampeco_conformance.compatibility.inputs import load_contract
from ampeco_conformance.compatibility.policy import load_policy
from ampeco_conformance.compatibility.report import compare

_CORRECTIONS = Path(__file__).parents[1] / "tests/data/facts/corrections.yaml"
_PATTERNS = ("rule", "operation", "location")


def differences(ours: str, vendors: str) -> Iterator[Change]:
    """Every difference between our document of a version and the vendor's."""
    report = compare(load_contract(ours), load_contract(vendors), load_policy())
    for group in report.groups:
        yield from group.changes


def explanation(change: Change, corrections: Mapping[str, Any]) -> str | None:
    """Why a difference is on purpose; None when nothing explains it."""
    overlapping = {place.partition("/")[0] for place in corrections["overlapping-alternatives"]}
    component = change.cause.rpartition("/")[2].partition(".")[0]
    for entry in corrections["vendor-document"]:
        fits = all(_fits(getattr(change, name), entry[name]) for name in _PATTERNS if name in entry)
        if fits and (component in overlapping or not entry.get("overlapping")):
            return str(entry["why"])
    return None


def main(arguments: Sequence[str]) -> int:
    """Print the differences by explanation, and those without one."""
    corrections = yaml.safe_load(_CORRECTIONS.read_text(encoding="utf-8"))
    found = [(change, explanation(change, corrections)) for change in differences("3.110.0", arguments[0])]
    for why, number in Counter(why for _, why in found if why).most_common():
        print(f"{number:6} {why}")
    left = [change for change, why in found if why is None]
    print(f"{len(left):6} without an explanation")
    for change in left:
        print(f"       {change.rule} {change.operation} {change.location}: {change.message}")
    return 1 if left else 0


def _fits(value: str, patterns: str) -> bool:
    return any(fnmatchcase(value, pattern) for pattern in patterns.split("|"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
