"""Runs everything at own-data on the emulator seen as a tenant, and looks at what that leaves behind.

    .venv/bin/python -m tools.own_data_campaign [--without-permissions] [--reports DIR] [conform run's arguments]

The tenant is an emulator behind a proxy that hides its control plane. With permissions and test equipment, scenarios of
start and stop, reservation and receipt must run; without them they must be skipped, with a reason. Either way the run
must exit with 0, change nothing but the test equipment and what it created, leave nothing that the API can delete and
the run does not name, and write no host of others anywhere into the state. Prints a row of a Markdown table; exits with
1 when something is not so. `--shard 2/8` or `--operation '*/taxes/*'` run a part.
"""

import argparse
import json
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.reporting.results import read_results
from ampeco_conformance.specs import load_specification
from tests.support.runs import TOKEN, conform_run
from tests.support.shared_tenant import SharedTenant, changed, hosts_of_others, left, shared_tenant

VERSION = "3.90.0"
#: What may be charged at and referred to, and so changes.
EQUIPMENT = {"chargePoint": [1, 2, 3], "evse": [1, 2, 3, 4, 5, 6], "user": [3]}
#: The resources that equipment is of.
_CHANGES = {"chargePoint": "charge-points", "evse": "evses", "user": "users"}
ON_EQUIPMENT = tuple(f"scenarios/test_{name}.py" for name in ("charging_session", "reservation", "receipt"))
_LEFT = re.compile(r"^Left behind on [^:]*: \S*/([\w-]+)/v[\d.]+/(\S+)", re.MULTILINE)
_DELETED = re.compile(r"/([\w-]+)/v[\d.]+/\{\w+\}$")


def tenants_file(tenant: SharedTenant, folder: Path, *, with_permissions: bool) -> Path:
    """A tenants.yaml with the tenant as `staging`."""
    entry = {"base_url": tenant.base_url, "token_env": "SUITE_TOKEN", "api_version": VERSION, "production": False}
    permitted = {"permissions": ["money", "devices"], "test_equipment": EQUIPMENT} if with_permissions else {}
    path = folder / "tenants.yaml"
    path.write_text(json.dumps({"tenants": {"staging": {**entry, "safety": "own-data", "patience": 60, **permitted}}}))
    return path


def scenario_faults(results: Sequence[ItemResult], *, with_permissions: bool) -> Iterable[str]:
    """How the scenarios on equipment differ from what should have come of them."""
    for file in ON_EQUIPMENT:
        own = [result for result in results if result.node_id.startswith(file)]
        passed = any(result.status == "passed" for result in own)
        if own and passed != with_permissions:
            yield f"{file} {'ran' if passed else 'did not run'}"
        yield from (f"{result.node_id} was skipped without a reason" for result in own if _is_silent(result))


def _is_silent(result: ItemResult) -> bool:
    return result.status == "skipped" and not result.reason


def removable() -> set[str]:
    """The resources whose items the API can delete."""
    paths = (item.path for item in load_specification(VERSION).operations if item.method == "DELETE")
    return {match[1] for path in paths if (match := _DELETED.search(path))}


def main() -> int:
    """Run the campaign; 1 when the run harms, leaves or skips what it should not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--without-permissions", action="store_true")
    parser.add_argument("--reports", type=Path)
    options, arguments = parser.parse_known_args()
    with_permissions = not options.without_permissions
    with tempfile.TemporaryDirectory() as folder, shared_tenant(TOKEN, api_version=VERSION) as tenant:
        reports = options.reports or Path(folder, "reports")
        target = ("--tenants-file", str(tenants_file(tenant, Path(folder), with_permissions=with_permissions)))
        tenant.restart()
        before, hosts = tenant.records(), hosts_of_others(tenant.state())
        started = time.perf_counter()
        run = conform_run(reports, *target, "--tenant", "staging", *arguments)
        seconds = time.perf_counter() - started
        after, results = tenant.records(), read_results(reports)
        foreign = (hosts_of_others(tenant.state()) - hosts) | tenant.hosts
        requests = len(tenant.requests)
    equipment = {f"{_CHANGES[kind]}/{id}" for kind, ids in EQUIPMENT.items() for id in ids if with_permissions}
    remaining = left(before, after)
    of_use = [item for item in remaining if item.partition("/")[0] not in removable()]
    named = {"/".join(match) for match in _LEFT.findall(run.said)}
    faults = [
        *([] if run.code == 0 else [f"exit {run.code}"]),
        *(f"{item} was left without a word" for item in remaining if item not in {*of_use, *named}),
        *(f"{item} was changed" for item in changed(before, after) if item not in equipment),
        *(f"the host {host} was told" for host in sorted(foreign)),
        *scenario_faults(results, with_permissions=with_permissions),
    ]
    statuses = Counter(result.status for result in results)
    print("| permissions | exit | passed | failed | skipped | requests | seconds | left | named | of use | faults |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    print(
        f"| {'money, devices' if with_permissions else 'none'} | {run.code} | {statuses['passed']} | "
        f"{statuses['failed'] + statuses['broken']} | {statuses['skipped']} | {requests} | {seconds:.0f} | "
        f"{len(remaining) - len(of_use)} | {len(named)} | {len(of_use)} | {len(faults)} |"
    )
    if faults:
        sys.stderr.write("\n".join([run.said, *faults, ""]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
