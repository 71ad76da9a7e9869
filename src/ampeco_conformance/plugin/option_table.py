"""All options of a run, each declared once.

Derived from these rows are the options of `./conform run` and of plain pytest, the arguments of the pytest process that
`./conform run` starts, and the command that runs a failing item again (`option_arguments`). The other commands declare
the rows that they share.
"""

from dataclasses import replace
from pathlib import Path

from ampeco_conformance.apis import APIS, DEFAULT_API
from ampeco_conformance.core.profiles import PROFILES, STANDARD
from ampeco_conformance.core.project import COMMAND
from ampeco_conformance.coverage.kinds import CoverageKind
from ampeco_conformance.plugin.option_values import (
    Option,
    Program,
    count,
    duration,
    file_path,
    folder_path,
    integer,
    minimum_coverage,
    percentage,
    seconds,
    worker_count,
)
from ampeco_conformance.target.configuration import DEFAULT_REQUESTS
from ampeco_conformance.target.safety import Safety
from ampeco_conformance.target.tenants_file import DEFAULT_TIMEOUT

TARGET = (
    Option(
        name="--tenant", metavar="NAME", affects_result=True, help="Test the tenant with this name in the tenants file."
    ),
    Option(
        name="--tenants-file",
        parse=file_path,
        default=Path("tenants.yaml"),
        metavar="FILE",
        only_with="tenant",
        affects_result=True,
        help="File that lists the tenants.",
    ),
    Option(
        name="--base-url",
        metavar="URL",
        affects_result=True,
        help="Test the tenant at this address; requires --token-env.",
    ),
    Option(
        name="--token-env",
        metavar="NAME",
        affects_result=True,
        help="Environment variable that holds the token for --base-url.",
    ),
    Option(
        name="--api",
        choices=tuple(APIS),
        affects_result=True,
        help=f"Vendor API (default: the tenant's, else {DEFAULT_API}).",
    ),
    Option(
        name="--safety",
        choices=tuple(str(level) for level in Safety),
        affects_result=True,
        help="Which requests may be sent to the target; the embedded emulator is tested as a tenant of this level.",
    ),
    Option(
        name="--yes-really",
        is_flag=True,
        affects_result=True,
        help="Confirm safety level full for a tenant: all of its data may be changed.",
    ),
    Option(
        name="--timeout",
        parse=seconds,
        metavar="SECONDS",
        affects_result=True,
        help=f"Time limit of a request (default: the tenant's, else {DEFAULT_TIMEOUT:g}).",
    ),
    Option(
        name="--requests-per-minute",
        parse=count,
        metavar="N",
        affects_result=True,
        help="Send at most N requests a minute (default: the tenant's, else as many as the target's limits allow).",
    ),
    Option(
        name="--header",
        metavar="'NAME: VALUE'",
        is_repeatable=True,
        is_secret=True,
        affects_result=True,
        help="Send this header with every request, such as for a gateway; its value is a secret; repeatable.",
    ),
    Option(
        name="--proxy",
        metavar="URL",
        affects_result=True,
        help="Connect through this HTTP proxy (default: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY; never for loopback).",
    ),
    Option(
        name="--ca-bundle",
        parse=file_path,
        metavar="FILE",
        affects_result=True,
        help="Also trust the certificate authorities in this PEM file.",
    ),
)

_PROFILES = "; ".join(f"{name}: {profile.meaning}" for name, profile in PROFILES.items())
_DEFAULT_VERSIONS = ", ".join(f"{api.name} {api.default_version}" for api in APIS.values())

REPORTS = Option(
    name="--reports", parse=folder_path, default=Path("reports"), metavar="DIR", help="Folder for the reports."
)

HISTORY_FOLDER = Option(
    name="--history",
    parse=folder_path,
    metavar="DIR",
    help="Folder with the history of runs; keep it between CI runs (default: history in the reports folder).",
)

