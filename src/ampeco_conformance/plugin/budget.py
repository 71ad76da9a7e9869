"""The budget of a run: what it will send is estimated, and what does not fit is left out (`--max-requests`)."""

from argparse import Namespace
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from ampeco_conformance.core.counting import counted
from ampeco_conformance.core.errors import ConfigurationError, ConformError, TargetError
from ampeco_conformance.core.item_results import NOT_IN_BUDGET, ONLY_CALLED
from ampeco_conformance.core.profiles import NOTHING_MORE, PROFILES, Effort
from ampeco_conformance.http.request_budget import REQUESTS, RequestBudget
from ampeco_conformance.plugin.allocation import RunPart, Worth, fitting, nights, total
from ampeco_conformance.plugin.estimates import Estimates
from ampeco_conformance.plugin.options import configured_target, run_options
from ampeco_conformance.plugin.permission import refusal
from ampeco_conformance.plugin.results import name_of
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.reporting.history import sent_today
from ampeco_conformance.reporting.plan import parse_shard
from ampeco_conformance.reporting.tested import DEPTH, OPERATION, PastEvidence, depth_of, read_memory
from ampeco_conformance.reporting.writers.pages import HISTORY
from ampeco_conformance.target.configuration import Target
from ampeco_conformance.target.safety import Safety

#: Aspects by how many of the emulator's defects they find first per request, the most first; the others in between.
_MOST_FOUND = (
    *("deprecated", "known_login", "partner_sees_only_itself", "existing", "views", "older_listing"),
    *("unknown_reference", "page_style", "outsider_may_not_read", "partner_sees_only_its_own", "unknown_id"),
    *("filters", "page_size", "acceptance", "includes", "cursor_style", "broken_query", "malformed_body"),
    *("rate_limit", "children", "allow", "write", "insert_while_walking", "reader_may_not_write", "reads_agree"),
    *("reads", "faulty_body", "hostile_query", "authentication", "life", "hostile_body", "sequences"),
)
_ASPECT_ORDER = {name: number for number, name in enumerate(_MOST_FOUND)}
#: Scenarios find as much as the listings do.
_SCENARIOS = _ASPECT_ORDER["unknown_id"]
#: What a limit in minutes is worth without a configured pace: the default of the vendor.
_USUAL_PACE = 1000
#: Requests that each shard sends before its first item and after its last one, to check the target.
_LEAST_RESERVE = 20
#: The share of the budget that is kept for cleaning up, in per cent.
_RESERVED = {Safety.READ_ONLY: 1}
_RESERVED_FOR_WRITES = 5

_ALLOCATION = pytest.StashKey["Allocation"]()
_LIMITS = pytest.StashKey["Limits"]()


@dataclass(frozen=True, slots=True)
class Limits:
    """How many requests a run may send, in how many seconds; None is no limit. `pace` is in requests a minute.

    `reserved` requests are for the checks of the target, and for deleting what was created. `sent_today` were sent by
    earlier runs of the day.
    """

    requests: int | None
    reserved: int
    seconds: float | None
    pace: int | None
    sent_today: int = 0

    @property
    def affordable(self) -> int | None:
        """How many requests of items fit both."""
        in_time = None if self.seconds is None else int(self.seconds * (self.pace or _USUAL_PACE) / 60)
        of_items = None if self.requests is None else self.requests - self.reserved
        return min((limit for limit in (of_items, in_time) if limit is not None), default=None)


def limits_of(config: pytest.Config) -> Limits:
    """The limits of a run, read once; ends the session when nothing could be tested within them."""
    if _LIMITS not in config.stash:
        try:
            config.stash[_LIMITS] = limits_for(run_options(config), configured_target(config))
        except ConformError as error:
            pytest.exit(str(error), returncode=error.exit_code)
    return config.stash[_LIMITS]


