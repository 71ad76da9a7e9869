"""The vendor's policy: which changes it has promised not to make, and which are part of the bargain."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ampeco_conformance.compatibility.rules import RULES, ChangeSeverity, ComparisonRule
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.project import PROJECT
from ampeco_conformance.specs.reading import read_document

POLICIES = PROJECT / "policies"
DEFAULT_POLICY = "ampeco"


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: the rules it is about, and how severe they are under it (None: as the rule says)."""

    id: str
    meaning: str
    rules: tuple[str, ...]
    severity: ChangeSeverity | None


@dataclass(frozen=True, slots=True)
class VendorPolicy:
    """The clauses by rule, and the months from deprecation to removal that are promised."""

    name: str
    by_rule: dict[str, Clause]
    months_of_deprecation: int | None = None

    def severity(self, rule: ComparisonRule) -> ChangeSeverity:
        """How severe a rule is under this policy, provided that it is proven."""
        clause = self.by_rule.get(rule.id)
        return clause.severity if clause and clause.severity else rule.severity

    def clause(self, rule: ComparisonRule) -> str:
        """The clause that a change by this rule breaks; empty when none."""
        clause = self.by_rule.get(rule.id)
        return f"{clause.id}: {clause.meaning}" if clause else ""


def load_policy(name: str = DEFAULT_POLICY) -> VendorPolicy:
    """The policy of this name in `policies/`, or in a file. Raises ConfigurationError when it is none."""
    file = Path(name) if name.endswith((".yaml", ".yml", ".json")) else POLICIES / f"{name}.yaml"
    if not file.exists():
        known = ", ".join(sorted(each.stem for each in POLICIES.glob("*.yaml")))
        raise ConfigurationError(f"there is no policy {name}; known: {known}, or name a YAML file")
    document = read_document(file)
    by_rule: dict[str, Clause] = {}
    for raw in document.get("clauses", ()):
        clause = _clause(raw, str(file))
        for rule in clause.rules:
            if rule in by_rule:
                raise ConfigurationError(f"{file}: rule {rule} is in two clauses, {by_rule[rule].id} and {clause.id}")
            by_rule[rule] = clause
    months = document.get("months_of_deprecation")
    if months is not None and (not isinstance(months, int) or months < 0):
        raise ConfigurationError(f"{file}: months_of_deprecation must be a number of months, not {months!r}")
    return VendorPolicy(file.stem, by_rule, months)


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
