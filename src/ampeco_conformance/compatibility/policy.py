"""The vendor's policy: which changes it promises not to make, and which clients must accept."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ampeco_conformance.apis import DEFAULT_API, describe
from ampeco_conformance.compatibility.rules import RULES, ChangeSeverity, ComparisonRule
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.project import PROJECT
from ampeco_conformance.core.suggestions import did_you_mean
from ampeco_conformance.specs.reading import read_document

POLICIES = PROJECT / "policies"


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: its rules, and their severity under it (None: the severity of the rule)."""

    id: str
    meaning: str
    rules: tuple[str, ...]
    severity: ChangeSeverity | None


@dataclass(frozen=True, slots=True)
class VendorPolicy:
    """The clauses by rule."""

    name: str
    by_rule: dict[str, Clause]

    def severity(self, rule: ComparisonRule) -> ChangeSeverity:
        """The severity of a proven change by a rule under this policy."""
        clause = self.by_rule.get(rule.id)
        return clause.severity if clause and clause.severity else rule.severity

    def clause(self, rule: ComparisonRule) -> str:
        """The clause that a change by this rule breaks; empty when none."""
        clause = self.by_rule.get(rule.id)
        return f"{clause.id}: {clause.meaning}" if clause else ""


def load_policy(name: str | None = None, api: str = DEFAULT_API) -> VendorPolicy:
    """The policy of this name in `policies/`, or in a file; without a name, that of the API.

    Raises ConfigurationError when it is missing or broken.

    Unknown keys at the top are ignored, so files with `months_of_deprecation` go on working: no document says since
    when an operation has been deprecated, so months cannot be counted.
    """
    name = name or describe(api).policy
    file = Path(name) if name.endswith((".yaml", ".yml", ".json")) else POLICIES / f"{name}.yaml"
    if not file.exists():
        known = sorted(policy.stem for policy in POLICIES.glob("*.yaml"))
        hint = did_you_mean(name, known, f"choose one of {', '.join(known)}, or a YAML file")
        raise ConfigurationError(f"policy {name} does not exist; {hint}")
    document = read_document(file)
    if not isinstance(document.get("clauses"), list):
        raise ConfigurationError(f"{file} has no list of `clauses`; policies/{DEFAULT_API}.yaml shows how")
    by_rule: dict[str, Clause] = {}
    for raw in document["clauses"]:
        clause = _clause(raw, str(file))
        for rule in clause.rules:
            if rule in by_rule:
                raise ConfigurationError(f"{file}: rule {rule} is in two clauses, {by_rule[rule].id} and {clause.id}")
            by_rule[rule] = clause
    return VendorPolicy(file.stem, by_rule)


def _clause(raw: Any, file: str) -> Clause:
    if not isinstance(raw, dict) or not {"id", "meaning", "rules"} <= raw.keys():
        raise ConfigurationError(f"{file}: a clause needs id, meaning and rules")
    unknown = [rule for rule in raw["rules"] if rule not in RULES]
    if unknown:
        raise ConfigurationError(f"{file}: clause {raw['id']} names the unknown rule {unknown[0]}")
    severity = raw.get("severity")
    if severity is not None and severity not in list(ChangeSeverity):
        raise ConfigurationError(
            f"{file}: clause {raw['id']} has severity {severity!r}; use {', '.join(ChangeSeverity)}"
        )
    return Clause(raw["id"], raw["meaning"], tuple(raw["rules"]), ChangeSeverity(severity) if severity else None)