def limits_for(option: Namespace, target: Target) -> Limits:
    """The limits of the command line and of the target.

    Raises ConfigurationError or TargetError when they leave nothing beside the checks of the target.
    """
    earlier = 0 if target.daily_requests is None else sent_today(_history(option), target.name)
    requests = target.requests(option.max_requests, earlier)
    least = 0 if target.base_url is None else _LEAST_RESERVE * parse_shard(option.shard)[1]
    if requests is not None and requests <= least:
        if requests == option.max_requests:
            raise ConfigurationError(f"--max-requests {requests}: the checks of the target take {least}; allow more")
        raise TargetError(
            f"the runs of today leave {requests} of {target.daily_requests} requests a day, and the checks of the "
            f"target take {least}; run again tomorrow, or raise `daily_requests` of tenant {target.name!r}"
        )
    percent = _RESERVED.get(target.safety, _RESERVED_FOR_WRITES)
    reserved = 0 if requests is None else max(least, requests * percent // 100)
    return Limits(requests, reserved, option.time_limit, target.requests_per_minute, earlier)


def _history(option: Namespace) -> Path:
    folder: Path = option.history or option.reports / HISTORY
    return folder


def budget_of(config: pytest.Config) -> RequestBudget | None:
    """What the requests of this shard's items count against; None without a limit."""
    limits = limits_of(config)
    if limits.requests is None and limits.seconds is None:
        return None
    limit = None
    if limits.requests is not None:
        limit = (limits.requests - limits.reserved) // parse_shard(run_options(config).shard)[1]
    return RequestBudget(run_options(config).reports / REQUESTS, limit, limits.seconds)


class Allocation:
    """What of the items fits the budget of a run."""

    def __init__(self, config: pytest.Config, items: Sequence[pytest.Item]) -> None:
        option, target = run_options(config), configured_target(config)
        self.limits = limits_of(config)
        self.is_rolling: bool = option.rolling
        self._target = target
        self._effort = PROFILES[option.profile].effort
        self._memory: PastEvidence = read_memory(_history(option), target.api, target.api_version, target.name)
        self._estimates = Estimates(self._memory, target.safety, option.profile)
        self._items: dict[str, list[pytest.Item]] = defaultdict(list)
        for item in items:
            self._items[name_of(item)].append(item)
        self._parts = list(self._all_parts())
        self._ages = {name: tested.at for name, tested in self._memory.items()}
        budget = self.limits.affordable
        self.kept = (
            self._parts if budget is None else fitting(self._parts, budget, self._ages if self.is_rolling else None)
        )
        self._kept_names = {part.name for part in self.kept}

    def _all_parts(self) -> Iterable[RunPart]:
        for number, (name, items) in enumerate(self._items.items()):
            aspect = name.partition(": ")[0]
            order = _ASPECT_ORDER.get(aspect, _SCENARIOS) * len(self._items) + number
            failed = name in self._memory and self._memory[name].failed
            worth = Worth.VALID_CALL if aspect == OPERATION else Worth.LATELY_FAILED if failed else Worth.ASPECT
            may_run = refusal(items[0]) is None
            yield RunPart(name, worth, self._estimates.item(name) if may_run else 0, order)
            depth = depth_of(name)
            if depth is not None and may_run and self._effort != NOTHING_MORE:
                worth = Worth.LATELY_FAILED if failed else Worth.DEPTH
                yield RunPart(depth, worth, self._estimates.depth(name), order)

    @property
    def left_out(self) -> list[RunPart]:
        """The parts that do not fit, in their order."""
        return [part for part in self._parts if part.name not in self._kept_names]

    @property
    def items(self) -> list[pytest.Item]:
        """The items that fit: as collected when all do, else the most valuable first."""
        names = list(self._items) if not self.left_out else [part.name for part in self.kept]
        kept = (name for name in names if name in self._items and name in self._kept_names)
        return [item for name in kept for item in self._items[name]]

    def effort(self, item: pytest.Item) -> Effort:
        """The effort for the operation of an item."""
        depth = depth_of(name_of(item))
        return self._effort if depth is None or depth in self._kept_names or not self.left_out else NOTHING_MORE

    @cached_property
    def nights(self) -> int | None:
        """In how many rolling runs everything is tested; None when something never fits."""
        budget = self.limits.affordable
        return 1 if budget is None else nights(self._parts, budget, self._ages)

    @property
    def warning(self) -> str | None:
        """One line for a run that does not fit, with the ways out; None for one that does."""
        if not self.left_out:
            return None
        needed, sent = total(self._parts), total(self.kept)
        if self.is_rolling:
            covered = (
                f"everything is covered in {counted(self.nights, 'night')}" if self.nights else "not all ever fits"
            )
            return f"rolling: about {sent} of {needed} requests in this run; at {self.limits.affordable} {covered}"
        limit = f"{self.limits.affordable} fit: the most valuable come first"
        if (quota := self._target.daily_requests) and self.limits.sent_today:
            limit += f" (earlier runs of today sent {self.limits.sent_today} of {self._target.quota_of_runs(quota)})"
        return (
            f"everything would take about {needed} requests, and {limit}; allow more with --max-requests or "
            "--time-limit, divide it over nights with --rolling, or test less with --operation or --profile smoke"
        )

    @property
    def forecast(self) -> list[str]:
        """What the run will send: in total and by aspect, in minutes, and its share of the daily quota."""
        sent = total(self.kept)
        by_aspect: Counter[str] = Counter()
        for part in self.kept:
            aspect = OPERATION if part.name.startswith(f"{DEPTH}: ") else part.name.partition(": ")[0]
            by_aspect[aspect if aspect in _ASPECT_ORDER or aspect == OPERATION else "scenarios"] += part.requests
        named = ", ".join(f"{aspect} {count}" for aspect, count in by_aspect.most_common() if count)
        pace, daily = self.limits.pace, self._target.daily_requests
        lines = [f"requests: about {sent} in total", f"requests by aspect: {named}"]
        if pace is not None:
            lines.append(f"time: about {counted(-(-sent // pace), 'minute')} at {counted(pace, 'request')} a minute")
        if daily is not None:
            earlier = f", {self.limits.sent_today} were sent today" if self.limits.sent_today else ""
            lines.append(f"quota: {100 * sent / daily:.1f} % of {daily} requests a day{earlier}")
        if self.left_out:
            lines.append(
                f"{NOT_IN_BUDGET}: {counted(len(self.left_out), 'part')}, {counted(total(self.left_out), 'request')}"
            )
        return [*lines, *([self.warning] if self.warning else [])]


def allocate(config: pytest.Config, items: Sequence[pytest.Item]) -> Allocation:
    """Decide what of the items of all shards fits the budget, once per process."""
    config.stash[_ALLOCATION] = Allocation(config, items)
    return config.stash[_ALLOCATION]


def allocation_of(config: pytest.Config) -> Allocation | None:
    """The decision, once the items are known."""
    return config.stash.get(_ALLOCATION, None)


@pytest.fixture
def effort(request: pytest.FixtureRequest, record: Recorder) -> Effort:
    """How much is sent for the operation under test."""
    allocation = allocation_of(request.config)
    chosen = PROFILES[run_options(request.config).profile].effort
    if allocation is not None:
        chosen = allocation.effort(request.node)
    if chosen == NOTHING_MORE:
        record.note(ONLY_CALLED)
    return chosen


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip an item when nothing may be sent any more."""
    budget = budget_of(item.config) if allocation_of(item.config) is not None else None
    if budget is not None and budget.is_spent:
        pytest.skip(NOT_IN_BUDGET)
