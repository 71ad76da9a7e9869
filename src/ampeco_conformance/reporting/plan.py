"""The plan of a run, written to `reports/selection.json` before its first request.

The decision compares it with what was done: an item that is missing, or that was not planned, is never a success.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import orjson

from ampeco_conformance.core.counting import counted
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.item_results import NOT_IN_BUDGET, ItemResult
from ampeco_conformance.core.json_values import write_json
from ampeco_conformance.core.project import COMMAND

PLAN = "selection.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run is going to do.

    Items are node ids: all that were `selected`, and the `own` ones of this shard, from 1 to `shards`. Operations are
    counted: those that the versions have, those that the safety level permits, and the planned ones among them.
    `narrowed` says what leaves something out, `costs` what the run may cost; `min_coverage` is in per cent, by kind.
    `max_requests` is the budget of the run, `left_out` are the parts (see tested.py) that do not fit it, `nights` is in
    how many rolling runs all are tested.
    `run` is the same for all shards of a run, `command` started it, `ledger` is the file of known issues that it was
    given; `tool` is the version of this package, `commit` that of its checkout;
    earlier releases wrote the first five fields only.
    """

    shard: int
    shards: int
    seed: int
    selected: list[str]
    own: list[str]
    run: str = ""
    command: str = ""
    ledger: str = ""
    tool: str = ""
    commit: str = ""
    started_at: float = 0.0
    api: str = ""
    versions: list[str] = field(default_factory=list)
    target: str = ""
    safety: str = ""
    operations: int = 0
    permitted: int = 0
    planned: int = 0
    narrowed: list[str] = field(default_factory=list)
    costs: list[str] = field(default_factory=list)
    min_reached: float | None = None
    min_coverage: dict[str, float] = field(default_factory=dict)
    strict: bool = False
    max_requests: int | None = None
    left_out: list[str] = field(default_factory=list)
    nights: int | None = None

    @property
    def version(self) -> str:
        """The API versions, as one text."""
        return ", ".join(self.versions)

    @property
    def identity(self) -> tuple[object, ...]:
        """What the plans of all shards of one run have in common."""
        return (
            *(self.run, self.tool, self.commit, self.shards, self.seed, self.selected, self.api, self.versions),
            *(self.target, self.safety, self.narrowed, self.min_reached, self.min_coverage, self.strict, self.left_out),
        )

    @property
    def leaves_out(self) -> list[str]:
        """Why a run of this plan is only a part of what the safety level permits; empty when it is everything."""
        if not self.run:
            return ["an earlier release, which did not record what was left out, wrote the plan"]
        shard = [f"shard {self.shard}/{self.shards}"] if self.shards > 1 else []
        budget = [f"{NOT_IN_BUDGET}: {counted(len(self.left_out), 'part')}"] if self.left_out else []
        reasons = [*self.narrowed, *shard, *budget]
        if self.planned < self.permitted and not reasons:
            reasons = [f"{self.planned} of {self.permitted} permitted operations were selected"]
        return reasons

    def joined(self, later: "Plan") -> "Plan":
        """One plan for the sessions of several versions, of which this is the earlier one."""
        lists = {
            name: list(dict.fromkeys([*getattr(self, name), *getattr(later, name)]))
            for name in ("selected", "own", "versions", "narrowed", "costs", "left_out")
        }
        sums = {name: getattr(self, name) + getattr(later, name) for name in ("operations", "permitted", "planned")}
        return Plan(**{**asdict(later), **lists, **sums, "started_at": self.started_at})


def parse_shard(text: str) -> tuple[int, int]:
    """`2/4` as (2, 4). Raises ConfigurationError for anything else."""
    match = re.fullmatch(r"(\d+)/(\d+)", text)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise ConfigurationError(f"--shard {text} is not I/N with I from 1 to N (example: 2/4)")
    return int(match[1]), int(match[2])


def write_plan(plan: Plan, reports: Path) -> None:
    """Write `selection.json`. Raises OSError."""
    reports.mkdir(parents=True, exist_ok=True)
    (reports / PLAN).write_bytes(write_json(asdict(plan)))


def read_plan(reports: Path) -> Plan:
    """The plan of a run. Raises ConfigurationError when there is none."""
    path = reports / PLAN
    try:
        return Plan(**orjson.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ConfigurationError(
            f"{path} cannot be read ({reason}); name folders that {COMMAND} run has written"
        ) from None


def plan_of_results(results: Sequence[ItemResult]) -> Plan:
    """What can be known of a plan that is lost or was written by an earlier release: target and versions."""
    known = [result for result in results if result.api and result.api_version and result.target]
    return Plan(
        shard=1,
        shards=1,
        seed=0,
        selected=[],
        own=[],
        api=next((str(result.api) for result in known), ""),
        versions=list(dict.fromkeys(str(result.api_version) for result in known)),
        target=next((str(result.target) for result in known), ""),
    )