HTML = Option(
    name="--html",
    off_name="--no-html",
    is_flag=True,
    default=True,
    of=Program.RUN,
    help="Generate the Allure report (default: yes).",
)

OPEN = Option(
    name="--open",
    is_flag=True,
    of=Program.RUN,
    help="Show the report in a browser when it is written, if there is one.",
)

#: The options of the reports that `./conform run` and `./conform report` generate.
PAGES = (
    REPORTS,
    HISTORY_FOLDER,
    HTML,
    OPEN,
)

_TENANT = TARGET[0]

OPTIONS = (
    replace(
        _TENANT,
        is_repeatable=True,
        of=Program.RUN,
        help="Test the tenant with this name in the tenants file; repeatable: one page, and the worst exit code.",
    ),
    replace(_TENANT, of=Program.PYTEST),
    *TARGET[1:],
    Option(
        name="--api-version",
        metavar="VERSION",
        is_repeatable=True,
        of=Program.RUN,
        help=f"API version to test against; repeatable (default: the tenant's, else {_DEFAULT_VERSIONS}).",
    ),
    Option(
        name="--api-version",
        metavar="VERSION",
        of=Program.PYTEST,
        affects_result=True,
        help=f"API version to test against (default: the tenant's, else {_DEFAULT_VERSIONS}).",
    ),
    Option(
        name="--operation",
        metavar="PATTERN",
        is_repeatable=True,
        help="Only operations whose 'METHOD /path', operationId or tag matches, such as '*/sessions/*', and scenarios "
        "that touch one of them; repeatable.",
    ),
    Option(
        name="--exclude-operation",
        metavar="PATTERN",
        is_repeatable=True,
        help="Leave out the operations that match, named as with --operation, and scenarios that touch no other; "
        "repeatable.",
    ),
    Option(
        name="--defect",
        metavar="NAME",
        affects_result=True,
        help=f"Inject this fault into the embedded emulator; {COMMAND} emulator --list-defects lists them.",
    ),
    Option(
        name="--variant",
        metavar="NAME",
        is_repeatable=True,
        affects_result=True,
        help="Let the embedded emulator be a correct server that behaves differently; repeatable; ./conform emulator "
        "--list-variants lists them.",
    ),
    Option(
        name="--strictness",
        parse=file_path,
        metavar="FILE",
        affects_result=True,
        help="File that sets how strict each check is (default: strictness.yaml, if there is one).",
    ),
    Option(
        name="--known-issues",
        parse=file_path,
        metavar="FILE",
        affects_result=True,
        help="File with findings that do not fail the run (default: known_issues.yaml, if any; /dev/null: none).",
    ),
    Option(
        name="--strict-verdict",
        run_name="--strict",
        is_flag=True,
        affects_result=True,
        help="Fail the run on drift (exit 1) and on entries of known issues that are expired or gone (exit 5).",
    ),
    Option(
        name="--profile",
        choices=tuple(PROFILES),
        default=STANDARD,
        affects_result=True,
        help=f"How much is tested: {_PROFILES}.",
    ),
    Option(
        name="--seed",
        parse=integer,
        default=0,
        metavar="N",
        affects_result=True,
        help="Seed of the generated data; the same seed gives the same requests.",
    ),
    Option(
        name="--last-failed",
        is_flag=True,
        of=Program.RUN,
        help="Only the items that failed in the run whose reports are in the reports folder.",
    ),
    Option(
        name="--only-items",
        parse=file_path,
        metavar="FILE",
        of=Program.PYTEST,
        help="Only the items whose node ids are listed in the file.",
    ),
    Option(
        name="--dry-run",
        is_flag=True,
        of=Program.RUN,
        help="List what would be tested, and what would not be and why; send nothing.",
    ),
    Option(
        name="--dry-run",
        parse=file_path,
        metavar="FILE",
        of=Program.PYTEST,
        help="Write what would be tested to the file; send nothing.",
    ),
    Option(
        name="--max-requests",
        parse=count,
        metavar="N",
        help="Send at most N requests, the most valuable first; what is left out is listed (default on a tenant: "
        f"{DEFAULT_REQUESTS}).",
    ),
    Option(
        name="--time-limit",
        parse=duration,
        metavar="TIME",
        help="Send no request later than this after the first one, such as 90m.",
    ),
    Option(
        name="--rolling",
        is_flag=True,
        help="Of what exceeds the budget, test what was tested longest ago, so that some nights cover everything; "
        "the history has the memory.",
    ),
    Option(
        name="--max-failures",
        short="-x",
        parse=count,
        value_alone="1",
        metavar="[N]",
        of=Program.RUN,
        help="End the run after N failed items; -x alone after the first.",
    ),
    Option(
        name="--min-reached",
        parse=percentage,
        metavar="PERCENT",
        help="Exit 4 when fewer operations than this succeeded at least once (example: 95%).",
    ),
    Option(
        name="--min-coverage",
        parse=minimum_coverage,
        metavar="KIND=PERCENT",
        is_repeatable=True,
        help="Exit 4 when less than this of a kind was reached, such as statuses=95%; of a sharded run, when it is "
        f"merged. Kinds: {', '.join(CoverageKind)}; repeatable.",
    ),
    Option(
        name="--show-values",
        is_flag=True,
        help="Show what a tenant answers as it is, because its data is made up; secrets stay masked.",
    ),
    Option(
        name="--workers",
        parse=worker_count,
        metavar="N",
        of=Program.RUN,
        help="Parallel processes (default: one per core, for each 8 operations, on the embedded emulator, else 1).",
    ),
    Option(
        name="--quiet",
        short="-q",
        is_flag=True,
        of=Program.RUN,
        help="Show the decision and its reasons only, without progress and causes.",
    ),
    Option(
        name="--verbose",
        short="-v",
        is_flag=True,
        of=Program.RUN,
        help="Show each item as it ends, and every cause.",
    ),
    Option(
        name="--json-events", parse=file_path, metavar="FILE", help="Write each event of the run as a line of JSON."
    ),
    Option(
        name="--export-har",
        parse=file_path,
        metavar="FILE",
        help="Write the traffic of the run, masked as the reports are, as HAR.",
    ),
    Option(
        name="--shard",
        metavar="I/N",
        default="1/1",
        help=f"Run the I-th of N parts; {COMMAND} report merge joins their reports.",
    ),
    *PAGES,
    Option(name="--append", is_flag=True, of=Program.PYTEST, help="Add the results to the run in the reports folder."),
    Option(
        name="--run-group",
        run_name="--run-id",
        metavar="ID",
        help="Id of the run, the same for all of its shards, such as that of the pipeline (default: random).",
    ),
    Option(
        name="--run-id",
        metavar="ID",
        of=Program.PYTEST,
        help="Identifier of the run in the names of what it creates (default: random).",
    ),
    Option(
        name="--command",
        metavar="LINE",
        of=Program.PYTEST,
        help="The command that started the run, for its reports (default: that of pytest).",
    ),
)

OPERATION = next(option for option in OPTIONS if option.name == "--operation")

#: The API where it needs no target.
API = Option(name="--api", choices=tuple(APIS), default=DEFAULT_API, help="API of the versions.")

#: The options of the commands that compare two versions.
POLICY = Option(name="--policy", metavar="NAME", help="Policy of policies/, or a YAML file (default: the API's).")
USAGE = Option(
    name="--usage",
    parse=Path,
    metavar="FILE",
    help="Your traffic: HAR, Allure results, access log, list; or JSON of client-check.",
)
IGNORE = Option(name="--ignore", parse=file_path, metavar="FILE", help="Accepted findings, with reason and expiry.")


def options_of(program: Program) -> list[Option]:
    """The options that a program has."""
    return [option for option in OPTIONS if option.of & program]
