"""Two examples for the help page of every command."""

import click

#: By command, without the name of the program.
EXAMPLES = {
    "run": ("run --operation '*/taxes/*'", "run --tenant staging --profile smoke -x"),
    "report": ("report --reports nightly", "report --no-html --open"),
    "report merge": ("report merge shard-1 shard-2 --reports all", "report merge shards/*/ --history history"),
    "report news": ("report news --history history", "report news --format slack"),
    "detect": ("detect --tenant staging", "detect --base-url https://api.example.com --token-env API_TOKEN"),
    "sweep": ("sweep --tenant staging", "sweep --tenant staging --reports nightly"),
    "replay": ("replay 23240c06", "replay 23240c06 --reports nightly --tenant staging"),
    "drift": ("drift", "drift --emit-overlay overlay.yaml --reports nightly"),
    "known": ("known list", "known prune --dry-run"),
    "known list": ("known list", "known list --known-issues staging.yaml"),
    "known add": (
        "known add c43ead22219cc --reason 'names are cut' --owner Ann --ticket T-17 --expires 2027-01-31",
        "known add c43ead22219cc --reason 'names are cut' --owner Ann --ticket T-17 --expires 2027-01-31 --dry-run",
    ),
    "known remove": ("known remove T-17", "known remove T-17 T-18 --known-issues staging.yaml"),
    "known prune": ("known prune --dry-run", "known prune --reports nightly"),
    "known migrate": ("known migrate --dry-run", "known migrate --reports nightly"),
    "emulator": ("emulator --port 8000", "emulator --list-defects"),
    "specs": ("specs list", "specs show 3.90.0 listTaxesV2"),
    "specs list": ("specs list --api spirii", "specs list --format json"),
    "specs show": ("specs show 3.90.0", "specs show 3.90.0 'GET /public-api/resources/taxes/v2.0'"),
    "specs export": ("specs export 3.90.0 --output openapi.yaml", "specs export 3.90.0 --format json"),
    "specs import": (
        "specs import openapi.yaml --version 3.120.0",
        "specs import https://api.example.com/openapi.json --replace",
    ),
    "specs fetch": ("specs fetch", "specs fetch --version 3.120.0 --replace"),
    "specs lint": ("specs lint 3.90.0", "specs lint --api spirii"),
    "diff": ("diff 3.90.0 3.99.0", "diff 3.90.0 3.99.0 --format html --output diff.html"),
    "breaking": ("breaking 3.90.0 3.99.0", "breaking 3.90.0 3.99.0 --usage traffic.har"),
    "changelog": ("changelog 3.90.0 3.99.0", "changelog 3.99.0 --since 3.90.0 --format html --output changelog.html"),
    "deprecations": ("deprecations --usage traffic.har", "deprecations --usage traffic.har --format json"),
    "watch": (
        "watch openapi.json --last published.json",
        "watch openapi.json --last published.json --usage traffic.har --output watch.md",
    ),
    "matrix": ("matrix --output reports/matrix", "matrix --api spirii"),
    "upgrade-check": (
        "upgrade-check --from 3.90.0 --to 3.99.0 --usage traffic.har",
        "upgrade-check --from 3.90.0 --to 3.99.0 --tenant staging --reports upgrade",
    ),
    "client-check": (
        "client-check --har traffic.har --api-version 3.90.0",
        "client-check --source src --api-version 3.90.0 --to 3.99.0",
    ),
    "proxy": ("proxy --tenant staging", "proxy --tenant staging --port 9000 --reports traffic"),
    "init": ("init", "init && conform lint"),
    "lint": ("lint", "lint tenants.yaml"),
    "doctor": ("doctor", "doctor --tenant staging"),
    "selftest": ("selftest --defect drop-id", "selftest --variants --workers 4"),
    "test": ("test tests/unit", "test -k redaction"),
}


def with_examples(command: click.Command, path: str) -> click.Command:
    """The command with its examples, and its subcommands with theirs, below the options of their help pages."""
    command.epilog = "\n".join(["\b", "Examples:", *(f"  conform {line}" for line in EXAMPLES[path])])
    if isinstance(command, click.Group):
        for name, subcommand in command.commands.items():
            with_examples(subcommand, f"{path} {name}")
    return command
