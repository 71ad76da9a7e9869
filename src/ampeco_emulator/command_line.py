"""The options of the command line of the emulator."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from ampeco_conformance.specs import DEFAULT_VERSIONS

TOKEN_VARIABLE = "AMPECO_EMULATOR_TOKEN"
DEFAULT_TOKEN = "emulator-token"

HELP = """Serve the emulated API until interrupted.

\b
Examples:
  ampeco-emulator --api-version 3.90.0 --port 8080
  ampeco-emulator --clock 2026-01-31T12:00:00Z --seed large --state state.json
"""


@dataclass(frozen=True)
class EmulatorOptions:
    """The options by their names."""

    api: str
    api_version: str | None
    host: str
    port: int
    control_token: str | None
    token: str | None
    defect: str | None
    variant: tuple[str, ...]
    clock: str | None
    list_defects: bool
    list_variants: bool
    list_mutations: int | None
    mutation_seed: int
    state: Path | None
    seed: str
    latency: float
    feature_off: tuple[str, ...]
    oauth_client: str | None
    token_lifetime: float
    rate_limit: int | None
    daily_limit: int | None
    strict: bool
    until_stdin_ends: bool


def _whole(least: int, most: int = sys.maxsize) -> Callable[[str], int]:
    """Reads a whole number. Raises BadParameter for another one."""

    def read(text: str) -> int:
        return int(_checked(int, text, least, most, "a whole number"))

    return read


def _seconds(least: float) -> Callable[[str], float]:
    """Reads a number of seconds. Raises BadParameter for another one."""

    def read(text: str) -> float:
        return _checked(float, text, least, sys.float_info.max, "a number of seconds")

    return read


def _token(text: str) -> str:
    """A token. Raises BadParameter, without repeating it, for one that no header can carry."""
    if not text.isascii() or not text.isprintable() or " " in text:
        raise click.BadParameter("a token has neither blanks nor characters that a header cannot carry")
    return text


def _checked(read: Callable[[str], float], text: str, least: float, most: float, kind: str) -> float:
    try:
        number = read(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is not {kind}") from None
    if not least <= number <= most:
        bounds = f"{least} or more" if most >= sys.maxsize else f"{least} to {most}"
        raise click.BadParameter(f"{text} is not {kind} of {bounds}")
    return number


PARAMETERS: list[click.Parameter] = [
    click.Option(
        ["--api"], type=click.Choice(sorted(DEFAULT_VERSIONS)), default="ampeco", show_default=True, help="the API"
    ),
    click.Option(["--api-version"], metavar="VERSION", help="any version that ./conform specs list lists"),
    click.Option(["--host"], default="127.0.0.1", show_default=True, help="the address to listen on"),
    click.Option(["--port"], type=_whole(0, 65535), default=8080, show_default=True, help="0 picks a free port"),
    click.Option(
        ["--control-token"],
        type=_token,
        metavar="TOKEN",
        help="the control plane asks for this token (default: it is open)",
    ),
    click.Option(["--token"], type=_token, metavar="TOKEN", help=f"default: ${TOKEN_VARIABLE}, else {DEFAULT_TOKEN}"),
    click.Option(["--defect"], metavar="NAME", help="switch one named defect on (see --list-defects)"),
    click.Option(
        ["--variant"],
        metavar="NAME",
        multiple=True,
        help="be a correct server that behaves differently (see --list-variants); repeatable",
    ),
    click.Option(
        ["--clock"],
        metavar="TIME",
        help="fix the clock at this time (ISO 8601); it advances only through the control plane",
    ),
    click.Option(["--list-defects"], is_flag=True, help="list the defects with their meaning and exit"),
    click.Option(["--list-variants"], is_flag=True, help="list the variants with their meaning and exit"),
    click.Option(
        ["--list-mutations"],
        type=_whole(1),
        metavar="N",
        help="list N random mutations that leave the schema and N that keep it, to be given as --defect, and exit",
    ),
    click.Option(
        ["--mutation-seed"], type=_whole(-sys.maxsize), default=0, metavar="S", help="seed of --list-mutations"
    ),
    click.Option(
        ["--state"],
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help="load the state from this file at start; it is saved by itself",
    ),
    click.Option(
        ["--seed"],
        default="small",
        metavar="SEED",
        show_default=True,
        help="the data to start with: small, large or a JSON file",
    ),
    click.Option(["--latency"], type=_seconds(0), default=0.0, metavar="SECONDS", help="delay every response"),
    click.Option(
        ["--feature-off"],
        metavar="NAME",
        multiple=True,
        help="answer that a feature is not enabled: a resource such as vouchers, or a group of fields; repeatable",
    ),
    click.Option(
        ["--oauth-client"],
        metavar="ID:SECRET",
        help="give tokens to this client at /public-api/oauth/token (default: that is not enabled)",
    ),
    click.Option(
        ["--token-lifetime"],
        type=_seconds(1),
        default=3600.0,
        show_default=True,
        metavar="SECONDS",
        help="accept these tokens for so long",
    ),
    click.Option(
        ["--rate-limit"], type=_whole(1), metavar="N", help="requests per minute and token; further requests get 429"
    ),
    click.Option(
        ["--daily-limit"],
        type=_whole(1),
        metavar="N",
        help="requests per day (UTC) and token; further requests get 429",
    ),
    click.Option(
        ["--strict"], is_flag=True, help="validate every response against the specification before it is sent"
    ),
    click.Option(
        ["--until-stdin-ends"],
        is_flag=True,
        help="stop when standard input is closed, that is when the parent process ends",
    ),
]
